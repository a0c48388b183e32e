"""Asking enterprises to declare: one of them, or all of a round's that lack something."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from sharing import permissions
from sharing.domain import declarations as domain
from sharing.models import Enterprise
from sharing.selectors import collection_rounds as rounds
from sharing.selectors import declarations as selectors
from sharing.selectors.declarations import Narrowed
from sharing.services import consent_links, declarations
from sharing.web import vocabulary
from sharing.web.forms_declarations import AskForm, AskRoundForm
from sharing.web.given import text


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.UPLOAD_IMPORT)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask one enterprise, which the address names; the list may be named too."""
    firm = one(Enterprise.objects.all(), pk=text(request.GET, "uscc").upper())
    today = business_day(timezone.now())
    catalogue = factor_lists.in_force(_list(request), today)
    items = [
        (code, formats.coded(code, catalogue.items[code])) for code in domain.declarable(catalogue)
    ]
    initial = {"due_on": _day_for_answers(), "items": request.GET.getlist("items")}
    form, status = AskForm(request.POST or None, initial=initial, items=items), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = declarations.ask(
                    firm.pk, factor_list=catalogue.code, **form.cleaned_data, actor=actor,
                    at=timezone.now(),
                )  # fmt: skip
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                messages.success(request, now("The enterprise is asked."))
                return go_to(request, reverse("sharing:declaration", args=[made.pk]))
    context = {"form": form, "firm": firm, "has_items": bool(items), **_known(firm, actor)}
    return render(request, "sharing/declarations/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.UPLOAD_IMPORT)
def for_round(request: HttpRequest, actor: Actor, round_id: UUID) -> HttpResponse:
    """Ask all enterprises that lack items of a round, or the part that its page showed."""
    asked = rounds.get(round_id, actor=actor)
    narrowed, at = _narrowed(request), timezone.now()
    initial = {"due_on": max(asked.due_on, business_day(at)), "note": asked.name}
    form, status = AskRoundForm(request.POST or None, initial=initial), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = declarations.ask_for_round(
                    round_id, **form.cleaned_data, narrowed=narrowed, actor=actor, at=at
                )
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                messages.success(request, _said(done))
                return go_to(request, f"{reverse('sharing:declarations')}?status=open")
    context = {"form": form, "asked": asked, **_counted(asked, narrowed, actor)}
    return render(request, "sharing/declarations/for_round.html", context, status=status)


def address_for(round_id: UUID, narrowed: Narrowed) -> str:
    """Return where the enterprises that a round's page shows are asked."""
    query = {
        "item": narrowed.item, "regions": ",".join(narrowed.regions), "q": narrowed.search,
    }  # fmt: skip
    said = urlencode({name: value for name, value in query.items() if value})
    address = reverse("sharing:ask-for-round", args=[round_id])
    return f"{address}?{said}" if said else address


def _counted(asked: Any, narrowed: Narrowed, actor: Actor) -> dict[str, Any]:
    """Return whom the form would ask for what, and how many of them are asked already."""
    try:
        codes = declarations.declarable_of(asked, at=timezone.now())
    except declarations.NothingDeclarable:
        return {"items": [], "number": 0, "before": 0}
    catalogue = factor_lists.in_force(asked.factor_list, business_day(timezone.now()))
    facts = selectors.facts_for(asked, codes, narrowed, actor=actor)
    wanted, before = selectors.wanted(facts)
    return {
        "items": [(code, vocabulary.item_name(catalogue, code)) for code in codes],
        "left": [code for code in asked.items if code not in codes],
        "number": wanted - before,
        "before": before,
    }


def _said(done: declarations.Asked) -> str:
    said = ngettext("%(n)s enterprise is asked.", "%(n)s enterprises are asked.", done.number) % {
        "n": formats.number(done.number)
    }
    if not done.before:
        return said
    return (
        said
        + " "
        + ngettext("%(n)s was asked before.", "%(n)s were asked before.", done.before)
        % {"n": formats.number(done.before)}
    )


def _narrowed(request: HttpRequest) -> Narrowed:
    places = tuple(code for code in text(request.GET, "regions").split(",") if code)
    return Narrowed(text(request.GET, "item"), places, text(request.GET, "q"))


def _known(firm: Enterprise, actor: Actor) -> dict[str, Any]:
    """Return whether an address is known, and what is open with the enterprise."""
    open_ = selectors.list_for(actor=actor, uscc=firm.pk)
    return {
        "addresses": consent_links.addresses_of(firm.pk),
        "open": open_.filter(
            owner_id=actor.organization_id, status__in=selectors.STATUSES_OPEN
        ).first(),
    }


def _list(request: HttpRequest) -> str:
    """Return the factor list that the address names, or the first that is in force."""
    known = factor_lists.codes_in_force(business_day(timezone.now()))
    named = text(request.GET, "list")
    return named if named in known else (known[0] if known else "")


def _day_for_answers() -> Any:
    today = business_day(timezone.now())
    return today + timedelta(days=declarations.rules().on(today)["answer_days"])
