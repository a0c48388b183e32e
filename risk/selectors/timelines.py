"""One time line of a case: the fact, the score, the signal, the freeze, and every step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from evaluation.selectors import evaluations
from lending.selectors import loans
from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.domain.lifecycle import CaseActionKind
from risk.models import CaseAction, RiskCase, Signal, SignalOccurrence
from risk.selectors import signals

if TYPE_CHECKING:
    from evaluation.models import Evaluation
    from lending.models import Loan


class EventKind(StrEnum):
    FACT = "fact"  # the record changed
    SCORE = "score"  # the bank evaluated the enterprise
    LINE = "line"  # something happened to a signal
    OPENED = "opened"  # a case, with the steps below it
    STEP = "step"  # the bank acted
    CONFIRMED = "confirmed"  # a second person agreed to a step
    FREEZE = "freeze"  # the platform stopped drawdown by itself
    CLOSED = "closed"


ORDER = tuple(EventKind)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with the row that tells it; what is not concerned is None."""

    at: datetime
    kind: EventKind
    signal: Signal | None = None
    line: SignalOccurrence | None = None
    evaluation: "Evaluation | None" = None
    before: "Evaluation | None" = None
    step: CaseAction | None = None
    loan: "Loan | None" = None


def of_case(case: RiskCase, *, actor: Actor) -> list[Event]:
    """
    Return everything about a case, the oldest first; three queries, whatever its length.

    Evaluations count from the one that held when it all began.
    """
    actor.require(permissions.VIEW_CASE)
    about = [s for s in signals.of_enterprise(case.uscc, actor=actor) if s.case_id == case.pk]
    frozen = [
        loan
        for loan in loans.list_for(actor=actor, uscc=case.uscc)
        if loan.freeze_signal_id in {signal.pk for signal in about}
    ]
    found = [*_of_signals(about), *_of_steps(case), *_of_freezes(frozen, case)]
    begun = min((event.at for event in found), default=case.opened_at)
    scored = evaluations.history(case.uscc, actor=actor)
    found += _of_scores([e for e in scored if e.owner_id == case.owner_id], begun)
    return sorted(found, key=lambda event: (event.at, ORDER.index(event.kind)))


def _of_signals(about: list[Signal]) -> Iterator[Event]:
    for signal in about:
        if signal.recorded_at is not None and not signal.is_withdrawn:
            yield Event(signal.recorded_at, EventKind.FACT, signal=signal)
        for line in signal.occurrences.all():
            yield Event(line.at, EventKind.LINE, signal=signal, line=line)


def _of_steps(case: RiskCase) -> Iterator[Event]:
    yield Event(case.opened_at, EventKind.OPENED)
    for step in case.actions.all():
        yield Event(step.at, EventKind.STEP, step=step)
        if step.confirmed_at is not None:
            yield Event(step.confirmed_at, EventKind.CONFIRMED, step=step)
    if case.closed_at is not None:
        yield Event(case.closed_at, EventKind.CLOSED)


def _of_freezes(frozen: "list[Loan]", case: RiskCase) -> Iterator[Event]:
    """Freezes that a step of the case made are told by the step."""
    freezes = {s.at for s in case.actions.all() if s.kind == CaseActionKind.FREEZE_UNDRAWN}
    for loan in frozen:
        if loan.frozen_at is not None and loan.frozen_at not in freezes:
            yield Event(loan.frozen_at, EventKind.FREEZE, loan=loan)


def _of_scores(scored: "list[Evaluation]", begun: datetime) -> list[Event]:
    """Return the evaluations since then, and the last before, each beside its predecessor."""
    oldest_first = sorted(scored, key=lambda e: (e.created_at, e.known_at))
    earlier = [e for e in oldest_first if e.created_at < begun]
    shown = [*earlier[-1:], *(e for e in oldest_first if e.created_at >= begun)]
    before: list[Evaluation | None] = [None, *shown][: len(shown)]
    return [
        Event(this.created_at, EventKind.SCORE, evaluation=this, before=previous)
        for this, previous in zip(shown, before, strict=True)
    ]
