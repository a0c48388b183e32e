"""Lists as files, for programs: taken home in four forms, and brought back as drafts."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from factors.api.factor_lists import LANGUAGE, PLACE, SCHEMA_JSON, TemplateIn
from factors.domain import interchange, printed_docx, table_schema
from factors.domain.interchange import Form
from factors.permissions import EDIT, VIEW
from factors.selectors import factor_lists as selectors
from factors.selectors import printed
from factors.services import interchange as services
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.rows import NoSuchRecord

PDF = "application/pdf"


def form_of(forms: Iterable[str]) -> OpenApiParameter:
    return OpenApiParameter("form", str, OpenApiParameter.PATH, enum=[str(form) for form in forms])


FORMS: dict[tuple[int, str], Any] = {
    (200, media): OpenApiResponse(OpenApiTypes.BINARY)
    for media in sorted({media.split(";")[0] for media in interchange.MEDIA_TYPES.values()})
}


class ListFileIn(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="xlsx, csv, yaml or json, as its name says.")
    digest = serializers.CharField(
        required=False, default="", help_text="Of the draft that is replaced; left out, begin one."
    )
    unfinished = serializers.BooleanField(
        required=False, default=False, help_text="Take a list that cannot work yet."
    )


class ImportedDraftOut(serializers.Serializer[Any]):
    """The draft that now says what the file says."""

    code = serializers.CharField()
    number = serializers.IntegerField(min_value=1)
    status = serializers.CharField()
    digest = serializers.CharField()
    effective_from = serializers.DateField()


class ListFileViewSet(TenantViewSet):
    """One version as a file, and a draft from a file."""

    required: ClassVar[dict[str, str | None]] = {
        "export": VIEW,
        "printed": VIEW,
        "table_schema": VIEW,
        "create": EDIT,
    }
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="factor_list_versions_export",
        parameters=[*PLACE, form_of(Form)],
        responses=FORMS,
    )
    def export(self, request: Request, code: str, number: int, form: str) -> HttpResponse:
        version = selectors.version(code, number, actor=self.actor)
        wanted = Form(_known(form, [each.value for each in Form]))
        body = interchange.write(selectors.content(version).to_document(), wanted)
        return attached(body, interchange.MEDIA_TYPES[wanted], f"{code}-{number}.list.{form}")

    @extend_schema(
        operation_id="factor_list_versions_printed",
        parameters=[*PLACE, form_of(printed.MEDIA_TYPES), LANGUAGE],
        responses={
            (200, PDF): OpenApiResponse(OpenApiTypes.BINARY),
            (200, printed_docx.DOCX): OpenApiResponse(OpenApiTypes.BINARY),
        },
    )
    def printed(self, request: Request, code: str, number: int, form: str) -> HttpResponse:
        asked = TemplateIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        version = selectors.version(code, number, actor=self.actor)
        language = asked.validated_data["language"]
        body, media = printed.of(version, _known(form, printed.MEDIA_TYPES), language)
        return attached(body, media, f"{code}-{number}-{language}.{form}")

    @extend_schema(
        operation_id="factor_list_versions_table_schema",
        parameters=[*PLACE, LANGUAGE],
        responses={(200, SCHEMA_JSON): OpenApiResponse(OpenApiTypes.OBJECT)},
    )
    def table_schema(self, request: Request, code: str, number: int) -> Response:
        asked = TemplateIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        version = selectors.version(code, number, actor=self.actor)
        described = table_schema.table_schema(
            selectors.content(version), asked.validated_data["language"]
        )
        return Response(described, content_type=SCHEMA_JSON)

    @extend_schema(
        operation_id="factor_lists_import",
        request={"multipart/form-data": ListFileIn},
        responses={201: ImportedDraftOut},
    )
    def create(self, request: Request) -> Response:
        given = ListFileIn(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        version = services.import_draft(
            told["file"].read(interchange.MEGABYTES * 1024 * 1024 + 1),
            file_name=told["file"].name,
            digest=told["digest"],
            unfinished=told["unfinished"],
            actor=self.actor,
            at=timezone.now(),
        )
        said = {
            "code": version.factor_list.code,
            "number": version.number,
            "status": version.status,
            "digest": version.digest,
            "effective_from": version.effective_from,
        }
        return Response(ImportedDraftOut(said).data, status=201)


def _known(form: str, forms: Iterable[str]) -> str:
    if form not in forms:
        raise NoSuchRecord(f"No version comes as {form}.", hint=f"There are {', '.join(forms)}.")
    return form


def attached(body: bytes, media: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(body, content_type=media, headers={"Content-Disposition": disposition})
