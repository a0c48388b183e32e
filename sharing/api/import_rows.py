"""Mending an import: its faulty rows, cells corrected by programs, the whole checked again."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.pagination import StablePages
from qfce.kernel.api.schema import PAGING, page_of
from qfce.kernel.api.views import TenantViewSet
from sharing import permissions
from sharing.api.import_outputs import (
    FindingCountsOut,
    FindingOut,
    RowsOut,
    StartedOut,
    context_of,
    is_chinese_for,
)
from sharing.models import ImportBatch, ImportCorrection
from sharing.selectors import import_rows
from sharing.selectors import imports as selectors
from sharing.services import faulty_workbooks, import_mending, mending_rows
from sharing.services.import_mending import CellChange, Outcome

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_CORRECTIONS = 10_000
CODE = OpenApiParameter("code", OpenApiTypes.STR)
COLUMN = OpenApiParameter("column", OpenApiTypes.STR, description="The header's own text.")
SEVERITY = OpenApiParameter("severity", OpenApiTypes.STR, enum=["error", "warning"])


class CellIn(serializers.Serializer[None]):
    """What a cell is to hold; with `was`, only if it holds that now."""

    column = serializers.CharField(help_text="The header's own text.")
    value = serializers.CharField(allow_blank=True, max_length=2000)
    was = serializers.CharField(required=False, allow_blank=True, allow_null=True, default=None)


class RowIn(serializers.Serializer[None]):
    """Cells of one row to correct, or the whole row to leave out or take in again."""

    cells = CellIn(many=True, required=False, default=list)
    left_out = serializers.BooleanField(required=False, allow_null=True, default=None)


class CorrectionIn(CellIn):
    """A cell to correct."""

    row = serializers.IntegerField(min_value=1)


class CorrectionsIn(serializers.Serializer[None]):
    """Cells to correct, all or none."""

    corrections = serializers.ListField(
        child=CorrectionIn(), allow_empty=False, max_length=MOST_CORRECTIONS
    )


class AcceptIn(serializers.Serializer[None]):
    """Which findings' suggestions to put in place of what the cells hold."""

    code = serializers.CharField()
    column = serializers.CharField(required=False, allow_null=True, default=None)


class CheckIn(serializers.Serializer[None]):
    """What columns are, as far as a person says so."""

    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        default=dict,
        help_text="Header text to field key; an empty key passes the column over.",
    )


class ImportRowOut(serializers.Serializer[Any]):
    """A row of the file as it is now, with what was found in it."""

    row = serializers.IntegerField(source="number")
    left_out = serializers.BooleanField(source="is_left_out")
    cells = serializers.SerializerMethodField(help_text="Header text to what the cell holds.")
    findings = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_cells(self, row: Any) -> dict[str, str]:
        columns = self.context["facts"].columns
        pairs = zip(columns, row.cells, strict=False)
        return {column.text: text for column, text in pairs if column.text}

    @extend_schema_field(FindingOut(many=True))
    def get_findings(self, row: Any) -> Any:
        return FindingOut(row.findings, many=True, context=self.context).data


class CorrectionOut(serializers.Serializer[ImportCorrection]):
    """One corrected cell: who made what of which text, and how."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    was = serializers.CharField()
    became = serializers.CharField()
    way = serializers.ChoiceField(choices=["typed", "suggestion", "alike", "workbook", "row"])
    corrected_at = serializers.DateTimeField()
    corrected_by = serializers.UUIDField(source="corrected_by_id")


class MendedOut(serializers.Serializer[Any]):
    """How an import stands after a correction."""

    cells = serializers.IntegerField(help_text="Cells that hold something else now.")
    status = serializers.CharField(source="batch.status")
    is_settled = serializers.BooleanField(
        source="batch.is_settled", help_text="Whether the whole file was checked since."
    )
    rows = RowsOut(source="batch")
    findings = FindingCountsOut(source="batch")
    judged = serializers.SerializerMethodField(help_text="Rows that were judged again.")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_judged(self, outcome: Outcome) -> list[int]:
        return list(outcome.rows[:1000])


class WorkbookIn(serializers.Serializer[None]):
    """The workbook of faulty rows, mended."""

    file = serializers.FileField()


class ConflictOut(serializers.Serializer[Any]):
    """A cell that somebody else corrected since the workbook was made; it stays as it is."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    now = serializers.CharField()


class TakenBackOut(MendedOut):
    """How an import stands after its workbook came back."""

    conflicts = serializers.SerializerMethodField()

    def to_representation(self, instance: Any) -> Any:
        self._conflicts = instance.conflicts
        return super().to_representation(instance.outcome)

    @extend_schema_field(ConflictOut(many=True))
    def get_conflicts(self, outcome: Outcome) -> Any:
        named = ("row", "column", "now")
        return [dict(zip(named, line, strict=True)) for line in self._conflicts]


