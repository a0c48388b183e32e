"""Enterprises: the register, one enterprise's record and its past, and who has read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.views.decorators.http import require_safe

from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.table_sources import QuerySetSource, Wanted
from qfce.kernel.web.tables import Table
from sharing import permissions
from sharing.selectors import disclosures, dossiers, enterprise_lists, enterprises_register, regions
from sharing.web import dossier_rows, vocabulary
from sharing.web.enterprise_tables import READERS, register_table, search_table
from sharing.web.forms_sharing import ReadForm

MOST_FOUND = 1000
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Found:
    """Enterprises found by the database for whoever has no region: read from a search."""

    actor: Actor

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[list[Any], int]:
        if len(wanted.search) < SHORTEST:
            return [], 0
        found = list(enterprise_lists.search(wanted.search, actor=self.actor, limit=MOST_FOUND))
        for name in reversed(wanted.order):
            key = name.lstrip("-")
            found.sort(key=lambda one: str(getattr(one, key) or ""), reverse=name.startswith("-"))
        return found[offset : offset + limit], len(found)


@dataclass(frozen=True, slots=True)
class Register:
    """A bureau's register: the table itself, or of it what a search found."""

    rows: QuerySet[Any]
    table: Table
    actor: Actor

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[Any], int]:
        rows = self.rows
        if wanted.search:
            region = wanted.filters.get("region")
            found = enterprise_lists.search(
                wanted.search, actor=self.actor, limit=MOST_FOUND, region=region
            )
            rows = rows.filter(pk__in=[one.uscc for one in found])
        unsearched = Wanted("", wanted.filters, wanted.order)
        return QuerySetSource(rows, self.table.narrowing()).page(unsearched, offset, limit)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of an enterprise's page asks for."""

    purpose: str
    as_of: date | None
    known_at: datetime | None

    @property
    def query(self) -> str:
        days = {"as_of": self.as_of.isoformat() if self.as_of else ""}
        if self.known_at:
            days["known_at"] = dossier_rows.local_instant(self.known_at)
        return urlencode({k: v for k, v in {"purpose": self.purpose, **days}.items() if v})


@require_safe
@tenant_page("sharing.enterprise.view")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    if actor.organization_kind == "enterprise" and actor.uscc:
        return redirect("sharing:enterprise", actor.uscc)
    names = regions.of_province(actor.region)
    if actor.organization_kind == "market_regulator":
        table = register_table(names, actor.region)
        rows: Any = Register(enterprises_register.list_for(actor=actor), table, actor)
    else:
        rows, table = Found(actor), search_table(names)
    context = {"is_search": actor.organization_kind != "market_regulator"}
    return table.respond(request, rows, "sharing/enterprises/list.html", context)


@require_safe
@tenant_page("sharing.enterprise.view")
def detail(request: HttpRequest, actor: Actor, uscc: str) -> HttpResponse:
    """The record: every item with its value, or with the reason why there is none."""
    form, asked, status = _asked(request, actor)
    if asked is None:
        return _ask(request, actor, uscc, form, status)
    dossier = _read(uscc, asked, actor)
    sections = dossier_rows.sections(dossier, query=asked.query, actor=actor)
    only_known = request.GET.get("show") == "known"
    context = {
        "sections": sections,
        "counts": dossier_rows.counts(dossier),
        "only_known": only_known,
        "may_correct": _may_correct(actor),
        "may_ask": actor.may(permissions.WRITE_CONSENT) and actor.organization_kind != "enterprise",
        "may_ask_bureau": actor.may(permissions.ASK_REFRESH),
        "may_dispute": actor.may(permissions.OPEN_DISPUTE),
        "may_ask_for_declaration": actor.may(permissions.UPLOAD_IMPORT) and dossier.profile.name,
    }
    return _show(request, actor, "detail", dossier, form, asked, context)


@require_safe
@tenant_page("sharing.enterprise.view")
def history(request: HttpRequest, actor: Actor, uscc: str) -> HttpResponse:
    """The time line: publications, and the consents and agreements that the reader may know."""
    form, asked, status = _asked(request, actor)
    if asked is None:
        return _ask(request, actor, uscc, form, status)
    dossier = _read(uscc, asked, actor)
    events = dossier_rows.time_line(
        dossier,
        consents=dossiers.consents_about(dossier.profile.uscc, actor=actor),
        agreements=dossiers.agreements_about(dossier.profile.region, actor=actor),
        purpose=asked.purpose,
    )
    return _show(request, actor, "history", dossier, form, asked, {"events": events})


