"""Single changes of a record: prepared by one person, released by another."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.views import TenantViewSet
from sharing.api.import_outputs import PublicationOut
from sharing.domain.import_lifecycle import Cause, ChangeKind, RecordChangeStatus
from sharing.models import RecordChange
from sharing.selectors import records as selectors
from sharing.services import records

STATUSES = [status.value for status in RecordChangeStatus]
KINDS = sorted({kind.value for kinds in records.KINDS.values() for kind in kinds})
CAUSES = sorted(cause.value for cause in records.KINDS)


class RecordChangeIn(serializers.Serializer[None]):
    """A change to prepare. Values are canonical; null where there is none any more."""

    uscc = serializers.CharField(max_length=18)
    factor_list = serializers.CharField(max_length=40)
    cause = serializers.ChoiceField(choices=CAUSES)
    kind = serializers.ChoiceField(
        choices=KINDS, required=False, help_text="Left out: what the cause suggests."
    )
    changes = serializers.DictField(child=serializers.JSONField(allow_null=True))
    details = serializers.DictField(child=serializers.DictField(), required=False)
    reason = serializers.CharField(max_length=2000, help_text="For the audit; never sent on.")


class RecordChangeOut(serializers.Serializer[RecordChange]):
    """A prepared or released change."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=STATUSES)
    uscc = serializers.CharField()
    factor_list = serializers.CharField()
    cause = serializers.ChoiceField(choices=CAUSES)
    kind = serializers.ChoiceField(choices=KINDS)
    changes = serializers.DictField(child=serializers.JSONField(allow_null=True))
    details = serializers.DictField(child=serializers.DictField())
    reason = serializers.CharField()
    prepared_by = serializers.UUIDField(source="prepared_by_id")
    prepared_at = serializers.DateTimeField()
    released_by = serializers.UUIDField(source="released_by_id", allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    publication = PublicationOut(allow_null=True)


class RecordChangePageOut(serializers.Serializer[Any]):
    """One page of changes."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = RecordChangeOut(many=True)


class RecordChangeViewSet(TenantViewSet):
    """Corrections, re-verifications and withdrawals, one enterprise at a time."""

    # Releasing is judged by the service: whoever prepared a change is told that it is their own.
    required: ClassVar[dict[str, str | None]] = {
        "create": "sharing.record.write",
        "list": "sharing.import.view",
        "retrieve": "sharing.import.view",
        "release": "sharing.import.view",
        "cancel": "sharing.import.view",
    }

    lookup_value_converter = "uuid"

    @extend_schema(request=RecordChangeIn, responses={201: RecordChangeOut})
    def create(self, request: Request) -> Response:
        """Prepare a change; nothing is visible before another person releases it."""
        asked = RecordChangeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        kind = given.pop("kind", None)
        change = records.prepare(
            given.pop("uscc"),
            cause=Cause(given.pop("cause")),
            kind=ChangeKind(kind) if kind else None,
            **given,
            actor=self.actor,
            at=timezone.now(),
        )
        return Response(RecordChangeOut(change).data, status=201)

    @extend_schema(
        operation_id="record_changes_list",
        parameters=[
            OpenApiParameter("status", OpenApiTypes.STR, enum=STATUSES),
            OpenApiParameter("uscc", OpenApiTypes.STR),
        ],
        responses=RecordChangePageOut,
    )
    def list(self, request: Request) -> Response:
        """List the changes of the caller's organization and of those below it, newest first."""
        changes = selectors.changes_for(
            actor=self.actor,
            status=request.query_params.get("status"),
            uscc=request.query_params.get("uscc"),
        )
        return self.paginate(changes, RecordChangeOut, ordering=("-prepared_at", "-pk"))

    @extend_schema(operation_id="record_changes_retrieve", responses=RecordChangeOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return one change."""
        return Response(RecordChangeOut(selectors.get_change(pk, actor=self.actor)).data)

    @extend_schema(request=None, responses=RecordChangeOut)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: UUID) -> Response:
        """Publish a prepared change, as a second person."""
        change = records.release(pk, actor=self.actor, at=timezone.now())
        return Response(RecordChangeOut(change).data)

    @extend_schema(request=None, responses=RecordChangeOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Drop a change that is not released."""
        change = records.cancel(pk, actor=self.actor, at=timezone.now())
        return Response(RecordChangeOut(change).data)
