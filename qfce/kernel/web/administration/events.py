"""The audit trail: who did what, to what, and the seal over it."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from qfce.kernel.audit import selectors
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import labels
from qfce.kernel.web.formats import local
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.tables import Choice, Column, Day, Kind, Table


def table(actions: list[str]) -> Table:
    """Return the table; its choice of actions is what occurs in the trail."""
    return Table(
        name="audit",
        caption=_("Audit trail"),
        columns=(
            Column("occurred_at", _("When"), Kind.MOMENT, sort="occurred_at"),
            Column(
                "action",
                _("Action"),
                sort="action",
                label_of=labels.action,
                href=lambda event: reverse("audit-event", args=[event.pk]),
            ),
            Column(
                "actor_name",
                pgettext_lazy("who worked", "Who"),
                sort="actor_name",
                value=lambda event: labels.who(event.actor_name, event.channel),
                note=lambda event: event.client_id,
            ),
            Column("owner", _("Organization"), value=lambda event: local(event.owner)),
            Column("channel", _("By way of"), label_of=labels.channel),
            Column(
                "target_type",
                _("Of what"),
                label_of=labels.target,
                note=_of_whom,
            ),
        ),
        search=("actor_name", "target_id", "action", "target_type"),
        filters=(
            Choice("action", _("Action"), [(name, labels.action(name)) for name in actions]),
            Choice("channel", _("By way of"), tuple(labels.CHANNELS.items())),
            Day("since", pgettext_lazy("filter", "From"), "occurred_at__date__gte"),
            Day("until", pgettext_lazy("filter", "To"), "occurred_at__date__lte"),
        ),
        ordering=("-occurred_at",),
        empty=_("Nothing was done yet"),
    )


def _of_whom(event: AuditEvent) -> str:
    """Return what is known of a target: of a person and their own account, the name."""
    own = event.target_type == "tenancy.user" and event.target_id == str(event.actor_id)
    return event.actor_name if own else event.target_id


@require_safe
@tenant_page("audit.event.view")
def index(request: HttpRequest, actor: Actor) -> HttpResponse:
    known = table(selectors.actions(actor=actor))
    return known.respond(request, selectors.trail(actor=actor), "administration/audit.html")


@require_safe
@tenant_page("audit.event.view")
def detail(request: HttpRequest, actor: Actor, event_id: int) -> HttpResponse:
    event = selectors.get(event_id, actor=actor)
    context = {
        "event": event,
        "who": labels.who(event.actor_name, event.channel),
        "seal": selectors.seal_of(event),
        "facts": [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in event.detail.items()
        ],
    }
    return render(request, "administration/event.html", context)
