"""
Business days and working days, as deadlines in mainland China count them.

The one place that knows the holiday table (`data/holidays.toml`) and that "today" is the
day in Shanghai, whatever the server's clock is set to.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
TABLE = Path(__file__).parent / "data" / "holidays.toml"
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class HolidayTable:
    """The years that have a table, the days off in them, and the weekend days worked."""

    years: frozenset[int]
    days_off: frozenset[date]
    worked_weekend_days: frozenset[date]


def business_day(at: datetime) -> date:
    """
    Return the day that an instant belongs to in Shanghai.

    :raises ValueError: if `at` has no time zone, since it then names no instant.

    >>> from datetime import UTC
    >>> business_day(datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
    datetime.date(2026, 11, 24)
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone, so it does not say which day it is.")
    return at.astimezone(SHANGHAI).date()


def holiday_table_covers(day: date) -> bool:
    """Test whether the holidays of that year are known, or Monday to Friday is assumed."""
    return day.year in _table().years


def is_working_day(day: date) -> bool:
    """
    Test whether offices are open: Monday to Friday, less holidays, plus make-up days.

    In a year without a table, Monday to Friday; see `holiday_table_covers`.
    """
    table = _table()
    if day in table.worked_weekend_days:
        return True
    return day.weekday() < SATURDAY and day not in table.days_off


def add_working_days(day: date, days: int) -> date:
    """
    Return the last day of a period of so many working days that starts the day after.

    :param days: 0 or more; 0 gives the day itself, working day or not.
    :raises ValueError: if `days` is negative.

    >>> add_working_days(date(2026, 12, 15), 10)
    datetime.date(2026, 12, 29)
    """
    if days < 0:
        raise ValueError(f"Working days are counted forwards only, and {days} is negative.")
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


@cache
def _table() -> HolidayTable:
    with TABLE.open("rb") as file:
        years = tomllib.load(file)["years"]
    return HolidayTable(
        years=frozenset(year["year"] for year in years),
        days_off=frozenset(
            holiday["first"] + timedelta(days=number)
            for year in years
            for holiday in year["holidays"]
            for number in range((holiday["last"] - holiday["first"]).days + 1)
        ),
        worked_weekend_days=frozenset(day for year in years for day in year["worked_weekend_days"]),
    )
