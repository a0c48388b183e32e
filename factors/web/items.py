"""The items of a version: all of them by category, and one with everything it says."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from factors.domain.catalogue import Bound, Catalogue, Item
from factors.permissions import VIEW
from factors.selectors import factor_lists as selectors
from factors.web import words
from factors.web.factor_lists import frame, rules_about
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.formats import local
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table

CONSENT = pgettext_lazy("of an item", "Consent")
TYPE = gettext_lazy("Type of value")


@require_safe
@tenant_page(VIEW)
def index(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    version = selectors.version(code, number, actor=actor)
    catalogue = selectors.content(version)
    context = {
        **frame(version, catalogue, "version", actor=actor),
        "categories": _categories(catalogue),
    }
    items = list(catalogue.items.values())
    return _table(catalogue).respond(request, items, "factors/items/list.html", context)


@require_safe
@tenant_page(VIEW)
def detail(
    request: HttpRequest, actor: Actor, code: str, number: int, item_code: str
) -> HttpResponse:
    version = selectors.version(code, number, actor=actor)
    catalogue = selectors.content(version)
    if item_code not in catalogue.items:
        raise NoSuchRecord(f"Version {number} of {code} has no item {item_code}.")
    item = catalogue.items[item_code]
    context = {
        **frame(version, catalogue, "", actor=actor),
        "item": item,
        "category": _category_names(catalogue)[item.category],
        "facts": _facts(item),
        "allowed": _allowed(item),
        "sharing": _sharing(item),
        "origin": _origin(item),
        "citations": [
            (citation, words.CONFIDENCES[citation.confidence]) for citation in item.citations
        ],
        "gate": _gate(item),
        "rules": [
            (rule, words.severity_tone(rule.severity)) for rule in rules_about(catalogue, item_code)
        ],
        "severities": words.SEVERITIES,
        **_neighbours(catalogue, item_code),
    }
    return render(request, "factors/items/detail.html", context)


def consent_of(item: Item) -> str:
    """Return whether banks need the enterprise's consent: always, sometimes, never."""
    if item.consent_required:
        return "always"
    return "sometimes" if item.consent_when else "never"


def unit_of(item: Item) -> str:
    return local(item, "unit")


def _table(catalogue: Catalogue) -> Table:
    """Return the table of items; its categories are the list's own."""
    names = _category_names(catalogue)
    place = [catalogue.code, catalogue.version]
    return Table(
        name="factors.items",
        caption=gettext_lazy("Items"),
        columns=(
            Column("code", pgettext_lazy("of a list", "Code"), Kind.CODE, sort="code"),
            Column(
                "name",
                gettext_lazy("Item"),
                value=local,
                href=lambda item: reverse("factors:item", args=[*place, item.code]),
                note=lambda item: names[item.category],
            ),
            Column("kind", gettext_lazy("Kind"), sort="kind", label_of=words.kind),
            Column("type", TYPE, sort="type", label_of=words.item_type, note=unit_of),
            Column("consent", CONSENT, value=consent_of, label_of=words.consent),
            Column(
                "collected_by_level",
                gettext_lazy("Who collects"),
                sort="collected_by_level",
                label_of=words.source,
            ),
        ),
        search=("code", "name_zh", "name_en", "description_zh", "description_en"),
        filters=(
            Choice("category", gettext_lazy("Category"), tuple(names.items())),
            Choice("kind", gettext_lazy("Kind"), tuple(words.KINDS.items())),
            Choice("consent", CONSENT, tuple(words.CONSENT.items()), _by_consent),
            Choice(
                "collected_by_level", gettext_lazy("Who collects"), tuple(words.SOURCES.items())
            ),
        ),
        size=100,
        empty=gettext_lazy("No item fits"),
    )


def _by_consent(items: Sequence[Item], wanted: str) -> list[Item]:
    return [item for item in items if consent_of(item) == wanted]


def _category_names(catalogue: Catalogue) -> dict[str, str]:
    return {category.code: local(category) for category in catalogue.categories}


def _categories(catalogue: Catalogue) -> list[tuple[str, int, str]]:
    """Return name, number of items and address of each category, in the list's order."""
    counts = Counter(item.category for item in catalogue.items.values())
    here = reverse("factors:version", args=[catalogue.code, catalogue.version])
    return [
        (local(category), counts[category.code], f"{here}?category={category.code}")
        for category in catalogue.categories
    ]


