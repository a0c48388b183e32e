"""Background work, as whoever asked for it sees it."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.jobs import selectors
from qfce.kernel.jobs.models import Job, JobState


class JobOut(serializers.Serializer[Any]):
    """One piece of background work."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    status = serializers.ChoiceField(choices=[state.value for state in JobState])
    phase = serializers.CharField(allow_blank=True)
    progress = serializers.FloatField(min_value=0, max_value=1)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    result = serializers.JSONField()


def job_out(job: Job) -> dict[str, Any]:
    """Return a job as the API shows it; its trace stays with the operator."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "status": job.state,
        "phase": job.phase,
        "progress": selectors.share_done(job),
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "result": job.result,
    }


class JobViewSet(TenantViewSet):
    """Jobs of the caller's organisation."""

    lookup_value_converter = "uuid"
    required: ClassVar[dict[str, str | None]] = {"retrieve": "jobs.job.view"}

    @extend_schema(operation_id="jobs_retrieve", responses=JobOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(JobOut(job_out(selectors.get(pk, actor=self.actor))).data)
