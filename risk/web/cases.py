"""The list of cases, and the page of one case with its time line."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from lending.selectors import loans
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import fragment, go_to, tenant_page, wants_part
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from risk import permissions
from risk.domain.lifecycle import CaseActionKind
from risk.models import RiskCase
from risk.selectors import borrowers, timelines
from risk.selectors import cases as selectors
from risk.services import cases
from risk.web import facts, words
from risk.web.events import shown
from risk.web.forms import CaseStepForm, ClosingForm
from risk.web.named import Named, address_of

REASON_SHOWN = 60


def _rules(case: RiskCase) -> str:
    found = {facts.name_of(s) for s in case.signals.all() if not s.is_withdrawn}
    return formats.listed(sorted(found)) or str(_("Withdrawn"))


def _by_status(rows: Any, status: str) -> Any:
    return rows.filter(is_over=False) if status == "all_open" else rows.filter(status=status)


def _waiting(rows: Any, value: str) -> Any:
    return rows.filter(waiting__gt=0)


CASES = Table(
    name="risk.cases",
    caption=_("Cases"),
    columns=(
        Column(
            "enterprise",
            _("Enterprise"),
            sort="uscc",
            value=lambda row: row.enterprise_name or row.uscc,
            href=lambda row: reverse("risk:case", args=[row.pk]),
            note=lambda row: row.uscc if row.enterprise_name else "",
            note_label=_("Credit code"),
        ),
        Column(
            "status",
            _("State"),
            Kind.STATUS,
            sort="status",
            label_of=words.case_status,
            tone_of=words.case_tone,
        ),
        Column(
            "signals",
            _("Signals"),
            value=_rules,
            note=lambda row: row.reason[:REASON_SHOWN],
            note_label=_("Reason"),
        ),
        Column("waiting", _("Steps to confirm"), Kind.NUMBER, sort="waiting"),
        Column("answer_due_on", _("Answer by"), Kind.DAY, sort="answer_due_on"),
        Column(
            "deadline",
            _("Deadline"),
            Kind.STATUS,
            label_of=words.deadline,
            tone_of=words.deadline_tone,
        ),
        Column(
            "opened_at",
            _("Opened"),
            Kind.MOMENT,
            sort="opened_at",
            note=lambda row: str(row.opened_by),
            note_label=_("Opened by"),
        ),
    ),
    search=("uscc",),
    filters=(
        Choice(
            "status",
            _("State"),
            (("all_open", _("All that are open")), *words.pairs(words.CASE_STATUSES)),
            _by_status,
        ),
        Choice("deadline", _("Deadline"), words.pairs(words.DEADLINES)),
        Choice("waiting", _("Second person"), (("yes", _("To be confirmed")),), _waiting),
    ),
    ordering=("is_over", "answer_due_on", "-opened_at"),
    empty=_("No case was opened yet"),
)


@require_safe
@tenant_page(permissions.VIEW_CASE)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    on = business_day(at)
    rows = Named(selectors.queue(actor=actor, on=on), CASES, actor, at)
    counts = selectors.counts(actor=actor, on=on)
    return CASES.respond(request, rows, "risk/cases/list.html", {"counts": counts})


@require_safe
@tenant_page(permissions.VIEW_CASE)
def detail(request: HttpRequest, actor: Actor, case_id: UUID) -> HttpResponse:
    return _show(request, case_id, actor)


@require_POST
@tenant_page(permissions.WRITE_CASE)
def act(request: HttpRequest, actor: Actor, case_id: UUID) -> HttpResponse:
    form, status = CaseStepForm(request.POST, may_freeze=actor.may(permissions.FREEZE)), 422
    if form.is_valid():
        try:
            cases.act(
                case_id,
                kind=CaseActionKind(form.cleaned_data["kind"]),
                text=form.cleaned_data["text"],
                amount=form.cleaned_data["amount"],
                actor=actor,
                at=timezone.now(),
            )
            return _done(request, case_id, actor)
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, case_id, actor, form=form, status=status)


@require_POST
@tenant_page(permissions.WRITE_CASE)
def confirm(request: HttpRequest, actor: Actor, case_id: UUID, step_id: UUID) -> HttpResponse:
    cases.confirm(case_id, step_id, actor=actor, at=timezone.now())
    return _done(request, case_id, actor)


@require_POST
@tenant_page(permissions.WRITE_CASE)
def close(request: HttpRequest, actor: Actor, case_id: UUID) -> HttpResponse:
    form, status = ClosingForm(request.POST), 422
    if form.is_valid():
        try:
            result = form.cleaned_data["result"]
            cases.close(case_id, result=result, actor=actor, at=timezone.now())
            return _done(request, case_id, actor)
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, case_id, actor, closing=form, status=status)


def _done(request: HttpRequest, case_id: UUID, actor: Actor) -> HttpResponse:
    """Show the case as it stands now; without htmx, by an address that can be reloaded."""
    if not wants_part(request):
        return go_to(request, reverse("risk:case", args=[case_id]))
    return _show(request, case_id, actor)


def _show(
    request: HttpRequest,
    case_id: UUID,
    actor: Actor,
    *,
    form: CaseStepForm | None = None,
    closing: ClosingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    case = selectors.get(case_id, actor=actor)
    context = {
        **_about(case, actor),
        "may_write": case.is_open and actor.may(permissions.WRITE_CASE),
        "form": form or CaseStepForm(may_freeze=actor.may(permissions.FREEZE)),
        "closing": closing or ClosingForm(),
    }
    page, part = "risk/cases/detail.html", "risk/cases/_case.html"
    return fragment(request, page, part, context, status=status)


def _about(case: RiskCase, actor: Actor) -> dict[str, Any]:
    at = timezone.now()
    on = business_day(at)
    items = facts.items_on(on)
    found = sorted(case.signals.all(), key=lambda signal: (signal.raised_at, signal.pk))
    named = borrowers.names([case.uscc], actor=actor, at=at)
    answered = case.status in {"answered", "closed"}
    return {
        "case": case,
        "name": named.get(case.uscc, ""),
        "status_words": (words.case_status(case.status), words.case_tone(case.status)),
        "late": bool(case.answer_due_on and case.answer_due_on < on and not answered),
        "signals": [
            (
                signal,
                facts.name_of(signal),
                (words.level(signal.level), words.level_tone(signal.level)),
                (words.status(signal.status), words.status_tone(signal.status)),
            )
            for signal in found
        ],
        "waiting": [
            (step, words.case_step(step.kind), step.by_id != actor.user_id)
            for step in sorted(case.actions.all(), key=lambda step: step.at)
            if step.awaits_second
        ],
        "events": [shown(event, items) for event in timelines.of_case(case, actor=actor)],
        "exposure": borrowers.exposures([case.uscc], actor=actor).get(case.uscc),
        "loans": list(loans.list_for(actor=actor, uscc=case.uscc).order_by("created_at")),
        "enterprise_address": address_of("evaluation:enterprise", case.uscc),
    }
