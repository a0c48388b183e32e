"""
A second schedule, written from the contract's text alone and in fractions, against the first.

It knows no periods, flows or rows of `lending.domain`: due dates, day counts, rounding and the
five methods are said again here as design section 4 says them, and every row must agree.
"""

from calendar import isleap, monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lending.domain.schedule_rules import SenselessSchedule
from lending.domain.schedules import quote
from tests.lending.schedule_requests import request_of

DAY_COUNTS = ["30/360", "actual/360", "actual/364", "actual/365", "actual/actual", "annual/12"]
METHODS = ["equal_instalment", "equal_principal", "interest_only", "bullet", "flat"]
MONTHS = {"month": 1, "quarter": 3}


def due_dates(asked: dict[str, Any]) -> list[date]:
    start, every = date.fromisoformat(asked["start_date"]), asked["period_every"]
    if asked["period_unit"] in ("day", "week"):
        step = every * (7 if asked["period_unit"] == "week" else 1)
        return [start + timedelta(days=step * number) for number in range(1, asked["periods"] + 1)]
    found = []
    for number in range(1, asked["periods"] + 1):
        months = start.month - 1 + number * every * MONTHS[asked["period_unit"]]
        year, month = start.year + months // 12, months % 12 + 1
        day = asked.get("repayment_day", start.day)
        found.append(date(year, month, min(day, monthrange(year, month)[1])))
    return found


def years(asked: dict[str, Any], start: date, end: date) -> Fraction:
    """The part of a year in one whole period."""
    count, days = asked["day_count"], (end - start).days
    if count.startswith("actual/3"):
        return Fraction(days, int(count[-3:]))
    if count == "actual/actual":
        each = (start + timedelta(days=number) for number in range(days))
        return sum((Fraction(1, 366 if isleap(day.year) else 365) for day in each), Fraction(0))
    return Fraction(asked["period_every"] * MONTHS[asked["period_unit"]], 12)


def rounded(amount: Fraction, mode: str, unit: str) -> Fraction:
    units = amount / Fraction(unit)
    below = units.numerator // units.denominator
    rest = units - below
    if mode == "ceiling":
        up = rest > 0
    elif mode == "half_up":
        up = rest >= Fraction(1, 2)
    else:
        up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and below % 2 == 1)
    return (below + up) * Fraction(unit)


