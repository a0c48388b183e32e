"""
Charts as values: what Apache ECharts draws, and the same figures as a table beside it.

Colours and type are the page's own: `app.js` takes them from the tokens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart for `<c-chart>`: `option` is ECharts' own, `heads` and `rows` its figures."""

    option: Mapping[str, Any]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def bars(
    label: str, value: str, pairs: Sequence[tuple[str, float]], *, across: bool = False
) -> Chart:
    """Return bars, one a pair; `across` lays them down, for long names."""
    names, numbers = [name for name, _ in pairs], [number for _, number in pairs]
    names_axis = {"type": "category", "data": names, "axisTick": {"show": False}}
    value_axis = {"type": "value"}
    option = {
        "xAxis": value_axis if across else names_axis,
        "yAxis": {**names_axis, "inverse": True} if across else value_axis,
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "series": [{"type": "bar", "name": value, "data": numbers, "barMaxWidth": 28}],
    }
    return Chart(option, (label, value), _rows(pairs))


def lines(label: str, names: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> Chart:
    """Return one line for each series over the same names."""
    option = {
        "xAxis": {"type": "category", "data": list(names), "boundaryGap": False},
        "yAxis": {"type": "value"},
        "tooltip": {"trigger": "axis"},
        "legend": {"show": len(series) > 1, "bottom": 0},
        "series": [
            {"type": "line", "name": name, "data": list(numbers), "symbolSize": 6}
            for name, numbers in series.items()
        ],
    }
    rows = tuple(
        (str(name), *("" if s[i] is None else f"{s[i]:g}" for s in series.values()))
        for i, name in enumerate(names)
    )
    return Chart(option, (label, *series), rows)


def radar(
    label: str, axes: Sequence[tuple[str, float]], series: Mapping[str, Sequence[float]]
) -> Chart:
    """Return a radar: `axes` are (name, most), each series one number for each axis."""
    option = {
        "radar": {
            "indicator": [{"name": name, "max": most} for name, most in axes],
            "radius": "52%",
        },
        "tooltip": {},
        "legend": {"show": len(series) > 1, "bottom": 0},
        "series": [
            {
                "type": "radar",
                "areaStyle": {"opacity": 0.15},
                "data": [{"name": name, "value": list(v)} for name, v in series.items()],
            }
        ],
    }
    rows = tuple(
        (name, *(f"{values[i]:g} / {most:g}" for values in series.values()))
        for i, (name, most) in enumerate(axes)
    )
    return Chart(option, (label, *series), rows)


def waterfall(label: str, value: str, steps: Sequence[tuple[str, float]], total: str) -> Chart:
    """Return how a total comes about: each step stands on the sum of those before it."""
    base, up, down, height = [], [], [], 0.0
    for _, step in steps:
        base.append(min(height, height + step))
        up.append(step if step >= 0 else "-")
        down.append(-step if step < 0 else "-")
        height += step
    option = {
        "xAxis": {
            "type": "category",
            "data": [*(name for name, _ in steps), total],
            "axisLabel": {"interval": 0, "hideOverlap": True},
        },
        "yAxis": {"type": "value"},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": False},
        "series": [
            {
                "type": "bar",
                "stack": "sum",
                "silent": True,
                "itemStyle": {"color": "transparent"},
                "tooltip": {"show": False},
                "data": [*base, 0],
            },
            {
                "type": "bar",
                "stack": "sum",
                "name": f"{value} +",
                "data": [*up, "-"],
                "tone": "good",
            },
            {
                "type": "bar",
                "stack": "sum",
                "name": f"{value} −",
                "data": [*down, "-"],
                "tone": "bad",
            },
            {"type": "bar", "stack": "sum", "name": total, "data": ["-"] * len(steps) + [height]},
        ],
    }
    rows = (*((name, f"{step:+g}") for name, step in steps), (total, f"{height:g}"))
    return Chart(option, (label, value), rows)


def _rows(pairs: Sequence[tuple[str, float]]) -> tuple[tuple[str, ...], ...]:
    return tuple((name, f"{number:,.10g}") for name, number in pairs)
