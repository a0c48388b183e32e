"""Readers' questions: a bank asks whether facts still hold, its bureau answers."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.domain.refresh_requests import is_late
from sharing.models import RefreshRequest
from sharing.selectors import refresh_requests as selectors
from sharing.services import refresh_requests
from sharing.web import refresh_shown, vocabulary
from sharing.web.forms_refresh import DeclineForm, ForwardForm, QuestionForm
from sharing.web.given import text

LATE = "late"


def _today() -> date:
    return business_day(timezone.now())


def _state(row: RefreshRequest) -> str:
    closed = business_day(row.closed_at) if row.closed_at else None
    late = is_late(row.status, row.due_on, on=_today(), answered_on=closed)
    return LATE if late and row.closed_at is None else row.status


def _by_state(rows: QuerySet[RefreshRequest], wanted: str) -> QuerySet[RefreshRequest]:
    if wanted == LATE:
        return rows.filter(selectors.late(_today()))
    if wanted == "open":
        return rows.filter(status__in=selectors.STATUSES_OPEN)
    return rows.filter(status=wanted)


STATES = {"open": _("All that wait"), LATE: _("Late"), **vocabulary.REFRESH_STATUSES}

QUESTIONS = Table(
    name="sharing.refresh-requests",
    caption=_("Questions to bureaus"),
    columns=(
        Column("uscc", _("Enterprise"), sort="uscc", value=lambda row: row.name or row.uscc,
               href=lambda row: _page(row.pk), note=lambda row: row.uscc,
               note_label=_("Credit code")),
        Column("items", _("Items"), label_of=formats.listed),
        Column("owner", _("Asked by"), sort="owner__short_name", label_of=formats.local),
        Column("addressee", _("Answers"), sort="addressee__short_name", label_of=formats.local),
        Column("asked_at", _("Asked"), Kind.MOMENT, sort="asked_at"),
        Column("due_on", pgettext_lazy("question", "Answer by"), Kind.DAY, sort="due_on"),
        Column("status", _("State"), Kind.STATUS, sort="status", value=_state,
               label_of=lambda code: vocabulary.word(STATES, code),
               tone_of=lambda code: vocabulary.REFRESH_TONES.get(code, "muted")),
    ),
    search=("uscc", "name"),
    filters=(
        Choice("status", _("State"), lambda: vocabulary.options(STATES), _by_state),
        Choice("to", _("Answers"),
               lambda: [("county", _("County")), ("city", _("City")), ("province", _("Province"))],
               "addressee__region__level"),
    ),
    ordering=("-asked_at",),
    empty=_("Nothing was asked yet"),
)  # fmt: skip


@require_safe
@tenant_page(permissions.VIEW_REFRESH)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = selectors.list_for(actor=actor)
    context = {
        "is_bureau": actor.organization_kind == "market_regulator",
        "days": refresh_requests.answer_days(_today()),
    }
    return QUESTIONS.respond(request, rows, "sharing/refresh_requests/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.ASK_REFRESH)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Tick what to ask about; the address may name the enterprise and some items already."""
    uscc = text(request.GET, "uscc").upper()
    chosen = [code for code in text(request.GET, "items").upper().split(",") if code]
    reaches = selectors.reach(uscc, actor=actor)
    items = refresh_shown.askable(reaches, chosen, on=_today())
    form = QuestionForm(request.POST or None, initial={"items": chosen}, items=items)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                given = form.cleaned_data
                asked = refresh_requests.ask(uscc, **given, actor=actor, at=timezone.now())
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                messages.success(request, now("The bureau was asked."))
                return go_to(request, _page(asked.pk))
    context = {"form": form, "uscc": uscc, "reaches": reaches,
               "days": refresh_requests.answer_days(_today())}  # fmt: skip
    return render(request, "sharing/refresh_requests/form.html", context, status=status)


@require_safe
@tenant_page(permissions.VIEW_REFRESH)
def detail(request: HttpRequest, actor: Actor, request_id: UUID) -> HttpResponse:
    return _show(request, actor, request_id)


@require_POST
@tenant_page(permissions.ANSWER_REFRESH)
def answer(request: HttpRequest, actor: Actor, request_id: UUID) -> HttpResponse:
    asked = selectors.get(request_id, actor=actor)
    answering = refresh_shown.forms_for(asked, request.POST, actor=actor, on=_today())
    if not all(form.is_valid() for form in answering):
        return _show(request, actor, request_id, answering=answering, status=422)
    answers = {form.item.code: form.answer() for form in answering}
    try:
        done = refresh_requests.answer(request_id, answers=answers, actor=actor, at=timezone.now())
    except Refusal as refusal:
        answering[0].add_error(None, refresh_shown.sentence(refusal))
        return _show(request, actor, request_id, answering=answering, status=status_of(refusal))
    waits = done.status == "prepared"
    messages.success(
        request,
        now("Prepared. Another person releases it.")
        if waits
        else now("Answered. The bank has it now."),
    )
    return go_to(request, _page(request_id))


@require_POST
@tenant_page(permissions.ANSWER_REFRESH)
def forward(request: HttpRequest, actor: Actor, request_id: UUID) -> HttpResponse:
    asked = selectors.get(request_id, actor=actor)
    form = ForwardForm(request.POST, bureaus=refresh_shown.others(asked))
    if not form.is_valid():
        return _show(request, actor, request_id, forwarding=form, status=422)
    refresh_requests.forward(request_id, to=form.cleaned_data["to"], actor=actor, at=timezone.now())
    messages.success(request, now("The question was forwarded."))
    return go_to(request, _page(request_id))


@require_POST
@tenant_page(permissions.ANSWER_REFRESH)
def decline(request: HttpRequest, actor: Actor, request_id: UUID) -> HttpResponse:
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, actor, request_id, declining=form, status=422)
    refresh_requests.decline(request_id, **form.cleaned_data, actor=actor, at=timezone.now())
    messages.success(request, now("The bank reads why nothing can be said."))
    return go_to(request, _page(request_id))


@require_POST
@tenant_page(permissions.ASK_REFRESH)
def cancel(request: HttpRequest, actor: Actor, request_id: UUID) -> HttpResponse:
    refresh_requests.cancel(request_id, actor=actor, at=timezone.now())
    messages.success(request, now("The question was taken back."))
    return go_to(request, _page(request_id))


def _show(
    request: HttpRequest,
    actor: Actor,
    request_id: UUID,
    *,
    answering: list[Any] | None = None,
    forwarding: forms.Form | None = None,
    declining: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = selectors.get(request_id, actor=actor)
    may_answer = refresh_shown.may_answer(asked, actor=actor)
    others = refresh_shown.others(asked) if may_answer else []
    context: dict[str, Any] = {
        "asked": asked,
        "state": vocabulary.word(STATES, _state(asked)),
        "tone": vocabulary.REFRESH_TONES.get(_state(asked), "muted"),
        "lines": refresh_shown.lines(asked, actor=actor, on=_today()),
        "events": refresh_shown.events(asked),
        "is_bureau": actor.organization_kind == "market_regulator",
        "may_cancel": refresh_shown.may_cancel(asked, actor=actor),
        "may_answer": may_answer,
        "answering": (answering or refresh_shown.forms_for(asked, None, actor=actor, on=_today()))
        if may_answer
        else [],
        "forward_form": (forwarding or ForwardForm(bureaus=others)) if others else None,
        "decline_form": declining or DeclineForm(),
    }
    return render(request, "sharing/refresh_requests/detail.html", context, status=status)


def _page(request_id: UUID) -> str:
    return reverse("sharing:refresh-request", args=[request_id])
