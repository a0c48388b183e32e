"""Every component with an example: for those who write pages. Not there in production."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qfce.kernel.web import charts
from qfce.kernel.web.forms import RolesForm, SignInForm
from qfce.kernel.web.tables import Choice, Column, Kind, Table

COMPONENTS = (
    "headers", "notices", "statuses", "cards", "stats", "definitions", "forms", "tables",
    "tabs", "progress", "timeline", "charts", "confirmation", "formats", "refusals",
)  # fmt: skip
SAMPLE = Table(
    name="gallery",
    caption="Enterprises",
    columns=(
        Column(
            "name", "Enterprise", sort="name", href=lambda row: "#", note=lambda row: row["uscc"]
        ),
        Column("score", "Score", Kind.NUMBER, sort="score"),
        Column("cap", "Cap", Kind.YUAN, sort="cap"),
        Column("rate", "Rate", Kind.PERCENT, sort="rate"),
        Column("on", "Evaluated", Kind.DAY, sort="on"),
        Column(
            "grade",
            "Grade",
            Kind.STATUS,
            sort="grade",
            tone_of=lambda grade: {"A": "good", "B": "info", "C": "warn"}.get(grade, "bad"),
        ),
    ),
    search=("name", "uscc"),
    filters=(Choice("grade", "Grade", tuple((g, g) for g in "ABCD")),),
)
ROWS = [
    {
        "name": f"临平示例{number}有限公司",
        "uscc": f"91330113EXAMPLE{number:03d}",
        "score": 40 + number * 7 % 60,
        "cap": 1_000_000 * (number % 9 + 1),
        "rate": 0.031 + number / 10_000,
        "on": f"2026-11-{number % 28 + 1:02d}",
        "grade": "ABCD"[number % 4],
    }
    for number in range(1, 64)
]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "gallery/index.html", {"components": COMPONENTS})


@require_safe
def component(request: HttpRequest, name: str) -> HttpResponse:
    if name not in COMPONENTS:
        raise Http404
    context: dict[str, Any] = {"components": COMPONENTS, "name": name, **_examples(request, name)}
    if name == "tables":
        return SAMPLE.respond(request, ROWS, "gallery/tables.html", context)
    return render(request, f"gallery/{name}.html", context)


def _examples(request: HttpRequest, name: str) -> dict[str, Any]:
    if name == "forms":
        wrong = SignInForm({"username": "", "password": ""})
        wrong.is_valid()
        wrong.add_error(None, "User name or password is wrong. 4 attempts are left.")
        return {"form": SignInForm(), "wrong": wrong, "choices": RolesForm(kind="bank")}
    if name == "charts":
        five = ("质量信用", "质量管理", "质量品牌", "质量基础", "质量创新")
        return {
            "bars": charts.bars(
                "Grade", "Enterprises", [("A", 12), ("B", 18), ("C", 80), ("D", 98)]
            ),
            "radar": charts.radar(
                "Category",
                [(c, 30) for c in five],
                {"This": [22, 14, 9, 27, 8], "Mean": [15, 10, 8, 20, 6]},
            ),
            "waterfall": charts.waterfall(
                "Reason",
                "Points",
                [("Base", 40), *zip(five, (12, -6, 8, 9, 3), strict=True)],
                "Score",
            ),
            "lines": charts.lines("Month", ["9", "10", "11"], {"Score": [66, 68, 59]}),
        }
    return {"amount": 5_000_000, "instalment": "254217.77", "rate": 0.031, "on": "2026-11-23"}
