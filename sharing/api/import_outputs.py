"""Imports as programs see them: the answers of the API."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language_from_request
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from sharing.domain.findings import message
from sharing.domain.import_lifecycle import ImportMode, ImportStatus
from sharing.domain.unreadable import REASONS
from sharing.models import ImportBatch, ImportFinding
from sharing.selectors import imports as selectors

STATUSES = [status.value for status in ImportStatus]
MODES = [mode.value for mode in ImportMode]
LANGUAGE_CONTEXT = "language"


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


class SameFileOut(serializers.Serializer[ImportBatch]):
    """An earlier import of the same file: when, and by whom."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=STATUSES)
    received_at = serializers.DateTimeField()
    uploaded_by = serializers.CharField(source="uploaded_by.display_name")


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
    cells_corrected = serializers.IntegerField()
    is_settled = serializers.BooleanField(
        help_text="Whether the whole file was checked with all corrections."
    )

    @extend_schema_field(RefusalOut(allow_null=True))
    def get_refusal(self, batch: ImportBatch) -> dict[str, str] | None:
        if not batch.refusal_code:
            return None
        kept, chinese = batch.refusal, is_chinese_for(self.context)
        return {
            "code": batch.refusal_code,
            "message": kept.get("zh" if chinese else "en") or kept.get("en", ""),
            "hint": kept.get("hint", ""),
        }


class ImportWholeOut(ImportOut):
    """An import, whole, with what was the same before it."""

    same_file_before = serializers.SerializerMethodField(
        help_text="The last earlier import of the very same file."
    )

    @extend_schema_field(SameFileOut(allow_null=True))
    def get_same_file_before(self, batch: ImportBatch) -> Any:
        earlier = selectors.same_before(batch)
        return SameFileOut(earlier).data if earlier else None


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
        chinese = is_chinese_for(self.context)
        if finding.code in REASONS:
            return REASONS[finding.code][0 if chinese else 1]
        return message(finding.code, finding.params, "zh" if chinese else "en")


class FindingPageOut(serializers.Serializer[Any]):
    """One page of findings."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = FindingOut(many=True)


def context_of(request: Request) -> dict[str, Any]:
    return {LANGUAGE_CONTEXT: get_language_from_request(request)}


def is_chinese_for(context: Mapping[str, Any]) -> bool:
    return not str(context.get(LANGUAGE_CONTEXT, "zh")).startswith("en")
