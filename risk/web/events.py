"""The events of a case's time line, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from factors.domain.catalogue import Item
from qfce.kernel.web import formats
from risk.selectors.timelines import Event, EventKind
from risk.web import facts, words
from risk.web.named import address_of


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry of a time line as its page draws it."""

    at: datetime
    title: str
    tone: str
    icon: str
    text: str = ""
    by: str = ""
    address: str = ""


def shown(event: Event, items: Mapping[str, Item]) -> Shown:
    """Return an event as the time line shows it; `items` are those of the list in force."""
    if event.kind is EventKind.FACT:
        return _fact(event, items)
    return WRITERS[event.kind](event)


def _fact(event: Event, items: Mapping[str, Item]) -> Shown:
    signal = event.signal
    assert signal is not None
    told = facts.told(signal, items)
    text = f"{told.before} → {told.after}" if told.is_change else ""
    return Shown(event.at, told.item or _("A fact was reported"), "bad", "certificate-off", text)


def _score(event: Event) -> Shown:
    now, before = event.evaluation, event.before
    assert now is not None
    grade = now.grade or _("no grade")
    if before is None:
        title = _("Evaluated: %(score)s, %(grade)s") % {"score": _points(now), "grade": grade}
        tone = "muted"
    else:
        title = _("Evaluation renewed: %(was)s → %(score)s, %(was_grade)s → %(grade)s") % {
            "was": _points(before),
            "score": _points(now),
            "was_grade": before.grade or _("no grade"),
            "grade": grade,
        }
        tone = "good" if (now.score or 0) > (before.score or 0) else "warn"
    cap = "" if now.cap is None else _("Cap %(cap)s") % {"cap": formats.yuan(now.cap)}
    address = address_of("evaluation:enterprise", now.uscc)
    return Shown(event.at, title, tone, "gauge", cap, address=address)


def _points(evaluation: Any) -> str:
    """Return a score; what a gate declined may have none."""
    return formats.NOTHING if evaluation.score is None else str(evaluation.score)


def _line(event: Event) -> Shown:
    signal, line = event.signal, event.line
    assert signal is not None
    assert line is not None
    tone, icon = words.LINE_LOOKS[line.kind]
    title = f"{facts.name_of(signal)} · {words.LINES[line.kind]}"
    address = address_of("risk:signal", signal.pk)
    by = line.by_name if line.by_id else _("The platform")
    return Shown(event.at, title, tone, icon, line.text, by, address)


def _step(event: Event) -> Shown:
    step = event.step
    assert step is not None
    tone, icon = words.case_step_look(step.kind)
    amount = f" · {formats.yuan(step.amount)}" if step.amount is not None else ""
    waits = formats.bracketed(_("waits for a second person")) if step.awaits_second else ""
    title = f"{words.case_step(step.kind)}{amount}{waits}"
    return Shown(event.at, title, tone, icon, step.text, step.by_name)


def _confirmed(event: Event) -> Shown:
    step = event.step
    assert step is not None
    title = _("Confirmed: %(step)s") % {"step": words.case_step(step.kind)}
    return Shown(event.at, title, "good", "user-check", by=str(step.confirmed_by or ""))


def _freeze(event: Event) -> Shown:
    loan = event.loan
    assert loan is not None
    undrawn = formats.yuan(loan.principal - loan.disbursed)
    title = _("Drawdown stopped: %(undrawn)s frozen") % {"undrawn": undrawn}
    return Shown(event.at, title, "bad", "snowflake", formats.own_half(loan.freeze_reason))


def _opened(event: Event) -> Shown:
    return Shown(event.at, _("Case opened"), "info", "briefcase")


def _closed(event: Event) -> Shown:
    return Shown(event.at, _("Case closed"), "good", "lock")


WRITERS: dict[EventKind, Callable[[Event], Shown]] = {
    EventKind.SCORE: _score,
    EventKind.LINE: _line,
    EventKind.STEP: _step,
    EventKind.CONFIRMED: _confirmed,
    EventKind.FREEZE: _freeze,
    EventKind.OPENED: _opened,
    EventKind.CLOSED: _closed,
}
