"""The report on the quality of data: worst first, each number opening into what is behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Region
from qfce.kernel.web import formats
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Column, Kind, Table
from sharing import permissions
from sharing.domain.data_quality import Grouping, Measure, Tally
from sharing.models import BureauScore
from sharing.selectors import data_quality as selectors
from sharing.selectors import regions
from sharing.web import import_words, quality_charts, vocabulary
from sharing.web.given import text

GROUPINGS = {
    "county": pgettext_lazy("quality", "By county"),
    "city": pgettext_lazy("quality", "By city"),
    "item": pgettext_lazy("quality", "By item"),
    "category": pgettext_lazy("quality", "By category"),
}
MEASURES = {
    "completeness": _("Completeness"),
    "timeliness": _("Timeliness"),
    "accuracy": _("Accuracy"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the report asks for."""

    factor_list: str
    month: date | None
    by: Grouping
    region: str
    item: str

    def address(self, **other: str) -> str:
        given = {
            "list": self.factor_list,
            "month": self.month.isoformat() if self.month else "",
            "by": self.by.value,
            "region": self.region,
            "item": self.item,
            **other,
        }
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{reverse('sharing:data-quality')}?{query}"


@require_safe
@tenant_page(permissions.VIEW_IMPORT)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    today = business_day(timezone.now())
    asked = _asked(request, actor, today)
    if asked is None:
        return render(request, "sharing/data_quality/empty.html", {})
    catalogue = factor_lists.in_force(asked.factor_list, today)
    places = regions.of_province(actor.region)
    table = _table(asked, catalogue, places)
    found = _tallies(asked, asked.by, catalogue, actor)
    categories = _tallies(asked, Grouping.CATEGORY, catalogue, actor)
    over_time = _tallies(asked, Grouping.MONTH, catalogue, actor)
    context = {
        "asked": asked,
        "total": selectors.total(categories),
        "tabs": [
            (str(label), asked.address(by=by), by == asked.by.value, None)
            for by, label in GROUPINGS.items()
        ],
        "months": _months(asked, actor),
        "narrowed": _narrowed(asked, catalogue, places),
        "categories": quality_charts.by_category(categories, catalogue),
        "over_time": quality_charts.over_time(over_time, MEASURES),
        "scores": [_score(row) for row in _scores(asked, actor)],
    }
    return table.respond(request, found, "sharing/data_quality/report.html", context)


@require_safe
@tenant_page(permissions.VIEW_IMPORT)
def without(request: HttpRequest, actor: Actor) -> HttpResponse:
    """List the enterprises behind a gap: those with no value of an item."""
    today = business_day(timezone.now())
    asked = _asked(request, actor, today)
    factor_list = asked.factor_list if asked else ""
    item, region = text(request.GET, "item"), text(request.GET, "region")
    rows = selectors.without(factor_list, item, region=region, actor=actor)
    catalogue = factor_lists.in_force(factor_list, today) if factor_list else None
    places = regions.of_province(actor.region)
    context = {"item": item, "name": vocabulary.item_name(catalogue, item), "asked": asked}
    return _without_table(item, places, actor).respond(
        request, rows, "sharing/data_quality/without.html", context
    )


def _asked(request: HttpRequest, actor: Actor, today: date) -> Asked | None:
    """Return what is asked for; None where there is no report yet."""
    lists = factor_lists.codes_in_force(today)
    months = selectors.months(actor=actor)
    if not lists or not months:
        return None
    given = request.GET
    named, by = text(given, "list"), text(given, "by")
    stated = next((m for m in months if m.isoformat() == given.get("month")), months[0])
    return Asked(
        factor_list=named if named in lists else lists[0],
        month=stated,
        by=Grouping(by) if by in GROUPINGS else Grouping.COUNTY,
        region=text(given, "region")[:6],
        item=text(given, "item")[:20],
    )


def _tallies(asked: Asked, by: Grouping, catalogue: Catalogue, actor: Actor) -> list[Tally]:
    return selectors.tallies(
        asked.factor_list,
        by=by,
        month=asked.month,
        catalogue=catalogue,
        region=asked.region,
        item=asked.item,
        measure=Measure.COMPLETENESS,
        actor=actor,
    )


