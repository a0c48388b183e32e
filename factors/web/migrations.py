"""The migration that a draft carries: what becomes of the records of the version before."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from factors.domain.catalogue import Item
from factors.domain.comparison import recoded
from factors.permissions import EDIT
from factors.selectors import drafts, migrations
from factors.selectors.drafts import Draft
from factors.selectors.migrations import DraftMigration
from factors.services import migration_edits
from factors.web import migration_forms as forms
from factors.web.factor_lists import frame
from factors.web.problem_words import problem_text
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import local
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of

PREPARE = "sharing.migration.write"  # whose page stands above this app, and is linked by name


@require_safe
@tenant_page(EDIT)
def index(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    draft = drafts.draft(code, number, actor=actor)
    migration = migrations.of_draft(draft, actor=actor)
    base = migration.base
    named = dict.fromkeys((*migration.needed, *(step.item for step in migration.steps)))
    context = {
        **frame(draft.version, draft.catalogue, "edit", actor=actor),
        "draft": draft,
        "migration": migration,
        "rows": [_row(item, draft, migration) for item in named],
        "others": [
            (item.code, f"{item.code} {local(item)}")
            for item in (base.items.values() if base else ())
            if item.code not in named
        ],
        "proposes": [item for item in migration.needed if migration.step_of(item) is None],
        "may_prepare": actor.may(PREPARE),
    }
    return render(request, "factors/migration/list.html", context)


@require_POST
@tenant_page(EDIT)
def propose(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    draft = drafts.draft(code, number, actor=actor)
    migration_edits.propose_migration(
        draft.version.pk, steps=draft.steps, actor=actor, at=timezone.now()
    )
    return go_to(request, reverse("factors:edit-migration", args=[code, number]))


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page(EDIT)
def detail(
    request: HttpRequest, actor: Actor, code: str, number: int, item_code: str
) -> HttpResponse:
    """One item: first what becomes of it, then of each of its values."""
    draft = drafts.draft(code, number, actor=actor)
    migration = migrations.of_draft(draft, actor=actor)
    source = migration.base.items.get(item_code) if migration.base else None
    if source is None:
        raise NoSuchRecord(f"The version before has no item {item_code}.")
    if request.method != "POST":
        return _page(request, actor, draft, migration, source)
    try:
        removed = request.POST.get("action") == "remove"
        step = None if removed else forms.step_from(request.POST, source, draft.catalogue)
        given = request.POST.get("steps", "")
        migration_edits.set_migration_step(
            draft.version.pk,
            source.code,
            step,
            steps=int(given) if given.isdecimal() else 0,
            actor=actor,
            at=timezone.now(),
        )
    except ValueError as fault:
        refused, status = _("%(text)s is no number.") % {"text": fault}, 422
    except Refusal as refusal:
        refused, status = str(words_of(refusal)), status_of(refusal)
    else:
        return _saved(request, actor, code, number, source)
    return _page(request, actor, draft, migration, source, refused=refused, status=status)


def _saved(
    request: HttpRequest, actor: Actor, code: str, number: int, source: Item
) -> HttpResponse:
    """Go back to the list, or stay where the step still has faults."""
    draft = drafts.draft(code, number, actor=actor)
    if migrations.of_draft(draft, actor=actor).problems_of(source.code):
        messages.warning(request, _("Saved, and not finished yet."))
        return go_to(request, reverse("factors:edit-migration-step", args=[
            code, number, source.code,
        ]))  # fmt: skip
    messages.success(request, _("%(code)s is saved.") % {"code": source.code})
    return go_to(request, reverse("factors:edit-migration", args=[code, number]))


def _row(
    item: str, draft: Draft, migration: DraftMigration
) -> tuple[str, str, str, str, list[str]]:
    """Return code, name, kind, where to, and what is wrong, of one item."""
    step = migration.step_of(item)
    known = migration.base.items.get(item) if migration.base else None
    return (
        item,
        local(known) if known else "",
        str(forms.KINDS[step.kind]) if step else "",
        forms.told(step, draft.catalogue) if step else "",
        [problem_text(found) for found in migration.problems_of(item)],
    )


def _page(
    request: HttpRequest,
    actor: Actor,
    draft: Draft,
    migration: DraftMigration,
    source: Item,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    given, new = (request.POST or request.GET), draft.catalogue
    step = migration.step_of(source.code)
    kind = forms.kind_of(given, step)
    targets = forms.targets_of(given, step, kind) or _likely(migration, draft, source, kind)
    slots = forms.SPLIT_INTO if kind == "split" else 1
    context = {
        **frame(draft.version, new, "edit", actor=actor),
        "draft": draft,
        "source": source,
        "step": step,
        "kind": kind,
        "kinds": [(name, str(label)) for name, label in forms.KINDS.items()],
        "slots": [*targets, *[""] * slots][: max(slots, len(targets))],
        "items": [(item.code, f"{item.code} {local(item)}") for item in new.items.values()],
        "targets": targets,
        "parts": forms.parts_of(source, new, targets, step, request.POST)
        if kind in ("map", "split")
        else [],
        "is_ready": kind == "drop" or len(targets) >= (2 if kind == "split" else 1),
        "unit": local(source, "unit") or pgettext("unit", "none"),
        "problems": [problem_text(found) for found in migration.problems_of(source.code)],
        "refused": refused,
    }
    return render(request, "factors/migration/step.html", context, status=status)


def _likely(migration: DraftMigration, draft: Draft, source: Item, kind: str) -> list[str]:
    """Return where an item most likely goes: under its own code, or under its new one."""
    if migration.base is None or kind in ("", "drop"):
        return []
    moved = recoded(migration.base, draft.catalogue)
    code = moved.get(source.code, source.code)
    return [code] if code in draft.catalogue.items else []
