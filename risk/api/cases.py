"""Cases: opened from a signal, with every step a bank takes."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.views import TenantViewSet
from risk.domain.lifecycle import CaseActionKind, CaseStatus
from risk.models import CaseAction, RiskCase
from risk.selectors import cases as selectors
from risk.services import cases


class CaseActionOut(serializers.ModelSerializer[CaseAction]):
    """One step of a case."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in CaseActionKind])

    class Meta:
        model = CaseAction
        fields = (
            *("id", "kind", "text", "amount", "at", "by", "by_name"),
            *("awaits_second", "confirmed_at", "confirmed_by"),
        )
        read_only_fields = fields


class CaseOut(serializers.ModelSerializer[RiskCase]):
    """One case with its signals and its steps, the oldest step first."""

    status = serializers.ChoiceField(choices=[status.value for status in CaseStatus])
    signals = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta:
        model = RiskCase
        fields = (
            *("id", "uscc", "status", "reason", "loan_id", "answer_due_on", "opened_at"),
            *("opened_by", "answered_at", "closed_at", "closed_by", "result", "signals", "actions"),
        )
        read_only_fields = fields

    def get_signals(self, case: RiskCase) -> list[UUID]:
        found = sorted(case.signals.all(), key=lambda signal: (signal.raised_at, signal.pk))
        return [signal.pk for signal in found]

    @extend_schema_field(CaseActionOut(many=True))
    def get_actions(self, case: RiskCase) -> list[dict[str, Any]]:
        steps = sorted(case.actions.all(), key=lambda step: (step.at, step.pk))
        return list(CaseActionOut(steps, many=True).data)


class CasePageOut(serializers.Serializer[Any]):
    """One page of cases."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CaseOut(many=True)


class CaseFilterIn(serializers.Serializer[Any]):
    """How the list is narrowed."""

    uscc = serializers.CharField(required=False, max_length=18)
    status = serializers.ChoiceField(
        required=False, choices=[status.value for status in CaseStatus]
    )


class CaseIn(serializers.Serializer[Any]):
    """The signal that a case is opened from."""

    signal = serializers.UUIDField()
    reason = serializers.CharField(max_length=2000)
    loan_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class CaseActionIn(serializers.Serializer[Any]):
    """One step; `amount` in yuan where it has one."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in CaseActionKind])
    text = serializers.CharField(max_length=2000)
    amount = serializers.DecimalField(
        max_digits=18, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )


class CaseClosingIn(serializers.Serializer[Any]):
    """What came of a case."""

    result = serializers.CharField(max_length=2000)


FILTERS = [
    OpenApiParameter("uscc", str),
    OpenApiParameter("status", str, enum=[status.value for status in CaseStatus]),
    OpenApiParameter("limit", int, description="Rows a page, 1 to 1,000; 50 unless said."),
    OpenApiParameter("cursor", str, description="From the links of a page."),
]


class CaseViewSet(TenantViewSet):
    """Cases of the caller's bank."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "risk.case.view",
        "create": "risk.case.write",
        "retrieve": "risk.case.view",
        "act": "risk.case.write",
        "confirm": "risk.exposure.freeze",
        "close": "risk.case.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="cases_list", parameters=FILTERS, responses=CasePageOut)
    def list(self, request: Request) -> Response:
        asked = CaseFilterIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        rows = selectors.matching(
            uscc=asked.validated_data.get("uscc"),
            status=asked.validated_data.get("status"),
            actor=self.actor,
        )
        return self.paginate(rows, CaseOut, ordering=("-opened_at", "-pk"))

    @extend_schema(operation_id="cases_retrieve", responses=CaseOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return self._detail(pk)

    @extend_schema(operation_id="cases_open", request=CaseIn, responses={201: CaseOut})
    def create(self, request: Request) -> Response:
        asked = CaseIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        case = cases.open_(
            given["signal"],
            reason=given["reason"],
            loan_id=given["loan_id"],
            actor=self.actor,
            at=timezone.now(),
        )
        return self._detail(case.pk, status=201)

    @extend_schema(operation_id="cases_act", request=CaseActionIn, responses={201: CaseActionOut})
    @action(detail=True, methods=["post"], url_path="actions")
    def act(self, request: Request, pk: UUID) -> Response:
        asked = CaseActionIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        step = cases.act(
            pk,
            kind=CaseActionKind(given["kind"]),
            text=given["text"],
            amount=given["amount"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(CaseActionOut(step).data, status=201)

    @extend_schema(operation_id="cases_confirm", request=None, responses=CaseActionOut)
    @action(detail=True, methods=["post"], url_path="actions/<uuid:action_id>/confirm")
    def confirm(self, request: Request, pk: UUID, action_id: UUID) -> Response:
        step = cases.confirm(pk, action_id, actor=self.actor, at=timezone.now())
        return Response(CaseActionOut(step).data)

    @extend_schema(operation_id="cases_close", request=CaseClosingIn, responses=CaseOut)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: UUID) -> Response:
        asked = CaseClosingIn(data=request.data)
        asked.is_valid(raise_exception=True)
        cases.close(pk, result=asked.validated_data["result"], actor=self.actor, at=timezone.now())
        return self._detail(pk)

    def _detail(self, case_id: UUID, *, status: int = 200) -> Response:
        case = selectors.get(case_id, actor=self.actor)
        return Response(CaseOut(case).data, status=status)
