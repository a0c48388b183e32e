"""What lies open on desks in the demo: drafts, a correction to release, questions, a round."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from evaluation.services import scorecards
from qfce.demo import setting
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Organization
from sharing.services import agreements, collection_rounds, records, refresh_requests

LINPING = "330113"
WEEKS = timedelta(days=27)
Desk = Callable[[Sequence[str], datetime], None]


def load(codes: Sequence[str], *, at: datetime) -> None:
    """Leave something open for each of several people; `codes` are enterprises of the demo."""
    for desk in (_scorecard, _correction, _agreement, _questions, _round):
        desk(codes, at)


def _scorecard(codes: Sequence[str], at: datetime) -> None:
    with _as("liang") as developer:
        document = json.loads(setting.CARD.read_text(encoding="utf-8"))
        scorecards.create(document, actor=developer, at=at)


def _correction(codes: Sequence[str], at: datetime) -> None:
    with _as("shen") as uploader:
        records.observe(
            next(code for code in codes if code[2:6] == "3301"),
            factor_list=setting.LIST,
            changes={"QC-17": 3},
            reason="年报公示已补报",
            actor=uploader,
            at=at,
        )


def _agreement(codes: Sequence[str], at: datetime) -> None:
    with _as("zhou") as owner:
        agreements.draft(
            recipient_id=Organization.objects.get(short_name="guarantor").pk,
            factor_list=setting.LIST,
            categories=["quality_credit", "quality_foundation"],
            purposes=list(setting.LOAN_PURPOSES),
            actor=owner,
            at=at,
        )


def _questions(codes: Sequence[str], at: datetime) -> None:
    """One that waits in time, and one that is late."""
    asked = [code for code in codes if code[2:8] == LINPING][:2]
    for code, when in zip(asked, (at, at - WEEKS), strict=False):
        with _as("he") as officer:
            refresh_requests.ask(
                code, items=["QC-17"], question="近三年年度报告公示情况", actor=officer, at=when
            )


def _round(codes: Sequence[str], at: datetime) -> None:
    with _as("zheng") as keeper:
        collection_rounds.open_(
            name="2026年12月归集",
            factor_list=setting.LIST,
            items=["QC-17", "QF-17"],
            due_on=business_day(at + WEEKS),
            actor=keeper,
            at=at,
        )


@contextmanager
def _as(username: str) -> Iterator[Actor]:
    actor = setting.person(username)
    with acting_as(actor.organization_id, user_id=actor.user_id):
        yield actor
