from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfce.kernel.calendar import (
    add_working_days,
    business_day,
    holiday_table_covers,
    is_working_day,
)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        pytest.param(datetime(2026, 12, 15, 0, 30, tzinfo=UTC), date(2026, 12, 15), id="morning"),
        pytest.param(
            datetime(2026, 12, 15, 15, 59, 59, tzinfo=UTC), date(2026, 12, 15), id="last second"
        ),
        pytest.param(datetime(2026, 12, 15, 16, 0, tzinfo=UTC), date(2026, 12, 16), id="midnight"),
        pytest.param(
            datetime(2026, 12, 15, 12, 0, tzinfo=timezone(timedelta(hours=-5))),
            date(2026, 12, 16),
            id="seen from New York",
        ),
    ],
)
def test_the_business_day_is_shanghais(at, day):
    assert business_day(at) == day


def test_an_instant_without_a_zone_has_no_business_day():
    with pytest.raises(ValueError, match="no time zone"):
        business_day(datetime(2026, 12, 15, 8, 30))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 1, 26), True),  # a Sunday worked for the Spring Festival
        (date(2025, 1, 28), False),  # New Year's Eve, a Tuesday
        (date(2025, 10, 8), False),  # the eighth day of National Day and Mid-Autumn
        (date(2025, 10, 11), True),  # a Saturday worked
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),  # a Sunday worked for New Year's Day
        (date(2026, 2, 23), False),  # the ninth day of the Spring Festival
        (date(2026, 2, 24), True),
        (date(2026, 9, 27), False),  # a Sunday of the Mid-Autumn Festival
        (date(2026, 11, 23), True),
        (date(2026, 12, 27), False),  # an ordinary Sunday
        (date(2027, 1, 1), True),  # a Friday: 2027 has no table, so Monday to Friday
        (date(2027, 1, 2), False),
    ],
)
def test_working_days(day, works):
    assert is_working_day(day) is works


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2024, 12, 31), False),
        (date(2025, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_the_years_that_have_a_table(day, covered):
    assert holiday_table_covers(day) is covered


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        pytest.param(date(2026, 12, 15), 0, date(2026, 12, 15), id="no days: the day itself"),
        pytest.param(date(2026, 12, 15), 2, date(2026, 12, 17), id="orange: claim"),
        pytest.param(date(2026, 12, 15), 10, date(2026, 12, 29), id="answer"),
        pytest.param(date(2026, 12, 27), 0, date(2026, 12, 27), id="no days, from a Sunday"),
        pytest.param(date(2026, 9, 30), 1, date(2026, 10, 8), id="over National Day"),
        pytest.param(date(2026, 2, 13), 1, date(2026, 2, 14), id="a Saturday that is worked"),
        pytest.param(date(2026, 12, 31), 1, date(2027, 1, 1), id="into a year without a table"),
    ],
)
def test_working_days_are_counted_from_the_day_after(start, days, end):
    assert add_working_days(start, days) == end


def test_working_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="forwards only"):
        add_working_days(date(2026, 12, 15), -1)


@given(st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(1, 60))
def test_a_period_ends_on_a_working_day_and_holds_that_many(start, days):
    end = add_working_days(start, days)

    assert is_working_day(end)
    between = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    assert sum(is_working_day(day) for day in between) == days
