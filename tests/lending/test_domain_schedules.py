import tomllib
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.domain.day_counts import DayCount
from lending.domain.due_dates import PeriodUnit, add_months
from lending.domain.rounding import Rounding
from lending.domain.schedule_rules import SenselessSchedule
from lending.domain.schedule_terms import (
    Drawdown,
    Effect,
    InstalmentRounding,
    Method,
    Prepayment,
    RateChange,
    RowKind,
    Schedule,
    ScheduleRequest,
)
from lending.domain.schedules import quote
from tests.lending.schedule_requests import exact_level, half_up, request_of

VECTORS = Path(__file__).parents[1] / "vectors" / "schedules"
CASES = [
    pytest.param(vector, id=vector["name"])
    for name in ("published.toml", "by_hand.toml")
    for vector in tomllib.loads((VECTORS / name).read_text("utf-8"))["vectors"]
]
START = date(2026, 11, 27)


@pytest.mark.parametrize("vector", CASES)
def test_a_schedule_is_what_its_source_says(vector: dict[str, Any]) -> None:
    schedule = quote(request_of(vector["request"]))
    rows = schedule.rows
    seen = {
        "rows": [[str(r.principal), str(r.interest), str(r.balance)] for r in rows],
        "totals": [str(r.total) for r in rows],
        "dates": [r.due_date.isoformat() for r in rows],
        "instalment": str(schedule.instalment),
        "first_interest": str(rows[0].interest),
        "last_total": str(rows[-1].total),
        "total_interest": str(schedule.total_interest),
        "effective_annual_rate": str(schedule.effective_annual_rate),
    }
    expected = {name: vector[name] for name in seen if name in vector}
    assert expected
    assert {name: seen[name] for name in expected} == expected


def test_the_demo_loan_pays_the_same_eleven_times() -> None:
    terms = ScheduleRequest(
        Decimal("3000000.00"), Decimal("0.0310"), Method.EQUAL_INSTALMENT, START, periods=12
    )
    totals = [row.total for row in quote(terms).rows]
    assert totals == [Decimal("254217.77")] * 11 + [Decimal("254217.81")]
    assert sum(totals) == Decimal("3050613.28")


# What holds for every schedule

amounts = st.decimals("100.00", "50000000.00", places=2)
rates = st.decimals("0", "0.36", places=6)
counts = st.integers(1, 60)
starts = st.dates(date(2020, 1, 1), date(2030, 12, 31))
day_counts = st.sampled_from(DayCount)
methods = st.sampled_from(Method)


@st.composite
def requests(draw: st.DrawFn) -> ScheduleRequest:
    method, count, day_count = draw(methods), draw(counts), draw(day_counts)
    months_only = day_count is DayCount.ANNUAL_12
    units = [PeriodUnit.MONTH, PeriodUnit.QUARTER] if months_only else list(PeriodUnit)
    unit = draw(st.sampled_from(units))
    has_day = unit in (PeriodUnit.MONTH, PeriodUnit.QUARTER) and draw(st.booleans())
    graced = method not in (Method.BULLET, Method.INTEREST_ONLY)
    level = method in (Method.EQUAL_INSTALMENT, Method.FLAT)
    return ScheduleRequest(
        principal=draw(amounts),
        annual_rate=draw(rates),
        method=method,
        start_date=draw(starts),
        periods=count,
        period_unit=unit,
        period_every=draw(st.integers(1, 3)),
        repayment_day=draw(st.integers(1, 31)) if has_day else None,
        day_count=day_count,
        rounding=draw(st.sampled_from([Rounding.HALF_UP, Rounding.HALF_EVEN])),
        instalment_rounding=draw(
            st.none() | st.just(InstalmentRounding(Rounding.CEILING, Decimal("1")))
        )
        if level
        else None,
        principal_grace_periods=draw(st.integers(0, count - 1)) if graced else 0,
        interest_deferred_periods=draw(st.integers(0, count - 1))
        if method is not Method.BULLET
        else 0,
        down_payment_rate=draw(st.decimals("0", "0.5", places=2)),
    )


def check(schedule: Schedule, principal: Decimal) -> None:
    rows = schedule.rows
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row.principal for row in rows) == principal == schedule.total_principal
    assert sum(row.interest for row in rows) == schedule.total_interest
    assert rows[-1].balance == 0
    for row in rows:
        assert min(row.principal, row.interest, row.fee, row.balance) >= 0
        assert row.total == row.principal + row.interest + row.fee
        assert row.balance == row.opening_balance - row.principal
    for before, after in pairwise(rows):
        assert after.due_date > before.due_date


def quote_unless(request: ScheduleRequest, pointers: set[str]) -> Schedule | None:
    """Quote, or accept a refusal of these fields: the draw was a loan that grows."""
    try:
        return quote(request)
    except SenselessSchedule as exc:
        refused = {error["pointer"] for error in exc.errors}
    assert refused <= pointers
    return None


@settings(max_examples=150, deadline=None)
@given(requests())
def test_the_schedule_repays_the_loan_exactly(request: ScheduleRequest) -> None:
    schedule = quote_unless(request, {"/instalment_rounding/unit"})
    if schedule is None:
        return
    check(schedule, request.principal)
    for before, after in pairwise(schedule.rows):
        assert after.opening_balance == before.balance
    if request.annual_rate == 0:
        assert schedule.total_interest == schedule.effective_annual_rate == 0


