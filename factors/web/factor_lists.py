"""Factor lists and their versions: which there are, their rules, and what can be taken home."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from factors.domain import record_schema
from factors.domain.catalogue import Catalogue, CrossRule
from factors.domain.conditions import bound_to, items_named
from factors.domain.list_versions import VersionStatus
from factors.domain.workbook_template import workbook
from factors.models import FactorListVersion
from factors.permissions import EDIT, VIEW
from factors.selectors import factor_lists as selectors
from factors.selectors import list_pages
from factors.selectors.lives import is_mine
from factors.web import words
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = Table(
    name="factors.lists",
    caption=gettext_lazy("Factor lists"),
    columns=(
        Column(
            "name",
            gettext_lazy("Factor list"),
            value=local,
            href=lambda row: reverse("factors:version", args=[row.code, row.number]),
            note=lambda row: row.code,
        ),
        Column("number", gettext_lazy("Version"), Kind.NUMBER, sort="number"),
        Column("region", gettext_lazy("Region"), value=lambda row: local(row, "region")),
        Column(
            "owner", pgettext_lazy("factor list", "Kept by"), value=lambda row: local(row, "owner")
        ),
        Column(
            "status",
            gettext_lazy("State"),
            Kind.STATUS,
            sort="status",
            label_of=words.status,
            tone_of=words.status_tone,
        ),
        Column("effective_from", gettext_lazy("Counts from"), Kind.DAY, sort="effective_from"),
        Column(
            "published_at", pgettext_lazy("when", "Published"), Kind.MOMENT, sort="published_at"
        ),
        Column("counts", gettext_lazy("Counts today"), Kind.FLAG),
    ),
    search=("code", "name_zh", "name_en"),
    filters=(Choice("status", gettext_lazy("State"), tuple(words.STATUSES.items())),),
    empty=gettext_lazy("No factor list yet"),
)
RULES = Table(
    name="factors.rules",
    caption=gettext_lazy("Cross rules"),
    columns=(
        Column("code", gettext_lazy("Rule"), Kind.CODE, sort="code"),
        Column(
            "severity",
            gettext_lazy("Gravity"),
            Kind.STATUS,
            sort="severity",
            label_of=words.severity,
            tone_of=words.severity_tone,
        ),
        Column("message", gettext_lazy("What it says"), value=lambda r: local(r, "message")),
        Column("items", gettext_lazy("Items it looks at"), value=lambda r: _named(r)),
        Column("yields", gettext_lazy("Item that gives way"), value=lambda r: yields_of(r)),
    ),
    search=("code", "message_zh", "message_en"),
    filters=(Choice("severity", gettext_lazy("Gravity"), tuple(words.SEVERITIES.items())[:2]),),
    size=50,
    empty=gettext_lazy("This list has no cross rules"),
)


@require_safe
@tenant_page(VIEW)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = list_pages.version_rows(actor=actor, on=business_day(timezone.now()))
    context = {"may_edit": actor.may(EDIT)}
    return LISTS.respond(request, rows, "factors/lists/list.html", context)


@require_safe
@tenant_page(VIEW)
def rules(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    version = selectors.version(code, number, actor=actor)
    catalogue = selectors.content(version)
    context = frame(version, catalogue, "rules", actor=actor)
    return RULES.respond(request, catalogue.rules, "factors/lists/rules.html", context)


@require_safe
@tenant_page(VIEW)
def template(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    """The workbook to fill in, in the reader's language."""
    version = selectors.version(code, number, actor=actor)
    body = workbook(selectors.content(version), "zh" if is_chinese() else "en")
    return _download(body, XLSX, f"{code}-{number}.xlsx")


@require_safe
@tenant_page(VIEW)
def schema(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    """The JSON Schema of a record; its `$id` is the address that programs read it at."""
    version = selectors.version(code, number, actor=actor)
    address = request.build_absolute_uri(reverse("factor-list-schema", args=[code, number]))
    described = record_schema.record_schema(selectors.content(version), address=address)
    body = json.dumps(described, ensure_ascii=False, indent=2).encode()
    return _download(body, "application/schema+json", f"{code}-{number}.schema.json")


def frame(
    version: FactorListVersion, catalogue: Catalogue, tab: str, *, actor: Actor | None = None
) -> dict[str, Any]:
    """Return what the pages of one version have in common: the version, its list, the tabs."""
    place = [version.factor_list.code, version.number]
    entries: list[tuple[str, str, int | None]] = [
        ("version", _("Items"), len(catalogue.items)),
        ("rules", _("Cross rules"), len(catalogue.rules)),
        ("signatures", _("Signatures"), len(version.signer_ids)),
        ("state", _("State and next step"), None),
    ]
    if (
        actor is not None
        and version.status == VersionStatus.DRAFT
        and is_mine(version, actor=actor)
    ):
        entries.insert(0, ("edit", _("Edit"), None))
    return {
        "version": version,
        "catalogue": catalogue,
        "status": words.status(version.status),
        "status_tone": words.status_tone(version.status),
        "tabs": [
            (label, reverse(f"factors:{name}", args=place), name == tab, count)
            for name, label, count in entries
        ],
    }


def rules_about(catalogue: Catalogue, item: str) -> list[CrossRule]:
    """Return the cross rules that look at an item or make it give way."""
    return [rule for rule in catalogue.rules if item in _items_of(rule)]


def _items_of(rule: CrossRule) -> list[str]:
    """Return the items that a rule names, each once."""
    found = [
        name
        for item in rule.for_each or ("",)
        for name in items_named(bound_to(rule.when, item) if item else rule.when)
    ]
    given_way = [rule.yields.replace("{item}", item) for item in rule.for_each or ("",)]
    found += [name.split(" ")[0] for name in given_way]
    return [name for name in dict.fromkeys(found) if "-" in name]


def _named(rule: CrossRule) -> str:
    return pgettext("punctuation", ", ").join(_items_of(rule))


def yields_of(rule: CrossRule) -> str:
    if not rule.for_each:
        return rule.yields
    return _("Each of them")


def _download(body: bytes, content_type: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        body, content_type=content_type, headers={"Content-Disposition": disposition}
    )
