"""
One enterprise by form: what is typed becomes an import of one row.

So it passes the same checks, is mended, compared and released in the same way by a second
person, and has the same receipt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from factors.domain import entry_form
from factors.domain.catalogue import Catalogue
from factors.domain.entry_form import EntryField
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from sharing import permissions
from sharing.domain import uscc as codes
from sharing.models import ImportBatch
from sharing.selectors import records
from sharing.services import typed_rows
from sharing.web import vocabulary as words
from sharing.web.import_words import finding, identity_name
from sharing.web.imports import lists_in_force

IDENTITY = ("uscc", "name", "region", "industry", "size", "established_on", "registered_capital")
NEEDED = ("uscc",)


@dataclass(frozen=True, slots=True)
class Shown:
    """A field on the page: its key, words, what was typed, what is stored, what is wrong."""

    key: str
    label: str
    help: str
    unit: str
    widget: str
    choices: tuple[tuple[str, str], ...]
    typed: str
    stored: str
    fault: str
    is_needed: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(permissions.UPLOAD_IMPORT)
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    choices, _numbers = lists_in_force(actor)
    wanted = request.POST.get("factor_list") or request.GET.get("list") or choices[0][0]
    catalogue = factor_lists.in_force(wanted, business_day(timezone.now()))
    typed = {key: str(text).strip() for key, text in request.POST.items()}
    typed.setdefault("uscc", request.GET.get("uscc", "").strip().upper())
    faults, wrong, status = {}, "", 200
    if request.method == "POST":
        faults, status = _faults(catalogue, typed), 422
        if not faults:
            try:
                batch = _receive(catalogue, typed, actor)
                return go_to(request, reverse("sharing:import", args=[batch.pk]))
            except Refusal as refusal:
                wrong, status = str(words_of(refusal)), status_of(refusal)
    stored = _stored(catalogue, typed["uscc"], actor)
    context = {
        "lists": choices,
        "wanted": wanted,
        "wrong": wrong,
        "identity": [_identity(key, typed, faults) for key in IDENTITY],
        "sections": _sections(catalogue, typed, stored, faults),
    }
    return render(request, "sharing/imports/entry.html", context, status=status)


def _faults(catalogue: Catalogue, typed: Mapping[str, str]) -> dict[str, str]:
    """Return the code of what is wrong with each field, as far as the form alone can say."""
    found = dict(entry_form.read(catalogue, typed, today=business_day(timezone.now())).faults)
    if not typed.get("uscc"):
        found["uscc"] = "required"
    elif not codes.is_well_formed(codes.regular_text(typed["uscc"])):
        found["uscc"] = "uscc_format"
    return found


def _receive(catalogue: Catalogue, typed: Mapping[str, str], actor: Actor) -> ImportBatch:
    """Bring what was typed in as a file of one row, whose header names every field."""
    keys = [*IDENTITY, *(each.key for each in entry_form.fields_of(catalogue))]
    given = {key: typed[key] for key in keys if typed.get(key)}
    name = f"{codes.regular_text(typed['uscc'])}.txt"
    return typed_rows.receive(catalogue, [given], name=name, actor=actor, at=timezone.now())


def _stored(catalogue: Catalogue, uscc: str, actor: Actor) -> Mapping[str, Any]:
    """Return what is stored of the enterprise, where the actor's bureau has it."""
    if not uscc or catalogue.code not in records.lists_of(uscc, actor=actor):
        return {}
    values: Mapping[str, Any] = records.profile(uscc, catalogue.code, actor=actor).values
    return values


def _identity(key: str, typed: Mapping[str, str], faults: Mapping[str, str]) -> Shown:
    sizes = tuple((code, str(name)) for code, name in words.SIZES.items())
    return Shown(
        key=key,
        label=identity_name(key),
        help=_("Only if the register does not know the enterprise.")
        if key in {"name", "region"}
        else "",
        unit="",
        widget="select" if key == "size" else "day" if key == "established_on" else "text",
        choices=sizes if key == "size" else (),
        typed=typed.get(key, ""),
        stored="",
        fault=finding(faults[key]) if key in faults else "",
        is_needed=key in NEEDED,
    )


def _sections(
    catalogue: Catalogue,
    typed: Mapping[str, str],
    stored: Mapping[str, Any],
    faults: Mapping[str, str],
) -> list[tuple[str, list[Shown], bool]]:
    """Return (category, its fields, whether any is filled or wrong)."""
    names = {category.code: category for category in catalogue.categories}
    found = []
    for code, entries in entry_form.sections_of(catalogue):
        shown = [shown_field(each, typed, stored, faults) for each in entries]
        category = names[code]
        label = category.name_zh if is_chinese() else category.name_en
        found.append((label, shown, any(one.typed or one.fault for one in shown)))
    return found


def shown_field(
    each: EntryField,
    typed: Mapping[str, str],
    stored: Mapping[str, Any],
    faults: Mapping[str, str],
) -> Shown:
    """Return a field of the entry form as the reader sees it."""
    chinese, held = is_chinese(), stored.get(each.item.code)
    return Shown(
        key=each.key,
        label=each.label_zh if chinese else each.label_en,
        help=each.help_zh if chinese else each.help_en,
        unit=each.unit_zh if chinese else each.unit_en,
        widget=each.widget.value,
        choices=tuple((sent, zh if chinese else en) for sent, zh, en in each.choices),
        typed=typed.get(each.key, ""),
        stored=words.value_text(each.item, held)
        if each.part == "value" and held is not None
        else "",
        fault=finding(faults[each.key]) if each.key in faults else "",
    )
