"""Doubts about the register, and mergers of codes by two persons."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.schema import PAGING, page_of
from qfce.kernel.api.views import TenantViewSet
from sharing.api.import_outputs import PublicationOut
from sharing.domain.duplicates import DuplicateReason, DuplicateStatus, MergeStatus
from sharing.selectors import duplicates as selectors
from sharing.services import duplicates, merges

REASONS = [reason.value for reason in DuplicateReason]
DOUBTS = [status.value for status in DuplicateStatus]
MERGES = [status.value for status in MergeStatus]


class DuplicateOut(serializers.Serializer[Any]):
    """Two codes that may be one enterprise, and why."""

    id = serializers.UUIDField()
    first = serializers.CharField()
    first_name = serializers.CharField(allow_null=True)
    second = serializers.CharField()
    second_name = serializers.CharField(allow_null=True)
    reason = serializers.ChoiceField(choices=REASONS)
    status = serializers.ChoiceField(choices=DOUBTS)
    found_at = serializers.DateTimeField()
    note = serializers.CharField()


class DismissIn(serializers.Serializer[None]):
    note = serializers.CharField(max_length=2000)


class MergeIn(serializers.Serializer[None]):
    kept = serializers.CharField(max_length=18)
    former = serializers.CharField(max_length=18)
    reason = serializers.CharField(max_length=2000)


class MergeOut(serializers.Serializer[Any]):
    """A merger of codes."""

    id = serializers.UUIDField()
    kept = serializers.CharField()
    former = serializers.CharField()
    reason = serializers.CharField()
    status = serializers.ChoiceField(choices=MERGES)
    prepared_by = serializers.UUIDField(source="prepared_by_id")
    prepared_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)
    publication = PublicationOut(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)


class DuplicateViewSet(TenantViewSet):
    """Likely duplicates: nothing is merged that no person has looked at."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.record.write",
        "dismiss": "sharing.record.write",
        "find": "sharing.record.write",
    }

    lookup_value_converter = "uuid"

    @extend_schema(
        operation_id="duplicates_list",
        parameters=[OpenApiParameter("status", str, enum=DOUBTS), *PAGING],
        responses=page_of(DuplicateOut),
    )
    def list(self, request: Request) -> Response:
        """List the doubts, those worth most first."""
        status = request.query_params.get("status")
        rows = selectors.candidates_for(actor=self.actor, status=status)
        return self.paginate(rows, DuplicateOut, ordering=("-found_at", "-pk"))

    @extend_schema(operation_id="duplicates_find", request=None, responses={202: None})
    @action(detail=False, methods=["post"])
    def find(self, request: Request) -> Response:
        """Have the register looked through now."""
        duplicates.ask(actor=self.actor)
        return Response(status=202)

    @extend_schema(operation_id="duplicates_dismiss", request=DismissIn, responses=DuplicateOut)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: UUID) -> Response:
        """Say that the two are two enterprises."""
        asked = DismissIn(data=request.data)
        asked.is_valid(raise_exception=True)
        duplicates.dismiss(
            pk, note=asked.validated_data["note"], actor=self.actor, at=timezone.now()
        )
        return Response(DuplicateOut(selectors.candidate(pk, actor=self.actor)).data)


class MergeViewSet(TenantViewSet):
    """Mergers: one person prepares, another releases; undone the same way."""

    # Releasing is judged by the service: whoever prepared one is told that it is their own.
    required: ClassVar[dict[str, str | None]] = {
        "list": "sharing.import.view",
        "retrieve": "sharing.import.view",
        "create": "sharing.record.write",
        "release": "sharing.import.view",
        "cancel": "sharing.import.view",
        "prepare_undo": "sharing.record.write",
        "undo": "sharing.import.view",
    }

    lookup_value_converter = "uuid"

    @extend_schema(operation_id="merges_list", parameters=PAGING, responses=page_of(MergeOut))
    def list(self, request: Request) -> Response:
        rows = selectors.merges_for(actor=self.actor)
        return self.paginate(rows, MergeOut, ordering=("-prepared_at", "-pk"))

    @extend_schema(operation_id="merges_retrieve", responses=MergeOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(MergeOut(selectors.merge(pk, actor=self.actor)).data)

    @extend_schema(operation_id="merges_create", request=MergeIn, responses={201: MergeOut})
    def create(self, request: Request) -> Response:
        """Prepare the merger of a former code into the one that is kept."""
        asked = MergeIn(data=request.data)
        asked.is_valid(raise_exception=True)
        merge = merges.prepare(**asked.validated_data, actor=self.actor, at=timezone.now())
        return Response(MergeOut(merge).data, status=201)

    @extend_schema(operation_id="merges_release", request=None, responses=MergeOut)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: UUID) -> Response:
        """Merge, as a second person; the former code answers with its successor from now on."""
        return Response(MergeOut(merges.release(pk, actor=self.actor, at=timezone.now())).data)

    @extend_schema(operation_id="merges_cancel", request=None, responses=MergeOut)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Drop a prepared merger, or a prepared undoing."""
        return Response(MergeOut(merges.cancel(pk, actor=self.actor, at=timezone.now())).data)

    @extend_schema(operation_id="merges_prepare_undo", request=None, responses=MergeOut)
    @action(detail=True, methods=["post"], url_path="prepare-undo")
    def prepare_undo(self, request: Request, pk: UUID) -> Response:
        """Prepare the undoing of a merger."""
        merge = merges.prepare_undo(pk, actor=self.actor, at=timezone.now())
        return Response(MergeOut(merge).data)

    @extend_schema(operation_id="merges_undo", request=None, responses=MergeOut)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: UUID) -> Response:
        """Undo a merger, as a second person."""
        return Response(MergeOut(merges.undo(pk, actor=self.actor, at=timezone.now())).data)
