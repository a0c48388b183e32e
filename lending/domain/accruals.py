"""Interest that accrues over periods in which balance and rate may change on any day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from lending.domain.day_counts import DayCount, Period, year_fraction
from lending.domain.schedule_terms import RateChange


@dataclass(frozen=True, slots=True)
class Flow:
    """A change of the outstanding principal on a day: positive when drawn, negative when repaid."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Rates:
    """The annual rate at the start and its changes, oldest first."""

    first: Decimal
    changes: tuple[RateChange, ...]

    def on(self, day: date) -> Decimal:
        rate = self.first
        for change in self.changes:
            if change.on > day:
                break
            rate = change.annual_rate
        return rate

    def known_by(self, day: date) -> "Rates":
        """Return the rates without the changes from `day` on."""
        return Rates(self.first, tuple(c for c in self.changes if c.on < day))


def accrue(
    periods: Sequence[Period],
    opening: Decimal,
    flows: Iterable[Flow],
    *,
    rates: Rates,
    day_count: DayCount,
    until: date | None = None,
) -> Decimal:
    """
    Return the simple interest on a balance over consecutive periods, not rounded.

    It is linear in the opening balance and the flows, which the level payment relies on.

    :param opening: principal outstanding at the first period's start, before the flows.
    :param flows: changes of principal, each bearing or saving interest from its own day.
    :param until: stop on this day instead of the last period's end.
    """
    pending = sorted(flows, key=lambda flow: flow.on)
    balance, interest = opening, Decimal(0)
    for period in periods:
        end = period.end if until is None else min(period.end, until)
        if end <= period.start:
            break
        cuts = {period.start, end}
        cuts |= {flow.on for flow in pending if period.start < flow.on < end}
        cuts |= {change.on for change in rates.changes if period.start < change.on < end}
        days = sorted(cuts)
        for start, stop in pairwise(days):
            while pending and pending[0].on <= start:
                balance += pending.pop(0).amount
            fraction = year_fraction(period, start, stop, day_count)
            interest += balance * rates.on(start) * fraction
    return interest


def level_payment(
    rows: Sequence[Sequence[Period]],
    opening: Decimal,
    flows: Sequence[Flow],
    *,
    rates: Rates,
    day_count: DayCount,
) -> Decimal:
    """
    Return the equal payment at the end of each row that leaves nothing at the last, not rounded.

    With i_k the interest factor of row k and flows only in the first row, the payment A solves
    P = A · (1/(1+i_1) + 1/((1+i_1)(1+i_2)) + …): the annuity with a factor for every row.

    :param rows: the periods of each remaining row; the level starts at the first one's end.
    :param opening: principal outstanding at the start of the first row.
    :param flows: changes of principal inside the first row.
    :param rates: as known by the end of the first row, without later changes.

    >>> year = [[Period(date(2026, m, 1), date(2026, m + 1, 1), 1, True)] for m in range(1, 3)]
    >>> level_payment(
    ...     year, Decimal(201), [], rates=Rates(Decimal("0.12"), ()), day_count=DayCount.ANNUAL_12
    ... ).quantize(Decimal("0.01"))
    Decimal('102.01')
    """
    future, weight = opening, Decimal(0)
    last_rate = rates.on(rows[0][-1].end)
    for number, periods in enumerate(rows):
        if number == 0:
            factor = accrue(periods, Decimal(1), (), rates=rates, day_count=day_count)
            accrued = accrue(periods, Decimal(0), flows, rates=rates, day_count=day_count)
            future += sum((flow.amount for flow in flows), Decimal(0)) + accrued + opening * factor
        else:
            # No change lies ahead, so that a long loan with many events is still quick.
            years = (year_fraction(p, p.start, p.end, day_count) for p in periods)
            growth = 1 + last_rate * sum(years, Decimal(0))
            future *= growth
            weight *= growth
        weight += 1
    return future / weight
