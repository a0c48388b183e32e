"""Loan applications, as the bank that received them sees them."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lending.api.contracts import ContractIn, ContractOut
from lending.api.reasons import LendingReasonIn, reason_of
from lending.api.schedules import choices
from lending.domain.lifecycle import ApplicationStatus
from lending.domain.payees import Payee
from lending.domain.terms import Offer
from lending.models import LoanApplication
from lending.selectors import applications as selectors
from lending.services import applications, contracts
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day

AMOUNT: dict[str, Any] = {"max_digits": 18, "decimal_places": 2, "min_value": Decimal("0.01")}
BASE_RATE: dict[str, Any] = {
    "max_digits": 7,
    "decimal_places": 6,
    "min_value": Decimal(0),
    "max_value": Decimal("0.36"),
}


class PayeeDocument(serializers.Serializer[Any]):
    """A supplier who is to be paid; code and account where they are known."""

    name = serializers.CharField(max_length=200)
    uscc = serializers.CharField(max_length=18, required=False, allow_null=True)
    account = serializers.CharField(max_length=60, required=False, allow_null=True)


class ApplicationOut(serializers.ModelSerializer[LoanApplication]):
    status = serializers.ChoiceField(choices=choices(ApplicationStatus))
    product_code = serializers.CharField(source="product.code")
    payees = PayeeDocument(many=True)
    documents = serializers.ListField(child=serializers.CharField())
    snapshot = serializers.DictField(
        allow_null=True, help_text="What the evaluation said on the day of submission."
    )
    decision_authority = serializers.DictField(allow_null=True)
    contract = serializers.SerializerMethodField()

    class Meta:
        model = LoanApplication
        fields = (
            "id",
            "uscc",
            "product",
            "product_code",
            "status",
            "requested_principal",
            "requested_months",
            "purpose",
            "payees",
            "documents",
            "evaluation",
            "snapshot",
            "snapshot_digest",
            "created_at",
            "created_by",
            "submitted_at",
            "submitted_by",
            "review_started_at",
            "reviewed_by",
            "return_reason",
            "withdrawn_at",
            "withdrawal_reason",
            "decided_at",
            "decided_by",
            "decision_reason",
            "decision_authority",
            "gate_exception",
            "offered_principal",
            "offered_months",
            "offered_base_rate",
            "offered_spread_bp",
            "offered_annual_rate",
            "offered_drawdowns",
            "contract",
        )
        read_only_fields = fields

    def get_contract(self, application: LoanApplication) -> UUID | None:
        return application.contract.pk if hasattr(application, "contract") else None


class ApplicationPageOut(serializers.Serializer[Any]):
    """One page of applications."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ApplicationOut(many=True)


class ApplicationIn(serializers.Serializer[Any]):
    """What an enterprise asks for."""

    uscc = serializers.CharField(max_length=18)
    product = serializers.UUIDField()
    requested_principal = serializers.DecimalField(**AMOUNT, help_text="Yuan.")
    requested_months = serializers.IntegerField(min_value=1, max_value=360)
    purpose = serializers.CharField(max_length=2000)
    payees = serializers.ListField(child=PayeeDocument(), required=False, max_length=50)
    documents = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, max_length=50
    )
    evaluation = serializers.UUIDField(required=False, allow_null=True)


class LoanSubmissionIn(serializers.Serializer[Any]):
    evaluation = serializers.UUIDField(required=False, allow_null=True)


class LoanApprovalIn(serializers.Serializer[Any]):
    """The offer: yuan, months, and the base rate that it is priced on."""

    principal = serializers.DecimalField(**AMOUNT)
    months = serializers.IntegerField(min_value=1, max_value=360)
    base_rate = serializers.DecimalField(**BASE_RATE, help_text="The loan prime rate of the day.")
    spread_bp = serializers.IntegerField(
        min_value=-1000, max_value=3000, required=False, allow_null=True
    )
    drawdowns = serializers.IntegerField(min_value=1, max_value=60, default=1)
    reason = serializers.CharField(max_length=2000)
    gate_exception = serializers.CharField(max_length=2000, default="", allow_blank=True)
    votes_for = serializers.IntegerField(min_value=0, required=False, allow_null=True)

    def offer(self) -> Offer:
        data = self.validated_data
        return Offer(
            principal=data["principal"],
            months=data["months"],
            base_rate=data["base_rate"],
            spread_bp=data.get("spread_bp"),
            drawdowns=data["drawdowns"],
        )


class ApproverOut(serializers.Serializer[Any]):
    role = serializers.CharField()
    up_to = serializers.DecimalField(max_digits=18, decimal_places=2)
    grades = serializers.ListField(child=serializers.CharField())
    conditions = serializers.CharField(allow_blank=True)
    votes_required = serializers.IntegerField()
    votes_of = serializers.IntegerField()


class AuthorityAnswerOut(serializers.Serializer[Any]):
    """Who may approve the amount for the grade, and why the caller may or may not."""

    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    grade = serializers.CharField(allow_null=True)
    largest_amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    bound_by = serializers.CharField(help_text="The limit that sets the largest amount.")
    approvers = ApproverOut(many=True, source="answer.approvers", help_text="Narrowest first.")
    may = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())


