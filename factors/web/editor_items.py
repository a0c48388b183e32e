"""Items that come into a draft: new ones, and copies out of other lists."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from factors.domain.blank_items import blank_item
from factors.permissions import EDIT
from factors.selectors import drafts, factor_lists, lives
from factors.selectors.drafts import Draft
from factors.services import draft_edits
from factors.web.editor_tables import categories_of
from factors.web.factor_lists import frame
from factors.web.forms_items import CopyForm, NewItemForm
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import coded, local
from qfce.kernel.web.formats import version as version_of
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def add(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    draft = drafts.draft(code, number, actor=actor)
    categories = categories_of(draft)
    form = NewItemForm(request.POST or None, categories=categories, initial={"steps": draft.steps})

    def take(given: dict[str, Any]) -> str:
        steps = given.pop("steps")
        blank = blank_item(type_=given.pop("type"), **given)
        draft_edits.add_item(draft.version.pk, blank, steps=steps, actor=actor, at=timezone.now())
        return reverse("factors:edit-item", args=[code, number, blank["code"]])

    return _simple(request, draft, actor, form, take, "factors/editor/add.html")


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def copy(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    """Copy items from a published version of any list."""
    draft = drafts.draft(code, number, actor=actor)
    sources = lives.sources(actor=actor, on=business_day(timezone.now()))
    asked = request.POST.get("source") or request.GET.get("source", "")
    known = {f"{row.code}/{row.number}": row for row in sources}
    asked = asked if asked in known else next(iter(known), "")
    items: list[tuple[str, str]] = []
    if asked:
        found = factor_lists.version(known[asked].code, known[asked].number, actor=actor)
        there = {entry["code"] for entry in draft.document["items"]}
        items = [
            (entry.code, coded(entry.code, entry) + ("\u00a0✓" if entry.code in there else ""))
            for entry in factor_lists.content(found).items.values()
        ]
    initial = {"steps": draft.steps, "source": asked}
    form = CopyForm(request.POST or None, items=items, initial=initial)

    def take(given: dict[str, Any]) -> str:
        source = (known[asked].code, known[asked].number)
        draft_edits.copy_items(
            draft.version.pk,
            given["codes"],
            source=source,
            steps=given["steps"],
            actor=actor,
            at=timezone.now(),
        )
        return reverse("factors:edit", args=[code, number])

    extra = {
        "sources": [
            (key, version_of(local(row), row.number), key == asked) for key, row in known.items()
        ]
    }
    return _simple(request, draft, actor, form, take, "factors/editor/copy.html", extra)


def _simple(
    request: HttpRequest,
    draft: Draft,
    actor: Actor,
    form: forms.Form,
    take: Callable[[dict[str, Any]], str],
    template: str,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show a form; once it is given and valid, take the step and go where that leads."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return go_to(request, take(dict(form.cleaned_data)))
            except Refusal as refusal:
                form.add_error(None, str(words_of(refusal)))
                status = status_of(refusal)
    context = {
        **frame(draft.version, draft.catalogue, "edit", actor=actor),
        "form": form,
        **(extra or {}),
    }
    return render(request, template, context, status=status)
