"""Repayment schedules: a pure calculation that anybody signed in may ask for."""

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lending.domain.day_counts import DayCount
from lending.domain.due_dates import PeriodUnit
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import (
    MOST_PERIODS,
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
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import holiday_table_covers, is_working_day

MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 4}
RATE: dict[str, Any] = {"max_digits": 14, "decimal_places": 12}
INTEREST_ROUNDING = [Rounding.HALF_UP.value, Rounding.HALF_EVEN.value]
MOST_EVENTS = 100


def choices(terms: Any) -> list[str]:
    return [term.value for term in terms]


class DrawdownIn(serializers.Serializer[Any]):
    date = serializers.DateField()
    amount = serializers.DecimalField(**MONEY)


class RateChangeIn(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="The new rate counts from this day on.")
    annual_rate = serializers.DecimalField(**RATE)


class PrepaymentIn(serializers.Serializer[Any]):
    date = serializers.DateField()
    amount = serializers.DecimalField(**MONEY, help_text="Principal, in yuan.")
    effect = serializers.ChoiceField(choices=choices(Effect))


class InstalmentRoundingIn(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(choices=choices(Rounding))
    unit = serializers.DecimalField(**MONEY)


class QuoteIn(serializers.Serializer[Any]):
    """The terms of a schedule; amounts in yuan and rates as fractions, strings or numbers."""

    principal = serializers.DecimalField(**MONEY)
    annual_rate = serializers.DecimalField(**RATE, help_text="0.031 is 3.1 %.")
    method = serializers.ChoiceField(choices=choices(Method))
    start_date = serializers.DateField()
    periods = serializers.IntegerField(required=False, allow_null=True)
    period_unit = serializers.ChoiceField(choices=choices(PeriodUnit), default="month")
    period_every = serializers.IntegerField(default=1)
    due_dates = serializers.ListField(
        child=serializers.DateField(), required=False, allow_null=True, max_length=MOST_PERIODS
    )
    repayment_day = serializers.IntegerField(required=False, allow_null=True)
    day_count = serializers.ChoiceField(
        choices=choices(DayCount),
        required=False,
        help_text="Without it annual/12, or actual/365 for periods of days and weeks.",
    )
    rounding = serializers.ChoiceField(choices=INTEREST_ROUNDING, default="half_up")
    rounding_unit = serializers.DecimalField(**MONEY, default=Decimal("0.01"))
    instalment_rounding = InstalmentRoundingIn(required=False, allow_null=True)
    principal_grace_periods = serializers.IntegerField(default=0)
    interest_deferred_periods = serializers.IntegerField(default=0)
    fixed_instalment = serializers.DecimalField(**MONEY, required=False, allow_null=True)
    down_payment_rate = serializers.DecimalField(**RATE, default=Decimal(0))
    disbursements = serializers.ListField(
        child=DrawdownIn(), required=False, allow_null=True, max_length=MOST_EVENTS
    )
    rate_changes = serializers.ListField(
        child=RateChangeIn(), required=False, allow_null=True, max_length=MOST_EVENTS
    )
    prepayments = serializers.ListField(
        child=PrepaymentIn(), required=False, allow_null=True, max_length=MOST_EVENTS
    )


class QuoteRowOut(serializers.Serializer[Any]):
    """What falls due on one day."""

    number = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(choices=choices(RowKind))
    due_date = serializers.DateField()
    is_working_day = serializers.BooleanField(
        help_text="Whether offices are open on the due date; the schedule does not move it."
    )
    days = serializers.IntegerField(help_text="Calendar days for which the row bears interest.")
    opening_balance = serializers.CharField(
        help_text="Principal owed before this payment, with what was paid out since the last row."
    )
    principal = serializers.CharField()
    interest = serializers.CharField()
    fee = serializers.CharField()
    total = serializers.CharField()
    balance = serializers.CharField()


class QuoteOut(serializers.Serializer[Any]):
    """A repayment schedule; decimals are strings."""

    rows = QuoteRowOut(many=True)
    instalment = serializers.CharField(
        help_text="The level payment; where a method has none, the first instalment's total."
    )
    total_principal = serializers.CharField()
    total_interest = serializers.CharField()
    total = serializers.CharField()
    effective_annual_rate = serializers.CharField(help_text="A fraction to six places.")
    convention = serializers.CharField(help_text="How it was computed, in words.")
    holidays_known = serializers.BooleanField(
        help_text="False if a due date lies in a year whose holidays are not known yet: then"
        " Monday to Friday count as working days."
    )


class LoanScheduleViewSet(TenantViewSet):
    """Repayment schedules."""

    required: ClassVar[dict[str, str | None]] = {
        "quote": None,
    }

    @extend_schema(operation_id="loan_schedules_quote", request=QuoteIn, responses={200: QuoteOut})
    @action(detail=False, methods=["post"])
    def quote(self, request: Request) -> Response:
        """Compute a schedule; nothing is stored."""
        asked = QuoteIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(rendered(quote(request_of(asked.validated_data))))


def request_of(asked: dict[str, Any]) -> ScheduleRequest:
    """Return the terms of a validated body as the domain takes them."""
    unit = PeriodUnit(asked["period_unit"])
    by_days = unit in (PeriodUnit.DAY, PeriodUnit.WEEK) and not asked.get("due_dates")
    usual = DayCount.ACTUAL_365 if by_days else DayCount.ANNUAL_12
    rounding = asked.get("instalment_rounding")
    return ScheduleRequest(
        principal=asked["principal"],
        annual_rate=asked["annual_rate"],
        method=Method(asked["method"]),
        start_date=asked["start_date"],
        periods=asked.get("periods"),
        period_unit=unit,
        period_every=asked["period_every"],
        due_dates=tuple(asked.get("due_dates") or ()),
        repayment_day=asked.get("repayment_day"),
        day_count=DayCount(asked.get("day_count", usual)),
        rounding=Rounding(asked["rounding"]),
        rounding_unit=asked["rounding_unit"],
        instalment_rounding=rounding
        and InstalmentRounding(Rounding(rounding["mode"]), rounding["unit"]),
        principal_grace_periods=asked["principal_grace_periods"],
        interest_deferred_periods=asked["interest_deferred_periods"],
        fixed_instalment=asked.get("fixed_instalment"),
        down_payment_rate=asked["down_payment_rate"],
        disbursements=tuple(
            Drawdown(each["date"], each["amount"]) for each in asked.get("disbursements") or ()
        ),
        rate_changes=tuple(
            RateChange(each["date"], each["annual_rate"])
            for each in asked.get("rate_changes") or ()
        ),
        prepayments=tuple(
            Prepayment(each["date"], each["amount"], Effect(each["effect"]))
            for each in asked.get("prepayments") or ()
        ),
    )


def rendered(schedule: Schedule) -> dict[str, Any]:
    """Return a schedule as the API writes it, with the working days of its due dates."""
    return {
        "rows": [row_document(row) for row in schedule.rows],
        "instalment": f"{schedule.instalment:f}",
        "total_principal": f"{schedule.total_principal:f}",
        "total_interest": f"{schedule.total_interest:f}",
        "total": f"{schedule.total:f}",
        "effective_annual_rate": f"{schedule.effective_annual_rate:f}",
        "convention": schedule.convention,
        "holidays_known": all(holiday_table_covers(row.due_date) for row in schedule.rows),
    }


def row_document(row: Any) -> dict[str, Any]:
    """Return one row, of a quote or stored, as the API writes it."""
    return {
        "number": row.number,
        "kind": str(row.kind),
        "due_date": row.due_date.isoformat(),
        "is_working_day": is_working_day(row.due_date),
        "days": row.days,
        "opening_balance": f"{row.opening_balance:f}",
        "principal": f"{row.principal:f}",
        "interest": f"{row.interest:f}",
        "fee": f"{row.fee:f}",
        "total": f"{row.total:f}",
        "balance": f"{row.balance:f}",
    }
