"""What the page "Today" says about evaluation."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from evaluation import permissions
from evaluation.selectors import evaluations, scorecards
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.landing import Todo

DAYS = 7


def fallen(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return how many enterprises a change of facts has lowered this week."""
    since = business_day(at) - timedelta(days=DAYS)
    address = f"{reverse('evaluation:enterprises')}?cause=feed&change=worse&since={since}"
    return [
        Todo(
            _("Enterprises that a changed fact has lowered"),
            evaluations.worse_since(since, actor=actor),
            address,
            tone="warn",
            note=_("In the last seven days"),
        )
    ]


def versions(*, actor: Actor, at: datetime) -> list[Todo]:
    """Return the versions of scorecards that wait for this person."""
    address, found = reverse("evaluation:scorecards"), []
    if actor.may(permissions.APPROVE_SCORECARD):
        waiting = scorecards.waiting_for(actor=actor)
        found.append(Todo(_("Scorecards to approve"), waiting, f"{address}?status=under_review"))
    if actor.may(permissions.WRITE_SCORECARD):
        back = scorecards.returned_to(actor=actor)
        found.append(
            Todo(_("Scorecards given back to you"), back, f"{address}?status=draft", tone="warn")
        )
    return found
