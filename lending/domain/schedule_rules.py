"""Which terms make sense together, and why the others do not."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

from lending.domain.day_counts import DayCount, Period
from lending.domain.due_dates import (
    LATEST_YEAR,
    PeriodUnit,
    explicit_periods,
    generated_periods,
)
from lending.domain.rounding import to_unit
from lending.domain.schedule_terms import MOST_PERIODS, Effect, Method, ScheduleRequest
from qfce.kernel.errors import Invalid

Problem = tuple[str, str]  # JSON pointer into the request, what is wrong with it
EARLIEST = date(1900, 1, 1)
OPEN_ENDED_PERIODS = 600


class SenselessSchedule(Invalid):
    code = "lending.schedule.senseless"
    title = "These terms make no repayment schedule."


def refusal(problems: list[Problem]) -> SenselessSchedule:
    """Return the refusal that names every wrong field and why."""
    return SenselessSchedule(
        " ".join(detail for _, detail in problems),
        hint="Change or leave out the fields named in errors.",
        errors=[{"pointer": pointer, "detail": detail} for pointer, detail in problems],
    )


def periods_of(request: ScheduleRequest) -> list[Period]:
    """
    Return the periods that a request describes.

    :raises SenselessSchedule: naming every field that is out of range or contradicts another.
    """
    problems = [*_amounts(request), *_flows(request), *_term(request)]
    if problems:
        raise refusal(problems)
    periods = _periods(request)
    problems = [*_method(request), *_graces(request, len(periods))]
    problems += [*_months(request, periods), *_events(request, periods)]
    if problems:
        raise refusal(problems)
    return periods


def _amounts(request: ScheduleRequest) -> Iterator[Problem]:
    if request.principal <= 0:
        yield "/principal", f"The principal must be more than zero, not {request.principal}."
    if not 0 <= request.annual_rate <= 1:
        yield "/annual_rate", _fraction("annual_rate", request.annual_rate)
    if request.rounding_unit <= 0:
        yield "/rounding_unit", "The rounding unit must be more than zero."
    elif request.rounding_unit > request.principal > 0:
        yield "/rounding_unit", "The rounding unit is more than the whole principal."
    rounding = request.instalment_rounding
    if rounding and rounding.unit <= 0:
        yield "/instalment_rounding/unit", "The unit of rounding must be more than zero."
    yield from _down_payment(request)
    if request.fixed_instalment is not None and request.fixed_instalment <= 0:
        yield "/fixed_instalment", "A fixed instalment must be more than zero."


def _flows(request: ScheduleRequest) -> Iterator[Problem]:
    for number, change in enumerate(request.rate_changes):
        if not 0 <= change.annual_rate <= 1:
            yield f"/rate_changes/{number}/annual_rate", _fraction("rate", change.annual_rate)
    for name in ("disbursements", "prepayments"):
        for number, flow in enumerate(getattr(request, name)):
            if flow.amount <= 0:
                yield f"/{name}/{number}/amount", "The amount must be more than zero."


def _down_payment(request: ScheduleRequest) -> Iterator[Problem]:
    rate = request.down_payment_rate
    if not 0 <= rate < 1:
        yield (
            "/down_payment_rate",
            "The down payment is a fraction of the principal, at least 0 and less than 1.",
        )
    elif request.principal > 0 and request.rounding_unit > 0:
        paid = to_unit(request.principal * rate, mode=request.rounding, unit=request.rounding_unit)
        if paid >= request.principal:
            yield "/down_payment_rate", f"Rounded, it is {paid}, the whole principal."


def _fraction(name: str, rate: Decimal) -> str:
    return f"The {name} is a fraction between 0 and 1 (0.031 is 3.1 %), not {rate}."


def _term(request: ScheduleRequest) -> Iterator[Problem]:
    if not EARLIEST <= request.start_date <= date(LATEST_YEAR, 1, 1):
        yield "/start_date", f"The start must lie between 1900 and {LATEST_YEAR}."
    if request.due_dates:
        yield from _due_dates(request)
        return
    if request.periods is None and request.fixed_instalment is None:
        yield "/periods", "Give the number of periods, or the due dates themselves."
    if request.periods is not None and not 1 <= request.periods <= MOST_PERIODS:
        yield "/periods", f"There can be 1 to {MOST_PERIODS} periods, not {request.periods}."
    if not 1 <= request.period_every <= MOST_PERIODS:
        yield "/period_every", f"A period lasts 1 to {MOST_PERIODS} units."
    if request.repayment_day is not None:
        if not 1 <= request.repayment_day <= 31:
            yield "/repayment_day", "A repayment day is a day of the month, 1 to 31."
        if request.period_unit in (PeriodUnit.DAY, PeriodUnit.WEEK):
            yield (
                "/repayment_day",
                f"A day of the month cannot be kept by periods counted in {request.period_unit}s.",
            )


def _due_dates(request: ScheduleRequest) -> Iterator[Problem]:
    dates = request.due_dates
    if dates[0] <= request.start_date:
        yield "/due_dates/0", f"The first due date must be after the start, {request.start_date}."
    for number, (earlier, later) in enumerate(pairwise(dates), start=1):
        if later <= earlier:
            yield f"/due_dates/{number}", f"Due dates must rise: {later} is not after {earlier}."
    if len(dates) > MOST_PERIODS or dates[-1].year > LATEST_YEAR:
        yield "/due_dates", f"At most {MOST_PERIODS} due dates, none after {LATEST_YEAR}."
    if request.periods not in (None, len(dates)):
        yield "/periods", f"{request.periods} periods contradict {len(dates)} due dates."
    if request.repayment_day is not None:
        yield "/repayment_day", "The due dates are given, so a repayment day decides nothing."
    if request.period_every != 1:
        yield "/period_every", "The due dates are given, so the length of a period decides nothing."


def _periods(request: ScheduleRequest) -> list[Period]:
    if request.due_dates:
        return explicit_periods(request.start_date, request.due_dates)
    try:
        return generated_periods(
            request.start_date,
            count=request.periods or OPEN_ENDED_PERIODS,
            unit=request.period_unit,
            every=request.period_every,
            repayment_day=request.repayment_day,
        )
    except OverflowError as error:
        raise refusal([("/periods", f"The last due date is too late: {error}")]) from None


def _method(request: ScheduleRequest) -> Iterator[Problem]:
    method = request.method
    if request.instalment_rounding and method not in (Method.EQUAL_INSTALMENT, Method.FLAT):
        yield (
            "/instalment_rounding",
            f"{method} has no level instalment that could be rounded.",
        )
    if request.fixed_instalment is not None:
        yield from _fixed(request)
    if method is Method.FLAT:
        yield from _flat(request)


def _fixed(request: ScheduleRequest) -> Iterator[Problem]:
    fixed, rounding = request.fixed_instalment or Decimal(0), request.instalment_rounding
    if request.method is not Method.EQUAL_INSTALMENT:
        yield "/fixed_instalment", f"Only equal_instalment can be fixed, not {request.method}."
    if fixed % request.rounding_unit:
        yield "/fixed_instalment", f"{fixed} is not a multiple of {request.rounding_unit}."
    if rounding and fixed % rounding.unit:
        yield (
            "/instalment_rounding",
            f"The instalment is fixed at {fixed}, which is no multiple of {rounding.unit}.",
        )


def _flat(request: ScheduleRequest) -> Iterator[Problem]:
    reasons = {
        "rate_changes": "Flat interest is fixed on the full principal at the start.",
        "prepayments": "Flat interest stays on the full principal, so prepaying changes nothing"
        " that a schedule could show.",
    }
    for name, reason in reasons.items():
        if getattr(request, name):
            yield f"/{name}", reason
    if len({drawdown.on for drawdown in request.drawdowns}) > 1:
        yield "/disbursements", "Flat interest needs the full principal paid out at the start."


def _graces(request: ScheduleRequest, count: int) -> Iterator[Problem]:
    grace, deferred = request.principal_grace_periods, request.interest_deferred_periods
    if not 0 <= grace < count:
        yield (
            "/principal_grace_periods",
            f"Of {count} periods at least one must repay principal; {grace} cannot be free of it.",
        )
    elif grace and request.method in (Method.INTEREST_ONLY, Method.BULLET):
        yield (
            "/principal_grace_periods",
            f"{request.method} repays no principal before the end anyway.",
        )
    if not 0 <= deferred < count:
        yield (
            "/interest_deferred_periods",
            f"Deferred interest falls due in the row after; with {count} periods at most"
            f" {count - 1} can be deferred, not {deferred}.",
        )
    elif deferred and request.method is Method.BULLET:
        yield "/interest_deferred_periods", "bullet pays all interest at the end anyway."


def _months(request: ScheduleRequest, periods: list[Period]) -> Iterator[Problem]:
    if request.day_count is not DayCount.ANNUAL_12:
        return
    if not request.due_dates and request.period_unit in (PeriodUnit.DAY, PeriodUnit.WEEK):
        yield (
            "/day_count",
            f"annual/12 counts whole months, and periods are counted in {request.period_unit}s;"
            " take actual/365 or another count of days.",
        )
    for number, period in enumerate(periods):
        if request.due_dates and not period.months:
            yield (
                f"/due_dates/{number}",
                f"annual/12 counts whole months, and none is completed between {period.start}"
                f" and {period.end}; take 30/360 or a count of actual days.",
            )


def _events(request: ScheduleRequest, periods: list[Period]) -> Iterator[Problem]:
    start, end = periods[0].start, periods[-1].end
    yield from _disbursements(request, start, end)
    seen: set[date] = set()
    for number, change in enumerate(request.rate_changes):
        if not start < change.on < end:
            yield (
                f"/rate_changes/{number}/date",
                f"{change.on} is not between the start, {start}, and the last due date, {end}.",
            )
        if change.on in seen:
            yield f"/rate_changes/{number}/date", f"Two rates from {change.on} on."
        seen.add(change.on)
    for number, prepayment in enumerate(request.prepayments):
        if not start < prepayment.on <= end:
            yield (
                f"/prepayments/{number}/date",
                f"{prepayment.on} is not after the start, {start}, and by the last row, {end}.",
            )
        yield from _effect(request, number)


def _disbursements(request: ScheduleRequest, start: date, end: date) -> Iterator[Problem]:
    if not request.disbursements:
        return
    total = sum((drawdown.amount for drawdown in request.disbursements), Decimal(0))
    if total != request.principal:
        yield (
            "/disbursements",
            f"The disbursements add up to {total}, not to the principal, {request.principal}.",
        )
    if request.drawdowns[0].on != start:
        yield "/disbursements", f"The first disbursement is what starts the loan, on {start}."
    for number, drawdown in enumerate(request.disbursements):
        if not start <= drawdown.on < end:
            yield (
                f"/disbursements/{number}/date",
                f"{drawdown.on} is not between the start, {start}, and the last due date, {end}.",
            )
    if request.down_payment_rate and any(d.on != start for d in request.disbursements):
        yield (
            "/down_payment_rate",
            "A down payment needs the whole principal paid out at the start.",
        )


def _effect(request: ScheduleRequest, number: int) -> Iterator[Problem]:
    effect = request.prepayments[number].effect
    pointer = f"/prepayments/{number}/effect"
    at_the_end = request.method in (Method.INTEREST_ONLY, Method.BULLET)
    if effect is Effect.REDUCE_TERM and at_the_end:
        yield (
            pointer,
            f"{request.method} repays the principal at the end, so a prepayment shortens nothing;"
            " take reduce_instalment.",
        )
    on = request.prepayments[number].on
    if effect is Effect.REDUCE_TERM and any(d.on > on for d in request.drawdowns):
        yield pointer, "More is paid out later, so the term it would leave cannot be known yet."
    if effect is Effect.REDUCE_INSTALMENT and request.fixed_instalment is not None:
        yield pointer, "The instalment is fixed, so a prepayment can only reduce the term."
