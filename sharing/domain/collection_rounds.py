"""A round in which a province or a city has its bureaus collect some items by a day."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle


class RoundStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


ROUND = Lifecycle(
    initial=RoundStatus.OPEN,
    transitions={"close": (frozenset({RoundStatus.OPEN}), RoundStatus.CLOSED)},
)


class Delivery(StrEnum):
    """How far one bureau is. Computed from what is stored and the day, and no state."""

    COMPLETE = "complete"  # nothing is missing
    PARTLY = "partly"  # some of it is there, and there is time
    NOTHING = "nothing"  # none of it is there, and there is time
    LATE = "late"  # the day has passed and something is missing


def delivery(*, enterprises: int, lacking: int, held: int, due_on: date, on: date) -> Delivery:
    """
    Say how far a bureau is.

    :param lacking: of its enterprises, those that lack one of the items.
    :param held: how many of the cells asked for are filled.

    >>> day = date(2026, 11, 20)
    >>> delivery(enterprises=3, lacking=1, held=5, due_on=day, on=day).value
    'partly'
    """
    if not lacking:
        return Delivery.COMPLETE
    if on > due_on:
        return Delivery.LATE
    return Delivery.PARTLY if held else Delivery.NOTHING


def reminder(due_on: date, *, on: date, days_before: Sequence[int], every_days: int) -> str:
    """
    Return which reminder is due on a day, empty for none: `before-3`, or `late-1` and on.

    Of those before the day, the one nearest to it; a day on which nothing ran is caught up.

    >>> reminder(date(2026, 11, 20), on=date(2026, 11, 18), days_before=[7, 3, 0], every_days=7)
    'before-3'
    >>> reminder(date(2026, 11, 20), on=date(2026, 11, 29), days_before=[7, 3, 0], every_days=7)
    'late-2'
    """
    left = (due_on - on).days
    if left < 0:
        return f"late-{(-left - 1) // every_days + 1}"
    reached = [days for days in days_before if left <= days]
    return f"before-{min(reached)}" if reached else ""