class LoanAmountIn(serializers.Serializer[Any]):
    amount = serializers.DecimalField(**AMOUNT, required=False)


class LoanApplicationFilterIn(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=choices(ApplicationStatus), required=False)
    uscc = serializers.CharField(max_length=18, required=False)


class LoanApplicationViewSet(TenantViewSet):
    """Loan applications."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "lending.application.view",
        "create": "lending.application.submit",
        "retrieve": "lending.application.view",
        "submit": "lending.application.submit",
        "start_review": "lending.application.review",
        "return_": "lending.application.review",
        "approve": "lending.application.decide",
        "decline": "lending.application.decide",
        "withdraw": "lending.application.submit",
        "authority": "lending.application.view",
        "contract": "lending.contract.sign",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="loan_applications_list",
        parameters=[LoanApplicationFilterIn],
        responses=ApplicationPageOut,
    )
    def list(self, request: Request) -> Response:
        wanted = LoanApplicationFilterIn(data=request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        found = selectors.list_for(actor=self.actor, **wanted.validated_data)
        return self.paginate(found, ApplicationOut, ordering=("-created_at", "pk"))

    @extend_schema(
        operation_id="loan_applications_create",
        request=ApplicationIn,
        responses={201: ApplicationOut},
    )
    def create(self, request: Request) -> Response:
        """Draft an application; submit it as a second step."""
        asked = ApplicationIn(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        application = applications.create(
            data["uscc"],
            product_id=data["product"],
            principal=data["requested_principal"],
            months=data["requested_months"],
            purpose=data["purpose"],
            payees=[Payee.from_document(payee) for payee in data.get("payees", ())],
            documents=data["documents"],
            evaluation_id=data.get("evaluation"),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(ApplicationOut(application).data, status=201)

    @extend_schema(operation_id="loan_applications_retrieve", responses=ApplicationOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(ApplicationOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(
        operation_id="loan_applications_submit", request=LoanSubmissionIn, responses=ApplicationOut
    )
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: UUID) -> Response:
        asked = LoanSubmissionIn(data=request.data)
        asked.is_valid(raise_exception=True)
        application = applications.submit(
            pk,
            evaluation_id=asked.validated_data.get("evaluation"),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(ApplicationOut(application).data)

    @extend_schema(
        operation_id="loan_applications_start_review", request=None, responses=ApplicationOut
    )
    @action(detail=True, methods=["post"], url_path="start-review")
    def start_review(self, request: Request, pk: UUID) -> Response:
        application = applications.start_review(pk, actor=self.actor, at=timezone.now())
        return Response(ApplicationOut(application).data)

    @extend_schema(
        operation_id="loan_applications_return", request=LendingReasonIn, responses=ApplicationOut
    )
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def return_(self, request: Request, pk: UUID) -> Response:
        application = applications.return_(
            pk, reason=reason_of(request), actor=self.actor, at=timezone.now()
        )
        return Response(ApplicationOut(application).data)

    @extend_schema(
        operation_id="loan_applications_approve", request=LoanApprovalIn, responses=ApplicationOut
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: UUID) -> Response:
        asked = LoanApprovalIn(data=request.data)
        asked.is_valid(raise_exception=True)
        application = applications.approve(
            pk,
            asked.offer(),
            reason=asked.validated_data["reason"],
            gate_exception=asked.validated_data["gate_exception"],
            votes_for=asked.validated_data.get("votes_for"),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(ApplicationOut(application).data)

    @extend_schema(
        operation_id="loan_applications_decline", request=LendingReasonIn, responses=ApplicationOut
    )
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: UUID) -> Response:
        application = applications.decline(
            pk, reason=reason_of(request), actor=self.actor, at=timezone.now()
        )
        return Response(ApplicationOut(application).data)

    @extend_schema(
        operation_id="loan_applications_withdraw", request=LendingReasonIn, responses=ApplicationOut
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: UUID) -> Response:
        application = applications.withdraw(
            pk, reason=reason_of(request), actor=self.actor, at=timezone.now()
        )
        return Response(ApplicationOut(application).data)

    @extend_schema(
        operation_id="loan_applications_authority",
        parameters=[
            OpenApiParameter("amount", str, description="In yuan; else the largest possible.")
        ],
        responses=AuthorityAnswerOut,
    )
    @action(detail=True, methods=["get"])
    def authority(self, request: Request, pk: UUID) -> Response:
        asked = LoanAmountIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        rights = selectors.decision_rights(
            selectors.get(pk, actor=self.actor),
            actor=self.actor,
            on=business_day(timezone.now()),
            amount=asked.validated_data.get("amount"),
        )
        return Response(AuthorityAnswerOut(rights).data)

    @extend_schema(
        operation_id="loan_applications_contract",
        request=ContractIn,
        responses={201: ContractOut},
    )
    @action(detail=True, methods=["post"])
    def contract(self, request: Request, pk: UUID) -> Response:
        """Record the signed contract; the loan to draw on opens with it."""
        asked = ContractIn(data=request.data)
        asked.is_valid(raise_exception=True)
        contract = contracts.sign(pk, **asked.validated_data, actor=self.actor, at=timezone.now())
        return Response(ContractOut(contract).data, status=201)
