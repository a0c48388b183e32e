"""Collection rounds: who has delivered, who is late, what is missing, on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import charts, formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.table_sources import Wanted
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing import permissions
from sharing.models import CollectionRound
from sharing.selectors import collection_rounds as selectors
from sharing.selectors import enterprise_lists, regions
from sharing.selectors.collection_rounds import Lacking
from sharing.selectors.declarations import Narrowed
from sharing.services import collection_rounds
from sharing.web import declaration_asking, quality_charts, vocabulary
from sharing.web.forms_rounds import RoundForm
from sharing.web.forms_sharing import Pairs
from sharing.web.given import text

STATUSES = {"open": _("Running"), "closed": _("Closed")}
STATES = {
    "complete": _("Complete"),
    "partly": _("Partly delivered"),
    "nothing": _("Nothing delivered"),
    "late": _("Late"),
}
TONES = {"complete": "good", "partly": "info", "nothing": "warn", "late": "bad"}

ROUNDS = Table(
    name="sharing.collection-rounds",
    caption=_("Collection rounds"),
    columns=(
        Column("name", _("Round"), sort="name", href=lambda row: _page(row.pk)),
        Column("owner", pgettext_lazy("round", "Opened by"), sort="owner__short_name",
               label_of=formats.local),
        Column("items", _("Items"), label_of=formats.listed),
        Column("opened_at", pgettext_lazy("round", "Opened"), Kind.MOMENT, sort="opened_at"),
        Column("due_on", pgettext_lazy("deadline", "Last day"), Kind.DAY, sort="due_on"),
        Column("status", _("State"), Kind.STATUS, sort="status",
               label_of=lambda code: vocabulary.word(STATUSES, code),
               tone_of=lambda code: "info" if code == "open" else "muted"),
    ),
    search=("name",),
    filters=(Choice("status", _("State"), lambda: vocabulary.options(STATUSES)),),
    ordering=("-opened_at",),
    empty=_("No round was opened yet"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Missing:
    """The enterprises of a round that lack items, a page at a time."""

    asked: CollectionRound
    actor: Actor
    regions: tuple[str, ...]

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[Lacking], int]:
        return selectors.missing(
            self.asked,
            actor=self.actor,
            item=wanted.filters.get("item", ""),
            regions=self.regions,
            search=wanted.search,
            offset=offset,
            limit=limit,
        )


@require_safe
@tenant_page(permissions.VIEW_IMPORT)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"may_open": actor.may(permissions.WRITE_ROUND)}
    rows = selectors.list_for(actor=actor)
    return ROUNDS.respond(request, rows, "sharing/collection_rounds/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.WRITE_ROUND)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    factor_list = _list(request, actor)
    form = RoundForm(request.POST or None, choices=_choices(factor_list, actor))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = collection_rounds.open_(
                    factor_list=factor_list, **form.cleaned_data, actor=actor, at=timezone.now()
                )
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                messages.success(request, now("The round is open. The bureaus see it now."))
                return go_to(request, _page(made.pk))
    context = {"form": form, "factor_list": factor_list}
    return render(request, "sharing/collection_rounds/form.html", context, status=status)


@require_safe
@tenant_page(permissions.VIEW_IMPORT)
def detail(request: HttpRequest, actor: Actor, round_id: UUID) -> HttpResponse:
    """Show how far each bureau is; every number opens into the enterprises behind it."""
    asked = selectors.get(round_id, actor=actor)
    today = business_day(timezone.now())
    catalogue = factor_lists.in_force(asked.factor_list, today)
    found = selectors.progress(asked, actor=actor, on=today)
    names = [(code, vocabulary.item_name(catalogue, code)) for code in asked.items]
    rows = [_row(asked, each) for each in found]
    context = {
        "asked": asked,
        "status": vocabulary.word(STATUSES, asked.status),
        "items": names,
        "rows": rows,
        "chart": _chart(rows) if rows else None,
        "enterprises": sum(each.enterprises for each in found),
        "lacking": sum(each.lacking for each in found),
        "late": sum(each.state == "late" for each in found),
        "places": _places(asked, actor),
        "deliveries": list(selectors.deliveries(asked, actor=actor)[:20]),
        "may_close": _may_close(asked, actor),
        "may_deliver": asked.status == "open" and actor.may(permissions.UPLOAD_IMPORT),
    }
    return render(request, "sharing/collection_rounds/detail.html", context)


@require_safe
@tenant_page(permissions.VIEW_IMPORT)
def missing(request: HttpRequest, actor: Actor, round_id: UUID) -> HttpResponse:
    """List the enterprises that lack items, of one bureau's regions or of all."""
    asked = selectors.get(round_id, actor=actor)
    places = tuple(code for code in text(request.GET, "regions").split(",") if code)
    table = _missing_table(asked, actor)
    context = {
        "asked": asked,
        "may_enter": actor.may(permissions.WRITE_RECORD),
        "asking": _asking(request, asked, places, actor),
    }
    rows = Missing(asked, actor, places)
    return table.respond(request, rows, "sharing/collection_rounds/missing.html", context)


