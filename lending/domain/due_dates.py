"""Due dates: when the instalments of a loan fall due, and the periods between them."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

from lending.domain.day_counts import Period

LATEST_YEAR = 2300


class PeriodUnit(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


_DAYS = {PeriodUnit.DAY: 1, PeriodUnit.WEEK: 7}
_MONTHS = {PeriodUnit.MONTH: 1, PeriodUnit.QUARTER: 3}


def months_of(unit: PeriodUnit, every: int) -> int | None:
    """Return how many months a period has, or None if it is counted in days."""
    return _MONTHS[unit] * every if unit in _MONTHS else None


def add_months(day: date, months: int, *, on_day: int | None = None) -> date:
    """
    Return the same day of the month some months later, or that month's last day.

    :param on_day: take this day of the month (1 to 31) instead.
    :raises OverflowError: if the result lies after the year 2300.

    >>> add_months(date(2026, 1, 31), 1), add_months(date(2026, 1, 31), 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > LATEST_YEAR:
        raise OverflowError(f"{year} is beyond the year {LATEST_YEAR}.")
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(on_day or day.day, last))


def whole_months(start: date, end: date) -> int:
    """
    Return how many whole months lie between two dates.

    A month is whole when its day is reached again, or the last day of a month too short.

    >>> whole_months(date(2026, 1, 31), date(2026, 2, 28)), whole_months(
    ...     date(2026, 1, 15), date(2026, 4, 14)
    ... )
    (1, 2)
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def generated_periods(
    start: date, *, count: int, unit: PeriodUnit, every: int, repayment_day: int | None
) -> list[Period]:
    """
    Return consecutive periods of equal nominal length.

    Monthly and quarterly due dates keep the start's day of the month, or `repayment_day`; the
    first falls in the month that is one period after the start's, so with a repayment day the
    first period may be shorter or longer than the others.

    :raises OverflowError: if the last one ends after the year 2300.
    """
    periods = []
    previous = start
    months = months_of(unit, every)
    for number in range(1, count + 1):
        if months is None:
            due = start + timedelta(days=_DAYS[unit] * every * number)
            if due.year > LATEST_YEAR:
                raise OverflowError(f"{due} is beyond the year {LATEST_YEAR}.")
        else:
            due = add_months(start, months * number, on_day=repayment_day)
        is_whole = months is not None and (number > 1 or repayment_day in (None, start.day))
        periods.append(Period(previous, due, months, is_whole))
        previous = due
    return periods


def explicit_periods(start: date, due_dates: tuple[date, ...]) -> list[Period]:
    """
    Return the periods between given due dates.

    Whole months are counted from the start of the loan, and a period has as many as are
    completed in it, so that a due date moved for a holiday neither loses nor gains a month.
    """
    periods = []
    previous, counted, on_the_day = start, 0, True
    for due in due_dates:
        months = whole_months(start, due)
        was_on_the_day, on_the_day = on_the_day, add_months(start, months) == due
        is_whole = was_on_the_day and on_the_day and months > counted
        periods.append(Period(previous, due, months - counted, is_whole))
        previous, counted = due, months
    return periods
