"""Enterprise lists: who is on them, and whom they are shown to."""

from dataclasses import dataclass
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
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats
from qfce.kernel.web.pages import go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.table_sources import Wanted
from qfce.kernel.web.tables import Column, Kind, Table
from sharing import permissions
from sharing.selectors import agreements as agreement_selectors
from sharing.selectors import enterprise_lists as selectors
from sharing.selectors import list_rules as rules
from sharing.selectors import regions
from sharing.services import enterprise_lists
from sharing.web.enterprise_tables import enterprise_columns
from sharing.web.forms_sharing import MembersForm, NewListForm, RecipientForm

LISTS = Table(
    name="sharing.enterprise-lists",
    caption=_("Enterprise lists"),
    columns=(
        Column("name", _("List"), sort="name", href=lambda row: _page(row.pk)),
        Column(
            "owner",
            pgettext_lazy("list", "Kept by"),
            sort="owner__short_name",
            label_of=formats.local,
        ),
        Column("member_count", _("Enterprises"), Kind.NUMBER, sort="member_count"),
        Column("created_at", pgettext_lazy("list", "Begun"), Kind.MOMENT, sort="created_at"),
    ),
    search=("name",),
    ordering=("-created_at",),
    empty=_("No list yet"),
)


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a list, a page at a time."""

    list_id: UUID
    actor: Actor

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Any, int]:
        return selectors.members_between(
            self.list_id, words=wanted.search, actor=self.actor, offset=offset, limit=limit
        )


@require_safe
@tenant_page("sharing.enterprise_list.view")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"may_write": _may_write(actor)}
    rows = selectors.list_for(actor=actor)
    return LISTS.respond(request, rows, "sharing/enterprise_lists/list.html", context)


@require_safe
@tenant_page("sharing.enterprise_list.view")
def detail(request: HttpRequest, actor: Actor, list_id: UUID) -> HttpResponse:
    kept = selectors.get(list_id, actor=actor)
    names = regions.of_province(actor.region)
    table = Table(
        name="sharing.list-members",
        caption=_("Enterprises of the list"),
        columns=tuple(_unsorted(column) for column in enterprise_columns(names)),
        search=("name", "uscc"),
        empty=_("Nobody is on this list"),
    )
    context = {
        "kept": kept,
        "may_write": _may_write(actor) and kept.owner_id == actor.organization_id,
        "shares": selectors.shares(list_id, actor=actor),
        "rule": rules.rule_of(list_id, actor=actor),
        "run": rules.newest_run(list_id, actor=actor),
    }
    template = "sharing/enterprise_lists/detail.html"
    return table.respond(request, Members(list_id, actor), template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.enterprise_list.write")
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    form, status = NewListForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                kept = enterprise_lists.create(**form.cleaned_data, actor=actor, at=timezone.now())
            except Refusal as refusal:
                status = _object(form, refusal)
            else:
                messages.success(request, now("The list was begun."))
                return go_to(request, _page(kept.pk))
    context = {"form": form, "title": now("New list"), "submit": now("Begin the list")}
    return render(request, "sharing/enterprise_lists/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.enterprise_list.write")
def add(request: HttpRequest, actor: Actor, list_id: UUID) -> HttpResponse:
    """Put enterprises on the list."""
    return _change_members(request, actor, list_id, adds=True)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.enterprise_list.write")
def remove(request: HttpRequest, actor: Actor, list_id: UUID) -> HttpResponse:
    """Take enterprises off the list."""
    return _change_members(request, actor, list_id, adds=False)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("sharing.enterprise_list.write")
def share(request: HttpRequest, actor: Actor, list_id: UUID) -> HttpResponse:
    kept = selectors.get(list_id, actor=actor)
    recipients = recipient_options(actor)
    form, status = RecipientForm(request.POST or None, recipients=recipients), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            recipient_id = form.cleaned_data["recipient"]
            try:
                enterprise_lists.share(
                    list_id, recipient_id=recipient_id, actor=actor, at=timezone.now()
                )
            except Refusal as refusal:
                status = _object(form, refusal)
            else:
                messages.success(request, now("The list is shown to them from now on."))
                return go_to(request, _page(list_id))
    context = {
        "form": form,
        "kept": kept,
        "title": now("Show the list to"),
        "submit": now("Show it"),
    }
    return render(request, "sharing/enterprise_lists/form.html", context, status=status)


@require_POST
@tenant_page("sharing.enterprise_list.write")
def unshare(request: HttpRequest, actor: Actor, list_id: UUID, recipient_id: UUID) -> HttpResponse:
    enterprise_lists.unshare(list_id, recipient_id=recipient_id, actor=actor, at=timezone.now())
    messages.success(request, now("The list is shown to them no longer."))
    return go_to(request, _page(list_id))


def recipient_options(actor: Actor) -> list[tuple[str, str]]:
    """Return the organizations that something can be shared with, as choices."""
    found = agreement_selectors.recipients(actor=actor)
    return [(str(one.pk), formats.local(one)) for one in found]


def _change_members(
    request: HttpRequest, actor: Actor, list_id: UUID, *, adds: bool
) -> HttpResponse:
    kept = selectors.get(list_id, actor=actor)
    form, status = MembersForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            change = enterprise_lists.add if adds else enterprise_lists.remove
            try:
                n = change(list_id, form.cleaned_data["usccs"], actor=actor, at=timezone.now())
            except Refusal as refusal:
                status = _object(form, refusal)
            else:
                messages.success(request, _done(n, adds=adds))
                return go_to(request, _page(list_id))
    context = {
        "form": form,
        "kept": kept,
        "title": now("Add enterprises") if adds else now("Take enterprises off"),
        "submit": now("Add them") if adds else now("Take them off"),
    }
    return render(request, "sharing/enterprise_lists/form.html", context, status=status)


def _done(n: int, *, adds: bool) -> str:
    if adds:
        return ngettext("%(n)d enterprise was added.", "%(n)d enterprises were added.", n) % {
            "n": n
        }
    return ngettext("%(n)d enterprise was taken off.", "%(n)d enterprises were taken off.", n) % {
        "n": n
    }


def _object(form: forms.Form, refusal: Refusal) -> int:
    form.add_error(None, str(words_of(refusal)))
    return status_of(refusal)


def _unsorted(column: Column) -> Column:
    return Column(
        column.key,
        column.label,
        column.kind,
        label_of=column.label_of,
        href=column.href,
        note=column.note,
    )


def _may_write(actor: Actor) -> bool:
    return actor.may(permissions.WRITE_ENTERPRISE_LIST)


def _page(list_id: UUID) -> str:
    return reverse("sharing:enterprise-list", args=[list_id])
