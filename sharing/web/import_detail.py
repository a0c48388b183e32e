"""One import: how far it is, what was found, its release, its undoing, its receipt."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST, require_safe

from qfce.kernel.errors import Refusal
from qfce.kernel.jobs.models import JobState
from qfce.kernel.problems import status_of
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from sharing import policies
from sharing.domain.findings import ERROR, SEVERITIES
from sharing.domain.import_lifecycle import CHECKED, ImportStatus
from sharing.models import ImportBatch
from sharing.permissions import VIEW_IMPORT
from sharing.selectors import declarations
from sharing.selectors import imports as selectors
from sharing.selectors.import_releases import released_from, releasers_of
from sharing.services import imports
from sharing.services.publication_undo import OvertakenByLater
from sharing.web import import_frame as frames
from sharing.web import import_words as words
from sharing.web import vocabulary
from sharing.web.forms_imports import ReleaseForm, UndoForm

PAGE_AND_PART = "sharing/imports/detail.html", "sharing/imports/_import.html"
# The titles under which a worker's refusals are kept in words that a Chinese reader has too.
KEPT = {
    kind.code: kind.title
    for kind in (
        policies.ErrorsNotLeftOut,
        policies.NothingToPublish,
        policies.RemovalsNotConfirmed,
        OvertakenByLater,
    )
}

# The fields by which a releaser answers a refusal, and what the page says in place of the hint
# that programs get.
FIELDS = {
    policies.ErrorsNotLeftOut.code: "leave_out_errors",
    policies.RemovalsNotConfirmed.code: "confirm_removals",
}
HINTS = {
    policies.ErrorsNotLeftOut.code: gettext_lazy(
        "Tick the box to leave them out, or mend the file and upload it again."
    ),
    policies.RemovalsNotConfirmed.code: gettext_lazy("Type that number, if it is meant."),
}


@require_safe
@tenant_page(VIEW_IMPORT)
def detail(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    return _show(request, actor, import_id)


@require_POST
@tenant_page(VIEW_IMPORT)
def release(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    batch = selectors.whole(import_id, actor=actor)
    form, status = ReleaseForm(request.POST, batch=batch), 422
    if form.is_valid():
        try:
            imports.release(import_id, **form.agreed(), actor=actor, at=timezone.now())
            return _show(request, actor, import_id)
        except Refusal as refusal:
            field = FIELDS.get(refusal.code, "")
            form.add_error(field if field in form.fields else None, _said(refusal))
            status = status_of(refusal)
    return _show(request, actor, import_id, release_form=form, status=status)


@require_POST
@tenant_page(VIEW_IMPORT)
def undo(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    form, status = UndoForm(request.POST), 422
    in_the_way: list[dict[str, Any]] = []
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            imports.undo(import_id, reason=reason, actor=actor, at=timezone.now())
            return _show(request, actor, import_id)
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status, in_the_way = status_of(refusal), refusal.facts.get("later", [])
    return _show(request, actor, import_id, undo_form=form, in_the_way=in_the_way, status=status)


@require_POST
@tenant_page(VIEW_IMPORT)
def cancel(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    imports.cancel(import_id, actor=actor, at=timezone.now())
    messages.success(request, _("The import was cancelled; none of its rows became visible."))
    return go_to(request, reverse("sharing:import", args=[import_id]))


@require_safe
@tenant_page(VIEW_IMPORT)
def receipt(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    """The receipt of a publication, to be printed."""
    batch = selectors.whole(import_id, actor=actor)
    if batch.publication is None:
        raise NoSuchRecord("This import is not published, so there is no receipt of it.")
    context = {
        **frames.frame(batch, "import-receipt"),
        "left_out": _left_out(batch),
        "delegate": released_from(batch),
    }
    return render(request, "sharing/imports/receipt.html", context)


def _show(
    request: HttpRequest,
    actor: Actor,
    import_id: UUID,
    *,
    release_form: ReleaseForm | None = None,
    undo_form: UndoForm | None = None,
    in_the_way: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    batch = selectors.whole(import_id, actor=actor)
    job = selectors.work_on(batch)
    share = selectors.progress(batch)
    context: dict[str, Any] = {
        **frames.frame(batch, "import"),
        "is_worked_on": frames.is_worked_on(batch, job),
        "is_undoing": frames.is_undoing(job),
        "has_broken_down": job is not None and job.state == JobState.FAILED.value,
        "percent_done": round(share * 100),
        "steps": frames.steps(batch, job, share),
        "is_counted": batch.status in frames.COUNTED,
        "is_checked": batch.status in CHECKED,
        "same_before": selectors.same_before(batch),
        "pace": frames.pace(batch, job, share, at=timezone.now()),
        "unknown_columns": batch.finding_counts.get("unknown_column", 0)
        + batch.finding_counts.get("missing_column", 0),
        "declarations": declarations.of_import(batch, actor=actor),
        "refusal": _refusal(batch),
        "later": _later(in_the_way or batch.refusal.get("later", [])),
        "counts": _counts(batch),
        "repairs": _repairs(batch),
        "may_release": frames.may_release(actor, batch),
        "releasers": releasers_of(batch) if batch.status in CHECKED else None,
        "is_above": batch.owner_id != actor.organization_id,
        "may_cancel": frames.may_cancel(actor, batch),
        "may_undo": batch.status == ImportStatus.PUBLISHED and not frames.is_undoing(job),
        "release_form": release_form or ReleaseForm(batch=batch),
        "undo_form": undo_form or UndoForm(),
    }
    return fragment(request, *PAGE_AND_PART, context, status=status)


def _counts(batch: ImportBatch) -> list[tuple[str, str, str, int, str]]:
    """Return (label, severity, tone, count, address) of each code that was found, errors first."""
    here = reverse("sharing:import-findings", args=[batch.pk])
    found = []
    for code, count in batch.finding_counts.items():
        severity = str(SEVERITIES.get(code, ERROR))
        label = words.word(words.SEVERITIES, severity)
        tone = words.SEVERITY_TONES[severity]
        found.append((words.finding(code), label, tone, count, f"{here}?code={code}"))
    return sorted(found, key=lambda line: (line[2] != "bad", -line[3], line[0]))


def _repairs(batch: ImportBatch) -> list[tuple[str, int]]:
    named = [(words.word(words.REPAIRS, kind), n) for kind, n in batch.regularized.items() if n]
    return sorted(named, key=lambda line: -line[1])


def _refusal(batch: ImportBatch) -> str:
    """Return why an import cannot be read, or why it came back, in the reader's language."""
    if not batch.refusal_code:
        return ""
    kept = batch.refusal
    if not is_chinese():
        hint = HINTS.get(batch.refusal_code, kept.get("hint", ""))
        return f"{kept.get('en', '')} {hint}".strip()
    if "zh" in kept:
        return str(kept["zh"])
    title = KEPT.get(batch.refusal_code, "")
    return _(title) if title else pgettext("refusal", batch.refusal_code)


def _later(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what stands in the way of an undoing, each with where it is shown."""
    found = []
    for fact in facts:
        history = reverse("sharing:enterprise-history", args=[fact["uscc"]])
        address = history
        if fact["import"]:
            address = reverse("sharing:import", args=[fact["import"]])
        elif fact["change"]:
            address = reverse("sharing:record-change", args=[fact["change"]])
        cause = vocabulary.word(vocabulary.CAUSES, fact["cause"])
        found.append({**fact, "cause": cause, "address": address, "history": history})
    return found


def _said(refusal: Refusal) -> str:
    """Return a refusal in the reader's language, with what can be done about it on the page."""
    said = words_of(refusal)
    return f"{said.message} {HINTS.get(refusal.code, said.hint)}".strip()


def _left_out(batch: ImportBatch) -> int:
    return batch.rows_invalid if batch.leave_out_errors else 0
