"""The editor of a draft: a table of items to work in, the form of one item, and their steps."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.domain.item_fields import FieldFault, value_of
from factors.permissions import EDIT
from factors.selectors import drafts
from factors.selectors.drafts import Draft
from factors.services import draft_edits
from factors.web.editor_tables import categories_of, collided, collision_rows, context_of, row_of
from factors.web.factor_lists import frame
from factors.web.field_words import place_name
from factors.web.forms_items import ItemForm
from factors.web.problem_words import problem_text
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.language import is_chinese
from qfce.kernel.web.pages import go_to, tenant_page, wants_part
from qfce.kernel.web.refusals import words_of

EDITED = "list-edited"  # the event by which the page learns that a step was taken
SHOWN_EDITS = 4


@require_safe
@tenant_page(EDIT)
def index(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    draft = drafts.draft(code, number, actor=actor)
    apart = pgettext("punctuation", "; ")
    context = {
        **frame(draft.version, draft.catalogue, "edit", actor=actor),
        **context_of(draft, request),
        "steps_taken": [
            (step, apart.join(place_name(edit["at"]) for edit in step.edits[:SHOWN_EDITS]))
            for step in drafts.history(draft)
        ],
        "shown_edits": SHOWN_EDITS,
    }
    if wants_part(request) and request.headers.get("HX-Target") == "editor-status":
        return render(request, "factors/editor/_status.html", context)
    return render(request, "factors/editor/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def item(
    request: HttpRequest, actor: Actor, code: str, number: int, item_code: str
) -> HttpResponse:
    """The form of one item; of two people who change the same, the later is asked."""
    draft = drafts.draft(code, number, actor=actor)
    entry = _entry(draft, item_code)
    categories = categories_of(draft)
    if request.method != "POST":
        form = ItemForm(item=entry, categories=categories, initial={"steps": draft.steps})
        return _item_page(request, draft, actor, item_code, form)
    form = ItemForm(request.POST, item=entry, categories=categories)
    if not form.is_valid():
        return _item_page(request, draft, actor, item_code, form, status=422)
    steps = form.cleaned_data["steps"]
    seen = _entry_of(drafts.as_seen(draft, steps), item_code) or entry
    changed = {name: value for name, value in form.given().items() if value != seen.get(name)}
    try:
        draft_edits.set_members(
            draft.version.pk, {item_code: changed}, steps=steps, actor=actor, at=timezone.now()
        )
        messages.success(request, _("%(code)s is saved.") % {"code": item_code})
        return go_to(request, reverse("factors:edit", args=[code, number]) + f"#row-{item_code}")
    except draft_edits.EditsCollide as refusal:
        form.data = {**form.data.dict(), "steps": refusal.steps}  # type: ignore[attr-defined]  # to save again is to choose
        return _item_page(
            request, draft, actor, item_code, form, status=409, met=collision_rows(refusal)
        )
    except Refusal as refusal:
        form.add_error(None, str(words_of(refusal)))
        return _item_page(request, draft, actor, item_code, form, status=status_of(refusal))


@require_POST
@tenant_page(EDIT)
def member(
    request: HttpRequest, actor: Actor, code: str, number: int, item_code: str, field: str
) -> HttpResponse:
    """One cell of the table; answers with the item's row as it is now, or with the conflict."""
    draft = drafts.draft(code, number, actor=actor)
    steps, text = _steps(request), request.POST.get("value", "")
    try:
        value = value_of(field, text)
        draft_edits.set_members(
            draft.version.pk,
            {item_code: {field: value}},
            steps=steps,
            actor=actor,
            at=timezone.now(),
        )
    except FieldFault as fault:
        return _at_cell(request, draft, item_code, field, fault.reason, 422)
    except draft_edits.EditsCollide as refusal:
        return collided(request, draft, refusal, item_code, field, text)
    except draft_edits.MemberInvalid as refusal:
        return _at_cell(request, draft, item_code, field, str(words_of(refusal)), 422)
    return _row(request, drafts.draft(code, number, actor=actor), item_code)


@require_safe
@tenant_page(EDIT)
def row(request: HttpRequest, actor: Actor, code: str, number: int, item_code: str) -> HttpResponse:
    """The item's row as it is now: what somebody takes who leaves theirs standing."""
    return _row(request, drafts.draft(code, number, actor=actor), item_code)


