"""The convention of a schedule in the reader's language, sentence by sentence."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lending.domain.day_counts import MONTHLY, DayCount, Period
from lending.domain.due_dates import PeriodUnit
from lending.domain.rounding import Rounding
from lending.domain.schedule_rules import periods_of
from lending.domain.schedule_terms import Effect, Method, ScheduleRequest
from qfce.kernel.web import formats

METHODS: dict[Method, Promise] = {
    Method.EQUAL_INSTALMENT: gettext_lazy(
        "Equal instalments: the level payment that exactly retires the balance over the remaining"
        " periods, each with its own interest factor."
    ),
    Method.EQUAL_PRINCIPAL: gettext_lazy(
        "Equal principal: the same principal in every row, with the interest on the balance"
        " before it."
    ),
    Method.INTEREST_ONLY: gettext_lazy("Interest in every row, the whole principal in the last."),
    Method.BULLET: gettext_lazy("Principal and simple interest in one payment at the end."),
    Method.FLAT: gettext_lazy(
        "Flat: interest on the full principal for the whole term, rounded once, in equal parts;"
        " the last row takes what is left."
    ),
}
COUNTS: dict[DayCount, Promise] = {
    DayCount.THIRTY_360: gettext_lazy(
        "Interest by 30/360: every month has thirty days, the 31st and the last day of February"
        " count as the 30th."
    ),
    DayCount.ACTUAL_360: gettext_lazy("Interest by actual/360: calendar days over 360."),
    DayCount.ACTUAL_364: gettext_lazy("Interest by actual/364: calendar days over 364."),
    DayCount.ACTUAL_365: gettext_lazy(
        "Interest by actual/365: calendar days over 365, also in leap years."
    ),
    DayCount.ACTUAL_ACTUAL: gettext_lazy(
        "Interest by actual/actual: days in leap years over 366, all others over 365."
    ),
    DayCount.ANNUAL_12: gettext_lazy(
        "Interest by annual/12: a twelfth of the annual rate for every whole month; a change"
        " inside a month counts by calendar days."
    ),
}
MODES: dict[Rounding, Promise] = {
    Rounding.HALF_UP: gettext_lazy("half up"),
    Rounding.HALF_EVEN: gettext_lazy("half to even"),
    Rounding.CEILING: gettext_lazy("up"),
}
SPACINGS: dict[PeriodUnit, tuple[Promise, Promise]] = {
    PeriodUnit.DAY: (gettext_lazy("every day"), gettext_lazy("every {n} days")),
    PeriodUnit.WEEK: (gettext_lazy("every week"), gettext_lazy("every {n} weeks")),
    PeriodUnit.MONTH: (gettext_lazy("every month"), gettext_lazy("every {n} months")),
    PeriodUnit.QUARTER: (gettext_lazy("every quarter"), gettext_lazy("every {n} quarters")),
}


def sentences(request: ScheduleRequest) -> list[str]:
    """Return how the schedule of a request is computed, so that a reader can do it again."""
    return [*_sentences(request, periods_of(request))]


def _sentences(request: ScheduleRequest, periods: list[Period]) -> Iterator[str]:
    yield str(METHODS[request.method])
    yield str(COUNTS[request.day_count])
    yield _length(request, periods)
    yield _("The interest of a row is rounded {mode} to {unit}.").format(
        mode=MODES[request.rounding], unit=formats.number(request.rounding_unit)
    )
    yield from _instalment(request)
    uneven = request.due_dates or request.repayment_day or request.rate_changes
    if request.method is Method.EQUAL_INSTALMENT and uneven:
        yield _(
            "A row whose interest is more than the level payment bears interest alone, and the"
            " payment is worked out anew after it."
        )
    yield _("The last row takes the remaining balance.")
    yield from _options(request)
    if request.day_count in MONTHLY:
        yield _(
            "The effective annual rate is the one at which the dated payments are worth what was"
            " paid out, compounded, years being months over 12."
        )
    else:
        yield _(
            "The effective annual rate is the one at which the dated payments are worth what was"
            " paid out, compounded, years being days over 365."
        )


def _length(request: ScheduleRequest, periods: list[Period]) -> str:
    if request.due_dates:
        return _("The first day is counted, the due date is not; the due dates are the ones given.")
    one, many = SPACINGS[request.period_unit]
    every = request.period_every
    spacing = str(one) if every == 1 else str(many).format(n=every)
    if request.repayment_day is None or periods[0].months is None:
        return _(
            "The first day is counted, the due date is not; payments fall due {spacing}."
        ).format(spacing=spacing)
    if request.day_count is DayCount.ANNUAL_12 and not periods[0].is_whole:
        return _(
            "The first day is counted, the due date is not; payments fall due {spacing} on day"
            " {day} or the month's last; the first period counts like the others, although its"
            " days differ."
        ).format(spacing=spacing, day=request.repayment_day)
    return _(
        "The first day is counted, the due date is not; payments fall due {spacing} on day {day}"
        " or the month's last."
    ).format(spacing=spacing, day=request.repayment_day)


def _instalment(request: ScheduleRequest) -> Iterator[str]:
    rounding = request.instalment_rounding
    if request.fixed_instalment is not None:
        yield _("The instalment is fixed at {amount}.").format(
            amount=formats.number(request.fixed_instalment)
        )
    elif rounding and request.method is Method.FLAT:
        yield _("The sum of principal and interest is rounded {mode} to {unit}.").format(
            mode=MODES[rounding.mode], unit=formats.number(rounding.unit)
        )
    elif rounding:
        yield _("The instalment is rounded {mode} to {unit}.").format(
            mode=MODES[rounding.mode], unit=formats.number(rounding.unit)
        )


def _options(request: ScheduleRequest) -> Iterator[str]:
    if request.down_payment_rate:
        yield _("A down payment of {percent} of the principal is due on the start date.").format(
            percent=formats.percent(request.down_payment_rate)
        )
    if request.principal_grace_periods:
        yield _("No principal falls due in the first {n} periods.").format(
            n=request.principal_grace_periods
        )
    if request.interest_deferred_periods:
        yield _(
            "The interest of the first {n} periods falls due with the row after them and bears no"
            " interest; principal is repaid as if it were not deferred."
        ).format(n=request.interest_deferred_periods)
    if request.rate_changes or len(request.drawdowns) > 1:
        yield _(
            "A new rate or disbursement counts from its own day, and the payment is worked out"
            " anew in the row in which it falls."
        )
    if request.prepayments:
        yield _(
            "A prepayment repays principal on its own day; on a due date it is part of that row,"
            " between two it is a row of its own, and the interest of the period is due with the"
            " instalment."
        )
    if any(p.effect is Effect.REDUCE_TERM for p in request.prepayments):
        yield _("Where it reduces the term, the instalment stays and the last rows fall away.")
