"""Large files in pieces: begin, send each piece with offset and digest, then import it."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.parsing import StrictJSONParser
from qfce.kernel.api.views import TenantViewSet
from sharing import permissions
from sharing.models import FileUpload
from sharing.services import file_uploads

OFFSET = OpenApiParameter("Upload-Offset", OpenApiTypes.INT, OpenApiParameter.HEADER, required=True)
DIGEST = OpenApiParameter(
    "Upload-Sha256",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="SHA-256 of the piece, in hexadecimal.",
)


class BytesParser(BaseParser):
    """A body that is the piece itself; one that is larger than a piece is read no further."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read(file_uploads.PIECE_BYTES + 1)


class UploadIn(serializers.Serializer[None]):
    """The file that is about to come."""

    file_name = serializers.CharField(max_length=255)
    file_size = serializers.IntegerField(min_value=0, help_text="Bytes.")


class PieceIn(serializers.Serializer[None]):
    """Where a piece begins, and its digest."""

    offset = serializers.IntegerField(min_value=0)
    sha256 = serializers.RegexField(r"^[0-9A-Fa-f]{64}$")


class UploadOut(serializers.Serializer[FileUpload]):
    """How far an upload is."""

    id = serializers.UUIDField()
    file_name = serializers.CharField()
    file_size = serializers.IntegerField()
    received = serializers.IntegerField(help_text="Bytes that have arrived; go on from there.")
    piece_bytes = serializers.SerializerMethodField(help_text="The largest piece.")
    begun_at = serializers.DateTimeField()

    def get_piece_bytes(self, upload: FileUpload) -> int:
        return file_uploads.PIECE_BYTES


class UploadViewSet(TenantViewSet):
    """Files on their way in, piece by piece."""

    lookup_value_converter = "uuid"
    parser_classes = [StrictJSONParser, BytesParser]
    required = {
        "create": permissions.UPLOAD_IMPORT,
        "retrieve": permissions.UPLOAD_IMPORT,
        "update": permissions.UPLOAD_IMPORT,
    }

    @extend_schema(request=UploadIn, responses={201: UploadOut})
    def create(self, request: Request) -> Response:
        """Begin an upload, or find the one that was begun of the same file."""
        asked = UploadIn(data=request.data)
        asked.is_valid(raise_exception=True)
        upload = file_uploads.begin(**asked.validated_data, actor=self.actor, at=timezone.now())
        return Response(UploadOut(upload).data, status=201)

    @extend_schema(responses=UploadOut)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Tell how far an upload is."""
        return Response(UploadOut(file_uploads.get(pk, actor=self.actor)).data)

    @extend_schema(
        parameters=[OFFSET, DIGEST],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=UploadOut,
    )
    def update(self, request: Request, pk: UUID) -> Response:
        """Send a piece; one that has arrived already changes nothing."""
        headers = request.headers
        asked = PieceIn(
            data={"offset": headers.get("Upload-Offset"), "sha256": headers.get("Upload-Sha256")}
        )
        asked.is_valid(raise_exception=True)
        body: Any = request.data
        piece = body if isinstance(body, bytes) else b""
        upload = file_uploads.put(
            pk, piece, **asked.validated_data, actor=self.actor, at=timezone.now()
        )
        return Response(UploadOut(upload).data)
