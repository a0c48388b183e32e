"""The convention of a schedule in words, so that a reader can do the sum again."""

from collections.abc import Iterator

from lending.domain.day_counts import MONTHLY, DayCount, Period
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Effect, Method, ScheduleRequest

_METHODS = {
    Method.EQUAL_INSTALMENT: "Equal instalments: the level payment that exactly retires the"
    " balance over the remaining periods, each with its own interest factor",
    Method.EQUAL_PRINCIPAL: "Equal principal: the same principal in every row, with the interest"
    " on the balance before it",
    Method.INTEREST_ONLY: "Interest in every row, the whole principal in the last",
    Method.BULLET: "Principal and simple interest in one payment at the end",
    Method.FLAT: "Flat: interest on the full principal for the whole term, rounded once, in equal"
    " parts; the last row takes what is left",
}
_COUNTS = {
    DayCount.THIRTY_360: "Interest by 30/360: every month has thirty days, the 31st and the last"
    " day of February count as the 30th",
    DayCount.ACTUAL_360: "Interest by actual/360: calendar days over 360",
    DayCount.ACTUAL_364: "Interest by actual/364: calendar days over 364",
    DayCount.ACTUAL_365: "Interest by actual/365: calendar days over 365, also in leap years",
    DayCount.ACTUAL_ACTUAL: "Interest by actual/actual: days in leap years over 366, all others"
    " over 365",
    DayCount.ANNUAL_12: "Interest by annual/12: a twelfth of the annual rate for every whole month;"
    " a change inside a month counts by calendar days",
}
_MODES = {
    Rounding.HALF_UP: "half up",
    Rounding.HALF_EVEN: "half to even",
    Rounding.CEILING: "up",
}


def convention(request: ScheduleRequest, periods: list[Period]) -> str:
    """Return sentences that say how the schedule of a request is computed."""
    return ". ".join([*_sentences(request, periods)]) + "."


def _sentences(request: ScheduleRequest, periods: list[Period]) -> Iterator[str]:
    yield _METHODS[request.method]
    yield _COUNTS[request.day_count]
    yield f"The first day is counted, the due date is not; {_length(request, periods)}"
    mode = _MODES[request.rounding]
    yield f"The interest of a row is rounded {mode} to {request.rounding_unit}"
    yield from _instalment(request)
    is_uneven = request.due_dates or request.repayment_day or request.rate_changes
    if request.method is Method.EQUAL_INSTALMENT and is_uneven:
        yield (
            "A row whose interest is more than the level payment bears interest alone, and the"
            " payment is worked out anew after it"
        )
    yield "The last row takes the remaining balance"
    yield from _options(request)
    years = "months over 12" if request.day_count in MONTHLY else "days over 365"
    yield (
        "The effective annual rate is the one at which the dated payments are worth what was paid"
        f" out, compounded, years being {years}; a fraction to six places"
    )


def _length(request: ScheduleRequest, periods: list[Period]) -> str:
    if request.due_dates:
        return "the due dates are the ones given"
    unit, every = str(request.period_unit), request.period_every
    spacing = f"every {unit}" if every == 1 else f"every {every} {unit}s"
    if request.repayment_day is None or periods[0].months is None:
        return f"payments fall due {spacing}"
    stub = ""
    if request.day_count is DayCount.ANNUAL_12 and not periods[0].is_whole:
        stub = "; the first period counts like the others, although its days differ"
    return f"payments fall due {spacing} on day {request.repayment_day} or the month's last{stub}"


def _instalment(request: ScheduleRequest) -> Iterator[str]:
    rounding = request.instalment_rounding
    if request.fixed_instalment is not None:
        yield f"The instalment is fixed at {request.fixed_instalment}"
    elif rounding:
        what = "sum of principal and interest" if request.method is Method.FLAT else "instalment"
        yield f"The {what} is rounded {_MODES[rounding.mode]} to {rounding.unit}"


def _options(request: ScheduleRequest) -> Iterator[str]:
    if request.down_payment_rate:
        percent = (request.down_payment_rate * 100).normalize()
        yield f"A down payment of {percent:f} % of the principal is due on the start date"
    if request.principal_grace_periods:
        yield f"No principal falls due in the first {request.principal_grace_periods} periods"
    if request.interest_deferred_periods:
        yield (
            f"The interest of the first {request.interest_deferred_periods} periods falls due with"
            " the row after them and bears no interest; principal is repaid as if it were not"
            " deferred"
        )
    if request.rate_changes or len(request.drawdowns) > 1:
        yield (
            "A new rate or disbursement counts from its own day, and the payment is worked out"
            " anew in the row in which it falls"
        )
    if request.prepayments:
        yield (
            "A prepayment repays principal on its own day; on a due date it is part of that row,"
            " between two it is a row of its own, and the interest of the period is due with the"
            " instalment"
        )
    if any(p.effect is Effect.REDUCE_TERM for p in request.prepayments):
        yield "Where it reduces the term, the instalment stays and the last rows fall away"
