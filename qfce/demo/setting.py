"""The setting that demo, sandbox and tests begin from: the published list, and agreements."""

from datetime import datetime

from factors.services import model_list
from qfce.kernel.tenancy.actors import Actor, actor_of
from qfce.kernel.tenancy.models import Membership

SIGNERS = (
    "fang",
    "pboc_signer",
    "nfra_signer",
    "finance_signer",
    "ningbo_pboc_signer",
    "ningbo_nfra_signer",
)


def person(username: str) -> Actor:
    """Return one of the cast as an actor."""
    membership = Membership.objects.select_related("user", "organization").get(
        user__username=username
    )
    return actor_of(membership)


def publish_list(*, at: datetime) -> None:
    """Install ZJ-QFCE version 1 as the province and its signers would."""
    model_list.install(
        actor=person("zhou"), signers=[person(name) for name in SIGNERS], at=at
    )