@require_POST
@tenant_page(EDIT)
def bulk(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    """One member set on many items, items taken out, or one moved."""
    draft = drafts.draft(code, number, actor=actor)
    codes, field = request.POST.getlist("codes"), request.POST.get("field", "")
    action = request.POST.get("action", "set")
    common: dict[str, Any] = {"steps": _steps(request), "actor": actor, "at": timezone.now()}
    try:
        if action == "remove":
            draft_edits.remove_items(draft.version.pk, codes, **common)
        elif action in ("up", "down"):
            _move(draft, request.POST.get("code", ""), action, common)
        else:
            value = value_of(field, request.POST.get("value", ""))
            members = {code: {field: value} for code in codes}
            draft_edits.set_members(draft.version.pk, members, **common)
    except FieldFault as fault:
        messages.error(request, _("This cannot stand here: %(reason)s.") % {"reason": fault.reason})
    except Refusal as refusal:
        messages.error(request, str(words_of(refusal)))
    return go_to(request, reverse("factors:edit", args=[code, number]))


@require_POST
@tenant_page(EDIT)
def undo(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    draft = drafts.draft(code, number, actor=actor)
    try:
        draft_edits.undo(draft.version.pk, actor=actor, at=timezone.now())
        messages.success(request, _("Your last step is taken back."))
    except Refusal as refusal:
        messages.error(request, str(words_of(refusal)))
    return go_to(request, reverse("factors:edit", args=[code, number]))


def _move(draft: Draft, code: str, direction: str, common: dict[str, Any]) -> None:
    codes = [entry["code"] for entry in draft.document["items"]]
    if code not in codes:
        raise NoSuchRecord(f"The draft has no item {code}.")
    place = codes.index(code)
    rest = [known for known in codes if known != code]
    target = max(0, place - 1) if direction == "up" else min(len(rest), place + 1)
    beside = rest[target - 1] if target else ""
    draft_edits.move_item(draft.version.pk, code, beside=beside, **common)


def _name_of(entry: Mapping[str, Any]) -> str:
    """Return what a drafted item is called, in the reader's language if it has a name there."""
    names = (entry.get("name_zh") or "", entry.get("name_en") or "")
    return next(filter(None, names if is_chinese() else reversed(names)), "")


def _item_page(
    request: HttpRequest,
    draft: Draft,
    actor: Actor,
    item_code: str,
    form: ItemForm,
    *,
    status: int = 200,
    met: list[tuple[str, str, str, str]] | None = None,
) -> HttpResponse:
    codes = [entry["code"] for entry in draft.document["items"]]
    place = codes.index(item_code)
    context = {
        **frame(draft.version, draft.catalogue, "edit", actor=actor),
        "form": form,
        "code": item_code,
        "title": f"{item_code} {_name_of(draft.document['items'][place])}".strip(),
        "met": met or [],
        "problems": [problem_text(found) for found in draft.problems_of(item_code)],
        "before": codes[place - 1] if place else "",
        "after": codes[place + 1] if place + 1 < len(codes) else "",
    }
    return render(request, "factors/editor/item.html", context, status=status)


def _row(request: HttpRequest, draft: Draft, item_code: str) -> HttpResponse:
    entry = _entry(draft, item_code)
    context = {
        "row": row_of(draft, entry),
        "version": draft.version,
        "catalogue": draft.catalogue,
        "draft": draft,
    }
    response = render(request, "factors/editor/_row.html", context)
    told = {EDITED: {"item": item_code, "steps": draft.steps, "problems": len(draft.problems)}}
    response.headers["HX-Trigger"] = json.dumps(told)
    return response


def _at_cell(
    request: HttpRequest, draft: Draft, item_code: str, field: str, reason: str, status: int
) -> HttpResponse:
    """Say at the bottom of the page what a cell cannot hold; the row stays as it is."""
    context = {"code": item_code, "field": field, "reason": reason}
    response = render(request, "factors/editor/_fault.html", context, status=status)
    response.headers["HX-Retarget"] = "#editor-conflict"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _entry(draft: Draft, code: str) -> Any:
    found = _entry_of(draft.document, code)
    if found is None:
        raise NoSuchRecord(f"The draft has no item {code}.", hint="Somebody has taken it out.")
    return found


def _entry_of(document: Any, code: str) -> Any:
    return next((entry for entry in document["items"] if entry["code"] == code), None)


def _steps(request: HttpRequest) -> int:
    given = request.POST.get("steps", "")
    return int(given) if given.isdecimal() else 0
