"""Doubts about the register, held side by side, and mergers of codes."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from factors.selectors import factor_lists
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.models import EnterpriseMerge
from sharing.selectors import duplicates as selectors
from sharing.selectors import records, regions
from sharing.services import duplicates, merges
from sharing.web import vocabulary
from sharing.web.enterprise_tables import region_name
from sharing.web.forms_register import (
    DOUBT_TONES,
    DOUBT_WORDS,
    MERGE_TONES,
    MERGE_WORDS,
    REASONS,
    DismissForm,
    MergeForm,
    Pairs,
)

DOUBTS = Table(
    name="sharing.duplicates",
    caption=_("Likely duplicates"),
    columns=(
        Column("first", _("One"), value=lambda row: row.first_name or row.first,
               href=lambda row: reverse("sharing:duplicate", args=[row.pk]),
               note=lambda row: row.first),
        Column("second", _("The other"), value=lambda row: row.second_name or row.second,
               note=lambda row: row.second),
        Column("reason", _("Why"), sort="worth", label_of=lambda code: str(REASONS[code])),
        Column("found_at", _("Found"), Kind.MOMENT, sort="found_at"),
        Column("status", _("State"), Kind.STATUS, sort="status",
               label_of=lambda code: str(DOUBT_WORDS[code]),
               tone_of=lambda code: DOUBT_TONES.get(code, "muted")),
    ),
    search=("first", "second"),
    filters=(
        Choice("status", _("State"), lambda: list(DOUBT_WORDS.items())),
        Choice("reason", _("Why"), lambda: list(REASONS.items())),
    ),
    ordering=("worth", "first"),
    empty=_("No two codes look like one enterprise"),
)  # fmt: skip
MERGES = Table(
    name="sharing.merges",
    caption=_("Mergers of codes"),
    columns=(
        Column("kept", _("Code that goes on"), value=lambda row: row.kept_name or row.kept,
               href=lambda row: _page(row), note=lambda row: row.kept),
        Column("former", _("Former code"), value=lambda row: row.former_name or row.former,
               note=lambda row: row.former),
        Column("prepared_at", _("Prepared"), Kind.MOMENT, sort="prepared_at"),
        Column("status", _("State"), Kind.STATUS, sort="status",
               label_of=lambda code: str(MERGE_WORDS[code]),
               tone_of=lambda code: MERGE_TONES.get(code, "muted")),
    ),
    search=("kept", "former"),
    filters=(Choice("status", _("State"), lambda: list(MERGE_WORDS.items())),),
    ordering=("-prepared_at",),
    empty=_("No codes were merged yet"),
)  # fmt: skip


@require_safe
@tenant_page("sharing.record.write")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = selectors.candidates_for(actor=actor)
    return DOUBTS.respond(request, rows, "sharing/duplicates/list.html", {})


@require_safe
@tenant_page("sharing.record.write")
def detail(request: HttpRequest, actor: Actor, candidate_id: UUID) -> HttpResponse:
    return _show(request, actor, candidate_id)


@require_POST
@tenant_page("sharing.record.write")
def find(request: HttpRequest, actor: Actor) -> HttpResponse:
    duplicates.ask(actor=actor)
    messages.success(request, now("The register is being looked through."))
    return go_to(request, reverse("sharing:duplicates"))


@require_POST
@tenant_page("sharing.record.write")
def merge(request: HttpRequest, actor: Actor, candidate_id: UUID) -> HttpResponse:
    doubt = selectors.candidate(candidate_id, actor=actor)
    sides = selectors.sides(doubt.first, doubt.second, actor=actor)
    form, status = MergeForm(request.POST, codes=_named(sides)), 422
    if form.is_valid():
        kept = form.cleaned_data["kept"]
        former = doubt.second if kept == doubt.first else doubt.first
        reason = form.cleaned_data["reason"]
        try:
            prepared = merges.prepare(kept, former, reason=reason, actor=actor, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
        else:
            messages.success(request, now("It waits for release."))
            return go_to(request, _page(prepared))
    return _show(request, actor, candidate_id, merge_form=form, status=status)


@require_POST
@tenant_page("sharing.record.write")
def dismiss(request: HttpRequest, actor: Actor, candidate_id: UUID) -> HttpResponse:
    form = DismissForm(request.POST)
    if not form.is_valid():
        return _show(request, actor, candidate_id, dismiss_form=form, status=422)
    note = form.cleaned_data["note"]
    duplicates.dismiss(candidate_id, note=note, actor=actor, at=timezone.now())
    messages.success(request, now("They are two enterprises from now on."))
    return go_to(request, reverse("sharing:duplicates"))


@require_safe
@tenant_page("sharing.import.view")
def merge_index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = selectors.merges_for(actor=actor)
    return MERGES.respond(request, rows, "sharing/duplicates/merges.html", {})


@require_safe
@tenant_page("sharing.import.view")
def merge_detail(request: HttpRequest, actor: Actor, merge_id: UUID) -> HttpResponse:
    found = selectors.merge(merge_id, actor=actor)
    status, releases = found.status, actor.may(permissions.RELEASE_RECORD)
    waits = status in {"prepared", "undo_prepared"}
    preparer = found.prepared_by_id if status == "prepared" else found.undo_prepared_by_id
    context = {
        "merge": found,
        "status_word": MERGE_WORDS[status],
        "status_tone": MERGE_TONES.get(status, "muted"),
        "may_release": status == "prepared" and releases and preparer != actor.user_id,
        "may_undo": status == "undo_prepared" and releases and preparer != actor.user_id,
        "may_cancel": waits and (releases or actor.may(permissions.WRITE_RECORD)),
        "may_prepare_undo": status == "released" and actor.may(permissions.WRITE_RECORD),
        "waits_for_other": waits and preparer == actor.user_id,
    }
    return render(request, "sharing/duplicates/merge.html", context)


@require_POST
@tenant_page("sharing.import.view")
def merge_release(request: HttpRequest, actor: Actor, merge_id: UUID) -> HttpResponse:
    found = merges.release(merge_id, actor=actor, at=timezone.now())
    messages.success(request, now("The codes are merged."))
    return go_to(request, _page(found))


@require_POST
@tenant_page("sharing.import.view")
def merge_cancel(request: HttpRequest, actor: Actor, merge_id: UUID) -> HttpResponse:
    return go_to(request, _page(merges.cancel(merge_id, actor=actor, at=timezone.now())))


@require_POST
@tenant_page("sharing.record.write")
def merge_prepare_undo(request: HttpRequest, actor: Actor, merge_id: UUID) -> HttpResponse:
    found = merges.prepare_undo(merge_id, actor=actor, at=timezone.now())
    messages.success(request, now("It waits for release."))
    return go_to(request, _page(found))


@require_POST
@tenant_page("sharing.import.view")
def merge_undo(request: HttpRequest, actor: Actor, merge_id: UUID) -> HttpResponse:
    found = merges.undo(merge_id, actor=actor, at=timezone.now())
    messages.success(request, now("Both codes stand as they stood before."))
    return go_to(request, _page(found))


def _show(
    request: HttpRequest,
    actor: Actor,
    candidate_id: UUID,
    *,
    merge_form: MergeForm | None = None,
    dismiss_form: DismissForm | None = None,
    status: int = 200,
) -> HttpResponse:
    doubt = selectors.candidate(candidate_id, actor=actor)
    sides = selectors.sides(doubt.first, doubt.second, actor=actor)
    context = {
        "doubt": doubt,
        "reason": REASONS[doubt.reason],
        "status_word": DOUBT_WORDS[doubt.status],
        "status_tone": DOUBT_TONES.get(doubt.status, "muted"),
        "sides": sides,
        "lines": _lines(sides, actor),
        "merge_form": merge_form or MergeForm(codes=_named(sides)),
        "dismiss_form": dismiss_form or DismissForm(),
    }
    return render(request, "sharing/duplicates/detail.html", context, status=status)


def _named(sides: tuple[selectors.Side, selectors.Side]) -> Pairs:
    """Return both codes, each with the name of its enterprise."""
    firms = [side.enterprise for side in sides]
    return [(firm.uscc, f"{firm.uscc} {firm.name or ''}".strip()) for firm in firms]


def _lines(sides: tuple[selectors.Side, selectors.Side], actor: Actor) -> list[tuple[Any, ...]]:
    """Return label, both values in words, and whether they differ: identity first, then items."""
    first, second = sides
    names = regions.of_province(actor.region)
    lists = [code for one in sides for code in records.lists_of(one.enterprise.uscc, actor=actor)]
    catalogue = factor_lists.newest(lists[0]) if lists else None
    lines = []
    for field in ("name", "region", "industry", "size", "established_on", "registered_capital"):
        values = [getattr(one.enterprise, field) for one in sides]
        words = [
            region_name(names, value)
            if field == "region"
            else vocabulary.member_text(catalogue, field, value)
            for value in values
        ]
        lines.append((vocabulary.IDENTITY[field], *words, values[0] != values[1]))
    for code in sorted(set(first.values) | set(second.values)):
        values = [one.values.get(code) for one in sides]
        words = [vocabulary.member_text(catalogue, code, value) for value in values]
        label = vocabulary.item_name(catalogue, code) if catalogue else code
        lines.append((label, *words, values[0] != values[1]))
    return lines


def _page(merge: EnterpriseMerge) -> str:
    return reverse("sharing:merge", args=[merge.pk])
