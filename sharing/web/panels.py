"""What waits for somebody in sharing, for the page "Today"."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.landing import Todo
from sharing.selectors import agreements, consents, records


def corrections(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many corrections wait for the actor to release them."""
    waiting = records.awaiting_release(actor=actor).count()
    address = reverse("sharing:record-changes") + "?status=prepared"
    return [Todo(_("Corrections to release"), waiting, address)]


def consent_requests(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many requests for a consent are not decided: the enterprise's, or the reader's."""
    waiting = consents.list_for(actor=actor, status="requested").count()
    address = reverse("sharing:consents") + "?status=requested"
    if actor.organization_kind == "enterprise":
        return [Todo(_("Requests for your consent"), waiting, address, tone="warn")]
    return [Todo(_("Consents not decided yet"), waiting, address)]


def agreement_drafts(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many agreements are drawn up and not in force."""
    drafts = agreements.list_for(actor=actor, status="draft").filter(owner_id=actor.organization_id)
    return [
        Todo(
            _("Agreements drawn up, not in force"),
            drafts.count(),
            reverse("sharing:agreements") + "?status=draft",
        )
    ]
