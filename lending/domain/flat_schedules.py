"""Flat schedules: interest on the full principal throughout, spread evenly over the rows."""

from decimal import Decimal

from lending.domain.day_counts import Period, year_fraction
from lending.domain.rounding import to_unit
from lending.domain.schedule_rules import refusal
from lending.domain.schedule_terms import RowKind, ScheduleRequest, ScheduleRow

ZERO = Decimal(0)


def flat_rows(request: ScheduleRequest, periods: list[Period]) -> list[ScheduleRow]:
    """
    Return the rows of a flat schedule.

    The total interest is principal × rate × years, rounded once, also after a down payment on
    the full principal. Each row has an equal part of it, rounded; the last row takes what is left.

    :raises SenselessSchedule: if instalments are rounded to less than the interest in them.
    """
    unit, mode = request.rounding_unit, request.rounding
    years = sum((year_fraction(p, p.start, p.end, request.day_count) for p in periods), ZERO)
    all_interest = to_unit(request.principal * request.annual_rate * years, mode=mode, unit=unit)
    down = to_unit(request.principal * request.down_payment_rate, mode=mode, unit=unit)

    rows: list[ScheduleRow] = []
    if down:
        rows.append(_row(rows, periods[0], request.principal, down, ZERO, is_down_payment=True))
    balance, left = request.principal - down, all_interest
    interest_part = to_unit(all_interest / len(periods), mode=mode, unit=unit)
    payment = flat_instalment(request, len(periods), all_interest, balance)
    deferred = ZERO
    for number, period in enumerate(periods):
        is_free = number < request.principal_grace_periods
        interest = min(interest_part, left)
        principal = ZERO if is_free else payment - interest
        if principal < 0:
            raise refusal([_uncovered(payment, interest)])
        is_last = number == len(periods) - 1 or (not is_free and payment >= balance + left)
        if is_last:
            principal, interest = balance, left
        principal = min(principal, balance)
        left -= interest
        deferred += interest
        due = ZERO
        if number >= request.interest_deferred_periods or is_last:
            due, deferred = deferred, ZERO
        rows.append(_row(rows, period, balance, principal, due))
        balance -= principal
        if is_last:
            break
    return rows


def flat_instalment(
    request: ScheduleRequest, count: int, all_interest: Decimal, balance: Decimal
) -> Decimal:
    """
    Return what a row pays: its part of the principal and of the interest.

    With `instalment_rounding` the exact sum of both is rounded; otherwise each part is.
    """
    principal = balance / (count - request.principal_grace_periods)
    interest = all_interest / count
    rounding = request.instalment_rounding
    if rounding:
        return to_unit(principal + interest, mode=rounding.mode, unit=rounding.unit)
    unit, mode = request.rounding_unit, request.rounding
    return to_unit(principal, mode=mode, unit=unit) + to_unit(interest, mode=mode, unit=unit)


def _uncovered(payment: Decimal, interest: Decimal) -> tuple[str, str]:
    return (
        "/instalment_rounding/unit",
        f"Rounded like this an instalment is {payment}, less than the interest of {interest}.",
    )


def _row(
    rows: list[ScheduleRow],
    period: Period,
    opening: Decimal,
    principal: Decimal,
    interest: Decimal,
    *,
    is_down_payment: bool = False,
) -> ScheduleRow:
    return ScheduleRow(
        number=len(rows) + 1,
        due_date=period.start if is_down_payment else period.end,
        days=0 if is_down_payment else period.days,
        opening_balance=opening,
        principal=principal,
        interest=interest,
        fee=ZERO,
        total=principal + interest,
        balance=opening - principal,
        kind=RowKind.DOWN_PAYMENT if is_down_payment else RowKind.INSTALMENT,
    )
