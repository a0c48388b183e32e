"""Factor lists as banks, bureaus and their programs read them."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from factors.api.items import CrossRuleOut, FactorCategoryOut, ItemOut
from factors.domain import record_schema
from factors.domain.list_versions import VersionStatus
from factors.domain.workbook_template import WORDS, workbook
from factors.models import FactorListVersion
from factors.selectors import factor_lists as selectors
from qfce.kernel.api.views import TenantViewSet
from qfce.kernel.calendar import business_day

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCHEMA_JSON = "application/schema+json"
STATUSES = [status.value for status in VersionStatus]


class FactorListVersionEntryOut(serializers.Serializer[selectors.VersionEntry]):
    """One version of a list, without its items."""

    id = serializers.UUIDField()
    number = serializers.IntegerField(min_value=1)
    status = serializers.ChoiceField(choices=STATUSES)
    digest = serializers.CharField(help_text="SHA-256 of the canonical document (RFC 8785).")
    effective_from = serializers.DateField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)


class FactorListOut(serializers.Serializer[selectors.ListEntry]):
    """A list, and those of its versions that the caller sees, newest first."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    region = serializers.CharField()
    owner_id = serializers.UUIDField()
    in_force = serializers.IntegerField(
        allow_null=True, help_text="The number of the version that counts today."
    )
    versions = FactorListVersionEntryOut(many=True)


class FactorListPageOut(serializers.Serializer[Any]):
    """One page of lists."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = FactorListOut(many=True)


class FactorListVersionOut(serializers.Serializer[Any]):
    """One version of a list with everything it says, in Chinese and in English."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    number = serializers.IntegerField(min_value=1)
    status = serializers.ChoiceField(choices=STATUSES)
    digest = serializers.CharField()
    effective_from = serializers.DateField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    region = serializers.CharField()
    categories = FactorCategoryOut(many=True)
    items = ItemOut(many=True)
    rules = CrossRuleOut(many=True, help_text="What imports check between items.")
    report_rules = CrossRuleOut(many=True, help_text="Doubts for the data-quality report alone.")
    migration = serializers.JSONField(
        required=False, help_text="How records of the version before become records of this one."
    )


PLACE = [
    OpenApiParameter("code", str, OpenApiParameter.PATH, description="Such as ZJ-QFCE."),
    OpenApiParameter("number", int, OpenApiParameter.PATH, description="From 1."),
]
ON = OpenApiParameter("on", date, description="Also refuse days that lie ahead of this one.")
LANGUAGE = OpenApiParameter(
    "language", str, enum=sorted(WORDS), default="zh", description="Of headers and values."
)


class SchemaIn(serializers.Serializer[Any]):
    on = serializers.DateField(required=False, default=None)


class TemplateIn(serializers.Serializer[Any]):
    language = serializers.ChoiceField(choices=sorted(WORDS), default="zh")


class FactorListViewSet(TenantViewSet):
    """Factor lists and their versions; published ones are everybody's to read."""

    required: ClassVar[dict[str, str | None]] = {
        "list": "factors.list.view",
    }

    @extend_schema(operation_id="factor_lists_list", responses=FactorListPageOut)
    def list(self, request: Request) -> Response:
        lists = selectors.list_for(actor=self.actor, on=business_day(timezone.now()))
        return self.paginate(lists, FactorListOut)


class FactorListVersionViewSet(TenantViewSet):
    """One version of a list: its items, the schema of a record, the workbook to fill in."""

    required: ClassVar[dict[str, str | None]] = {
        "retrieve": "factors.list.view",
        "record_schema": "factors.list.view",
        "template": "factors.list.view",
    }

    @extend_schema(
        operation_id="factor_list_versions_retrieve",
        parameters=PLACE,
        responses=FactorListVersionOut,
    )
    def retrieve(self, request: Request, code: str, number: int) -> Response:
        version = selectors.version(code, number, actor=self.actor)
        return Response(FactorListVersionOut(_whole(version)).data)

    @extend_schema(
        operation_id="factor_list_versions_schema",
        parameters=[*PLACE, ON],
        responses={(200, SCHEMA_JSON): OpenApiResponse(OpenApiTypes.OBJECT)},
    )
    def record_schema(self, request: Request, code: str, number: int) -> Response:
        version = selectors.version(code, number, actor=self.actor)
        address = request.build_absolute_uri(request.path)
        asked = SchemaIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        described = record_schema.record_schema(
            selectors.content(version), address=address, on=asked.validated_data["on"]
        )
        return Response(described, content_type=SCHEMA_JSON)

    @extend_schema(
        operation_id="factor_list_versions_template",
        parameters=[*PLACE, LANGUAGE],
        responses={(200, XLSX): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def template(self, request: Request, code: str, number: int) -> HttpResponse:
        asked = TemplateIn(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        version = selectors.version(code, number, actor=self.actor)
        body = workbook(selectors.content(version), asked.validated_data["language"])
        name = f"{version.factor_list.code}-{version.number}.xlsx"
        return HttpResponse(
            body,
            content_type=XLSX,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _whole(version: FactorListVersion) -> dict[str, Any]:
    """Return the document of a version, and beside it where the version stands."""
    identifier: UUID = version.pk
    catalogue = selectors.content(version)
    document = catalogue.to_document()
    lines = ("evidence_zh", "evidence_en", "basis")
    return {
        **document,
        "items": [
            {**entry, **{line: getattr(item, line) for line in lines}}
            for entry, item in zip(document["items"], catalogue.items.values(), strict=True)
        ],
        "id": identifier,
        "number": version.number,
        "status": version.status,
        "digest": version.digest,
        "effective_from": version.effective_from,
        "published_at": version.published_at,
        "withdrawn_at": version.withdrawn_at,
    }
