"""The effective annual rate of dated cash flows: what a loan really costs in a year."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lending.domain.due_dates import add_months, whole_months

PLACES = Decimal("0.000001")
TICKS = 12 * 365  # a year in units of which both a month and a day are whole numbers
_LOWEST, _HIGHEST = Decimal("-0.9999"), Decimal(10_000)


def effective_annual_rate(
    flows: Sequence[tuple[date, Decimal]], *, by_months: bool = False
) -> Decimal:
    """
    Return the rate at which dated flows are worth nothing on the first day, to six places.

    Sum of flow / (1 + rate) ^ years is zero. Years are days over 365, as in the spreadsheet
    function XIRR; or, `by_months`, whole months over 12 and further days over 365, which is how
    Directive 2008/48/EC, Annex I, measures a charge for credit (named from memory).

    :param flows: day and amount, as the borrower sees them: received positive, paid negative.
    :returns: a fraction; 0 where nothing but the principal is paid back.
    :raises ValueError: if nothing is received or nothing is paid.

    >>> effective_annual_rate(
    ...     [(date(2026, 1, 1), Decimal(100)), (date(2027, 1, 1), Decimal(-106))]
    ... )
    Decimal('0.060000')
    """
    amounts: dict[int, Decimal] = {}
    first = min(day for day, _ in flows)
    for day, amount in flows:
        ticks = _ticks(first, day, by_months=by_months)
        amounts[ticks] = amounts.get(ticks, Decimal(0)) + amount
    if not any(a > 0 for a in amounts.values()) or not any(a < 0 for a in amounts.values()):
        raise ValueError("A rate needs money received and money paid.")
    if sum(amounts.values()) == 0:
        return Decimal(0).quantize(PLACES)
    return _solve(sorted(amounts.items())).quantize(PLACES)


def _ticks(first: date, day: date, *, by_months: bool) -> int:
    if not by_months:
        return 12 * (day - first).days
    months = whole_months(first, day)
    return 365 * months + 12 * (day - add_months(first, months)).days


def _solve(flows: list[tuple[int, Decimal]]) -> Decimal:
    """Newton's steps where they stay inside the bracket, halving it where they do not."""
    low, high = _LOWEST, _HIGHEST
    rate = Decimal("0.05")
    for _ in range(200):
        value, slope = _worth(flows, rate)
        # The borrower's worth rises with the rate: what is paid later weighs less.
        if value > 0:
            high = rate
        else:
            low = rate
        guess = rate - value / slope if slope else low
        if not low < guess < high:
            guess = (low + high) / 2
        if abs(guess - rate) < PLACES / 1000:
            return guess
        rate = guess
    return rate


def _worth(flows: list[tuple[int, Decimal]], rate: Decimal) -> tuple[Decimal, Decimal]:
    """Return the present worth of the flows and its derivative by the rate."""
    discount = (1 + rate) ** (Decimal(-1) / TICKS)
    worth = slope = Decimal(0)
    for ticks, amount in flows:
        present = amount * discount**ticks
        worth += present
        slope -= present * ticks / TICKS
    return worth, slope / (1 + rate)
