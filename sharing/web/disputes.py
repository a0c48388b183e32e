"""Objections to facts: whoever is shown a fact disputes it, the bureau of the region decides."""

from dataclasses import replace
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
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import NotPermitted, Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.domain.disputes import DISPUTE
from sharing.models import Dispute, FactorProfile
from sharing.selectors import disputes as selectors
from sharing.services import disputes
from sharing.web import refresh_shown, vocabulary
from sharing.web.forms_disputes import DisputeForm, RejectForm, UpholdForm
from sharing.web.given import text

LATE, IN_TIME, OWN = "late", "in_time", "own"
STATES = {
    "open": _("All that wait"),
    LATE: _("Late"),
    IN_TIME: _("In time"),
    **vocabulary.DISPUTE_STATUSES,
}
TONES = {**vocabulary.DISPUTE_TONES, LATE: "bad"}


def _today() -> date:
    return business_day(timezone.now())


def _state(row: Dispute) -> str:
    return LATE if row.closed_at is None and row.due_on < _today() else row.status


def _by_state(rows: QuerySet[Dispute], wanted: str) -> QuerySet[Dispute]:
    if wanted == LATE:
        return rows.filter(selectors.late(_today()))
    if wanted == IN_TIME:
        return rows.filter(selectors.in_time(_today()))
    if wanted == "open":
        return rows.filter(status__in=selectors.STATUSES_OPEN)
    return rows.filter(status=wanted)


DISPUTES = Table(
    name="sharing.disputes",
    caption=_("Disputes"),
    columns=(
        Column("uscc", _("Enterprise"), sort="uscc", value=lambda row: row.name or row.uscc,
               href=lambda row: _page(row.pk), note=lambda row: row.uscc,
               note_label=_("Credit code")),
        Column("item", _("Item"), sort="item"),
        Column("owner", _("Disputed by"), sort="owner__short_name", label_of=formats.local),
        Column("addressee", _("Decides"), sort="addressee__short_name", label_of=formats.local),
        Column("opened_at", _("Opened"), Kind.MOMENT, sort="opened_at"),
        Column("due_on", _("Decide by"), Kind.DAY, sort="due_on"),
        Column("status", _("State"), Kind.STATUS, sort="status", value=_state,
               label_of=lambda code: vocabulary.word(STATES, code),
               tone_of=lambda code: TONES.get(code, "muted")),
    ),
    search=("uscc", "name"),
    filters=(Choice("status", _("State"), lambda: vocabulary.options(STATES), _by_state),),
    ordering=("-opened_at",),
    empty=_("Nothing is disputed"),
)  # fmt: skip
BY_BUREAU = Choice(
    "decides",
    _("Decides"),
    ((OWN, _("Your own bureau")),),
    lambda rows, _wanted: rows.filter(selectors.own_bureaus()),
)
OF_BUREAUS = replace(DISPUTES, filters=(*DISPUTES.filters, BY_BUREAU))


