"""Charts of per cents: how far each part is, and how that went from month to month."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as now

from factors.domain.catalogue import Catalogue
from qfce.kernel.web import charts, formats
from sharing.domain.data_quality import Measure, Tally
from sharing.web import vocabulary

PERCENT_AXIS = {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value}%"}}


def by_category(found: list[Tally], catalogue: Catalogue) -> charts.Chart | None:
    pairs = [
        (vocabulary.category_name(catalogue, each.key), round(100 * each.completeness, 1))
        for each in found
        if each.completeness is not None
    ]
    return of_shares(now("Category"), now("Filled, %"), pairs) if pairs else None


def over_time(found: list[Tally], measures: Mapping[str, Any]) -> charts.Chart | None:
    if len(found) < 2:
        return None
    series = {
        str(label): [_percent(each.of(Measure(name))) for each in found]
        for name, label in measures.items()
    }
    months = [each.key[:7] for each in found]
    chart = charts.lines(now("Month"), months, series)
    rows = tuple(
        (month, *(formats.percent(each.of(Measure(name)), 1) for name in measures))
        for month, each in zip(months, found, strict=True)
    )
    return replace(chart, option={**chart.option, "yAxis": PERCENT_AXIS}, rows=rows)


def of_shares(label: str, value: str, pairs: Sequence[tuple[str, float]]) -> charts.Chart:
    """Return bars of per cents that lie, on an axis from nothing to all, to one place each."""
    chart = charts.bars(label, value, pairs, across=True)
    rows = tuple((name, f"{number:.1f}") for name, number in pairs)
    return replace(chart, option={**chart.option, "xAxis": PERCENT_AXIS}, rows=rows)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)
