"""
The setting that demo, sandbox and tests begin from, put in place by the services.

The published list, the agreements of the province with two banks and a credit agency, both
banks' scorecards, and the product and authority limits of the first.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from evaluation.domain.caps import alternative_card
from evaluation.services import scorecards
from factors.services import model_list
from lending.domain.authorities import Authority
from lending.services import products
from lending.services.products import ProductTerms
from qfce.demo import cast
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor, actor_of
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, Organization
from sharing.services import agreements

SIGNERS = (
    "fang",
    "pboc_signer",
    "nfra_signer",
    "finance_signer",
    "ningbo_pboc_signer",
    "ningbo_nfra_signer",
)
LIST = "ZJ-QFCE"
SCORECARD = "HF-QF-01"
CAP_TABLE = "LJ-CAP-01"
PRODUCT = "ZHD"
CATEGORIES = (
    "quality_credit",
    "quality_management",
    "quality_brand",
    "quality_foundation",
    "quality_innovation",
)
LOAN_PURPOSES = ("pre_loan", "post_loan")
CARD = Path(__file__).parent / "data" / "demo_scorecard.json"


def person(username: str) -> Actor:
    """Return one of the cast as an actor."""
    membership = Membership.objects.select_related("user", "organization").get(
        user__username=username
    )
    return actor_of(membership)


def build(*, at: datetime, demo: bool = False) -> dict[str, Any]:
    """
    Put everything in place and return who may sign in: `{"clients", "users"}`.

    :param demo: whether the second bank sees quality credit too, as the story has it.
    """
    people = cast.build()
    publish_list(at=at)
    share("bank_a", CATEGORIES, LOAN_PURPOSES, at=at)
    seen_by_b = ("quality_credit", "quality_foundation") if demo else ("quality_foundation",)
    share("bank_b", seen_by_b, LOAN_PURPOSES, regions=("330100",), at=at)
    share("credit_agency", ("quality_foundation",), ("recommendation",), at=at)
    publish_scorecards(at=at)
    offer_product(at=at)
    return {"clients": people.clients, "users": people.users}


def publish_list(*, at: datetime) -> None:
    """Install ZJ-QFCE version 1 as the province and its signers would."""
    model_list.install(actor=person("zhou"), signers=[person(name) for name in SIGNERS], at=at)


def share(
    recipient: str,
    categories: Sequence[str],
    purposes: Sequence[str],
    *,
    at: datetime,
    regions: Sequence[str] = (),
) -> None:
    """Conclude and activate an agreement of the province with one of the cast."""
    actor = person("zhou")
    with acting_as(actor.organization_id, user_id=actor.user_id):
        agreement = agreements.draft(
            recipient_id=Organization.objects.get(short_name=recipient).pk,
            factor_list=LIST,
            categories=categories,
            purposes=purposes,
            regions=regions,
            actor=actor,
            at=at,
        )
        agreements.activate(agreement.pk, actor=actor, at=at)


def publish_scorecards(*, at: datetime) -> None:
    """Publish both banks' models: one adds up points, the other lends by a cap table."""
    document = json.loads(CARD.read_text(encoding="utf-8"))
    cap_table = alternative_card(
        document, code=CAP_TABLE, name_zh="质量荣誉额度表（示例）", name_en="Cap table (example)"
    )
    for card, developer, approver in (
        (document, person("liang"), person("xu")),
        (cap_table, person("bank_b_officer"), person("bank_b_risk")),
    ):
        with acting_as(developer.organization_id, user_id=developer.user_id):
            version = scorecards.create(card, actor=developer, at=at)
            scorecards.submit(version.pk, actor=developer, at=at)
            scorecards.approve(version.pk, actor=approver, at=at)


def offer_product(*, at: datetime) -> None:
    """Publish the first bank's product and set who may approve how much of it."""
    document = json.loads(CARD.read_text(encoding="utf-8"))
    actor = person("lin")
    with acting_as(actor.organization_id, user_id=actor.user_id):
        product = products.create(
            ProductTerms(
                code=PRODUCT,
                name_zh="质惠贷",
                name_en="Quality benefit loan",
                max_principal=Decimal("10000000.00"),
                max_months=36,
            ),
            actor=actor,
            at=at,
        )
        products.publish(product.pk, actor=actor, at=at)
        products.set_limits(
            [_authority(entry) for entry in document["authority_example"][1:]],
            effective_from=business_day(at),
            actor=actor,
            at=at,
        )


def _authority(entry: dict[str, Any]) -> Authority:
    committee = entry["who"] == "credit_committee"
    return Authority(
        role=entry["who"],
        up_to=Decimal(entry["up_to"]),
        grades=tuple(entry["grades"]),
        conditions=entry["conditions"],
        votes_required=3 if committee else 1,
        votes_of=5 if committee else 1,
    )