def _table(asked: Asked, catalogue: Catalogue, places: Mapping[str, Region]) -> Table:
    return Table(
        name="sharing.data-quality",
        caption=GROUPINGS[asked.by.value],
        columns=(
            Column("key", _("Part"), label_of=lambda key: _label(asked, key, catalogue, places),
                   href=lambda row: _deeper(asked, row.key)),
            Column("possible", _("Cells"), Kind.NUMBER, sort="possible"),
            Column("completeness", _("Completeness"), Kind.PERCENT, sort="completeness"),
            Column("missing", pgettext_lazy("quality", "Missing"), Kind.NUMBER, sort="missing",
                   href=lambda row: _behind_missing(asked, row)),
            Column("timeliness", _("Timeliness"), Kind.PERCENT, sort="timeliness"),
            Column("late", pgettext_lazy("quality", "Too old"), Kind.NUMBER, sort="late",
                   href=lambda row: _behind_late(asked, row)),
            Column("accuracy", _("Accuracy"), Kind.PERCENT, sort="accuracy"),
            Column("checked", pgettext_lazy("quality", "Held against a source"), Kind.NUMBER,
                   sort="checked", href=_behind_checked),
        ),
        empty=_("Nothing is reported for this part"),
        fixed=("list", "month", "by", "region", "item"),
    )  # fmt: skip


def _label(asked: Asked, key: str, catalogue: Catalogue, places: Mapping[str, Region]) -> str:
    if asked.by is Grouping.ITEM:
        return f"{key} {vocabulary.item_name(catalogue, key)}"
    if asked.by is Grouping.CATEGORY:
        return vocabulary.category_name(catalogue, key)
    return formats.local(places[key]) if key in places else key


def _deeper(asked: Asked, key: str) -> str | None:
    """Return the next level: of a city its counties, of a county its items, of an item counties."""
    if asked.by is Grouping.CITY:
        return asked.address(by="county", region=key)
    if asked.by is Grouping.COUNTY:
        return asked.address(by="item", region=key)
    return asked.address(by="county", item=key) if asked.by is Grouping.ITEM else None


def _place(asked: Asked, row: Tally) -> dict[str, str]:
    """Return item and region that a line stands for."""
    is_place = asked.by in {Grouping.COUNTY, Grouping.CITY}
    item = row.key if asked.by is Grouping.ITEM else asked.item
    place = {"item": item, "region": row.key if is_place else asked.region}
    return {name: value for name, value in place.items() if value}


def _behind_missing(asked: Asked, row: Tally) -> str | None:
    place = _place(asked, row)
    if not row.missing:
        return None
    if "item" not in place:
        return _deeper(asked, row.key)
    query = urlencode({"list": asked.factor_list, **place})
    return f"{reverse('sharing:data-quality-without')}?{query}"


def _behind_late(asked: Asked, row: Tally) -> str | None:
    if not row.late or asked.by is Grouping.CATEGORY:
        return None
    return f"{reverse('sharing:due-items')}?{urlencode({'kind': 'old', **_place(asked, row)})}"


def _behind_checked(row: Tally) -> str | None:
    return f"{reverse('sharing:refresh-requests')}?status=answered" if row.checked else None


def _without_table(item: str, places: Mapping[str, Region], actor: Actor) -> Table:
    def enter(row: Any) -> str | None:
        if not actor.may(permissions.WRITE_RECORD):
            return None
        query = urlencode({"uscc": row.uscc, "item": item, "action": "observe"})
        return f"{reverse('sharing:new-record-change')}?{query}"

    return Table(
        name="sharing.data-quality-without",
        caption=_("Enterprises without a value"),
        columns=(
            Column("name", _("Enterprise"), sort="name",
                   href=lambda row: reverse("sharing:enterprise", args=[row.uscc])),
            Column("uscc", _("Credit code"), Kind.CODE, sort="uscc", href=enter),
            Column("region", _("Region"), sort="region",
                   label_of=lambda code: formats.local(places[code]) if code in places else code),
        ),
        search=("uscc", "name"),
        ordering=("region", "uscc"),
        empty=_("Every enterprise has a value"),
        fixed=("list", "item", "region"),
    )  # fmt: skip


def _months(asked: Asked, actor: Actor) -> list[tuple[str, str, bool]]:
    return [
        (f"{month:%Y-%m}", asked.address(month=month.isoformat()), month == asked.month)
        for month in selectors.months(actor=actor)[:12]
    ]


def _narrowed(
    asked: Asked, catalogue: Catalogue, places: Mapping[str, Region]
) -> list[tuple[str, str]]:
    """Return what the report is narrowed to, each with the address that lets it go."""
    found = []
    if asked.region:
        name = formats.local(places[asked.region]) if asked.region in places else asked.region
        found.append((name, asked.address(region="")))
    if asked.item:
        found.append((vocabulary.item_name(catalogue, asked.item), asked.address(item="")))
    return found


def _scores(asked: Asked, actor: Actor) -> list[BureauScore]:
    return list(selectors.scores(month=asked.month, actor=actor).order_by("score", "pk")[:200])


def _score(row: BureauScore) -> dict[str, Any]:
    worst = [(import_words.finding(code), number) for code, number in row.worst_checks]
    return {"row": row, "name": formats.local(row.owner), "worst": worst}
