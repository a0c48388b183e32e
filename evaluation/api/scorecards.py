"""Scorecards as their owners write, try, approve and read them."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from evaluation.api.purposes import PURPOSES, USCC, either
from evaluation.domain.lifecycle import ScorecardStatus
from evaluation.domain.scorecards import Pattern
from evaluation.domain.scoring import Outcome
from evaluation.models import ScorecardVersion
from evaluation.selectors import populations
from evaluation.selectors import scorecards as selectors
from evaluation.services import scorecard_carrying, scorecards, simulations
from qfce.kernel.api.fields import DayField
from qfce.kernel.api.views import TenantViewSet


class ScorecardIn(serializers.Serializer[Any]):
    """A scorecard document; see the guide for its form."""

    document = serializers.DictField(help_text="The whole model, as one JSON document.")


class ScorecardApprovalIn(serializers.Serializer[Any]):
    effective_from = DayField(
        required=False, help_text="The first day it counts; today unless said."
    )


class ScorecardReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class ScorecardSimulationIn(serializers.Serializer[Any]):
    """What to try a card on: enterprises by their codes, or the members of a list."""

    uscc = serializers.ListField(
        child=serializers.RegexField(USCC), required=False, min_length=1, max_length=10_000
    )
    enterprise_list = serializers.UUIDField(required=False)
    purpose = serializers.ChoiceField(choices=PURPOSES, default="pre_loan")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return either(attrs)


class ScorecardCarryIn(serializers.Serializer[Any]):
    list_version = serializers.IntegerField(
        required=False, min_value=1, help_text="The one published last unless said."
    )


class ScorecardOut(serializers.Serializer[ScorecardVersion]):
    """One version of a scorecard, without its document."""

    id = serializers.UUIDField()
    code = serializers.CharField(source="scorecard.code")
    number = serializers.IntegerField(min_value=1)
    status = serializers.ChoiceField(choices=[status.value for status in ScorecardStatus])
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    pattern = serializers.ChoiceField(choices=[pattern.value for pattern in Pattern])
    factor_list = serializers.CharField()
    list_version = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 of the canonical document (RFC 8785).")
    effective_from = serializers.DateField(allow_null=True)
    prepared_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    return_reason = serializers.CharField(allow_null=True)
    withdrawal_reason = serializers.CharField(allow_null=True)


class ScorecardDetailOut(ScorecardOut):
    """One version of a scorecard with everything it says."""

    document = serializers.DictField()


class ScorecardPageOut(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ScorecardOut(many=True)


class SimulationLineOut(serializers.Serializer[simulations.Line]):
    uscc = serializers.CharField()
    score = serializers.IntegerField(allow_null=True)
    grade = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    was = serializers.CharField(
        allow_null=True, help_text="The grade by the version in force; null where there is none."
    )


class SimulationOut(serializers.Serializer[simulations.Simulation]):
    """The distribution that a card gives; nothing of it is stored."""

    scored = serializers.IntegerField(min_value=0)
    left_out = serializers.DictField(
        child=serializers.IntegerField(), help_text="By answer: what too little is shared of."
    )
    mean_score = serializers.FloatField(allow_null=True)
    grades = serializers.DictField(child=serializers.IntegerField())
    outcomes = serializers.DictField(child=serializers.IntegerField())
    gates = serializers.DictField(child=serializers.IntegerField())
    lines = SimulationLineOut(many=True)


class ScorecardViewSet(TenantViewSet):
    """Scorecards of the caller's organization; every id is that of one version."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "evaluation.scorecard.view",
        "create": "evaluation.scorecard.write",
        "retrieve": "evaluation.scorecard.view",
        "update": "evaluation.scorecard.write",
        "submit": "evaluation.scorecard.write",
        "carry": "evaluation.scorecard.write",
        "approve": "evaluation.scorecard.approve",
        "send_back": "evaluation.scorecard.approve",
        "withdraw": "evaluation.scorecard.approve",
        "simulate": "evaluation.evaluation.create",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="scorecards_list",
        parameters=[
            OpenApiParameter("code", str),
            OpenApiParameter("status", str, enum=[status.value for status in ScorecardStatus]),
        ],
        responses=ScorecardPageOut,
    )
    def list(self, request: Request) -> Response:
        found = selectors.list_for(
            actor=self.actor,
            code=request.query_params.get("code", ""),
            status=request.query_params.get("status", ""),
        )
        return self.paginate(found, ScorecardOut, ordering=("-prepared_at", "-pk"))

    @extend_schema(
        operation_id="scorecards_create",
        request=ScorecardIn,
        responses={201: ScorecardDetailOut},
    )
    def create(self, request: Request) -> Response:
        version = scorecards.create(_document(request), actor=self.actor, at=timezone.now())
        return Response(ScorecardDetailOut(version).data, status=201)

    @extend_schema(operation_id="scorecards_retrieve", responses=ScorecardDetailOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(ScorecardDetailOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(
        operation_id="scorecards_revise", request=ScorecardIn, responses=ScorecardDetailOut
    )
    def update(self, request: Request, pk: UUID) -> Response:
        version = scorecards.revise(pk, _document(request), actor=self.actor, at=timezone.now())
        return Response(ScorecardDetailOut(version).data)

    @extend_schema(operation_id="scorecards_submit", request=None, responses=ScorecardOut)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: UUID) -> Response:
        version = scorecards.submit(pk, actor=self.actor, at=timezone.now())
        return Response(ScorecardOut(version).data)

    @extend_schema(
        operation_id="scorecards_carry",
        request=ScorecardCarryIn,
        responses={201: ScorecardDetailOut},
    )
    @action(detail=True, methods=["post"])
    def carry(self, request: Request, pk: UUID) -> Response:
        """Draft a published card for a newer version of its list; `carried` says what was left."""
        asked = ScorecardCarryIn(data=request.data)
        asked.is_valid(raise_exception=True)
        draft = scorecard_carrying.carry(
            pk, **asked.validated_data, actor=self.actor, at=timezone.now()
        )
        return Response(ScorecardDetailOut(draft).data, status=201)

    @extend_schema(
        operation_id="scorecards_approve", request=ScorecardApprovalIn, responses=ScorecardOut
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: UUID) -> Response:
        asked = ScorecardApprovalIn(data=request.data)
        asked.is_valid(raise_exception=True)
        version = scorecards.approve(
            pk, actor=self.actor, at=timezone.now(), **asked.validated_data
        )
        return Response(ScorecardOut(version).data)

    @extend_schema(
        operation_id="scorecards_return", request=ScorecardReasonIn, responses=ScorecardOut
    )
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def send_back(self, request: Request, pk: UUID) -> Response:
        version = scorecards.return_(
            pk, reason=_reason(request), actor=self.actor, at=timezone.now()
        )
        return Response(ScorecardOut(version).data)

    @extend_schema(
        operation_id="scorecards_withdraw", request=ScorecardReasonIn, responses=ScorecardOut
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: UUID) -> Response:
        version = scorecards.withdraw(
            pk, reason=_reason(request), actor=self.actor, at=timezone.now()
        )
        return Response(ScorecardOut(version).data)

    @extend_schema(
        operation_id="scorecards_simulate", request=ScorecardSimulationIn, responses=SimulationOut
    )
    @action(detail=True, methods=["post"])
    def simulate(self, request: Request, pk: UUID) -> Response:
        asked = ScorecardSimulationIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        at = timezone.now()
        usccs = given.get("uscc") or populations.members(given["enterprise_list"], actor=self.actor)
        found = simulations.simulate(pk, usccs, purpose=given["purpose"], actor=self.actor, at=at)
        return Response(SimulationOut(found).data)


def _document(request: Request) -> dict[str, Any]:
    """A document may come by itself, without the member that names it."""
    sent = request.data
    if isinstance(sent, dict) and "binds" in sent and "document" not in sent:
        sent = {"document": sent}
    asked = ScorecardIn(data=sent)
    asked.is_valid(raise_exception=True)
    document: dict[str, Any] = asked.validated_data["document"]
    return document


def _reason(request: Request) -> str:
    asked = ScorecardReasonIn(data=request.data)
    asked.is_valid(raise_exception=True)
    reason: str = asked.validated_data["reason"]
    return reason
