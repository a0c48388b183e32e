"""Evaluations as a bank's officers and programs ask for them."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from evaluation.api.explanations import ExplanationOut, ReasonCodeOut, explanation_out
from evaluation.api.purposes import PURPOSES, USCC, either
from evaluation.domain.lifecycle import Cause
from evaluation.domain.scorecards import GateOutcome
from evaluation.domain.scoring import Outcome
from evaluation.models import Evaluation
from evaluation.selectors import evaluations as selectors
from evaluation.selectors import explanations
from evaluation.services import batches, evaluations
from qfce.kernel.api.jobs import JobOut, job_out
from qfce.kernel.api.views import TenantViewSet

OUTCOMES = [outcome.value for outcome in Outcome]


class EvaluationIn(serializers.Serializer[Any]):
    uscc = serializers.RegexField(USCC)
    scorecard = serializers.CharField(
        max_length=40, help_text="The scorecard's code; the version in force counts."
    )
    purpose = serializers.ChoiceField(choices=PURPOSES)
    own_facts = serializers.DictField(
        required=False,
        help_text="What the bank itself established, by item code; fills gaps only.",
    )


class EvaluationBatchIn(serializers.Serializer[Any]):
    """Enterprises by their codes, or the members of one list shared with the caller."""

    scorecard = serializers.CharField(max_length=40)
    purpose = serializers.ChoiceField(choices=PURPOSES)
    uscc = serializers.ListField(
        child=serializers.RegexField(USCC), required=False, min_length=1, max_length=batches.MOST
    )
    enterprise_list = serializers.UUIDField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return either(attrs)


class EvaluationGateOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in GateOutcome])


class EvaluationEntryOut(serializers.Serializer[Evaluation]):
    """One evaluation as lists show it."""

    id = serializers.UUIDField()
    uscc = serializers.CharField()
    scorecard = serializers.CharField(source="scorecard_version.scorecard.code")
    scorecard_version = serializers.IntegerField(source="scorecard_version.number")
    purpose = serializers.ChoiceField(choices=PURPOSES)
    as_of = serializers.DateField()
    known_at = serializers.DateTimeField()
    position = serializers.SerializerMethodField(help_text="The profile's place in the feed.")
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    score = serializers.IntegerField(allow_null=True, min_value=0, max_value=100)
    grade = serializers.CharField(allow_null=True)
    cap = serializers.DecimalField(
        max_digits=18, decimal_places=2, allow_null=True, help_text="Yuan."
    )
    gates = EvaluationGateOut(many=True)
    category_points = serializers.DictField(child=serializers.IntegerField())
    cause = serializers.ChoiceField(choices=[cause.value for cause in Cause])
    replaces = serializers.UUIDField(source="replaces_id", allow_null=True)
    created_at = serializers.DateTimeField()

    def get_position(self, evaluation: Evaluation) -> str:
        return f"{evaluation.position_number}.{evaluation.position_row}"


class EvaluationOut(EvaluationEntryOut):
    """One evaluation, with its reasons in words."""

    reasons = serializers.SerializerMethodField()
    own_facts = serializers.DictField()

    @extend_schema_field(ReasonCodeOut(many=True))
    def get_reasons(self, evaluation: Evaluation) -> Any:
        return ReasonCodeOut(explanations.texts(evaluation), many=True).data


class EvaluationPageOut(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EvaluationEntryOut(many=True)


class GradeCountOut(serializers.Serializer[selectors.GradeCount]):
    scorecard = serializers.CharField()
    grade = serializers.CharField(help_text='"none" where there is no grade.')
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    enterprises = serializers.IntegerField(min_value=0)


class PortfolioOut(serializers.Serializer[Any]):
    """The live evaluations of an organization, counted by grade."""

    counts = GradeCountOut(many=True)


class EvaluationFilterIn(serializers.Serializer[Any]):
    uscc = serializers.RegexField(USCC, required=False)
    scorecard = serializers.CharField(max_length=40, required=False)
    grade = serializers.CharField(max_length=8, required=False)
    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False)
    live = serializers.BooleanField(
        default=False, help_text="Only the newest of each enterprise and scorecard."
    )


class EvaluationViewSet(TenantViewSet):
    """Evaluations of the caller's organization."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "evaluation.evaluation.view",
        "create": "evaluation.evaluation.create",
        "retrieve": "evaluation.evaluation.view",
        "explanation": "evaluation.evaluation.view",
        "batch": "evaluation.evaluation.create",
        "portfolio": "evaluation.evaluation.view",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="evaluations_list",
        parameters=[EvaluationFilterIn],
        responses=EvaluationPageOut,
    )
    def list(self, request: Request) -> Response:
        asked = EvaluationFilterIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = selectors.list_for(actor=self.actor, **asked.validated_data)
        return self.paginate(found, EvaluationEntryOut, ordering=("-created_at", "-pk"))

    @extend_schema(
        operation_id="evaluations_create", request=EvaluationIn, responses={201: EvaluationOut}
    )
    def create(self, request: Request) -> Response:
        asked = EvaluationIn(data=request.data)
        asked.is_valid(raise_exception=True)
        evaluation = evaluations.evaluate(
            **asked.validated_data, actor=self.actor, at=timezone.now()
        )
        return Response(EvaluationOut(evaluation).data, status=201)

    @extend_schema(operation_id="evaluations_retrieve", responses=EvaluationOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(EvaluationOut(selectors.get(pk, actor=self.actor)).data)

    @extend_schema(operation_id="evaluations_explanation", responses=ExplanationOut)
    @action(detail=True, methods=["get"])
    def explanation(self, request: Request, pk: UUID) -> Response:
        found = explanations.explanation(pk, actor=self.actor, at=timezone.now())
        return Response(ExplanationOut(explanation_out(found)).data)

    @extend_schema(
        operation_id="evaluations_batch", request=EvaluationBatchIn, responses={202: JobOut}
    )
    @action(detail=False, methods=["post"])
    def batch(self, request: Request) -> Response:
        asked = EvaluationBatchIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        job = batches.evaluate_batch(
            scorecard=given["scorecard"],
            purpose=given["purpose"],
            usccs=given.get("uscc", ()),
            enterprise_list_id=given.get("enterprise_list"),
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(JobOut(job_out(job)).data, status=202)

    @extend_schema(
        operation_id="evaluations_portfolio",
        parameters=[OpenApiParameter("scorecard", str)],
        responses=PortfolioOut,
    )
    @action(detail=False, methods=["get"])
    def portfolio(self, request: Request) -> Response:
        counts = selectors.portfolio(
            actor=self.actor, scorecard=request.query_params.get("scorecard", "")
        )
        return Response(PortfolioOut({"counts": counts}).data)