class Again:
    """One schedule: rows of (due date, principal, interest, balance)."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.owed = Fraction(asked["principal"])
        self.rate = Fraction(asked["annual_rate"])
        self.dates = due_dates(asked)
        starts = [date.fromisoformat(asked["start_date"]), *self.dates[:-1]]
        self.years = [years(asked, *ends) for ends in zip(starts, self.dates, strict=True)]
        self.rows: list[tuple[date, Fraction, Fraction, Fraction]] = []
        self.late = Fraction(0)

    def fen(self, amount: Fraction) -> Fraction:
        return rounded(amount, self.asked["rounding"], self.asked["rounding_unit"])

    def payment(self, amount: Fraction) -> Fraction:
        chosen = self.asked.get("instalment_rounding")
        return rounded(amount, chosen["mode"], chosen["unit"]) if chosen else self.fen(amount)

    def pay(self, number: int, principal: Fraction, interest: Fraction, *, is_last: bool) -> None:
        self.owed -= principal
        self.late += interest
        if number < self.asked["interest_deferred_periods"] and not is_last:
            due = Fraction(0)
        else:
            due, self.late = self.late, Fraction(0)
        self.rows.append((self.dates[number], principal, due, self.owed))

    def run(self) -> list[tuple[date, Fraction, Fraction, Fraction]]:
        whole = self.owed
        down = self.fen(self.owed * Fraction(self.asked["down_payment_rate"]))
        if down:
            self.owed -= down
            start = date.fromisoformat(self.asked["start_date"])
            self.rows.append((start, down, Fraction(0), self.owed))
        if self.asked["method"] == "bullet":
            self.dates, self.years = self.dates[-1:], [sum(self.years, Fraction(0))]
        if self.asked["method"] == "flat":
            self.flat(whole)
        else:
            self.on_the_balance()
        return self.rows

    def on_the_balance(self) -> None:
        method, grace = self.asked["method"], self.asked["principal_grace_periods"]
        last = len(self.dates) - 1
        agreed = Fraction(0)
        for number, part in enumerate(self.years):
            interest = self.fen(self.owed * self.rate * part)
            if number == grace and method == "equal_instalment":
                discount, annuity = Fraction(1), Fraction(0)
                for later in self.years[number:]:
                    discount /= 1 + self.rate * later
                    annuity += discount
                agreed = self.payment(self.owed / annuity)
            if number == grace and method == "equal_principal":
                agreed = self.fen(self.owed / (last - number + 1))
            principal = Fraction(0)
            if number == last:
                principal = self.owed
            elif number >= grace and method == "equal_instalment":
                principal = min(agreed - interest, self.owed)
            elif number >= grace and method == "equal_principal":
                principal = min(agreed, self.owed)
            self.pay(number, principal, interest, is_last=principal == self.owed)
            if not self.owed:
                break

    def flat(self, whole: Fraction) -> None:
        count, grace = len(self.dates), self.asked["principal_grace_periods"]
        left = self.fen(whole * self.rate * sum(self.years, Fraction(0)))
        part, share = left / count, self.owed / (count - grace)
        agreed = self.fen(share) + self.fen(part)
        if self.asked.get("instalment_rounding"):
            agreed = self.payment(share + part)
        for number in range(count):
            interest = min(self.fen(part), left)
            principal = agreed - interest if number >= grace else Fraction(0)
            is_last = number == count - 1 or (number >= grace and agreed >= self.owed + left)
            if is_last:
                principal, interest = self.owed, left
            left -= interest
            self.pay(number, min(principal, self.owed), interest, is_last=is_last)
            if is_last:
                break


@st.composite
def asked_for(draw: st.DrawFn) -> dict[str, Any]:
    method = draw(st.sampled_from(METHODS))
    unit = draw(st.sampled_from(["day", "week", "month", "quarter"]))
    periods = draw(st.integers(1, 24))
    counted = DAY_COUNTS if unit in MONTHS else DAY_COUNTS[1:5]
    asked: dict[str, Any] = {
        "principal": str(Decimal(draw(st.integers(100_00, 50_000_000_00))) / 100),
        "annual_rate": str(Decimal(draw(st.integers(0, 2_400))) / 10_000),
        "method": method,
        "start_date": draw(st.dates(date(2019, 1, 1), date(2031, 12, 31))).isoformat(),
        "periods": periods,
        "period_unit": unit,
        "period_every": draw(st.integers(1, 40 if unit in ("day", "week") else 3)),
        "day_count": draw(st.sampled_from(counted)),
        "rounding": draw(st.sampled_from(["half_up", "half_even"])),
        "rounding_unit": draw(st.sampled_from(["0.01", "0.05", "0.1", "1"])),
        "down_payment_rate": draw(st.sampled_from(["0", "0", "0.2", "0.333"])),
        "principal_grace_periods": 0,
        "interest_deferred_periods": 0,
    }
    if unit in MONTHS and asked["day_count"] != "30/360" and draw(st.booleans()):
        asked["repayment_day"] = draw(st.integers(1, 31))
    if method not in ("interest_only", "bullet") and draw(st.booleans()):
        asked["principal_grace_periods"] = draw(st.integers(0, periods - 1))
    if method != "bullet" and draw(st.booleans()):
        asked["interest_deferred_periods"] = draw(st.integers(0, periods - 1))
    if method in ("equal_instalment", "flat") and draw(st.booleans()):
        asked["instalment_rounding"] = {
            "mode": draw(st.sampled_from(["half_up", "half_even", "ceiling"])),
            "unit": draw(st.sampled_from(["0.01", "0.05", "1", "10", "100"])),
        }
    return asked


@given(asked_for())
@settings(max_examples=300, deadline=None)
def test_every_row_is_what_the_contract_says(asked: dict[str, Any]) -> None:
    try:
        found = quote(request_of(asked)).rows
    except SenselessSchedule:
        return  # what is refused is said in the tests of the rules
    expected = Again(asked).run()
    if any(principal < 0 for _, principal, _, _ in expected):
        return  # a row dearer than the instalment: the level is worked out anew, tested apart
    assert [
        (row.due_date, Fraction(row.principal), Fraction(row.interest), Fraction(row.balance))
        for row in found
    ] == expected