class MendingActions(TenantViewSet):
    """The part of the imports that corrects cells."""

    required = {
        "rows": permissions.VIEW_IMPORT,
        "correct_row": permissions.UPLOAD_IMPORT,
        "corrections": permissions.VIEW_IMPORT,
        "POST corrections": permissions.UPLOAD_IMPORT,
        "accept_suggestions": permissions.UPLOAD_IMPORT,
        "check": permissions.UPLOAD_IMPORT,
        "faulty_rows": permissions.VIEW_IMPORT,
        "POST faulty_rows": permissions.UPLOAD_IMPORT,
    }

    @extend_schema(parameters=[CODE, COLUMN, SEVERITY, *PAGING], responses=page_of(ImportRowOut))
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, pk: UUID) -> Response:
        """List the rows with findings: cells as they are now, and what is wrong with them."""
        mended = import_mending.mended_of(selectors.whole(pk, actor=self.actor), at=timezone.now())
        asked = {name: request.query_params.get(name) for name in ("code", "column", "severity")}
        found = import_rows.faulty_rows(
            pk, header_row=mended.facts.header_row, **asked, actor=self.actor
        )
        pages = StablePages("row")
        page = pages.paginate(found.values("row").distinct(), request)
        rows = mending_rows.load(mended, [line["row"] for line in page], actor=self.actor)
        context = {**context_of(request), "facts": mended.facts}
        return pages.response(ImportRowOut(rows, many=True, context=context).data)

    @extend_schema(request=RowIn, responses=MendedOut)
    @action(detail=True, methods=["patch"], url_path="rows/<int:row>")
    def correct_row(self, request: Request, pk: UUID, row: int) -> Response:
        """Correct cells of one row; the row and what depends on it are judged at once."""
        asked = RowIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given, at = asked.validated_data, timezone.now()
        outcome = None
        if given["cells"]:
            changes = [_change(row, cell) for cell in given["cells"]]
            outcome = import_mending.correct(pk, changes, actor=self.actor, at=at)
        if given["left_out"] is not None or outcome is None:
            is_out = bool(given["left_out"])
            outcome = import_mending.leave_out(pk, [row], is_out=is_out, actor=self.actor, at=at)
        return Response(MendedOut(outcome).data)

    @extend_schema(methods=["GET"], parameters=PAGING, responses=page_of(CorrectionOut))
    @extend_schema(methods=["POST"], request=CorrectionsIn, responses=MendedOut)
    @action(detail=True, methods=["get", "post"])
    def corrections(self, request: Request, pk: UUID) -> Response:
        """List all corrections, newest first; or correct many cells, all or none."""
        if request.method != "POST":
            lines = import_rows.history(pk, actor=self.actor)
            return self.paginate(lines, CorrectionOut, ordering="-pk")
        asked = CorrectionsIn(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = [_change(cell["row"], cell) for cell in asked.validated_data["corrections"]]
        outcome = import_mending.correct(pk, changes, actor=self.actor, at=timezone.now())
        return Response(MendedOut(outcome).data)

    @extend_schema(request=AcceptIn, responses=MendedOut)
    @action(detail=True, methods=["post"], url_path="accept-suggestions")
    def accept_suggestions(self, request: Request, pk: UUID) -> Response:
        """Accept every suggestion of one kind."""
        asked = AcceptIn(data=request.data)
        asked.is_valid(raise_exception=True)
        outcome = import_mending.accept_suggestions(
            pk, **asked.validated_data, actor=self.actor, at=timezone.now()
        )
        return Response(MendedOut(outcome).data)

    @extend_schema(methods=["GET"], responses={(200, WORKBOOK): OpenApiTypes.BINARY})
    @extend_schema(
        methods=["POST"], request={"multipart/form-data": WorkbookIn}, responses=TakenBackOut
    )
    @action(detail=True, methods=["get", "post"], url_path="faulty-rows")
    def faulty_rows(self, request: Request, pk: UUID) -> HttpResponse:
        """Download the workbook of faulty rows, or send it in again: those rows alone."""
        if request.method != "POST":
            name, content = faulty_workbooks.workbook(
                pk, chinese=is_chinese_for(context_of(request)), actor=self.actor, at=timezone.now()
            )
            named = content_disposition_header(True, name) or ""
            return HttpResponse(
                content, content_type=WORKBOOK, headers={"Content-Disposition": named}
            )
        asked = WorkbookIn(data=request.data)
        asked.is_valid(raise_exception=True)
        content = asked.validated_data["file"].read()
        taken = faulty_workbooks.take_back(pk, content, actor=self.actor, at=timezone.now())
        return Response(TakenBackOut(taken).data)

    @extend_schema(request=CheckIn, responses={202: StartedOut})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: UUID) -> Response:
        """Check the whole file again, with its corrections, and with columns mapped by hand."""
        asked = CheckIn(data=request.data)
        asked.is_valid(raise_exception=True)
        mapping = asked.validated_data["mapping"]
        batch: ImportBatch = import_mending.check_again(
            pk, mapping=mapping, actor=self.actor, at=timezone.now()
        )
        return Response(StartedOut(batch).data, status=202)


def _change(row: int, cell: dict[str, Any]) -> CellChange:
    return CellChange(row, cell["column"], cell["value"], cell["was"])
