"""Scorecards: the list, one version in full, its way from draft to use by two persons."""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation import permissions
from evaluation.selectors import scorecards as selectors
from evaluation.services import scorecard_carrying, scorecards
from evaluation.web import (
    scorecard_documents,
    scorecard_lineage,
    scorecard_parts,
    scorecard_steps,
    words,
)
from evaluation.web.forms import ApprovalForm, DocumentForm, ReasonForm
from qfce.kernel.canonical import canonical
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table

SCORECARDS = Table(
    name="evaluation.scorecards",
    caption=_("Scorecards"),
    columns=(
        Column(
            "name",
            _("Scorecard"),
            value=formats.local,
            href=lambda row: reverse("evaluation:scorecard", args=[row.pk]),
            note=lambda row: row.scorecard.code,
        ),
        Column("number", _("Version"), Kind.NUMBER, sort="number"),
        Column(
            "status",
            _("State"),
            Kind.STATUS,
            sort="status",
            label_of=words.status,
            tone_of=words.status_tone,
        ),
        Column("pattern", _("Pattern"), label_of=words.pattern),
        Column(
            "factor_list",
            _("Factor list"),
            value=lambda row: formats.version(row.factor_list, row.list_version),
        ),
        Column("effective_from", _("First day"), Kind.DAY, sort="effective_from"),
        Column("prepared_by", _("Prepared by"), note=lambda row: formats.moment(row.prepared_at)),
        Column("approved_by", _("Approved by")),
    ),
    search=("scorecard__code", "name_zh", "name_en"),
    filters=(Choice("status", _("State"), tuple(words.STATUSES.items())),),
    ordering=("scorecard__code", "-number"),
    empty=_("No scorecard yet"),
)


@require_safe
@tenant_page(permissions.VIEW_SCORECARD)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = selectors.list_for(actor=actor).select_related("scorecard", "prepared_by", "approved_by")
    context = {"may_write": actor.may(permissions.WRITE_SCORECARD)}
    return SCORECARDS.respond(request, rows, "evaluation/scorecards/list.html", context)


@require_safe
@tenant_page(permissions.VIEW_SCORECARD)
def detail(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    return _show(request, actor, version_id)


@require_safe
@tenant_page(permissions.VIEW_SCORECARD)
def document(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    """Give the document in its canonical form, of which the digest is."""
    version = selectors.get(version_id, actor=actor)
    answer = HttpResponse(canonical(version.document), content_type="application/json")
    name = f"{version.scorecard.code}-v{version.number}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.WRITE_SCORECARD)
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Start a version from a document, if asked from that of another version."""

    def create(given: Any) -> UUID:
        return scorecards.create(given, actor=actor, at=timezone.now()).pk

    start = scorecard_documents.start(request.GET.get("from", ""), actor=actor)
    return _write(request, DocumentForm(initial={"document": start}), create, {})


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.WRITE_SCORECARD)
def revise(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    """Put another document in place of a draft's."""
    version = selectors.get(version_id, actor=actor)

    def put(given: Any) -> UUID:
        return scorecards.revise(version_id, given, actor=actor, at=timezone.now()).pk

    start = scorecard_documents.pretty(version.document)
    form = DocumentForm(initial={"document": start})
    return _write(request, form, put, {"version": version})


@require_POST
@tenant_page(permissions.WRITE_SCORECARD)
def carry(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    """Draft a published card for the list version published last."""
    try:
        draft = scorecard_carrying.carry(version_id, actor=actor, at=timezone.now())
    except Refusal as refusal:
        return _show(request, actor, version_id, refusal=refusal)
    return go_to(request, reverse("evaluation:scorecard", args=[draft.pk]))


@require_POST
@tenant_page(permissions.WRITE_SCORECARD)
def submit(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    try:
        scorecards.submit(version_id, actor=actor, at=timezone.now())
    except Refusal as refusal:
        return _show(request, actor, version_id, refusal=refusal)
    return _show(request, actor, version_id)


@require_POST
@tenant_page(permissions.APPROVE_SCORECARD)
def approve(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    form = ApprovalForm(request.POST)
    return _decide(request, actor, version_id, "approve", form, scorecards.approve)


@require_POST
@tenant_page(permissions.APPROVE_SCORECARD)
def return_(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    return _decide(request, actor, version_id, "return", form, scorecards.return_)


@require_POST
@tenant_page(permissions.APPROVE_SCORECARD)
def withdraw(request: HttpRequest, actor: Actor, version_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    return _decide(request, actor, version_id, "withdraw", form, scorecards.withdraw)


def _decide(
    request: HttpRequest, actor: Actor, version_id: UUID, action: str, form: Form, service: Any
) -> HttpResponse:
    """Let a second person decide; what is wrong comes back beside the form."""
    status = 422
    if form.is_valid():
        try:
            service(version_id, **form.cleaned_data, actor=actor, at=timezone.now())
            return _show(request, actor, version_id)
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, actor, version_id, {action: form}, status=status)


def _write(
    request: HttpRequest, form: DocumentForm, keep: Any, context: dict[str, Any]
) -> HttpResponse:
    """Show a document to write, or keep what was written; faults stand at their pointers."""
    status, faults = 200, []
    if request.method == "POST":
        form, status = DocumentForm(request.POST, request.FILES), 422
        if form.is_valid():
            try:
                kept = keep(form.cleaned_data["parsed"])
                return go_to(request, reverse("evaluation:scorecard", args=[kept]))
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                faults = scorecard_documents.faults(refusal, form.cleaned_data["parsed"])
                status = status_of(refusal)
        form = scorecard_documents.shown_again(form)
    context = {"form": form, "faults": faults, **context}
    page, part = "evaluation/scorecards/write.html", "evaluation/scorecards/_write.html"
    return fragment(request, page, part, context, status=status)


def _show(
    request: HttpRequest,
    actor: Actor,
    version_id: UUID,
    forms: dict[str, Form] | None = None,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    version = selectors.get(version_id, actor=actor)
    context: dict[str, Any] = {
        "version": version,
        "name": formats.local(version),
        "status": words.status(version.status),
        "status_tone": words.status_tone(version.status),
        "steps": scorecard_steps.steps(version, actor),
        "lineage": scorecard_lineage.lineage(version, actor),
        "approval": ApprovalForm(),
        "giving_back": ReasonForm(auto_id="return_%s"),
        "withdrawal": ReasonForm(auto_id="withdraw_%s"),
    }
    named = {"approve": "approval", "return": "giving_back", "withdraw": "withdrawal"}
    context |= {named[action]: form for action, form in (forms or {}).items()}
    if refusal is not None:
        status = status_of(refusal)
        context |= {
            "refusal": words_of(refusal),
            "faults": scorecard_documents.faults(refusal, version.document),
        }
    context |= scorecard_parts.parts(version)
    context["may_write"] = actor.may(permissions.WRITE_SCORECARD)
    context["may_simulate"] = actor.may(permissions.CREATE)
    page, part = "evaluation/scorecards/detail.html", "evaluation/scorecards/_state.html"
    return fragment(request, page, part, context, status=status)
