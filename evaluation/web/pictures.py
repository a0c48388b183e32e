"""The charts of evaluation, each with its figures as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from evaluation.models import Evaluation
from evaluation.selectors.evaluations import GradeCount
from evaluation.selectors.explanations import CategoryLine, Explanation
from evaluation.services.simulations import Simulation
from evaluation.web import words
from qfce.kernel.web import charts, formats
from qfce.kernel.web.charts import Chart


def portfolio(counts: Sequence[GradeCount]) -> Chart | None:
    """Return how many enterprises have which grade, one colour for each scorecard."""
    if not counts:
        return None
    grades = list(dict.fromkeys(c.grade for c in sorted(counts, key=_best_first)))
    series: dict[str, dict[str, int]] = {}
    for count in counts:
        of_card = series.setdefault(count.scorecard, {})
        of_card[count.grade] = of_card.get(count.grade, 0) + count.enterprises
    return grouped(_("Grade"), [words.grade(g) for g in grades],
                   {card: [n.get(g, 0) for g in grades] for card, n in series.items()})  # fmt: skip


def grouped(label: str, names: Sequence[str], series: Mapping[str, Sequence[int]]) -> Chart:
    """Return bars side by side, one of each series over the same names."""
    option = {
        "xAxis": {
            "type": "category",
            "data": list(names),
            "axisTick": {"show": False},
            "axisLabel": {"interval": 0},
        },
        "yAxis": {"type": "value", "minInterval": 1},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": len(series) > 1, "bottom": 0},
        "series": [
            {
                "type": "bar",
                "name": name,
                "data": list(numbers),
                "barMaxWidth": 36,
                "label": {"show": True, "position": "top"},
            }
            for name, numbers in series.items()
        ],
    }
    heads = (label, *(series if len(series) > 1 else [pgettext("figure", "Enterprises")]))
    rows = tuple(
        (name, *(formats.number(numbers[place]) for numbers in series.values()))
        for place, name in enumerate(names)
    )
    return Chart(option, heads, rows)


def categories(found: Sequence[CategoryLine]) -> Chart | None:
    """Return the points of each category against its cap."""
    if not found:
        return None
    axes = [(formats.local(line), line.cap) for line in found]
    return charts.radar(_("Category"), axes, {_("Points of cap"): [line.points for line in found]})


def points(found: Explanation) -> Chart | None:
    """Return how the score comes about: characteristic by characteristic, then the caps."""
    if not found.contributions:
        return None
    steps: list[tuple[str, float]] = []
    for category in found.categories:
        lines = [line for line in found.contributions if line.category == category.code]
        steps.extend((words.both(line), line.points) for line in lines if line.points)
        over = category.before_cap - category.points
        if over:
            name = _("Over the cap of %(category)s") % {"category": formats.local(category)}
            steps.append((name, -over))
    return lying(charts.waterfall(_("Characteristic"), _("Points"), steps, _("Score")))


def lying(chart: Chart) -> Chart:
    """Return a chart of bars laid down, so that long names can be read."""
    option = dict(chart.option)
    names, values = option["xAxis"], option["yAxis"]
    option["yAxis"] = {
        **names,
        "inverse": True,
        "axisTick": {"show": False},
        "axisLabel": {"interval": 0, "width": 230, "overflow": "break"},
    }
    option["xAxis"] = values
    return Chart(option, chart.heads, chart.rows)


def history(evaluations: Sequence[Evaluation]) -> Chart | None:
    """Return the score over time, oldest first; None where there are not two."""
    scored = [each for each in reversed(evaluations) if each.score is not None]
    if len(scored) < 2:
        return None
    codes = list(dict.fromkeys(each.scorecard_version.scorecard.code for each in scored))
    series = {
        code if len(codes) > 1 else _("Score"): [
            each.score if each.scorecard_version.scorecard.code == code else None for each in scored
        ]
        for code in codes
    }
    names = [formats.moment(each.created_at) for each in scored]
    chart = charts.lines(_("Evaluated"), names, series)
    lines = {"connectNulls": True, "label": {"show": True, "position": "top"}}
    option = {
        **chart.option,
        "xAxis": {**chart.option["xAxis"], "boundaryGap": True},
        "grid": {"top": 28},  # room for the figure over the highest point
        "series": [line | lines for line in chart.option["series"]],
    }
    return replace(chart, option=option)


def simulated(found: Simulation, *, compared: bool) -> Chart:
    """Return the grades that a card gives, beside those of the version in force."""
    grades = list(found.grades)
    ungraded = found.scored - sum(found.grades.values())
    series = {_("This version"): [*found.grades.values(), ungraded]}
    if compared:
        was = [line.was for line in found.lines]
        held = [was.count(grade) for grade in grades]
        series[_("Version in force")] = [*held, found.scored - sum(held)]
    return grouped(_("Grade"), [*grades, _("No grade")], series)


def _best_first(count: GradeCount) -> tuple[bool, str]:
    return count.grade == words.NO_GRADE, count.grade
