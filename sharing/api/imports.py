"""Imports as bureaus and their programs bring them in, look at them and release them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language_from_request
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.parsing import StrictJSONParser
from qfce.kernel.api.views import TenantViewSet
from sharing import permissions
from sharing.domain.findings import message
from sharing.domain.import_lifecycle import ImportMode, ImportStatus
from sharing.domain.unreadable import REASONS
from sharing.models import ImportBatch, ImportFinding
from sharing.selectors import imports as selectors
from sharing.services import imports, stored_files

STATUSES = [status.value for status in ImportStatus]
MODES = [mode.value for mode in ImportMode]
LANGUAGE_CONTEXT = "language"


class ImportIn(serializers.Serializer[None]):
    """A file of enterprises, and how it is meant."""

    file = serializers.FileField(allow_empty_file=True)
    factor_list = serializers.CharField(max_length=40)
    mode = serializers.ChoiceField(choices=MODES)
    mapping = serializers.JSONField(
        required=False, help_text="Header text to field key, such as QF-17 or QF-17|valid_to."
    )

    def validate_mapping(self, given: Any) -> dict[str, str]:
        if not isinstance(given, dict) or not all(isinstance(key, str) for key in given.values()):
            raise serializers.ValidationError("Give an object of header text to field key.")
        return given


class ReleaseIn(serializers.Serializer[None]):
    """What a releaser agrees to beside the file itself."""

    leave_out_errors = serializers.BooleanField(default=False)
    confirm_removals = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, default=None
    )


class StartedOut(serializers.Serializer[ImportBatch]):
    """An import that a worker is about to work on."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=STATUSES)
    progress = serializers.SerializerMethodField()

    def get_progress(self, batch: ImportBatch) -> float:
        return selectors.progress(batch)


class RowsOut(serializers.Serializer[ImportBatch]):
    """Rows of the file: total = valid + invalid, valid = new + changed + unchanged."""

    total = serializers.IntegerField(source="rows_total")
    valid = serializers.IntegerField(source="rows_valid")
    invalid = serializers.IntegerField(source="rows_invalid")
    new = serializers.IntegerField(source="rows_new")
    changed = serializers.IntegerField(source="rows_changed")
    unchanged = serializers.IntegerField(source="rows_unchanged")


class FindingCountsOut(serializers.Serializer[ImportBatch]):
    """Exact numbers of findings, together and by code."""

    errors = serializers.IntegerField(source="error_count")
    warnings = serializers.IntegerField(source="warning_count")
    by_code = serializers.DictField(child=serializers.IntegerField(), source="finding_counts")


class RefusalOut(serializers.Serializer[Any]):
    """Why an import failed, or went back for release."""

    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)


class PublicationOut(serializers.Serializer[Any]):
    """A publication's place in the feed."""

    number = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()
    rows = serializers.IntegerField()
    digest = serializers.CharField()


class ImportOut(StartedOut):
    """An import, whole."""

    owner = serializers.UUIDField(source="owner_id")
    factor_list = serializers.CharField()
    list_version = serializers.IntegerField()
    mode = serializers.ChoiceField(choices=MODES)
    file_name = serializers.CharField()
    file_size = serializers.IntegerField(help_text="Bytes.")
    file_sha256 = serializers.CharField()
    mapping = serializers.DictField(child=serializers.CharField())
    rows = RowsOut(source="*")
    findings = FindingCountsOut(source="*")
    regularized = serializers.DictField(child=serializers.IntegerField())
    removals = serializers.IntegerField(
        help_text="Enterprises that a full file takes off the list."
    )
    listed_before = serializers.IntegerField()
    refusal = serializers.SerializerMethodField()
    received_at = serializers.DateTimeField()
    checked_at = serializers.DateTimeField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    uploaded_by = serializers.UUIDField(source="uploaded_by_id")
    released_by = serializers.UUIDField(source="released_by_id", allow_null=True)
    publication = PublicationOut(allow_null=True)
    undo_publication = PublicationOut(allow_null=True)

    @extend_schema_field(RefusalOut(allow_null=True))
    def get_refusal(self, batch: ImportBatch) -> dict[str, str] | None:
        if not batch.refusal_code:
            return None
        kept, chinese = batch.refusal, _is_chinese(self.context)
        return {
            "code": batch.refusal_code,
            "message": kept.get("zh" if chinese else "en") or kept.get("en", ""),
            "hint": kept.get("hint", ""),
        }


