"""
The rest of the demo: 200 invented enterprises, and what two banks have to do with them.

Everything goes the way that people go: two bureaus upload files and a second person releases
them, the province shares the list, the bank scores it, lends on it and is warned about it.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import UUID

from evaluation.services import batches
from qfce.demo import (
    population_desks,
    population_drafts,
    population_firms,
    population_loans,
    population_signals,
    setting,
)
from qfce.kernel.calendar import business_day
from qfce.kernel.jobs.models import FINAL, Job
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Organization
from sharing.domain.import_lifecycle import ImportMode
from sharing.selectors import enterprise_lists as known_lists
from sharing.selectors import imports as known_imports
from sharing.services import consents, enterprise_lists, imports, stored_files

SEED = 20261123
NAME = "杭甬 2026 第二批"
FAULTY = Path(__file__).parent / "data" / "hangzhou-with-faults.xlsx"
# bureau: how many firms, who uploads and who releases
BUREAUS = {"hangzhou": (110, "shen", "zheng"), "ningbo": (90, "lu", "mo")}
PATIENCE = 120.0
CHECKED = frozenset({"ready", "needs_attention", "failed"})
PUBLISHED = frozenset({"published", "failed"})

T = TypeVar("T")
Settle = Callable[[], object]


class DidNotCome(TimeoutError):
    """What a worker should have done has not been done in time."""


def load(*, at: datetime, seed: int = SEED, settle: Settle = lambda: None) -> int:
    """
    Bring the population in, and return how many enterprises are new; 0 the second time.

    A worker must be running, or `settle` must do what is queued.

    :param at: when it all happens; loans begin up to some months before.
    :raises DidNotCome: if the worker does not get through in two minutes.
    """
    if _is_loaded():
        return 0
    codes: list[str] = []
    for bureau, (number, uploader, releaser) in BUREAUS.items():
        frame = population_firms.draw(bureau, number, seed=seed, on=business_day(at))
        content = population_firms.as_csv(frame)
        _publish(f"{bureau}-2026-batch-2.csv", content, uploader, releaser, at, settle)
        codes += list(frame["统一社会信用代码"])
    _share(sorted(codes), at=at)
    _score(sorted(codes), at=at, settle=settle)
    loans = population_loans.load(sorted(codes), at=at)
    population_signals.load(loans, at=at, until=lambda ask: until(ask, settle))
    _ask_for_consents([loan.uscc for loan in loans][:2], at=at)
    _check(FAULTY.name, FAULTY.read_bytes(), setting.person("shen"), at, settle)
    population_desks.load(sorted(codes), at=at)
    _leave_open(sorted(codes), seed=seed, at=at, settle=settle)
    return len(codes)


def _leave_open(codes: list[str], *, seed: int, at: datetime, settle: Settle) -> None:
    number, uploader, releaser = BUREAUS["hangzhou"]
    frame = population_firms.draw("hangzhou", number, seed=seed, on=business_day(at))
    again = population_drafts.twins(frame)
    content = population_firms.as_csv(again)
    _publish("hangzhou-2026-additions.csv", content, uploader, releaser, at, settle)
    kept, former = (list(rows["统一社会信用代码"])[1] for rows in (frame, again))
    population_drafts.doubts(kept, former, at=at)
    population_drafts.list_by_rule(codes, at=at, until=lambda ask: until(ask, settle))
    population_drafts.draft(at=at)


def until(ask: Callable[[], T | None], settle: Settle) -> T:
    """
    Ask until there is an answer.

    :raises DidNotCome: if there is none after two minutes.
    """
    end = monotonic() + PATIENCE
    while monotonic() < end:
        settle()
        found = ask()
        if found:
            return found
        sleep(0.2)
    raise DidNotCome(f"Nothing came within {PATIENCE:.0f} s. Is the worker running?")


def _is_loaded() -> bool:
    actor = setting.person("zhou")
    with acting_as(actor.organization_id):
        return known_lists.list_for(actor=actor).filter(name=NAME).exists()


def _publish(
    name: str, content: bytes, uploader: str, releaser: str, at: datetime, settle: Settle
) -> None:
    first, second = setting.person(uploader), setting.person(releaser)
    batch = _check(name, content, first, at, settle)
    with acting_as(second.organization_id, user_id=second.user_id):
        imports.release(batch, leave_out_errors=True, actor=second, at=at)
    _until_status(batch, first, PUBLISHED, settle)


def _check(name: str, content: bytes, actor: Actor, at: datetime, settle: Settle) -> UUID:
    """Upload a file and wait until every cell was looked at."""
    file = stored_files.store([content], name=name)
    with acting_as(actor.organization_id, user_id=actor.user_id):
        batch = imports.receive(
            file, factor_list=setting.LIST, mode=ImportMode.DELTA, actor=actor, at=at
        )
    _until_status(batch.pk, actor, CHECKED, settle)
    return batch.pk


def _until_status(import_id: UUID, actor: Actor, wanted: frozenset[str], settle: Settle) -> None:
    def ask() -> str | None:
        with acting_as(actor.organization_id):
            status: str = known_imports.get(import_id, actor=actor).status
        return status if status in wanted else None

    found = until(ask, settle)
    if found == "failed":
        raise DidNotCome(f"Import {import_id} failed.")


def _share(codes: list[str], *, at: datetime) -> None:
    actor = setting.person("zhou")
    with acting_as(actor.organization_id, user_id=actor.user_id):
        kept = enterprise_lists.create(NAME, usccs=codes, actor=actor, at=at)
        for bank in Organization.objects.filter(short_name__in=("bank_a", "bank_b")):
            enterprise_lists.share(kept.pk, recipient_id=bank.pk, actor=actor, at=at)


def _score(codes: list[str], *, at: datetime, settle: Settle) -> None:
    actor = setting.person("lin")
    with acting_as(actor.organization_id, user_id=actor.user_id):
        job = batches.evaluate_batch(
            scorecard=setting.SCORECARD, purpose="pre_loan", usccs=codes, actor=actor, at=at
        )

    def ask() -> Any:
        with acting_as(actor.organization_id):
            return Job.objects.filter(pk=job.pk, state__in=FINAL).first()

    until(ask, settle)


def _ask_for_consents(usccs: list[str], *, at: datetime) -> None:
    actor = setting.person("chen_min")
    for uscc in usccs:
        with acting_as(actor.organization_id, user_id=actor.user_id):
            consents.request(
                uscc,
                items=["QI-11"],
                purposes=list(setting.LOAN_PURPOSES),
                actor=actor,
                at=at,
            )
