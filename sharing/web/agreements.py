"""Agreements: what is shared with whom, from the draft to the end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.domain.agreements import AGREEMENT, prefix_of
from sharing.models import Agreement
from sharing.policies import GRANTABLE
from sharing.selectors import agreements as selectors
from sharing.selectors import enterprise_lists, regions
from sharing.services import agreements
from sharing.web import vocabulary
from sharing.web.enterprise_lists import recipient_options
from sharing.web.forms_sharing import AgreementForm

AGREEMENTS = Table(
    name="sharing.agreements",
    caption=_("Agreements"),
    columns=(
        Column("recipient", _("Shared with"), sort="recipient__short_name", label_of=formats.local,
               href=lambda row: _page(row.pk), note=lambda row: row.factor_list),
        Column("owner", _("Shared by"), sort="owner__short_name", label_of=formats.local),
        Column("purposes", _("Purposes"),
               label_of=vocabulary.purposes_in_words),
        Column("items", _("Items shown"), Kind.NUMBER, value=lambda row: len(row.items)),
        Column("starts_on", _("First day"), Kind.DAY, sort="starts_on"),
        Column("ends_on", _("Last day"), Kind.DAY, sort="ends_on"),
        Column("status", _("State"), Kind.STATUS, sort="status",
               label_of=lambda code: vocabulary.word(vocabulary.AGREEMENT_STATUSES, code),
               tone_of=lambda code: vocabulary.AGREEMENT_TONES.get(code, "muted")),
    ),
    search=("recipient__name_zh", "recipient__name_en", "owner__name_zh", "owner__name_en"),
    filters=(
        Choice("status", _("State"), lambda: vocabulary.options(vocabulary.AGREEMENT_STATUSES)),
    ),
    ordering=("-created_at",),
    empty=_("No agreement yet"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """The items of one category, by what the agreement makes of them."""

    name: str
    is_covered: bool
    shown: tuple[tuple[str, str], ...]
    with_consent: tuple[tuple[str, str], ...]
    withheld: tuple[tuple[str, str], ...]


@require_safe
@tenant_page("sharing.agreement.view")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"may_write": _may_conclude(actor)}
    rows = selectors.list_for(actor=actor)
    return AGREEMENTS.respond(request, rows, "sharing/agreements/list.html", context)


@require_safe
@tenant_page("sharing.agreement.view")
def detail(request: HttpRequest, actor: Actor, agreement_id: UUID) -> HttpResponse:
    agreement = selectors.get(agreement_id, actor=actor)
    catalogue = _catalogue(agreement)
    names = regions.of_province(agreement.owner.region_id)
    may_change = _may_conclude(actor) and agreement.owner_id == actor.organization_id
    context = {
        "agreement": agreement,
        "status_word": vocabulary.word(vocabulary.AGREEMENT_STATUSES, agreement.status),
        "status_tone": vocabulary.AGREEMENT_TONES.get(agreement.status, "muted"),
        "purposes": vocabulary.purposes_in_words(agreement.purposes),
        "regions": [
            formats.local(names[code]) if code in names else code for code in agreement.regions
        ],
        "lists": _lists(agreement, actor),
        "parts": _parts(agreement, catalogue),
        "list_version": catalogue.version,
        "actions": AGREEMENT.actions_from(agreement.status) if may_change else (),
    }
    return render(request, "sharing/agreements/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.agreement.write")
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    form, status = AgreementForm(request.POST or None, choices=_choices(actor)), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                drafted = agreements.draft(**form.terms(), actor=actor, at=timezone.now())
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                messages.success(request, now("The draft is kept. Nothing is shared yet."))
                return go_to(request, _page(drafted.pk))
    return render(request, "sharing/agreements/form.html", {"form": form}, status=status)


@require_POST
@tenant_page("sharing.agreement.write")
def activate(request: HttpRequest, actor: Actor, agreement_id: UUID) -> HttpResponse:
    return _act(
        request, actor, agreement_id, agreements.activate, now("The agreement is in force.")
    )


@require_POST
@tenant_page("sharing.agreement.write")
def suspend(request: HttpRequest, actor: Actor, agreement_id: UUID) -> HttpResponse:
    return _act(
        request, actor, agreement_id, agreements.suspend, now("The agreement is suspended.")
    )


@require_POST
@tenant_page("sharing.agreement.write")
def end(request: HttpRequest, actor: Actor, agreement_id: UUID) -> HttpResponse:
    return _act(request, actor, agreement_id, agreements.end, now("The agreement has ended."))


def _act(
    request: HttpRequest,
    actor: Actor,
    agreement_id: UUID,
    action: Callable[..., Agreement],
    said: str,
) -> HttpResponse:
    action(agreement_id, actor=actor, at=timezone.now())
    messages.success(request, said)
    return go_to(request, _page(agreement_id))


def _choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """Return what an agreement of the actor's organization can be about."""
    today = business_day(timezone.now())
    lists = [entry for entry in factor_lists.list_for(actor=actor, on=today) if entry.in_force]
    catalogues = [factor_lists.newest(entry.code) for entry in lists]
    categories = {c.code: formats.local(c) for known in catalogues for c in known.categories}
    prefix = prefix_of(actor.region or "")
    inside = regions.of_province(actor.region)
    return {
        "recipient": recipient_options(actor),
        "factor_list": [(entry.code, formats.coded(entry.code, entry)) for entry in lists],
        "categories": list(categories.items()),
        "purposes": vocabulary.options(vocabulary.PURPOSES, GRANTABLE),
        "regions": [
            (code, formats.coded(code, region))
            for code, region in inside.items()
            if code.startswith(prefix) and code != actor.region and region.valid_to is None
        ],
        "enterprise_list_ids": _own_lists(actor),
    }


def _own_lists(actor: Actor) -> list[tuple[str, str]]:
    kept = enterprise_lists.list_for(actor=actor).filter(owner_id=actor.organization_id)
    return [(str(one.pk), one.name) for one in kept.order_by("name", "pk")[:200]]


def _lists(agreement: Agreement, actor: Actor) -> list[Any]:
    if not agreement.enterprise_list_ids or not actor.may(permissions.VIEW_ENTERPRISE_LIST):
        return []
    known = enterprise_lists.list_for(actor=actor).filter(pk__in=agreement.enterprise_list_ids)
    return list(known.order_by("name", "pk"))


def _catalogue(agreement: Agreement) -> Catalogue:
    if agreement.list_version:
        return factor_lists.catalogue(agreement.factor_list, agreement.list_version)
    return factor_lists.in_force(agreement.factor_list, business_day(timezone.now()))


def _parts(agreement: Agreement, catalogue: Catalogue) -> list[Part]:
    terms = selectors.preview(agreement, on=business_day(timezone.now()))

    def of(category: str, codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (code, vocabulary.item_name(catalogue, code))
            for code in codes
            if catalogue.items[code].category == category
        )

    return [
        Part(
            formats.local(category),
            category.code in agreement.categories,
            of(category.code, terms.items),
            of(category.code, terms.consent_items),
            of(category.code, terms.withheld_items),
        )
        for category in catalogue.categories
    ]


def _may_conclude(actor: Actor) -> bool:
    regulates = actor.organization_kind == "market_regulator"
    return regulates and actor.may(permissions.WRITE_AGREEMENT)


def _page(agreement_id: UUID) -> str:
    return reverse("sharing:agreement", args=[agreement_id])
