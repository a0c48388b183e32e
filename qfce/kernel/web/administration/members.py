"""The people of one's organization, and the roles that they hold."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy import selectors, services
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Membership
from qfce.kernel.web import attempts, labels, second_factors
from qfce.kernel.web.forms import RolesForm, roles_for
from qfce.kernel.web.pages import fragment, go_to, tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.tables import Choice, Column, Kind, Table


def table(kind: str) -> Table:
    """Return the table; its choice of roles is what the kind of organization may give."""
    return Table(
        name="members",
        caption=gettext_lazy("Users and roles"),
        columns=(
            Column(
                "user",
                gettext_lazy("Person"),
                sort="user__display_name",
                href=lambda member: reverse("member", args=[member.pk]),
            ),
            Column("user__username", gettext_lazy("User name"), Kind.CODE, sort="user__username"),
            Column("roles", gettext_lazy("Roles"), label_of=labels.roles),
            Column(
                "user__last_login",
                gettext_lazy("Last signed in"),
                Kind.MOMENT,
                sort="user__last_login",
            ),
            Column(
                "is_active",
                gettext_lazy("State"),
                Kind.STATUS,
                sort="is_active",
                label_of=lambda active: _("Active") if active else _("Shut out"),
                tone_of=lambda active: "good" if active else "muted",
            ),
        ),
        search=("user__display_name", "user__username"),
        filters=(Choice("role", gettext_lazy("Roles"), lambda: roles_for(kind), _holding),),
        ordering=("user__display_name",),
    )


@require_safe
@tenant_page("tenancy.member.manage")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    rows = selectors.members(actor=actor)
    return table(actor.organization_kind).respond(request, rows, "administration/members.html")


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page("tenancy.member.manage")
def detail(request: HttpRequest, actor: Actor, membership_id: UUID) -> HttpResponse:
    member = selectors.member(membership_id, actor=actor)
    kind = actor.organization_kind
    if request.method != "POST":
        initial = {"roles": member.roles, "is_active": member.is_active}
        return _show(request, member, RolesForm(initial=initial, kind=kind))
    form, status = RolesForm(request.POST, kind=kind), 422
    if form.is_valid():
        try:
            services.set_roles(membership_id, **form.cleaned_data, actor=actor, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
        else:
            messages.success(request, _("The roles were changed."))
            return go_to(request, reverse("member", args=[member.pk]))
    return _show(request, member, form, status)


@require_POST
@tenant_page("tenancy.member.manage")
def let_in(request: HttpRequest, actor: Actor, membership_id: UUID) -> HttpResponse:
    """Let a member in again: forget failures, and take away a second factor that was lost."""
    member = selectors.member(membership_id, actor=actor)
    attempts.forget(member.user.username)
    second_factors.remove(member.user)
    audit.record("tenancy.member.let_in", member, actor=actor, at=timezone.now())
    messages.success(request, _("They can sign in again, and enroll another authenticator."))
    return redirect("member", membership_id=member.pk)


def _show(
    request: HttpRequest, member: Membership, form: RolesForm, status: int = 200
) -> HttpResponse:
    context = {"member": member, "form": form, "has_factor": second_factors.has_one(member.user)}
    page, part = "administration/member.html", "administration/_member_roles.html"
    return fragment(request, page, part, context, status=status)


def _holding(rows: "object", role: str) -> "object":
    return rows.filter(roles__contains=[role])  # type: ignore[attr-defined]  # a queryset