class ImportPageOut(serializers.Serializer[Any]):
    """One page of imports."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ImportOut(many=True)


class FindingOut(serializers.Serializer[ImportFinding]):
    """What a check found at one place of the file."""

    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=["error", "warning"])
    message = serializers.SerializerMethodField()
    value = serializers.CharField(allow_null=True)
    suggestion = serializers.CharField(allow_null=True)

    def get_message(self, finding: ImportFinding) -> str:
        chinese = _is_chinese(self.context)
        if finding.code in REASONS:
            return REASONS[finding.code][0 if chinese else 1]
        return message(finding.code, finding.params, "zh" if chinese else "en")


class FindingPageOut(serializers.Serializer[Any]):
    """One page of findings."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = FindingOut(many=True)


class ImportViewSet(TenantViewSet):
    """Files of enterprises on their way into the ledger."""

    lookup_value_converter = "uuid"
    parser_classes = [MultiPartParser, StrictJSONParser]
    required = {
        "create": permissions.UPLOAD_IMPORT,
        "list": permissions.VIEW_IMPORT,
        "retrieve": permissions.VIEW_IMPORT,
        "errors": permissions.VIEW_IMPORT,
        "publish": permissions.VIEW_IMPORT,
        "undo": permissions.VIEW_IMPORT,
        "cancel": permissions.VIEW_IMPORT,
    }
    stored: stored_files.StoredFile

    def _answer(self, request: Request, handler: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Bring the upload to its place before any transaction is opened."""
        if self.action == "create":
            asked = ImportIn(data=request.data)
            asked.is_valid(raise_exception=True)
            self.asked = asked.validated_data
            file: UploadedFile[Any] = self.asked.pop("file")
            self.stored = stored_files.store(file.chunks(), name=file.name or "")
        return super()._answer(request, handler, *args, **kwargs)

    @extend_schema(request={"multipart/form-data": ImportIn}, responses={202: StartedOut})
    def create(self, request: Request) -> Response:
        """Upload a file; it is checked, and nothing is visible yet."""
        batch = imports.receive(
            self.stored,
            factor_list=self.asked["factor_list"],
            mode=ImportMode(self.asked["mode"]),
            mapping=self.asked.get("mapping"),
            actor=self.actor,
            at=timezone.now(),
        )
        location = request.build_absolute_uri(f"/api/v1/imports/{batch.pk}/")
        return Response(StartedOut(batch).data, status=202, headers={"Location": location})

    @extend_schema(
        operation_id="imports_list",
        parameters=[OpenApiParameter("status", OpenApiTypes.STR, enum=STATUSES)],
        responses=ImportPageOut,
    )
    def list(self, request: Request) -> Response:
        """List the imports of the caller's organization and of those below it, newest first."""
        status = request.query_params.get("status")
        batches = selectors.list_for(actor=self.actor, status=status)
        return self.paginate(
            batches, ImportOut, ordering=("-received_at", "-pk"), context=_context(request)
        )

    @extend_schema(operation_id="imports_retrieve", responses=ImportOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Tell how far an import is, and what was found."""
        batch = selectors.get(pk, actor=self.actor)
        return Response(ImportOut(batch, context=_context(request)).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("code", OpenApiTypes.STR),
            OpenApiParameter("severity", OpenApiTypes.STR, enum=["error", "warning"]),
        ],
        responses=FindingPageOut,
    )
    @action(detail=True, methods=["get"])
    def errors(self, request: Request, pk: UUID) -> Response:
        """List all findings by row, column and code."""
        found = selectors.findings(
            pk,
            code=request.query_params.get("code"),
            severity=request.query_params.get("severity"),
            actor=self.actor,
        )
        return self.paginate(found, FindingOut, ordering="pk", context=_context(request))

    @extend_schema(request=ReleaseIn, responses={202: StartedOut})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: UUID) -> Response:
        """Release a checked import, as a second person."""
        asked = ReleaseIn(data=request.data)
        asked.is_valid(raise_exception=True)
        batch = imports.release(pk, **asked.validated_data, actor=self.actor, at=timezone.now())
        return Response(StartedOut(batch).data, status=202)

    @extend_schema(request=None, responses={202: StartedOut})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: UUID) -> Response:
        """Take a published import back, as a second person."""
        batch = imports.undo(pk, actor=self.actor, at=timezone.now())
        return Response(StartedOut(batch).data, status=202)

    @extend_schema(request=None, responses={202: StartedOut})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Stop an import that is not published."""
        batch = imports.cancel(pk, actor=self.actor, at=timezone.now())
        return Response(StartedOut(batch).data, status=202)


def _context(request: Request) -> dict[str, Any]:
    return {LANGUAGE_CONTEXT: get_language_from_request(request)}


def _is_chinese(context: Mapping[str, Any]) -> bool:
    return not str(context.get(LANGUAGE_CONTEXT, "zh")).startswith("en")
