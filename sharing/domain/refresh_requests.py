"""A reader's question whether facts still hold, and its life from the asking to the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from qfce.kernel.lifecycle import Lifecycle


class RefreshStatus(StrEnum):
    """Where a request stands. That it is late follows from its day, and is no state."""

    REQUESTED = "requested"
    FORWARDED = "forwarded"  # to another bureau; the clock runs on
    PREPARED = "prepared"  # the answer replaces a value, so a second person has to release it
    ANSWERED = "answered"
    DECLINED = "declined"  # the bureau cannot say, and says why
    CANCELLED = "cancelled"  # by whoever asked


R = RefreshStatus
WAITING = frozenset({R.REQUESTED, R.FORWARDED})
OPEN = WAITING | {R.PREPARED}

REFRESH_REQUEST = Lifecycle(
    initial=R.REQUESTED,
    transitions={
        "forward": (WAITING, R.FORWARDED),
        "prepare": (WAITING, R.PREPARED),
        # The second person dropped what was prepared, so the question stands again.
        "reopen": (frozenset({R.PREPARED}), R.REQUESTED),
        "answer": (OPEN, R.ANSWERED),
        "decline": (WAITING, R.DECLINED),
        "cancel": (WAITING, R.CANCELLED),
    },
)


class AnswerKind(StrEnum):
    """What a bureau says of one item."""

    CONFIRMED = "confirmed"  # the value that is stored still holds
    VALUE = "value"  # this value holds
    UNKNOWN = "unknown"  # it cannot be said, for a reason


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """
    What a bureau says of one item: `value` and `details` with a value, `reason` with none.

    `details` holds `valid_from`, `valid_to` and `evidence` where they are given.
    """

    kind: AnswerKind
    value: Any = None
    details: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """An answer sorted by who may let it out: the answering officer alone, or two persons."""

    confirmed: Mapping[str, ItemAnswer]
    filled: Mapping[str, ItemAnswer]
    replaced: Mapping[str, ItemAnswer]
    unknown: Mapping[str, ItemAnswer]


def sort(answers: Mapping[str, ItemAnswer], *, held: Mapping[str, Any]) -> Sorted:
    """
    Say of each item's answer whether one person's word is enough for it.

    It is for a value that still holds, and for one where none was: the reader asked, another
    organisation answers, and nothing that stood is lost. What takes the place of a stored
    value, or changes from when until when it holds, is released by a second person.

    >>> answers = {"QC-17": ItemAnswer(AnswerKind.VALUE, 3)}
    >>> list(sort(answers, held={}).filled), list(sort(answers, held={"QC-17": 2}).replaced)
    (['QC-17'], ['QC-17'])
    """
    parts: dict[str, dict[str, ItemAnswer]] = {
        name: {} for name in ("confirmed", "filled", "replaced", "unknown")
    }
    for code, answer in answers.items():
        parts[_part(answer, held.get(code))][code] = answer
    return Sorted(**parts)


def _part(answer: ItemAnswer, held: Any) -> str:
    if answer.kind is AnswerKind.UNKNOWN:
        return "unknown"
    if answer.kind is AnswerKind.CONFIRMED:
        return "confirmed"
    if held is None:
        return "filled"
    return "confirmed" if answer.value == held and not answer.details else "replaced"


def is_late(status: str, due_on: date, *, on: date, answered_on: date | None = None) -> bool:
    """Test whether the last day for an answer has passed, or had when it came."""
    return (on if status in OPEN else answered_on or due_on) > due_on


def ended(details: Mapping[str, Mapping[str, Any]], codes: Iterable[str], *, on: date) -> list[str]:
    """Return those of some items whose stored last day has passed: nothing of them holds."""
    return sorted(
        code
        for code in codes
        if (last := details.get(code, {}).get("valid_to")) and date.fromisoformat(last) < on
    )
