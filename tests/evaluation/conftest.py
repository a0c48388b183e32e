"""
The firm of the demo and its neighbour, published by Hangzhou and shared with bank_a.

Everything gets there through the services that users reach: publications, an agreement, a
scorecard written by one person of the bank and approved by another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from evaluation.models import Evaluation, ScorecardVersion
from evaluation.services import evaluations, renewals, scorecards
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from sharing.domain.import_lifecycle import Cause
from sharing.services import agreements, enterprise_lists, publication_rows, publications
from sharing.services.publications import ChangeIn
from sharing.services.staged_rows import batch_of
from tests.evaluation.cards import HERO, document, vector
from tests.universe import NOON

CARD = "HF-QF-01"
LIST = "ZJ-QFCE"
SECOND = "91330113E2WM1XRKR3"
RANKS = {"QF-17": {"register": 0, "province": 1, "city": 2, "county": 3}}
EVERYTHING = (
    "quality_credit",
    "quality_management",
    "quality_brand",
    "quality_foundation",
    "quality_innovation",
)


@dataclass
class World:
    """What a test does to the world, each thing in its actor's own transaction."""

    universe: Any

    def publish(self, *records: dict[str, Any], at: Any = NOON) -> None:
        """Publish records the way an import does, without the file."""
        zheng = self.universe.zheng
        with acting_as(zheng.organization_id):
            publication = publications.begin(
                cause=Cause.IMPORT,
                factor_list=LIST,
                list_version=1,
                owner=zheng,
                prepared_by=None,
                released_by=zheng.user_id,
            )
            publication_rows.load([batch_of([row_of(record) for record in records])])
            publication_rows.apply(publication, today=at.date(), source="city", source_ranks=RANKS)
            publications.finish(publication)

    def change(self, uscc: str, kind: str = "observed", at: Any = NOON, **changes: Any) -> None:
        """Publish one change of one enterprise; `QF_17="REVOKED"`."""
        zheng = self.universe.zheng
        said = {code.replace("_", "-"): value for code, value in changes.items()}
        with acting_as(zheng.organization_id):
            publications.publish_changes(
                [ChangeIn(uscc, kind, said)],
                cause=Cause.CORRECTION.value,
                factor_list=LIST,
                actor_prepared=None,
                actor_released=zheng,
                at=at,
            )

    def share(self, bank: str, categories: tuple[str, ...] = EVERYTHING, **terms: Any) -> UUID:
        """Conclude and activate an agreement of the province with a bank."""
        zhou = self.universe.zhou
        with acting_as(zhou.organization_id):
            agreement = agreements.draft(
                recipient_id=self.universe.organizations[bank].pk,
                factor_list=LIST,
                categories=categories,
                purposes=["pre_loan", "post_loan"],
                actor=zhou,
                at=NOON,
                **terms,
            )
            agreements.activate(agreement.pk, actor=zhou, at=NOON)
        return agreement.pk

    def evaluate(self, uscc: str = HERO, actor: Actor | None = None, **asked: Any) -> Evaluation:
        actor = actor or self.universe.lin
        asked = {"scorecard": CARD, "purpose": "pre_loan", "at": NOON} | asked
        with acting_as(actor.organization_id):
            return evaluations.evaluate(uscc, actor=actor, **asked)

    def follow(self, at: Any = NOON, **bounds: Any) -> renewals.Followed:
        lin = self.universe.lin
        with acting_as(lin.organization_id):
            return renewals.follow_feed(actor=lin, at=at, **bounds)


def row_of(record: dict[str, Any]) -> dict[str, Any]:
    """A vector's record as an import's row; consent items are published as well."""
    known = {c: str(v) if isinstance(v, float) else v for c, v in record.items()}
    register = {name: known.pop(name) for name in ("uscc", "name", "established_on")}
    return {**register, "region": "330113", "vals": known}


@pytest.fixture
def published_card(universe, zj_list) -> ScorecardVersion:
    """Liang wrote the example card, Xu approved it."""
    return publish_card(universe.liang, universe.xu, document())


def publish_card(writer: Actor, approver: Actor, card: dict[str, Any]) -> ScorecardVersion:
    with acting_as(writer.organization_id):
        version = scorecards.create(card, actor=writer, at=NOON)
        scorecards.submit(version.pk, actor=writer, at=NOON)
        return scorecards.approve(version.pk, actor=approver, at=NOON)


@pytest.fixture
def world(universe, zj_list) -> World:
    """The firm and its neighbour, shared with bank_a in all categories."""
    made = World(universe)
    made.publish(vector("hero-2-consent")["record"], vector("repair-1-penalised")["record"])
    made.share("bank_a")
    return made


@pytest.fixture
def read_as() -> Callable[..., Any]:
    """Run a selector as an actor sees the rows."""

    def call(selector: Callable[..., Any], *arguments: Any, actor: Actor, **named: Any) -> Any:
        with acting_as(actor.organization_id):
            return selector(*arguments, actor=actor, **named)

    return call


@pytest.fixture
def shared_list(universe, world):
    """The two firms on a list that the province showed to bank_a."""
    zhou = universe.zhou
    with acting_as(zhou.organization_id):
        kept = enterprise_lists.create("重点企业", usccs=[HERO, SECOND], actor=zhou, at=NOON)
        bank = universe.organizations["bank_a"].pk
        enterprise_lists.share(kept.pk, recipient_id=bank, actor=zhou, at=NOON)
    return kept
