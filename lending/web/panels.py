"""What waits for a reader of the first page in lending."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from lending import permissions
from lending.selectors import applications, loans
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.landing import Todo


def waiting(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return what the actor can do in lending, with the page that it opens on; three queries."""
    return [*_applications(actor), *_loans(actor)]


def _applications(actor: Actor) -> list[Todo]:
    counts = applications.waiting_for(actor=actor)
    base = reverse("lending:applications")
    found = []
    if actor.may(permissions.REVIEW):
        found += [
            Todo(_("Applications to take up"), counts["submitted"], f"{base}?status=submitted"),
            Todo(
                _("Applications that you hold"),
                counts["held"],
                f"{base}?status=under_review&held=me",
            ),
        ]
    if actor.may(permissions.DECIDE):
        found.append(
            Todo(
                _("Applications under review by others"),
                counts["others"],
                f"{base}?status=under_review",
                note=_("They need a second person's decision."),
            )
        )
    if actor.may(permissions.SUBMIT):
        found += [
            Todo(_("Applications returned"), counts["returned"], f"{base}?status=returned", "warn"),
            Todo(_("Drafts to complete"), counts["draft"], f"{base}?status=draft"),
        ]
    if actor.may(permissions.SIGN):
        label = _("Approved, without a contract")
        found.append(Todo(label, counts["unsigned"], f"{base}?status=unsigned", "good"))
    return found


def _loans(actor: Actor) -> list[Todo]:
    if not actor.may(permissions.VIEW_LOAN):
        return []
    counts = loans.counts(actor=actor)
    base = reverse("lending:loans")
    found = []
    if actor.may(permissions.DISBURSE):
        found.append(Todo(_("Loans to pay out"), counts["drawable"], f"{base}?freeze=open"))
    if actor.may(permissions.FREEZE) or actor.may(permissions.DISBURSE):
        found.append(Todo(_("Loans frozen"), counts["frozen"], f"{base}?freeze=frozen", "bad"))
    return found
