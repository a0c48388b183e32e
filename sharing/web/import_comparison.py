"""What a release would change: old and new values side by side, by item and by region."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from factors.web.words import GATES
from qfce.kernel.jobs.models import FINAL, JobState
from qfce.kernel.jobs.progress import share_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.charts import Chart
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing.models import ImportBatch
from sharing.permissions import VIEW_IMPORT
from sharing.selectors import imports as selectors
from sharing.selectors import regions
from sharing.services import import_comparisons
from sharing.services.import_comparisons import MOST_ROWS, Comparison, Difference
from sharing.services.import_effects import Effect
from sharing.web import import_words as words
from sharing.web import vocabulary
from sharing.web.import_frame import frame
from sharing.web.mending_grid import may_mend

SHOWN_ITEMS = 15
GATE_TONES = {"decline": "bad", "refer": "warn"}
Names = Mapping[str, str]


@require_safe
@tenant_page(VIEW_IMPORT)
def index(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    batch = selectors.whole(import_id, actor=actor)
    catalogue = factor_lists.catalogue(batch.factor_list, batch.list_version)
    comparison = import_comparisons.compare(batch, catalogue, actor=actor, at=timezone.now())
    job = import_comparisons.newest_work(batch, actor=actor) if comparison is None else None
    is_at_work = job is not None and job.state not in FINAL
    context = {
        **frame(batch, "import-comparison"),
        "most_rows": MOST_ROWS,
        "may_mend": may_mend(actor, batch),
        "is_large": comparison is None and import_comparisons.is_large(batch),
        "is_at_work": is_at_work,
        "has_broken_down": job is not None and job.state == JobState.FAILED.value,
        "percent_done": round(100 * share_of(job.pk)) if job and is_at_work else 0,
    }
    if comparison is None:
        return render(request, "sharing/imports/comparison.html", context)
    found = regions.of_province(batch.owner.region_id)
    names = {code: formats.local(region) for code, region in found.items()}
    by_item, by_region = comparison.by_item(), comparison.by_region()
    table = _table(batch, catalogue, names, by_item, by_region)
    if request.headers.get("HX-Target") != table.id and "export" not in request.GET:
        context |= _overview(comparison, catalogue, names, by_item, by_region)
    return table.respond(request, comparison, "sharing/imports/comparison.html", context)


@require_POST
@tenant_page(VIEW_IMPORT)
def order(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponse:
    """Have a worker work the comparison of a large file out."""
    import_comparisons.order(import_id, actor=actor, at=timezone.now())
    return go_to(request, reverse("sharing:import-comparison", args=[import_id]))


def _overview(
    comparison: Comparison,
    catalogue: Catalogue,
    names: Names,
    by_item: Mapping[str, Mapping[str, int]],
    by_region: Mapping[str, Mapping[str, int]],
) -> dict[str, Any]:
    """Return charts and gates, which stand above the table."""
    effects = comparison.effects
    return {
        "register": comparison.register,
        "regions": _stacked(
            now("Region"),
            [(names.get(code, code), counts) for code, counts in sorted(by_region.items())],
            {"new": now("New"), "changed": now("Changed"), "left_out": now("Leaving the list")},
        ),
        "items": _stacked(
            now("Item"),
            _largest(by_item, catalogue),
            {
                "new": now("Of new enterprises"),
                "added": now("Added"),
                "changed": now("Changed"),
                "cleared": now("Ending"),
            },
        ),
        "item_count": len(by_item),
        "readers": effects.readers,
        "gates": [(*_effect(catalogue, effect), effect) for effect in effects.gates],
        "honours": [(*_effect(catalogue, effect), effect) for effect in effects.honours],
        "outcomes": [
            (GATES[outcome], GATE_TONES[outcome], count)
            for outcome, count in effects.outcomes.items()
        ],
        "turned": [
            (
                line,
                vocabulary.item_name(catalogue, line.item),
                vocabulary.member_text(catalogue, line.item, line.before)
                if line.before is not None
                else formats.NOTHING,
                vocabulary.member_text(catalogue, line.item, line.after)
                if line.after is not None
                else formats.NOTHING,
            )
            for line in effects.turned
        ],
    }


def _effect(catalogue: Catalogue, effect: Effect) -> tuple[str, Any, str]:
    """Return the item's name, and the words and the tone of the gate's outcome."""
    outcome = effect.outcome
    name = vocabulary.item_name(catalogue, effect.item)
    return name, GATES[outcome] if outcome else "", GATE_TONES.get(outcome, "good")


def _largest(
    by_item: Mapping[str, Mapping[str, int]], catalogue: Catalogue
) -> list[tuple[str, Mapping[str, int]]]:
    """Return the items with the most values to be written, the values not taken over aside."""
    weighed = {
        code: sum(count for what, count in counts.items() if what != "kept")
        for code, counts in by_item.items()
    }
    largest = sorted(weighed, key=lambda code: (-weighed[code], code))[:SHOWN_ITEMS]
    return [(vocabulary.item_name(catalogue, code), by_item[code]) for code in largest]


def _stacked(
    label: str, pairs: list[tuple[str, Mapping[str, int]]], series: Mapping[str, str]
) -> Chart:
    """Return bars that lie, one for each name, with a part for each series that there is."""
    shown = {what: name for what, name in series.items() if any(c.get(what) for _n, c in pairs)}
    names = [name for name, _counts in pairs]
    tones = {"new": "good", "left_out": "bad", "cleared": "bad", "changed": "warn"}
    option = {
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": names, "inverse": True, "axisTick": {"show": False}},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": True, "bottom": 0},
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "name": name,
                "barMaxWidth": 18,
                "data": [counts.get(what, 0) for _name, counts in pairs],
                **({"tone": tones[what]} if what in tones else {}),
            }
            for what, name in shown.items()
        ],
    }
    rows = tuple(
        (name, *(formats.number(counts.get(what, 0)) for what in shown)) for name, counts in pairs
    )
    return Chart(option, (label, *shown.values()), rows)


def _table(
    batch: ImportBatch,
    catalogue: Catalogue,
    names: Names,
    by_item: Mapping[str, Any],
    by_region: Mapping[str, Any],
) -> Table:
    """Return the table of differences, with filters for what there is."""
    items = [(code, f"{code} {vocabulary.item_name(catalogue, code)}") for code in sorted(by_item)]
    places = [(code, names.get(code, code)) for code in sorted(by_region)]
    return Table(
        name=f"sharing.import-comparison.{batch.pk}",
        caption=_("Comparison"),
        columns=(
            Column(
                "name", _("Enterprise"), note=lambda line: line.uscc, note_label=_("Credit code")
            ),
            Column("region", _("Region"), label_of=lambda code: names.get(code, code)),
            Column(
                "what",
                _("What happens"),
                Kind.STATUS,
                label_of=lambda code: words.word(words.DIFFERENCES, code),
                tone_of=lambda code: words.DIFFERENCE_TONES.get(code, "muted"),
            ),
            Column(
                "code",
                _("Item"),
                label_of=lambda code: vocabulary.item_name(catalogue, code),
                note=lambda line: line.code,
            ),
            Column(
                "old",
                _("Stored now"),
                value=lambda line: _text(catalogue, line, line.old),
                note=lambda line: _until(line.old_until),
            ),
            Column(
                "new",
                _("After the release"),
                value=lambda line: _after(catalogue, line),
                note=lambda line: _until(line.new_until),
            ),
        ),
        search=("uscc", "name"),
        filters=(
            Choice("what", _("What happens"), tuple(words.DIFFERENCES.items())),
            Choice("item", _("Item"), items),
            Choice("region", _("Region"), places),
        ),
        size=50,
        empty=_("The file says nothing new"),
    )


def _text(catalogue: Catalogue, line: Difference, value: Any) -> str:
    if line.code is None or value is None:
        return ""
    return vocabulary.member_text(catalogue, line.code, value)


def _after(catalogue: Catalogue, line: Difference) -> str:
    if line.what == "new":
        return now("%(n)s values") % {"n": formats.number(line.new)}
    if line.what == "kept":
        refused = _text(catalogue, line, line.new)
        return now("stays; the file says %(value)s") % {"value": refused}
    return _text(catalogue, line, line.new)


def _until(day: str | None) -> str:
    return now("until %(day)s") % {"day": formats.day(day)} if day else ""
