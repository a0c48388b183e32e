"""
Day counts: what part of a year lies between two dates.

Sources: ISDA definitions for 30E/360 (ISDA), actual/360, actual/365 (fixed) and actual/actual,
as summarized in the OpenGamma guide "Interest Rate Instruments and Market Conventions";
actual/364 is the fifty-two-week year that Apache Fineract offers. They are named from memory.
"""

from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class DayCount(StrEnum):
    """How days become a fraction of a year."""

    THIRTY_360 = "30/360"
    ACTUAL_360 = "actual/360"
    ACTUAL_364 = "actual/364"
    ACTUAL_365 = "actual/365"
    ACTUAL_ACTUAL = "actual/actual"
    ANNUAL_12 = "annual/12"


MONTHLY = frozenset({DayCount.THIRTY_360, DayCount.ANNUAL_12})  # all months are equally long


@dataclass(frozen=True, slots=True)
class Period:
    """
    The time between two due dates; the start is counted, the end is not.

    `months` is what annual/12 counts: the whole months, or None where months do not apply.
    `is_whole` says that both ends are the same day of the month, or its last where a month is
    too short, so that 30/360 counts thirty days for each of those months.
    """

    start: date
    end: date
    months: int | None
    is_whole: bool

    @property
    def days(self) -> int:
        return (self.end - self.start).days


_YEARS = {DayCount.ACTUAL_360: 360, DayCount.ACTUAL_364: 364, DayCount.ACTUAL_365: 365}


def year_fraction(period: Period, start: date, end: date, day_count: DayCount) -> Decimal:
    """
    Return the part of a year between two dates inside one period.

    annual/12 knows only whole periods: a part of one counts by its calendar days.

    :param start: not before the period's start.
    :param end: not after the period's end, not before `start`.

    >>> january = Period(date(2026, 1, 31), date(2026, 2, 28), months=1, is_whole=True)
    >>> round(year_fraction(january, january.start, january.end, DayCount.THIRTY_360) * 360)
    30
    >>> round(year_fraction(january, january.start, january.end, DayCount.ACTUAL_360) * 360)
    28
    """
    days = (end - start).days
    if day_count in _YEARS:
        return Decimal(days) / _YEARS[day_count]
    if day_count is DayCount.ACTUAL_ACTUAL:
        return _actual_actual(start, end)
    if day_count is DayCount.ANNUAL_12:
        if period.months is None:
            raise ValueError("annual/12 needs periods that are counted in months.")
        return Decimal(period.months * days) / (12 * period.days)
    counted = Decimal(_thirty(end) - _thirty(start))
    if period.is_whole and period.months is not None:
        # Thirty days a month exactly, also from 29 January to 28 February.
        whole = _thirty(period.end) - _thirty(period.start)
        counted = counted * 30 * period.months / whole
    return counted / 360


def _thirty(day: date) -> int:
    """The number of a day in a calendar of thirty-day months."""
    last = monthrange(day.year, day.month)[1]
    in_month = 30 if day.day == last and last != 30 else min(day.day, 30)
    return day.year * 360 + day.month * 30 + in_month


def _actual_actual(start: date, end: date) -> Decimal:
    """Days in leap years over 366 plus days in other years over 365."""
    fraction = Decimal(0)
    while start < end:
        until = min(end, date(start.year + 1, 1, 1))
        fraction += Decimal((until - start).days) / (366 if isleap(start.year) else 365)
        start = until
    return fraction
