"""What lies open on desks in the demo: drafts, models and corrections to decide, questions."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from evaluation.services import scorecards
from qfce.demo import cast, setting
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Organization, OrganizationKind
from sharing.selectors import enterprises_register
from sharing.services import (
    agreements,
    collection_rounds,
    consents,
    data_quality,
    declaration_answers,
    declaration_links,
    declarations,
    disputes,
    records,
    refresh_requests,
    reverification,
)

LINPING = "330113"
TRIAL = "HF-QF-02"
WEEKS = timedelta(days=27)
DECLARER = declaration_answers.Declarer("宋知行", "0571-00000000", agrees=True)
DECLARED = (("98.6", "3.8"), ("97.2", "4.4"))  # first-pass yield and R&D intensity, in per cents
Desk = Callable[[Sequence[str], datetime], None]


def load(codes: Sequence[str], *, at: datetime) -> None:
    """Leave something open for each of several people; `codes` are enterprises of the demo."""
    for desk in DESKS:
        desk(codes, at)
    _night(at)


def _scorecards(codes: Sequence[str], at: datetime) -> None:
    """A draft, and a version that a second person has to decide about."""
    with _as("liang") as developer:
        document = json.loads(setting.CARD.read_text(encoding="utf-8"))
        scorecards.create(document, actor=developer, at=at)
        trial = {**document, "code": TRIAL, "name_zh": "质量增信评分卡（小微试行）"}
        trial["name_en"] = "Quality scorecard for micro firms (trial)"
        waiting = scorecards.create(trial, actor=developer, at=at)
        scorecards.submit(waiting.pk, actor=developer, at=at)


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
            items=["QC-17", "QF-17", "QM-13"],
            due_on=business_day(at + WEEKS),
            actor=keeper,
            at=at,
        )


def _declarations(codes: Sequence[str], at: datetime) -> None:
    """One that the enterprise has before it, one that waits for the bureau, one that is taken."""
    uscc, firms = _story_enterprise(), [code for code in codes if code[2:8] == LINPING]
    due_on = business_day(at + timedelta(days=14))
    asked = []
    with _as("wu") as officer:
        own = [uscc] if enterprises_register.find(uscc, actor=officer) else firms[4:5]
        for code in (*firms[2:4], *own):
            made = declarations.ask(
                code, factor_list=setting.LIST, items=["QM-13", "QI-11"], due_on=due_on,
                note="2026年度质量信息归集", actor=officer, at=at,
            )  # fmt: skip
            link = declaration_links.show_link(made.pk, actor=officer, at=at)
            asked.append((made.pk, link.partition("#")[2]))
    # By the link, where nobody is bound: the enterprise's own hand.
    for (_pk, token), (passed, spent) in zip(asked, DECLARED, strict=False):
        declaration_answers.submit_by_token(
            token, typed={"QM-13": passed, "QI-11": spent}, declarer=DECLARER, at=at
        )
    with _as("wu") as officer:
        declarations.take([asked[0][0]], actor=officer, at=at)


def _disputes(codes: Sequence[str], at: datetime) -> None:
    """One that waits for the bureau, and one that the bureau has decided."""
    disputed = [code for code in codes if code[2:8] == LINPING][5:7]
    with _as("he") as bank:
        _waiting, decided = (
            disputes.open_(
                code,
                item="QC-02",
                statement="与公示系统查询结果不一致，请核实。",
                actor=bank,
                at=at,
            )
            for code in disputed
        )
    with _as("wu") as officer:
        disputes.reject(decided.pk, reason="经核对经营异常名录，记录无误。", actor=officer, at=at)


def _consent(codes: Sequence[str], at: datetime) -> None:
    """The other bank asks the story's enterprise too, which has not decided; untold, none."""
    uscc = _story_enterprise()
    with _as("zhou") as keeper:
        if enterprises_register.find(uscc, actor=keeper) is None:
            return
    with _as("bank_b_officer") as officer:
        consents.request(
            uscc,
            items=["QC-16"],
            purposes=list(setting.LOAN_PURPOSES),
            actor=officer,
            at=at,
        )


def _night(at: datetime) -> None:
    """What the clock does by night: the work list of old facts, and the report on quality."""
    bureaus = Organization.objects.filter(kind=OrganizationKind.MARKET_REGULATOR.value)
    keeper = setting.person("zhou").organization_id
    with acting_as(keeper):
        reverification.list_due(setting.LIST, actor=service_actor(keeper, "calendar"), at=at)
    # The owner of the list first: bureaus take their scores from its cells.
    for pk in sorted(bureaus.values_list("pk", flat=True), key=lambda pk: pk != keeper):
        data_quality.report_all(actor=service_actor(pk, "data quality"), at=at)


def _story_enterprise() -> str:
    return str(cast.ORGANIZATIONS["enterprise"][5]["uscc"])


@contextmanager
def _as(username: str) -> Iterator[Actor]:
    actor = setting.person(username)
    with acting_as(actor.organization_id, user_id=actor.user_id):
        yield actor


DESKS: tuple[Desk, ...] = (
    _scorecards,
    _correction,
    _agreement,
    _questions,
    _round,
    _consent,
    _declarations,
    _disputes,
)
