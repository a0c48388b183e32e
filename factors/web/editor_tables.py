"""What the editor's table shows: rows of cells that know how they are typed, and conflicts."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from factors.domain.item_fields import Form, form_of, text_of
from factors.selectors.drafts import Draft
from factors.services.draft_edits import EditsCollide
from factors.web.field_words import field_name
from factors.web.forms_items import COLUMNS, options
from factors.web.problem_words import problem_text
from qfce.kernel.web.formats import local


@dataclass(frozen=True, slots=True)
class EditorCell:
    """One cell: the member, what stands in it as typed, and as shown."""

    field: str
    text: str
    shown: str
    label: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class EditorRow:
    code: str
    name: str
    category: str
    cells: tuple[EditorCell, ...]
    problems: tuple[str, ...]
    steps: int


def context_of(draft: Draft, request: HttpRequest) -> dict[str, Any]:
    """Return what the editor's page shows, narrowed to what the address asks for."""
    wanted = request.GET.get("q", "").strip().lower()
    category, faulty = request.GET.get("category", ""), request.GET.get("faulty", "")
    rows = [row_of(draft, entry) for entry in draft.document["items"]]
    categories = categories_of(draft)
    shown = [
        row
        for row in rows
        if (not category or row.category == category)
        and (not faulty or row.problems)
        and (not wanted or wanted in f"{row.code} {' '.join(c.text for c in row.cells)}".lower())
    ]
    return {
        "draft": draft,
        "rows": shown,
        "total": len(rows),
        "columns": [(name, field_name(name)) for name in COLUMNS],
        "fields": [(name, field_name(name)) for name in _bulk_fields()],
        "options": {name: options(name, categories) for name in _bulk_fields()},
        "categories": categories,
        "asked": {"q": request.GET.get("q", ""), "category": category, "faulty": faulty},
        "elsewhere": [problem_text(found) for found in draft.problems_elsewhere()],
        "faulty_items": sum(bool(row.problems) for row in rows),
    }


def categories_of(draft: Draft) -> list[tuple[str, str]]:
    """Return code and name of each category."""
    return [(category.code, local(category)) for category in draft.catalogue.categories]


def row_of(draft: Draft, entry: Any) -> EditorRow:
    categories = categories_of(draft)
    return EditorRow(
        code=entry["code"],
        name=local(entry),
        category=entry["category"],
        cells=tuple(_cell(name, entry, categories) for name in COLUMNS),
        problems=tuple(problem_text(found) for found in draft.problems_of(entry["code"])),
        steps=draft.steps,
    )


def collision_rows(refusal: EditsCollide) -> list[tuple[str, str, str, str]]:
    """Return member, what it was, what it is now and what was meant, of each conflict."""
    found = []
    for met in refusal.collisions:
        field = met.at[-1]
        texts = [_said(field, value) for value in (met.base, met.theirs, met.yours)]
        found.append((field_name(field), *texts))
    return found  # type: ignore[return-value]  # three texts each


def collided(
    request: HttpRequest,
    draft: Draft,
    refusal: EditsCollide,
    item_code: str,
    field: str,
    text: str,
) -> HttpResponse:
    """Show the later of two what the other has done, and let them choose."""
    place = [draft.version.factor_list.code, draft.version.number, item_code]
    context = {
        "met": collision_rows(refusal),
        "code": item_code,
        "value": text,
        "steps": refusal.steps,
        "mine": reverse("factors:edit-member", args=[*place, field]),
        "theirs": reverse("factors:edit-row", args=place),
    }
    response = render(request, "factors/editor/_conflict.html", context, status=409)
    response.headers["HX-Retarget"] = "#editor-conflict"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _bulk_fields() -> tuple[str, ...]:
    return tuple(name for name in COLUMNS if not name.startswith("name_"))


def _cell(name: str, entry: Any, categories: list[tuple[str, str]]) -> EditorCell:
    text = text_of(name, entry.get(name))
    words = dict(options(name, categories))
    form = form_of(name)
    return EditorCell(
        field=name,
        text=text,
        shown=words.get(text, text),
        label=field_name(name),
        is_number=form in (Form.WHOLE, Form.NUMBER, Form.BOUND),
    )


def _said(field: str, value: Any) -> str:
    try:
        return text_of(field, value)
    except (ValueError, TypeError, AttributeError):
        return str(value)
