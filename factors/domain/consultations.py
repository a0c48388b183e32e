"""A consultation on a draft: until when it is open, and what a comment can be answered with."""

from datetime import date, datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a comment."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    DECLINED = "declined"
    NOTED = "noted"  # no change was asked for


def is_open(closes_on: date, closed_at: datetime | None, *, on: date) -> bool:
    """
    Whether comments are taken on a day: until the deadline, that day included.

    >>> is_open(date(2026, 11, 23), None, on=date(2026, 11, 23))
    True
    """
    return closed_at is None and on <= closes_on
