"""Signals that are raised because others are open together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from risk.domain.lifecycle import Level


@dataclass(frozen=True, slots=True)
class Member:
    """An open signal, as far as a combination looks at it."""

    signal_id: UUID
    rule: str
    level: Level
    source: str
    raised_on: date


def partners(
    condition: Mapping[str, Any], new: Member, others: Iterable[Member]
) -> tuple[Member, ...]:
    """
    Return the open signals that make a pair with a new one, the oldest first.

    A pair has the condition's level twice and differs in its source or in its rule; where
    the condition has `within_days`, the two were raised no further apart than that.
    """
    if new.level != condition["level"]:
        return ()
    within = timedelta(days=condition.get("within_days", 36_500))
    found = [
        other
        for other in others
        if other.signal_id != new.signal_id
        and other.level == new.level
        and getattr(other, condition["different"]) != getattr(new, condition["different"])
        and abs(other.raised_on - new.raised_on) <= within
    ]
    return tuple(sorted(found, key=lambda member: (member.raised_on, member.signal_id)))


def pair_key(first: UUID, second: UUID) -> str:
    """Name a pair the same whichever of the two came first."""
    return " + ".join(sorted((str(first), str(second))))
