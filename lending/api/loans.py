"""Loans: what is paid out, what is due, and the freeze of what is undrawn."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lending.api.reasons import LendingReasonIn, reason_of
from lending.api.schedules import QuoteRowOut, choices, row_document
from lending.domain.lifecycle import LoanStatus
from lending.models import Disbursement, Loan, LoanSchedule, ScheduleRow
from lending.selectors import loans as selectors
from lending.services import loans
from qfce.kernel.api.fields import DayField
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import holiday_table_covers

MONEY_OUT: dict[str, Any] = {"max_digits": 18, "decimal_places": 2}


class LoanOut(serializers.ModelSerializer[Loan]):
    status = serializers.ChoiceField(choices=choices(LoanStatus))
    application = serializers.UUIDField(source="contract.application_id")
    annual_rate = serializers.DecimalField(
        source="contract.annual_rate", max_digits=7, decimal_places=6
    )
    months = serializers.IntegerField(source="contract.months")
    undrawn = serializers.SerializerMethodField()
    outstanding = serializers.SerializerMethodField()
    conditions = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Loan
        fields = (
            "id",
            "contract",
            "application",
            "uscc",
            "status",
            "principal",
            "disbursed",
            "undrawn",
            "outstanding",
            "annual_rate",
            "months",
            "drawdowns_allowed",
            "conditions",
            "created_at",
            "frozen_at",
            "frozen_by",
            "freeze_reason",
            "freeze_signal_id",
        )
        read_only_fields = fields

    def get_undrawn(self, loan: Loan) -> str:
        return f"{loan.principal - loan.disbursed:.2f}"

    def get_outstanding(self, loan: Loan) -> str:
        return f"{loan.disbursed - loan.repaid_principal:.2f}"


class LoanPageOut(serializers.Serializer[Any]):
    """One page of loans."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = LoanOut(many=True)


class DisbursementIn(serializers.Serializer[Any]):
    """A payment to a supplier whom the application names."""

    amount = serializers.DecimalField(**MONEY_OUT, min_value=Decimal("0.01"), help_text="Yuan.")
    paid_on = DayField(help_text="The value date; interest runs from it.")
    payee_name = serializers.CharField(max_length=200)
    payee_account = serializers.CharField(max_length=60)
    payee_uscc = serializers.CharField(max_length=18, required=False, allow_null=True)
    conditions_met = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, max_length=50
    )


class DisbursementOut(serializers.ModelSerializer[Disbursement]):
    matched_payee = serializers.DictField()
    conditions_met = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Disbursement
        fields = (
            "id",
            "loan",
            "number",
            "paid_on",
            "amount",
            "payee_name",
            "payee_account",
            "payee_uscc",
            "matched_payee",
            "conditions_met",
            "recorded_at",
            "recorded_by",
        )
        read_only_fields = fields


class LoanScheduleOut(serializers.Serializer[Any]):
    """The schedule in force: the quote on what was paid out so far, kept as it was given."""

    loan = serializers.UUIDField()
    version = serializers.IntegerField(help_text="One more with every disbursement.")
    request = serializers.DictField(help_text="What the quote was asked with.")
    rows = QuoteRowOut(many=True)
    instalment = serializers.CharField()
    total_interest = serializers.CharField()
    effective_annual_rate = serializers.CharField()
    convention = serializers.CharField()
    digest = serializers.CharField()
    created_at = serializers.DateTimeField()
    holidays_known = serializers.BooleanField()


class LoanFreezeIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)
    signal = serializers.UUIDField(required=False, allow_null=True)


class LoanFilterIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=choices(LoanStatus), required=False)
    uscc = serializers.CharField(max_length=18, required=False)


class LoanViewSet(TenantViewSet):
    """Loans."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "lending.loan.view",
        "retrieve": "lending.loan.view",
        "disburse": "lending.loan.disburse",
        "schedule": "lending.loan.view",
        "freeze": "risk.exposure.freeze",
        "unfreeze": "risk.exposure.freeze",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="loans_list", parameters=[LoanFilterIn], responses=LoanPageOut)
    def list(self, request: Request) -> Response:
        wanted = LoanFilterIn(data=request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        found = selectors.list_for(actor=self.actor, **wanted.validated_data)
        return self.paginate(found, LoanOut, ordering=("-created_at", "pk"))

    @extend_schema(operation_id="loans_retrieve", responses=LoanOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(LoanOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(
        operation_id="loans_disburse", request=DisbursementIn, responses={201: DisbursementOut}
    )
    @action(detail=True, methods=["post"])
    def disburse(self, request: Request, pk: UUID) -> Response:
        """Pay out a part; the schedule that follows is stored with it."""
        asked = DisbursementIn(data=request.data)
        asked.is_valid(raise_exception=True)
        payment = loans.disburse(pk, **asked.validated_data, actor=self.actor, at=timezone.now())
        return Response(DisbursementOut(payment).data, status=201)

    @extend_schema(operation_id="loans_schedule", responses=LoanScheduleOut)
    @action(detail=True, methods=["get"])
    def schedule(self, request: Request, pk: UUID) -> Response:
        schedule, rows = selectors.schedule(pk, actor=self.actor)
        return Response(_document(schedule, rows))

    @extend_schema(operation_id="loans_freeze", request=LoanFreezeIn, responses=LoanOut)
    @action(detail=True, methods=["post"])
    def freeze(self, request: Request, pk: UUID) -> Response:
        """Stop further payments; what is outstanding is owed as before."""
        asked = LoanFreezeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        loans.freeze_undrawn(
            pk,
            asked.validated_data["reason"],
            signal_id=asked.validated_data.get("signal"),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(LoanOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(operation_id="loans_unfreeze", request=LendingReasonIn, responses=LoanOut)
    @action(detail=True, methods=["post"])
    def unfreeze(self, request: Request, pk: UUID) -> Response:
        loans.unfreeze(pk, reason_of(request), actor=self.actor, at=timezone.now())
        return Response(LoanOut(selectors.get(pk, actor=self.actor)).data)


def _document(schedule: LoanSchedule, rows: list[ScheduleRow]) -> dict[str, Any]:
    return {
        "loan": str(schedule.loan_id),
        "version": schedule.version,
        "request": schedule.request,
        "rows": [row_document(row) for row in rows],
        "instalment": f"{schedule.instalment:f}",
        "total_interest": f"{schedule.total_interest:f}",
        "effective_annual_rate": f"{schedule.effective_annual_rate:f}",
        "convention": schedule.convention,
        "digest": schedule.digest,
        "created_at": schedule.created_at.isoformat(),
        "holidays_known": all(holiday_table_covers(row.due_date) for row in rows),
    }
