"""The queue of signals, and the page of one signal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from lending.selectors import loans
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import coded, moment
from qfce.kernel.web.pages import fragment, go_to, tenant_page, wants_part
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from risk import permissions
from risk.models import Signal
from risk.selectors import borrowers
from risk.selectors import signals as selectors
from risk.selectors.rules import rules_on
from risk.services import cases, handling
from risk.web import facts, words
from risk.web.forms import CaseForm, StepForm
from risk.web.named import Named, address_of


def _rules() -> list[tuple[str, str]]:
    book = rules_on(business_day(timezone.now())).rules
    return [(code, coded(code, rule)) for code, rule in book.items()]


def _by_rule(rows: Any, code: str) -> Any:
    # A withdrawn signal no longer says what it was about, to a filter either.
    return rows.filter(rule=code, withdrawn_at__isnull=True)


def _by_status(rows: Any, status: str) -> Any:
    return rows.filter(is_over=False) if status == "all_open" else rows.filter(status=status)


SIGNALS = Table(
    name="risk.signals",
    caption=gettext_lazy("Signals"),
    columns=(
        Column(
            "level",
            gettext_lazy("Level"),
            Kind.STATUS,
            sort="level_rank",
            label_of=words.level,
            tone_of=words.level_tone,
        ),
        Column(
            "signal",
            gettext_lazy("Signal"),
            value=facts.name_of,
            href=lambda row: reverse("risk:signal", args=[row.pk]),
            note=lambda row: moment(row.raised_at),
            note_label=gettext_lazy("Raised"),
        ),
        Column(
            "enterprise",
            gettext_lazy("Enterprise"),
            sort="uscc",
            value=lambda row: row.enterprise_name or row.uscc,
            note=lambda row: row.uscc if row.enterprise_name else "",
            note_label=gettext_lazy("Credit code"),
        ),
        Column(
            "status",
            gettext_lazy("State"),
            Kind.STATUS,
            sort="status",
            label_of=words.status,
            tone_of=words.status_tone,
            note=lambda row: str(row.claimed_by or ""),
            note_label=gettext_lazy("Held by"),
        ),
        Column(
            "deadline",
            gettext_lazy("Deadline"),
            Kind.STATUS,
            label_of=words.deadline,
            tone_of=words.deadline_tone,
        ),
        Column("claim_due_on", gettext_lazy("Claim by"), Kind.DAY, sort="claim_due_on"),
        Column("answer_due_on", gettext_lazy("Answer by"), Kind.DAY, sort="answer_due_on"),
    ),
    search=("uscc",),
    filters=(
        Choice("level", gettext_lazy("Level"), words.pairs(words.LEVELS)),
        Choice(
            "status",
            gettext_lazy("State"),
            (("all_open", gettext_lazy("All that are open")), *words.pairs(words.STATUSES)),
            _by_status,
        ),
        Choice("deadline", gettext_lazy("Deadline"), words.pairs(words.DEADLINES)),
        Choice("holder", gettext_lazy("Held by"), words.pairs(words.HOLDERS)),
        Choice("rule", gettext_lazy("Rule"), _rules, _by_rule),
    ),
    ordering=("is_over", "level_rank", "claim_due_on", "-raised_at"),
    empty=gettext_lazy("No signal was raised yet"),
)


@require_safe
@tenant_page(permissions.VIEW_SIGNAL)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    at = timezone.now()
    on = business_day(at)
    rows = Named(selectors.queue(actor=actor, on=on), SIGNALS, actor, at)
    counts = selectors.counts(actor=actor, on=on)
    context = {"counts": counts, "may_report": actor.may(permissions.HANDLE_SIGNAL)}
    return SIGNALS.respond(request, rows, "risk/signals/list.html", context)


@require_safe
@tenant_page(permissions.VIEW_SIGNAL)
def detail(request: HttpRequest, actor: Actor, signal_id: UUID) -> HttpResponse:
    return _show(request, signal_id, actor)


@require_POST
@tenant_page(permissions.HANDLE_SIGNAL)
def claim(request: HttpRequest, actor: Actor, signal_id: UUID) -> HttpResponse:
    handling.claim(signal_id, actor=actor, at=timezone.now())
    return _done(request, signal_id, actor)


@require_POST
@tenant_page(permissions.HANDLE_SIGNAL)
def act(request: HttpRequest, actor: Actor, signal_id: UUID) -> HttpResponse:
    form, status = StepForm(request.POST), 422
    if form.is_valid():
        try:
            _take(form.cleaned_data["step"], signal_id, form.cleaned_data["text"], actor)
            return _done(request, signal_id, actor)
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, signal_id, actor, form=form, status=status)


@require_POST
@tenant_page(permissions.WRITE_CASE)
def open_case(request: HttpRequest, actor: Actor, signal_id: UUID) -> HttpResponse:
    signal = selectors.get(signal_id, actor=actor)
    form, status = CaseForm(request.POST, loans=_loans(signal, actor)), 422
    if form.is_valid():
        loan = form.cleaned_data["loan"]
        try:
            case = cases.open_(
                signal_id,
                reason=form.cleaned_data["reason"],
                loan_id=UUID(loan) if loan else None,
                actor=actor,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
        else:
            messages.success(request, gettext("The signal is part of this case."))
            return go_to(request, reverse("risk:case", args=[case.pk]))
    return _show(request, signal_id, actor, case_form=form, status=status)


def _take(step: str, signal_id: UUID, text: str, actor: Actor) -> None:
    at = timezone.now()
    if step in {"release", "dismiss"}:
        decide = handling.release if step == "release" else handling.dismiss
        decide(signal_id, reason=text, actor=actor, at=at)
        return
    write = {
        "check": handling.check,
        "answer": handling.answer,
        "close": handling.close,
        "note": handling.note,
    }[step]
    write(signal_id, text=text, actor=actor, at=at)


def _done(request: HttpRequest, signal_id: UUID, actor: Actor) -> HttpResponse:
    """Show the signal as it stands now; without htmx, by an address that can be reloaded."""
    if not wants_part(request):
        return go_to(request, reverse("risk:signal", args=[signal_id]))
    return _show(request, signal_id, actor)


def _show(
    request: HttpRequest,
    signal_id: UUID,
    actor: Actor,
    *,
    form: StepForm | None = None,
    case_form: CaseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    signal = selectors.get(signal_id, actor=actor)
    steps = selectors.steps_from(signal)
    may_open = signal.is_open and actor.may(permissions.WRITE_CASE)
    context = {
        **_about(signal, actor, at),
        "may_claim": signal.status == "raised" and actor.may(permissions.HANDLE_SIGNAL),
        "may_handle": bool(steps) and actor.may(permissions.HANDLE_SIGNAL),
        "held_by_another": _held_by_another(signal, actor),
        "form": form or StepForm(steps=steps),
        "may_open_case": may_open,
        "case_form": case_form
        or (CaseForm(loans=_loans(signal, actor)) if may_open and signal.case is None else None),
    }
    page, part = "risk/signals/detail.html", "risk/signals/_signal.html"
    return fragment(request, page, part, context, status=status)


def _about(signal: Signal, actor: Actor, at: datetime) -> dict[str, Any]:
    on = business_day(at)
    open_late = signal.is_open and signal.status != "answered" and signal.answer_due_on < on
    lines = sorted(signal.occurrences.all(), key=lambda line: line.pk)
    return {
        "signal": signal,
        "name": borrowers.names([signal.uscc], actor=actor, at=at).get(signal.uscc, ""),
        "heading": facts.name_of(signal),
        "rule": facts.rule_of(signal),
        "told": None if signal.is_withdrawn else facts.told(signal, facts.items_on(on)),
        "members": [(one, facts.name_of(one)) for one in selectors.built_from(signal, actor=actor)],
        "lines": [(line, words.LINES[line.kind], *words.LINE_LOOKS[line.kind]) for line in lines],
        "exposure": borrowers.exposures([signal.uscc], actor=actor).get(signal.uscc),
        "late_to_claim": signal.status == "raised" and signal.claim_due_on < on,
        "late_to_answer": open_late,
        "level": (words.level(signal.level), words.level_tone(signal.level)),
        "status_words": (words.status(signal.status), words.status_tone(signal.status)),
        "source_word": words.SOURCES.get(signal.source, signal.source),
        "cause": words.CAUSES.get(signal.release_cause or ""),
        "enterprise_address": address_of("evaluation:enterprise", signal.uscc),
        "record_address": address_of("sharing:enterprise", signal.uscc)
        if actor.organization_kind != "bank"
        else "",
    }


def _held_by_another(signal: Signal, actor: Actor) -> str:
    held = signal.is_open and signal.claimed_by_id not in {None, actor.user_id}
    return str(signal.claimed_by) if held else ""


def _loans(signal: Signal, actor: Actor) -> Any:
    return loans.list_for(actor=actor, uscc=signal.uscc).with_exposure().order_by("created_at")
