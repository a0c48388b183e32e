"""Consents: asked for by readers, given, refused and taken back by the enterprise."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing.domain.consents import CONSENT
from sharing.models import Consent
from sharing.selectors import consents as selectors
from sharing.services import consents
from sharing.web import vocabulary
from sharing.web.forms_sharing import ConsentForm, GrantForm

CONSENTS = Table(
    name="sharing.consents",
    caption=_("Consents"),
    columns=(
        Column("uscc", _("Enterprise"), Kind.CODE, sort="uscc", href=lambda row: _page(row.pk)),
        Column("recipient", _("For"), sort="recipient__short_name", label_of=formats.local),
        Column("items", _("Items"), label_of=formats.listed),
        Column("purposes", _("Purposes"),
               label_of=vocabulary.purposes_in_words),
        Column("requested_at", _("Asked"), Kind.MOMENT, sort="requested_at"),
        Column("ends_on", _("Last day"), Kind.DAY, sort="ends_on"),
        Column("status", _("State"), Kind.STATUS, sort="status",
               label_of=lambda code: vocabulary.word(vocabulary.CONSENT_STATUSES, code),
               tone_of=lambda code: vocabulary.CONSENT_TONES.get(code, "muted")),
    ),
    search=("uscc", "recipient__name_zh", "recipient__name_en"),
    filters=(
        Choice("status", _("State"), lambda: vocabulary.options(vocabulary.CONSENT_STATUSES)),
    ),
    ordering=("-requested_at",),
    empty=_("No consent was asked for yet"),
)  # fmt: skip


@require_safe
@tenant_page("sharing.consent.write")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"is_enterprise": actor.organization_kind == "enterprise"}
    rows = selectors.list_for(actor=actor)
    return CONSENTS.respond(request, rows, "sharing/consents/list.html", context)


@require_safe
@tenant_page("sharing.consent.write")
def detail(request: HttpRequest, actor: Actor, consent_id: UUID) -> HttpResponse:
    return _show(request, actor, consent_id, GrantForm())


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.consent.write")
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    if actor.organization_kind == "enterprise":
        return redirect("sharing:consents")
    askable = selectors.askable(actor=actor)
    catalogues = _catalogues(askable.factor_lists)
    choices: dict[str, Any] = {
        "items": [(code, f"{code} {_name(catalogues, code)}") for code in askable.items],
        "purposes": [code for code in vocabulary.PURPOSES if code in askable.purposes],
    }
    initial = {
        "uscc": request.GET.get("uscc", ""),
        "items": request.GET.getlist("items") or askable.items,
        "purposes": askable.purposes,
    }
    form, status = ConsentForm(request.POST or None, initial=initial, **choices), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                asked = consents.request(**form.cleaned_data, actor=actor, at=timezone.now())
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                messages.success(
                    request, now("The enterprise was asked. You see here what it decides.")
                )
                return go_to(request, _page(asked.pk))
    context = {"form": form, "has_items": bool(askable.items)}
    return render(request, "sharing/consents/form.html", context, status=status)


@require_POST
@tenant_page("sharing.consent.write")
def grant(request: HttpRequest, actor: Actor, consent_id: UUID) -> HttpResponse:
    form = GrantForm(request.POST)
    form.is_valid()
    allows = bool(form.cleaned_data.get("allows_feedback"))
    consents.grant(consent_id, allows_feedback=allows, actor=actor, at=timezone.now())
    messages.success(request, now("The consent is given."))
    return go_to(request, _page(consent_id))


@require_POST
@tenant_page("sharing.consent.write")
def refuse(request: HttpRequest, actor: Actor, consent_id: UUID) -> HttpResponse:
    return _act(request, actor, consent_id, consents.refuse, now("The consent was refused."))


@require_POST
@tenant_page("sharing.consent.write")
def withdraw(request: HttpRequest, actor: Actor, consent_id: UUID) -> HttpResponse:
    return _act(request, actor, consent_id, consents.withdraw, now("The consent was taken back."))


def items_in_words(codes: list[str]) -> list[tuple[str, str]]:
    """Return items of a consent with their names, from whatever list in force knows them."""
    catalogues = _catalogues(None)
    return [(code, _name(catalogues, code)) for code in codes]


def _act(
    request: HttpRequest,
    actor: Actor,
    consent_id: UUID,
    action: Callable[..., Consent],
    said: str,
) -> HttpResponse:
    action(consent_id, actor=actor, at=timezone.now())
    messages.success(request, said)
    return go_to(request, _page(consent_id))


def _show(request: HttpRequest, actor: Actor, consent_id: UUID, form: GrantForm) -> HttpResponse:
    consent = selectors.get(consent_id, actor=actor)
    is_own = actor.organization_kind == "enterprise" and actor.uscc == consent.uscc
    context: dict[str, Any] = {
        "consent": consent,
        "form": form,
        "items": items_in_words(consent.items),
        "purposes": vocabulary.purposes_in_words(consent.purposes),
        "status_word": vocabulary.word(vocabulary.CONSENT_STATUSES, consent.status),
        "status_tone": vocabulary.CONSENT_TONES.get(consent.status, "muted"),
        "actions": CONSENT.actions_from(consent.status) if is_own else (),
        "events": _events(consent),
    }
    return render(request, "sharing/consents/detail.html", context)


def _events(consent: Consent) -> list[tuple[Any, str, str, str]]:
    moments = (
        (consent.ended_at, pgettext("consent event", "Ended"), "muted", "calendar-off"),
        (consent.withdrawn_at, pgettext("consent event", "Taken back"), "bad", "circle-minus"),
        (consent.refused_at, pgettext("consent event", "Refused"), "bad", "circle-x"),
        (consent.granted_at, pgettext("consent event", "Given"), "good", "circle-check"),
        (consent.requested_at, pgettext("consent event", "Asked for"), "info", "help-circle"),
    )
    return [moment for moment in moments if moment[0] is not None]


def _catalogues(codes: list[str] | None) -> list[Catalogue]:
    today = business_day(timezone.now())
    found = []
    for code in factor_lists.codes_in_force(today) if codes is None else codes:
        try:
            found.append(factor_lists.in_force(code, today))
        except NoSuchRecord:
            continue  # a list that has ended: a consent may still name it, and shows its codes
    return found


def _name(catalogues: list[Catalogue], code: str) -> str:
    for catalogue in catalogues:
        if code in catalogue.items:
            return vocabulary.item_name(catalogue, code)
    return code


def _page(consent_id: UUID) -> str:
    return reverse("sharing:consent", args=[consent_id])
