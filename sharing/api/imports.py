"""Imports as bureaus and their programs bring them in, look at them and release them."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.parsing import StrictJSONParser, check_storable
from sharing import permissions
from sharing.api.import_outputs import (
    MODES,
    STATUSES,
    FindingOut,
    FindingPageOut,
    ImportOut,
    ImportPageOut,
    ImportWholeOut,
    StartedOut,
    context_of,
)
from sharing.api.import_rows import MendingActions
from sharing.domain.import_lifecycle import ImportMode
from sharing.selectors import imports as selectors
from sharing.services import file_uploads, imports, stored_files

MOST_REMOVALS = 2**31 - 1


class ImportIn(serializers.Serializer[None]):
    """A file of enterprises, and how it is meant."""

    file = serializers.FileField(allow_empty_file=True, required=False)
    upload = serializers.UUIDField(
        required=False, help_text="In place of the file: an upload of which every byte is there."
    )
    factor_list = serializers.CharField(max_length=40)
    mode = serializers.ChoiceField(choices=MODES)
    mapping = serializers.JSONField(
        required=False, help_text="Header text to field key, such as QF-17 or QF-17|valid_to."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("file" in given) == ("upload" in given):
            raise serializers.ValidationError({"file": [_("Give a file, or an upload.")]})
        return given

    def validate_mapping(self, given: Any) -> dict[str, str]:
        if not isinstance(given, dict) or not all(isinstance(key, str) for key in given.values()):
            raise serializers.ValidationError(_("Give an object of header text to field key."))
        try:
            check_storable(given)  # a form's text is read as JSON here, past the parser of bodies
        except ParseError as refusal:
            raise serializers.ValidationError(str(refusal.detail)) from None
        return given


class ReleaseIn(serializers.Serializer[None]):
    """What a releaser agrees to beside the file itself."""

    leave_out_errors = serializers.BooleanField(default=False)
    confirm_removals = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_REMOVALS, default=None
    )


class ImportViewSet(MendingActions):
    """Files of enterprises on their way into the ledger."""

    lookup_value_converter = "uuid"
    parser_classes = [MultiPartParser, StrictJSONParser]
    required = {
        **MendingActions.required,
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
            file: UploadedFile[Any] | None = self.asked.get("file")
            if file is not None:
                self.stored = stored_files.store(file.chunks(), name=file.name or "")
        return super()._answer(request, handler, *args, **kwargs)

    @extend_schema(request={"multipart/form-data": ImportIn}, responses={202: StartedOut})
    def create(self, request: Request) -> Response:
        """Upload a file; it is checked, and nothing is visible yet."""
        if "upload" in self.asked:
            self.stored = file_uploads.take(self.asked["upload"], actor=self.actor)
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
            batches, ImportOut, ordering=("-received_at", "-pk"), context=context_of(request)
        )

    @extend_schema(operation_id="imports_retrieve", responses=ImportWholeOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Tell how far an import is, and what was found."""
        batch = selectors.get(pk, actor=self.actor)
        return Response(ImportWholeOut(batch, context=context_of(request)).data)

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
        return self.paginate(found, FindingOut, ordering="pk", context=context_of(request))

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