@require_POST
@tenant_page(permissions.WRITE_ROUND)
def close(request: HttpRequest, actor: Actor, round_id: UUID) -> HttpResponse:
    collection_rounds.close(round_id, actor=actor, at=timezone.now())
    messages.success(request, now("The round is closed."))
    return go_to(request, _page(round_id))


def _missing_table(asked: CollectionRound, actor: Actor) -> Table:
    catalogue = factor_lists.in_force(asked.factor_list, business_day(timezone.now()))
    known = regions.of_province(actor.region)
    options = [(code, vocabulary.item_name(catalogue, code)) for code in asked.items]

    def enter(row: Lacking) -> str | None:
        if not actor.may(permissions.WRITE_RECORD) or not row.name:
            return None
        query = urlencode({"uscc": row.uscc, "item": row.items[0], "action": "observe"})
        return f"{reverse('sharing:new-record-change')}?{query}"

    return Table(
        name="sharing.collection-round-missing",
        caption=_("Missing items"),
        columns=(
            Column("name", _("Enterprise"), value=lambda row: row.name or row.uscc,
                   href=lambda row: reverse("sharing:enterprise", args=[row.uscc])),
            Column("uscc", _("Credit code"), Kind.CODE),
            Column("region", _("Region"),
                   label_of=lambda code: formats.local(known[code]) if code in known else code),
            Column("items", _("Lacks"), href=enter,
                   label_of=formats.listed),
        ),
        search=("uscc",),
        filters=(Choice("item", _("Item"), options),),
        empty=_("Nothing is missing"),
        fixed=("regions",),
    )  # fmt: skip


def _row(asked: CollectionRound, each: selectors.BureauProgress) -> dict[str, Any]:
    """Return one bureau's line, with the address behind each number."""
    here = reverse("sharing:collection-round-missing", args=[asked.pk])
    places = ",".join(each.regions)
    cells = [
        (number, f"{here}?{urlencode({'regions': places, 'item': code})}")
        for code, number in each.cells.items()
    ]
    return {
        "name": formats.local(each.bureau),
        "progress": each,
        "state": vocabulary.word(STATES, each.state),
        "tone": TONES[each.state],
        "href": f"{here}?{urlencode({'regions': places})}",
        "cells": cells,
    }


def _chart(rows: Sequence[dict[str, Any]]) -> charts.Chart:
    pairs = [(row["name"], round(100 * row["progress"].share, 1)) for row in rows]
    return quality_charts.of_shares(now("Bureau"), now("Delivered, %"), pairs)


def _places(asked: CollectionRound, actor: Actor) -> list[str]:
    known = regions.of_province(actor.region)
    return [formats.local(known[code]) if code in known else code for code in asked.regions]


def _asking(
    request: HttpRequest, asked: CollectionRound, places: tuple[str, ...], actor: Actor
) -> str:
    """Return where the enterprises that the page shows are asked themselves; empty for nowhere."""
    if asked.status != "open" or not actor.may(permissions.UPLOAD_IMPORT):
        return ""
    shown = Narrowed(text(request.GET, "item"), places, text(request.GET, "q"))
    return declaration_asking.address_for(asked.pk, shown)


def _may_close(asked: CollectionRound, actor: Actor) -> bool:
    is_own = asked.owner_id == actor.organization_id
    return is_own and asked.status == "open" and actor.may(permissions.WRITE_ROUND)


def _list(request: HttpRequest, actor: Actor) -> str:
    """Return the factor list that the address names, or the first that is in force."""
    known = factor_lists.codes_in_force(business_day(timezone.now()))
    named = request.GET.get("list", "")
    return named if named in known else (known[0] if known else "")


def _choices(factor_list: str, actor: Actor) -> dict[str, Pairs]:
    catalogue = factor_lists.in_force(factor_list, business_day(timezone.now()))
    lists = enterprise_lists.list_for(actor=actor) if _sees_lists(actor) else []
    return {
        "items": [(code, formats.coded(code, i)) for code, i in catalogue.items.items()],
        "regions": [
            (code, formats.coded(code, region))
            for code, region in regions.of_province(actor.region).items()
            if region.valid_to is None
        ],
        "enterprise_list_id": [(str(kept.pk), kept.name) for kept in lists],
    }


def _sees_lists(actor: Actor) -> bool:
    return actor.may(permissions.VIEW_ENTERPRISE_LIST)


def _page(round_id: UUID) -> str:
    return reverse("sharing:collection-round", args=[round_id])