@require_safe
@tenant_page(permissions.VIEW_DISPUTE)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    is_bureau = actor.organization_kind == "market_regulator"
    context = {
        "is_bureau": is_bureau,
        "days": disputes.answer_days(business_day(timezone.now())),
    }
    rows = selectors.list_for(actor=actor)
    table = OF_BUREAUS if is_bureau else DISPUTES
    return table.respond(request, rows, "sharing/disputes/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.OPEN_DISPUTE)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Say what is wrong; the address may name the enterprise and the item already."""
    uscc, item = text(request.GET, "uscc").upper(), text(request.GET, "item").upper()
    wanted = text(request.POST, "item") or item or None
    seen = selectors.open_to(uscc, actor=actor, at=timezone.now(), item=wanted) if uscc else []
    items = refresh_shown.askable(seen, [item], on=_today())
    form = DisputeForm(request.POST or None, initial={"item": item}, items=items)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = disputes.open_(uscc, **form.cleaned_data, actor=actor, at=timezone.now())
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                messages.success(request, now("The fact is marked, and the bureau was told."))
                return go_to(request, _page(made.pk))
    context = {
        "form": form,
        "uscc": uscc,
        "name": seen[0].name if seen else "",
        "may_dispute": bool(seen),
        "days": disputes.answer_days(business_day(timezone.now())),
    }
    return render(request, "sharing/disputes/form.html", context, status=status)


@require_safe
@tenant_page(permissions.VIEW_DISPUTE)
def detail(request: HttpRequest, actor: Actor, dispute_id: UUID) -> HttpResponse:
    return _show(request, actor, dispute_id)


@require_POST
@tenant_page(permissions.DECIDE_DISPUTE)
def uphold(request: HttpRequest, actor: Actor, dispute_id: UUID) -> HttpResponse:
    form = _uphold_form(selectors.get(dispute_id, actor=actor), request.POST)
    if form is None or not form.is_valid():
        return _show(request, actor, dispute_id, upholding=form, status=422)
    try:
        disputes.uphold(dispute_id, **form.decision(), actor=actor, at=timezone.now())
    except Refusal as refusal:
        form.add_error(None, refresh_shown.sentence(refusal))
        return _show(request, actor, dispute_id, upholding=form, status=status_of(refusal))
    messages.success(request, now("Prepared. Another person releases it."))
    return go_to(request, _page(dispute_id))


@require_POST
@tenant_page(permissions.DECIDE_DISPUTE)
def reject(request: HttpRequest, actor: Actor, dispute_id: UUID) -> HttpResponse:
    form = RejectForm(request.POST)
    if not form.is_valid():
        return _show(request, actor, dispute_id, rejecting=form, status=422)
    disputes.reject(dispute_id, **form.cleaned_data, actor=actor, at=timezone.now())
    messages.success(request, now("Rejected. The mark is gone."))
    return go_to(request, _page(dispute_id))


@require_POST
@tenant_page(permissions.OPEN_DISPUTE)
def cancel(request: HttpRequest, actor: Actor, dispute_id: UUID) -> HttpResponse:
    disputes.cancel(dispute_id, actor=actor, at=timezone.now())
    messages.success(request, now("The dispute was taken back."))
    return go_to(request, _page(dispute_id))


def _show(
    request: HttpRequest,
    actor: Actor,
    dispute_id: UUID,
    *,
    upholding: UpholdForm | None = None,
    rejecting: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    dispute = selectors.get(dispute_id, actor=actor)
    held, catalogue = _held(dispute)
    is_bureau = actor.organization_kind == "market_regulator"
    may_decide = _may_decide(dispute, actor)
    codes = selectors.standing_as(dispute)
    context: dict[str, Any] = {
        "dispute": dispute,
        "state": vocabulary.word(STATES, _state(dispute)),
        "tone": TONES.get(_state(dispute), "muted"),
        "item_name": formats.listed(vocabulary.item_name(catalogue, code) for code in codes),
        "stored": _stored(held, codes, catalogue) if is_bureau else "",
        "events": _events(dispute),
        "is_bureau": is_bureau,
        "may_decide": may_decide,
        "may_cancel": dispute.owner_id == actor.organization_id
        and actor.may(permissions.OPEN_DISPUTE)
        and "cancel" in DISPUTE.actions_from(dispute.status),
        "uphold_form": (upholding or _uphold_form(dispute, None)) if may_decide else None,
        "reject_form": rejecting or RejectForm(),
    }
    return render(request, "sharing/disputes/detail.html", context, status=status)


def _held(dispute: Dispute) -> tuple[FactorProfile | None, Catalogue]:
    """Return what is stored, for a bureau, and the list's version that it is of."""
    held = FactorProfile.objects.filter(uscc=dispute.uscc, factor_list=dispute.factor_list).first()
    if held is None:
        return None, factor_lists.in_force(dispute.factor_list, _today())
    return held, factor_lists.catalogue(dispute.factor_list, held.list_version)


def _stored(held: FactorProfile | None, codes: list[str], catalogue: Catalogue) -> str:
    values = held.values if held else {}
    texts = [vocabulary.member_text(catalogue, code, values.get(code)) for code in codes]
    return " · ".join(text for text in texts if text)


def _uphold_form(dispute: Dispute, given: Any) -> UpholdForm | None:
    """Return the form of a decision; None where the list has such an item no more."""
    _, catalogue = _held(dispute)
    code = selectors.standing_as(dispute)[0]
    return UpholdForm(given, catalogue=catalogue, code=code) if code in catalogue.items else None


def _may_decide(dispute: Dispute, actor: Actor) -> bool:
    try:
        permissions.check_can_decide_dispute(actor, dispute)
    except NotPermitted:
        return False
    return "reject" in DISPUTE.actions_from(dispute.status)


def _events(dispute: Dispute) -> list[tuple[Any, str, str, str, str]]:
    """Return what happened, newest first, as (moment, title, tone, icon, words)."""
    opened = pgettext("dispute", "Opened")
    found = [(dispute.opened_at, opened, "warn", "message-exclamation", dispute.statement)]
    if dispute.closed_at:
        tone = vocabulary.DISPUTE_TONES.get(dispute.status, "muted")
        title = vocabulary.word(vocabulary.DISPUTE_STATUSES, dispute.status)
        found.insert(0, (dispute.closed_at, title, tone, "gavel", dispute.reason))
    return found


def _page(dispute_id: UUID) -> str:
    return reverse("sharing:dispute", args=[dispute_id])
