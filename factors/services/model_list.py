"""Putting version 1 of the list of Zhejiang in force, the way every list gets there."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from factors.domain import model_list
from factors.models import FactorListVersion
from factors.services import factor_lists, sign_offs
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as

FOLDER = Path(__file__).parents[1] / "data" / "zj-qfce-1"
CODE = "ZJ-QFCE"


def document() -> dict[str, Any]:
    """Return the document of version 1, as its tables say."""
    return model_list.document({name: (FOLDER / name).read_bytes() for name in model_list.FILES})


def install(*, actor: Actor, at: datetime, signers: Sequence[Actor] = ()) -> FactorListVersion:
    """
    Draft, submit, sign and publish version 1, in force from the business day of `at`.

    `actor` is the list's owner; `signers` are people of the signing organizations, each
    another one than the actor. A list that is published already stays as it is.
    """
    with acting_as(actor.organization_id, user_id=actor.user_id):
        published = FactorListVersion.objects.public().filter(factor_list__code=CODE)
        found = published.order_by("-number").first()
        if found is not None:
            return found
        version = factor_lists.create_draft(
            document(), effective_from=business_day(at), actor=actor, at=at
        )
        organizations = [signer.organization_id for signer in signers]
        factor_lists.set_signers(CODE, organizations, actor=actor, at=at)
        version = factor_lists.submit_for_review(version.pk, actor=actor, at=at)
    for signer in signers:
        with acting_as(signer.organization_id, user_id=signer.user_id):
            sign_offs.sign(version.pk, digest=version.digest, actor=signer, at=at)
    with acting_as(actor.organization_id, user_id=actor.user_id):
        return factor_lists.publish(version.pk, actor=actor, at=at)