def _facts(item: Item) -> list[tuple[str, str]]:
    """Return what a value must look like, and how long it holds."""
    facts = [(str(TYPE), words.item_type(item.type))]
    if unit := unit_of(item):
        facts.append((_("Unit"), unit))
    if item.minimum is not None or item.maximum is not None:
        facts.append((_("Smallest value"), _bound(item.minimum)))
        facts.append((_("Largest value"), _bound(item.maximum)))
    if item.decimals:
        facts.append((_("Decimals"), str(item.decimals)))
    if item.no_future:
        facts.append((_("Days ahead"), _("Not allowed")))
    if item.type == "text":
        facts.append((_("Characters at most"), formats.number(item.max_length)))
    facts.append((_("Validity"), words.validity(item.validity_kind)))
    if item.validity_months:
        facts.append((_("Valid for"), _months(item.validity_months)))
    facts.append((_("Longest time between updates"), _days(item.max_age_days)))
    facts.append((_("An empty cell means"), str(words.EMPTY[item.empty_means])))
    facts.append(
        (_("“Not applicable” may be given"), _("Yes") if item.allows_not_applicable else _("No"))
    )
    return facts


def _days(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": formats.number(days)}


def _months(months: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", months) % {"n": formats.number(months)}


def _bound(bound: Bound) -> str:
    return formats.number(bound) if isinstance(bound, Decimal) else formats.day(bound)


def _allowed(item: Item) -> list[tuple[str, str, str, str]]:
    """Return code, label, rank and what else is understood, for each allowed value."""
    return [
        (value.code, local(value, "label"), str(value.rank or "–"), formats.listed(value.aliases))
        for value in item.values
    ]


def _sharing(item: Item) -> list[tuple[str, str]]:
    """Return who collects the item, on what evidence, and who may see it."""
    order = [words.source(source) for source in item.source_order]
    consent = words.consent(consent_of(item))
    when = local(item, "consent_when") if item.consent_when else ""
    return [
        (_("Who collects"), words.source(item.collected_by_level)),
        (_("Order of sources"), " → ".join(order)),
        (_("Evidence"), local(item, "evidence")),
        (_("Issued by"), local(item, "issuing_authority")),
        (_("System"), local(item, "source_system")),
        (_("Brought up to date"), str(words.FREQUENCIES[item.update_frequency])),
        (_("Sensitivity"), str(words.SENSITIVITIES[item.sensitivity])),
        (_("Shown to banks"), str(words.BANKS[item.bank_default])),
        (str(CONSENT), f"{consent}: {when}" if when else consent),
        (_("What it speaks for"), str(words.POLARITIES[item.polarity])),
        (_("In the workbook"), _("Yes") if item.in_workbook else _("No")),
    ]


def _origin(item: Item) -> list[tuple[str, str]]:
    """Return where the item comes from, who answers for it, and when the fact is public."""
    said = [(_("Core or extension"), str(words.EXTENSIONS[item.extension]))]
    if item.core_item != item.code:
        said.append((_("National core item"), item.core_item or _("None")))
    said += [(words.source(owner.level), local(owner, "agency")) for owner in item.owners]
    if item.publication_zh:
        said.append((pgettext("of an item", "Publication"), local(item, "publication")))
    if item.repair_zh:
        said.append((_("Repair"), local(item, "repair")))
    return said


def _gate(item: Item) -> dict[str, Any] | None:
    """Return the gate that the list suggests to banks, in words."""
    if item.suggested_gate is None:
        return None
    when, outcome = item.suggested_gate.when, item.suggested_gate.outcome
    known = {value.code: local(value, "label") for value in item.values}
    if "in" in when:
        named = formats.listed(known.get(code, str(code)) for code in when["in"])
        sentence = _("The value is one of: %(values)s") % {"values": named}
    elif "at_least" in when:
        sentence = _("The value is %(bound)s or more") % {"bound": when["at_least"]}
    elif "below" in when:
        sentence = _("The value is below %(bound)s") % {"bound": when["below"]}
    else:
        sentence = _("The value is %(bound)s") % {"bound": when.get("equals", "")}
    tone = words.GATE_TONES[outcome]
    return {"sentence": sentence, "outcome": words.GATES[outcome], "tone": tone}


def _neighbours(catalogue: Catalogue, code: str) -> dict[str, Item | None]:
    """Return the items before and after one, in the order of the list."""
    codes = list(catalogue.items)
    place = codes.index(code)
    before = catalogue.items[codes[place - 1]] if place else None
    after = catalogue.items[codes[place + 1]] if place + 1 < len(codes) else None
    return {"before": before, "after": after}
