"""Migrations of stored records: counted out by one person, released by another, taken back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table
from sharing.models import ListMigration
from sharing.permissions import VIEW_MIGRATION, WRITE_MIGRATION
from sharing.selectors import list_migrations as selectors
from sharing.services import list_migrations
from sharing.web import migration_words as words
from sharing.web.migration_shown import shown

MIGRATIONS = Table(
    name="sharing.list-migrations",
    caption=_("Migrations of records"),
    columns=(
        Column(
            "factor_list",
            _("Factor list"),
            sort="factor_list",
            href=lambda row: _page(row.pk),
            note=lambda row: (
                now("version %(old)s to %(new)s")
                % {"old": row.from_version, "new": row.list_version}
            ),
        ),
        Column(
            "concerned",
            _("Enterprises concerned"),
            Kind.NUMBER,
            value=lambda row: row.preview.get("concerned"),
        ),
        Column(
            "prepared_by", pgettext_lazy("sharing", "Prepared by"), sort="prepared_by__display_name"
        ),
        Column("prepared_at", _("Prepared"), Kind.MOMENT, sort="prepared_at"),
        Column("released_by", _("Released by"), sort="released_by__display_name"),
        Column("published_at", _("Published"), Kind.MOMENT, sort="published_at"),
        Column(
            "status",
            _("State"),
            Kind.STATUS,
            sort="status",
            label_of=words.status,
            tone_of=words.status_tone,
        ),
    ),
    search=("factor_list",),
    filters=(Choice("status", _("State"), tuple(words.STATUSES.items())),),
    ordering=("-prepared_at",),
    empty=_("No migration was counted out yet"),
)


class ReleaseForm(forms.Form):
    """What a releaser agrees to where values become nothing: their number, typed."""

    confirm_without_target = forms.IntegerField(
        min_value=0, label=_("Values that become nothing"), required=False
    )

    def __init__(self, *args: Any, migration: ListMigration, **named: Any) -> None:
        super().__init__(*args, **named)
        if not migration.preview.get("without_target"):
            del self.fields["confirm_without_target"]


@require_safe
@tenant_page(VIEW_MIGRATION)
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = selectors.migrations(actor=actor)
    return MIGRATIONS.respond(request, rows, "sharing/list_migrations/list.html", {})


@require_POST
@tenant_page(WRITE_MIGRATION)
def prepare(request: HttpRequest, actor: Actor, code: str, number: int) -> HttpResponse:
    migration = list_migrations.prepare(code, number, actor=actor, at=timezone.now())
    return go_to(request, _page(migration.pk))


@require_safe
@tenant_page(VIEW_MIGRATION)
def detail(request: HttpRequest, actor: Actor, migration_id: UUID) -> HttpResponse:
    return _show(request, actor, migration_id)


@require_safe
@tenant_page(VIEW_MIGRATION)
def enterprises(request: HttpRequest, actor: Actor, migration_id: UUID) -> HttpResponse:
    """Who holds a value that the count names, some at a time."""
    migration = selectors.get(migration_id, actor=actor)
    item, value = request.GET.get("item", "")[:20], request.GET.get("value", "")[:400]
    after = request.GET.get("after", "")[:18]
    found = selectors.holders(migration, item, value, actor=actor, after=after)
    context = {
        "migration": migration,
        "item": item,
        "value": value,
        "holders": found,
        "next_after": found[-1].uscc if len(found) == selectors.HOLDERS_SHOWN else "",
    }
    return render(request, "sharing/list_migrations/enterprises.html", context)


@require_POST
@tenant_page(VIEW_MIGRATION)
def release(request: HttpRequest, actor: Actor, migration_id: UUID) -> HttpResponse:
    migration = selectors.get(migration_id, actor=actor)
    form, status = ReleaseForm(request.POST, migration=migration), 422
    if form.is_valid():
        try:
            list_migrations.release(
                migration_id, **form.cleaned_data, actor=actor, at=timezone.now()
            )
            return _show(request, actor, migration_id)
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return _show(request, actor, migration_id, release_form=form, status=status)


@require_POST
@tenant_page(VIEW_MIGRATION)
def discard(request: HttpRequest, actor: Actor, migration_id: UUID) -> HttpResponse:
    return _act(request, actor, migration_id, list_migrations.discard, now("Discarded."))


@require_POST
@tenant_page(VIEW_MIGRATION)
def undo(request: HttpRequest, actor: Actor, migration_id: UUID) -> HttpResponse:
    said = now("It is being taken back.")
    return _act(request, actor, migration_id, list_migrations.undo, said)


def _act(
    request: HttpRequest,
    actor: Actor,
    migration_id: UUID,
    action: Callable[..., ListMigration],
    said: str,
) -> HttpResponse:
    action(migration_id, actor=actor, at=timezone.now())
    messages.success(request, said)
    return go_to(request, _page(migration_id))


def _show(
    request: HttpRequest,
    actor: Actor,
    migration_id: UUID,
    *,
    release_form: ReleaseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    migration = selectors.get(migration_id, actor=actor)
    context = {
        **shown(migration, actor=actor),
        "release_form": release_form or ReleaseForm(migration=migration),
    }
    return fragment(
        request,
        "sharing/list_migrations/detail.html",
        "sharing/list_migrations/_migration.html",
        context,
        status=status,
    )


def _page(migration_id: UUID) -> str:
    return reverse("sharing:list-migration", args=[migration_id])
