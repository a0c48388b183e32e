"""Imports: the list of them, and the page that a file is dropped on."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import bracketed, local, version
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.domain.import_lifecycle import CHECKED, ImportMode
from sharing.domain.unreadable import REASONS
from sharing.models import CollectionRound, ImportBatch
from sharing.selectors import collection_rounds as rounds
from sharing.selectors import imports as selectors
from sharing.services import collection_rounds, file_uploads, imports, stored_files
from sharing.services.stored_files import StoredFile
from sharing.web import import_words as words
from sharing.web.forms_imports import ACCEPTED, UploadForm


def _by_status(rows: QuerySet[ImportBatch], wanted: str) -> QuerySet[ImportBatch]:
    if wanted == "checked":
        return rows.filter(status__in=[status.value for status in CHECKED])
    return rows.filter(status=wanted)


IMPORTS = Table(
    name="sharing.imports",
    caption=_("Imports"),
    columns=(
        Column(
            "file_name",
            _("File"),
            sort="file_name",
            href=lambda row: reverse("sharing:import", args=[row.pk]),
            note=lambda row: version(row.factor_list, row.list_version),
        ),
        Column("owner", _("Bureau"), value=lambda row: local(row.owner)),
        Column("uploaded_by", _("Uploaded by"), sort="uploaded_by__display_name"),
        Column("received_at", _("Uploaded"), Kind.MOMENT, sort="received_at"),
        Column("rows_total", _("Rows"), Kind.NUMBER, sort="rows_total"),
        Column("error_count", _("Errors"), Kind.NUMBER, sort="error_count"),
        Column("warning_count", _("Warnings"), Kind.NUMBER, sort="warning_count"),
        Column(
            "status",
            _("State"),
            Kind.STATUS,
            sort="status",
            label_of=words.status,
            tone_of=words.status_tone,
        ),
    ),
    search=("file_name", "uploaded_by__display_name"),
    filters=(
        Choice(
            "status",
            _("State"),
            (("checked", _("All that wait for release")), *words.STATUSES.items()),
            _by_status,
        ),
    ),
    ordering=("-received_at",),
    empty=_("No file was uploaded yet"),
)


@require_safe
@tenant_page(permissions.VIEW_IMPORT)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = selectors.list_for(actor=actor).select_related("owner", "uploaded_by")
    may_upload = actor.may(permissions.UPLOAD_IMPORT)
    return IMPORTS.respond(request, rows, "sharing/imports/list.html", {"may_upload": may_upload})


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.UPLOAD_IMPORT)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    lists, numbers = lists_in_force(actor)
    asked = _round(request, actor)
    if request.method != "POST":
        return _show(request, UploadForm(lists=lists), numbers, asked=asked)
    form, status = UploadForm(request.POST, request.FILES, lists=lists), 422
    if form.is_valid():
        try:
            batch = _receive(form.cleaned_data, actor)
            if asked is not None:
                at = timezone.now()
                collection_rounds.note_import(asked.pk, batch.pk, actor=actor, at=at)
            return go_to(request, reverse("sharing:import", args=[batch.pk]))
        except stored_files.FileRefused as refusal:
            form.add_error("file", REASONS[refusal.code][0 if is_chinese() else 1])
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, form, numbers, status, asked=asked)


def _round(request: HttpRequest, actor: Actor) -> CollectionRound | None:
    """Return the collection round that a file is sent for, where the page was opened from one."""
    try:
        named = UUID(request.GET.get("round") or request.POST.get("round") or "")
    except ValueError:
        return None
    return rounds.get(named, actor=actor)


def _receive(given: dict[str, Any], actor: Actor) -> ImportBatch:
    return imports.receive(
        _stored(given, actor),
        factor_list=given["factor_list"],
        mode=ImportMode(given["mode"]),
        actor=actor,
        at=timezone.now(),
    )


def _stored(given: dict[str, Any], actor: Actor) -> StoredFile:
    """Store what came: an upload in pieces, a file, or rows pasted from a spreadsheet."""
    if given["upload"]:
        return file_uploads.take(given["upload"], actor=actor)
    file = given["file"]
    if file is not None:
        return stored_files.store(file.chunks(), name=file.name or "")
    name = now("pasted %(when)s") % {"when": f"{timezone.localtime():%Y-%m-%d %H%M}"}
    return stored_files.store([given["pasted"].encode()], name=f"{name}.txt")


def _show(
    request: HttpRequest,
    form: UploadForm,
    numbers: list[tuple[str, int]],
    status: int = 200,
    *,
    asked: CollectionRound | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "numbers": numbers,
        "piece_bytes": file_uploads.PIECE_BYTES,
        "suffixes": [f".{suffix}" for suffix in ACCEPTED],
        "round": asked,
    }
    return render(request, "sharing/imports/new.html", context, status=status)


def lists_in_force(actor: Actor) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
    """Return the lists in force as choices, and (code, number of the version in force)."""
    entries = factor_lists.list_for(actor=actor, on=business_day(timezone.now()))
    found = [entry for entry in entries if entry.in_force]
    choices = [
        (entry.code, local(entry) + bracketed(version(entry.code, entry.in_force)))
        for entry in found
    ]
    return choices, [(entry.code, entry.in_force or 1) for entry in found]
