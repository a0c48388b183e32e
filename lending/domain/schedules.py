"""Repayment schedules: what is owed, and when. Pure arithmetic in exact decimals."""

from dataclasses import replace
from decimal import Context, Decimal, localcontext

from lending.domain.amortization import Amortization
from lending.domain.day_counts import MONTHLY, Period
from lending.domain.effective_rates import PLACES, effective_annual_rate
from lending.domain.flat_schedules import flat_rows
from lending.domain.schedule_rules import periods_of
from lending.domain.schedule_terms import (
    FEN,
    Method,
    RowKind,
    Schedule,
    ScheduleRequest,
    ScheduleRow,
)
from lending.domain.schedule_words import convention

PRECISION = 50  # digits: a fen in a trillion over a thousand compounded rows is far from the end


def quote(request: ScheduleRequest) -> Schedule:
    """
    Return the schedule that repays a loan on the given terms.

    Interest of a row is rounded with `rounding` to `rounding_unit`; the principal parts add up
    to the loan exactly, because the last row takes the remaining balance. What each method and
    option does is said in the schedule's `convention`.

    :raises SenselessSchedule: if terms contradict each other or are out of range; its `errors`
        name every such field and say why.

    Source of the annuity: Brealey, Myers and Allen, Principles of Corporate Finance, as the
    project's style guide cites it; the level payment with a factor for every row is the one of
    Apache Fineract's progressive loans.

    >>> from datetime import date
    >>> terms = ScheduleRequest(
    ...     principal=Decimal("120000.00"),
    ...     annual_rate=Decimal("0.06"),
    ...     method=Method.EQUAL_INSTALMENT,
    ...     start_date=date(2026, 1, 15),
    ...     periods=12,
    ... )
    >>> first, *_, last = quote(terms).rows
    >>> first.total, first.interest, last.total, last.balance
    (Decimal('10327.97'), Decimal('600.00'), Decimal('10327.99'), Decimal('0.00'))
    """
    with localcontext(Context(prec=PRECISION)):
        periods = periods_of(request)
        if request.method is Method.FLAT:
            rows, agreed = flat_rows(request, periods), None
        else:
            run = Amortization(request, periods)
            rows = run.rows()
            agreed = run.instalment if request.method is Method.EQUAL_INSTALMENT else None
        return _answer(request, periods, rows, agreed)


def _answer(
    request: ScheduleRequest,
    periods: list[Period],
    rows: list[ScheduleRow],
    agreed: Decimal | None,
) -> Schedule:
    instalments = [row for row in rows if row.kind is RowKind.INSTALMENT]
    repaying = [row for row in instalments if row.principal] or instalments or rows
    flows = [(drawdown.on, drawdown.amount) for drawdown in request.drawdowns]
    flows += [(row.due_date, -row.total) for row in rows]
    interest = sum((row.interest for row in rows), Decimal(0))
    by_months = request.day_count in MONTHLY
    effective = Decimal(0).quantize(PLACES)
    if interest:
        effective = effective_annual_rate(flows, by_months=by_months)
    named = repaying if request.method in _REPAYS_EVENLY else instalments or rows
    return Schedule(
        rows=tuple(_shown(row) for row in rows),
        instalment=_money(named[0].total if agreed is None else agreed),
        total_interest=_money(interest),
        effective_annual_rate=effective,
        convention=convention(request, periods),
    )


_REPAYS_EVENLY = frozenset({Method.EQUAL_PRINCIPAL, Method.FLAT})


def _shown(row: ScheduleRow) -> ScheduleRow:
    return replace(
        row,
        opening_balance=_money(row.opening_balance),
        principal=_money(row.principal),
        interest=_money(row.interest),
        fee=_money(row.fee),
        total=_money(row.total),
        balance=_money(row.balance),
    )


def _money(amount: Decimal) -> Decimal:
    """Show at least the fen, and further places only where the rounding unit left some."""
    shown = amount.quantize(FEN)
    return shown if shown == amount else amount.normalize()