@require_safe
@tenant_page("sharing.enterprise.view")
def item(request: HttpRequest, actor: Actor, uscc: str, code: str) -> HttpResponse:
    """One item's values, old and new, with where each stands in the ledger."""
    form, asked, status = _asked(request, actor)
    if asked is None:
        return _ask(request, actor, uscc, form, status)
    dossier = _read(uscc, asked, actor)
    sections = dossier_rows.sections(dossier, query=asked.query, actor=actor)
    row = next((row for part in sections for row in part.rows if row.code == code), None)
    if row is None or dossier.catalogue is None:
        raise NoSuchRecord(f"The list has no item {code}.", hint="Check the code of the item.")
    context = {
        "row": row,
        "item": dossier.catalogue.items[code],
        "steps": dossier_rows.steps(dossier, code),
        "may_dispute": actor.may(permissions.OPEN_DISPUTE),
        "may_ask_bureau": actor.may(permissions.ASK_REFRESH),
        "may_correct": _may_correct(actor),
    }
    return _show(request, actor, "item", dossier, form, asked, context)


@require_safe
@tenant_page("sharing.enterprise.view")
def readers(request: HttpRequest, actor: Actor, uscc: str) -> HttpResponse:
    """Who has read about the enterprise: for it itself everybody, for others themselves."""
    uscc = uscc.strip().upper()
    rows = dossiers.readers(uscc, actor=actor)
    own = actor.uscc == uscc
    context = {"uscc": uscc, "is_own": own, "tabs": _tabs(uscc, "readers", "", own)}
    return READERS.respond(request, rows, "sharing/enterprises/readers.html", context)


def _asked(request: HttpRequest, actor: Actor) -> tuple[ReadForm, Asked | None, int]:
    """Return the form of purpose and days, and what it says; None until a purpose is said."""
    purposes = disclosures.purposes_of(actor=actor)
    given = {name: request.GET.get(name, "") for name in ("purpose", "as_of", "known_at")}
    given["purpose"] = given["purpose"] or (purposes[0] if len(purposes) == 1 else "")
    if not given["purpose"]:
        return ReadForm(purposes=purposes), None, 200
    form = ReadForm(given, purposes=purposes)
    return (form, Asked(**form.cleaned_data), 200) if form.is_valid() else (form, None, 422)


def _read(uscc: str, asked: Asked, actor: Actor) -> dossiers.Dossier:
    return dossiers.read(
        uscc.strip().upper(),
        purpose=asked.purpose,
        actor=actor,
        at=timezone.now(),
        as_of=asked.as_of,
        known_at=asked.known_at,
    )


def _ask(
    request: HttpRequest, actor: Actor, uscc: str, form: ReadForm, status: int
) -> HttpResponse:
    context = {"uscc": uscc.strip().upper(), "read_form": form}
    return render(request, "sharing/enterprises/purpose.html", context, status=status)


def _may_correct(actor: Actor) -> bool:
    regulates = actor.organization_kind == "market_regulator"
    return regulates and actor.may(permissions.WRITE_RECORD)


def _tabs(uscc: str, current: str, query: str, own: bool) -> list[tuple[str, str, bool, None]]:
    reads = now("Who has read it") if own else now("Our reads")
    pages = (
        ("enterprise", "detail", now("Record")),
        ("enterprise-history", "history", now("What happened")),
        ("enterprise-readers", "readers", reads),
    )
    tail = f"?{query}" if query else ""
    shown = "detail" if current == "item" else current
    return [
        (label, reverse(f"sharing:{name}", args=[uscc]) + tail, key == shown, None)
        for name, key, label in pages
    ]


def _show(
    request: HttpRequest,
    actor: Actor,
    page: str,
    dossier: dossiers.Dossier,
    form: ReadForm,
    asked: Asked,
    context: dict[str, Any],
) -> HttpResponse:
    profile = dossier.profile
    everything = {
        "profile": profile,
        "uscc": profile.uscc,
        "title": profile.name or profile.uscc,
        "region_name": formats.local(dossier.region) if dossier.region else profile.region,
        "size_word": vocabulary.word(vocabulary.SIZES, profile.size),
        "purpose_word": vocabulary.word(vocabulary.PURPOSES, asked.purpose),
        "has_purposes": len(disclosures.purposes_of(actor=actor)) > 1,
        "position": profile.position,
        "read_form": form,
        "asked": asked,
        "is_own": actor.uscc == profile.uscc,
        "is_chinese": is_chinese(),
        "tabs": _tabs(profile.uscc, page, asked.query, actor.uscc == profile.uscc),
        **context,
    }
    return render(request, f"sharing/enterprises/{page}.html", everything)
