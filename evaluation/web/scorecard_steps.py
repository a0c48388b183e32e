"""What this person may do to this version now, and why not what they may not."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation import permissions
from evaluation.domain.lifecycle import SCORECARD, ScorecardStatus
from evaluation.models import ScorecardVersion
from evaluation.permissions import NotOwnScorecard, OwnScorecard
from qfce.kernel.tenancy.actors import Actor, MissingPermission


@dataclass(frozen=True, slots=True)
class Steps:
    """Which buttons stand on the page; `why_not` says why those of a second person do not."""

    revise: bool
    submit: bool
    approve: bool
    return_: bool
    withdraw: bool
    why_not: str


_TO_WITHDRAW = gettext_lazy("To withdraw it takes a model approver who did not prepare it.")


def steps(version: ScorecardVersion, actor: Actor) -> Steps:
    """Return what the state, the actor's role and the four eyes allow."""
    open_now = {str(action) for action in SCORECARD.actions_from(ScorecardStatus(version.status))}
    writes = may_write(version, actor)
    why_not = _why_not(version, actor)
    decides = not why_not
    if "approve" not in open_now:
        why_not = "" if decides or "withdraw" not in open_now else str(_TO_WITHDRAW)
    return Steps(
        revise=writes and "revise" in open_now,
        submit=writes and "submit" in open_now,
        approve=decides and "approve" in open_now,
        return_=decides and "return" in open_now,
        withdraw=decides and "withdraw" in open_now,
        why_not=why_not,
    )


def may_write(version: ScorecardVersion, actor: Actor) -> bool:
    try:
        permissions.check_can_write(actor, version)
    except (MissingPermission, NotOwnScorecard):
        return False
    return True


def _why_not(version: ScorecardVersion, actor: Actor) -> str:
    """Return why this person is not the second one; empty if they are."""
    try:
        permissions.check_can_approve(actor, version)
    except OwnScorecard:
        return _("You prepared this version, so a colleague has to decide about it.")
    except NotOwnScorecard:
        return _("This scorecard belongs to another organization of your group.")
    except MissingPermission:
        if actor.user_id in (version.prepared_by_id, version.submitted_by_id):
            return _("You prepared this version, so a colleague has to decide about it.")
        return _("A model approver decides about it.")
    return ""
