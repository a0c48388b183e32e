"""By when a signal has to be claimed and answered, in working days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from qfce.kernel.calendar import add_working_days, holiday_table_covers
from risk.domain.lifecycle import Level


@dataclass(frozen=True, slots=True)
class Deadlines:
    """
    The last days, inclusive, on which a signal is claimed and answered in time.

    `by_holiday_table` is False if a period runs into a year whose holidays are not yet
    published, and was counted Monday to Friday there.
    """

    claim_due_on: date
    answer_due_on: date
    by_holiday_table: bool


def deadlines(level: Level, raised_on: date, handling_days: Mapping[str, Any]) -> Deadlines:
    """
    Return the deadlines of a signal raised on a business day.

    :param handling_days: working days to claim per level, and to `answer`, as the parameter
        `handling_days` has them on that day.

    >>> rule = {"red": 0, "orange": 2, "yellow": 3, "blue": 5, "answer": 10}
    >>> due = deadlines(Level.ORANGE, date(2026, 12, 15), rule)
    >>> str(due.claim_due_on), str(due.answer_due_on)
    ('2026-12-17', '2026-12-29')
    """
    claim_due_on = add_working_days(raised_on, handling_days[level.value])
    answer_due_on = add_working_days(raised_on, handling_days["answer"])
    return Deadlines(
        claim_due_on=claim_due_on,
        answer_due_on=answer_due_on,
        by_holiday_table=all(
            holiday_table_covers(day) for day in (raised_on, claim_due_on, answer_due_on)
        ),
    )
