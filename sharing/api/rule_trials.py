"""Cross rules tried on every stored profile before they are adopted, for programs."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.jobs.models import Job, JobState
from qfce.kernel.jobs.selectors import share_done
from sharing.selectors import rule_trials as selectors
from sharing.services import rule_trials


class RuleTrialIn(serializers.Serializer[None]):
    """Which rule of which version; the version may be a draft of the caller's."""

    factor_list = serializers.CharField(max_length=40)
    version = serializers.IntegerField(min_value=1)
    rule = serializers.CharField(max_length=20)


class RuleTrialRowOut(serializers.Serializer[Any]):
    """An enterprise that the rule would have found, with what the rule looks at."""

    uscc = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())


class RuleTrialResultOut(serializers.Serializer[Any]):
    examined = serializers.IntegerField()
    found = serializers.IntegerField()
    rows = RuleTrialRowOut(many=True, help_text="The first hundred.")


class RuleTrialOut(serializers.Serializer[Job]):
    """A trial; `result` is null until a worker is through."""

    id = serializers.UUIDField()
    factor_list = serializers.CharField(source="arguments.factor_list")
    version = serializers.IntegerField(source="arguments.list_version")
    rule = serializers.CharField(source="arguments.rule_code")
    rule_digest = serializers.CharField(
        source="arguments.rule_digest", help_text="SHA-256 of the rule that was tried."
    )
    status = serializers.ChoiceField(source="state", choices=[s.value for s in JobState])
    progress = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.SerializerMethodField()

    def get_progress(self, job: Job) -> float:
        return share_done(job)

    @extend_schema_field(RuleTrialResultOut(allow_null=True))
    def get_result(self, job: Job) -> Any:
        found = selectors.result_of(job)
        return RuleTrialResultOut(found).data if found else None


class RuleTrialViewSet(TenantViewSet):
    """Trials that the caller's organization ordered; they change nothing that is stored."""

    required: ClassVar[dict[str, str | None]] = {
        "create": selectors.VIEW,
        "retrieve": selectors.VIEW,
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="rule_trials_create", request=RuleTrialIn, responses={202: RuleTrialOut}
    )
    def create(self, request: Request) -> Response:
        """Have a rule tried on every profile of the caller's jurisdiction."""
        asked = RuleTrialIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        job = rule_trials.order(
            given["factor_list"],
            given["version"],
            given["rule"],
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(RuleTrialOut(job).data, status=202)

    @extend_schema(operation_id="rule_trials_retrieve", responses=RuleTrialOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return how far a trial is, and what it found."""
        return Response(RuleTrialOut(selectors.ordered(pk, actor=self.actor)).data)