@settings(max_examples=100, deadline=None)
@given(amounts, rates, counts, starts, st.sampled_from([360, 364, 365]))
def test_the_level_payment_is_the_textbooks(
    principal: Decimal, rate: Decimal, count: int, start: date, year: int
) -> None:
    request = ScheduleRequest(
        principal,
        rate,
        Method.EQUAL_INSTALMENT,
        start,
        periods=count,
        day_count=DayCount(f"actual/{year}"),
    )
    dues = [start, *(add_months(start, n) for n in range(1, count + 1))]
    factors = [Fraction(rate) * (later - earlier).days / year for earlier, later in pairwise(dues)]
    schedule = quote(request)
    assert schedule.instalment == half_up(exact_level(principal, factors))
    assert all(row.total == schedule.instalment for row in schedule.rows[:-1])


@settings(max_examples=100, deadline=None)
@given(amounts, rates, st.integers(3, 36), st.data())
def test_events_keep_the_sums(
    principal: Decimal, rate: Decimal, count: int, data: st.DataObject
) -> None:
    method = data.draw(st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL]))
    days = (add_months(START, count) - START).days
    day = st.integers(1, days - 1).map(lambda n: START + timedelta(days=n))
    later = (principal / 4).quantize(Decimal("0.01"))
    request = ScheduleRequest(
        principal,
        rate,
        method,
        START,
        periods=count,
        disbursements=(Drawdown(START, principal - later), Drawdown(data.draw(day), later)),
        rate_changes=(RateChange(data.draw(day), data.draw(rates)),),
        prepayments=(Prepayment(data.draw(day), Decimal("1.00"), Effect.REDUCE_INSTALMENT),),
    )
    schedule = quote_unless(request, {"/prepayments/0/amount"})
    if schedule is None:
        return
    check(schedule, principal)
    assert schedule.rows[-1].due_date == add_months(START, count)


@settings(max_examples=100, deadline=None)
@given(amounts, rates, st.integers(4, 36), st.integers(1, 3), st.booleans())
def test_a_prepayment_that_reduces_the_term_keeps_the_instalment(
    principal: Decimal, rate: Decimal, count: int, period: int, mid: bool
) -> None:
    plain = ScheduleRequest(principal, rate, Method.EQUAL_INSTALMENT, START, periods=count)
    on = add_months(START, period) + timedelta(days=9 if mid else 0)
    amount = (principal / 5).quantize(Decimal("0.01"))
    prepaid = ScheduleRequest(
        principal,
        rate,
        Method.EQUAL_INSTALMENT,
        START,
        periods=count,
        prepayments=(Prepayment(on, amount, Effect.REDUCE_TERM),),
    )
    before, after = quote(plain), quote(prepaid)
    check(after, principal)
    assert after.instalment == before.instalment
    assert after.rows[-1].due_date <= before.rows[-1].due_date
    assert after.total_interest <= before.total_interest
    later = [r for r in after.rows if r.due_date > on and r.kind is RowKind.INSTALMENT]
    assert all(row.total == before.instalment for row in later[:-1])


def test_reducing_the_term_in_the_grace_keeps_the_instalment_too() -> None:
    terms: dict[str, Any] = {
        "principal": Decimal("120000"),
        "annual_rate": Decimal("0.06"),
        "method": Method.EQUAL_INSTALMENT,
        "start_date": date(2026, 1, 1),
        "periods": 15,
        "principal_grace_periods": 3,
    }
    prepaid = Prepayment(date(2026, 3, 1), Decimal("30000"), Effect.REDUCE_TERM)
    schedule = quote(ScheduleRequest(**terms, prepayments=(prepaid,)))
    check(schedule, Decimal("120000"))
    assert schedule.instalment == quote(ScheduleRequest(**terms)).instalment == Decimal("10327.97")
    assert len(schedule.rows) == 12


def test_the_convention_says_how_in_words() -> None:
    terms = ScheduleRequest(
        Decimal("3000000.00"), Decimal("0.0310"), Method.EQUAL_INSTALMENT, START, periods=12
    )
    words = quote(terms).convention
    for phrase in ("annual/12", "half up to 0.01", "remaining balance", "six places"):
        assert phrase in words


def test_a_long_first_period_bears_interest_alone() -> None:
    dues = [date(2046, 1, 15), date(2046, 2, 15), date(2046, 3, 15)]
    terms = ScheduleRequest(
        Decimal("120000"),
        Decimal("0.36"),
        Method.EQUAL_INSTALMENT,
        date(2026, 1, 15),
        due_dates=tuple(dues),
    )
    schedule = quote(terms)
    check(schedule, Decimal("120000"))
    first, second, last = schedule.rows
    assert (first.principal, first.interest) == (0, Decimal("864000.00"))
    # 120,000 in two months of 3 %: 120,000 / (1/1.03 + 1/1.03²)
    assert second.total == schedule.instalment == Decimal("62713.30")
    assert abs(last.total - second.total) <= Decimal("0.02")


def test_many_events_on_a_long_loan_are_quick() -> None:
    days = [date(2026, 1, 1) + timedelta(days=300 * number + 17) for number in range(1, 101)]
    terms = ScheduleRequest(
        Decimal(10**12),
        Decimal("0.031"),
        Method.EQUAL_INSTALMENT,
        date(2026, 1, 1),
        periods=1200,
        rate_changes=tuple(
            RateChange(day, Decimal(30 + number % 7) / 1000) for number, day in enumerate(days)
        ),
        prepayments=tuple(
            Prepayment(day + timedelta(days=9), Decimal(10**8), Effect.REDUCE_INSTALMENT)
            for day in days
        ),
    )
    check(quote(terms), Decimal(10**12))
