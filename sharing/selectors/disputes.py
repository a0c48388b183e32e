"""Disputes as their parties see them: whoever objected, and the regulators of the region."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.agreements import Purpose
from sharing.domain.disputes import OPEN
from sharing.models import Dispute
from sharing.selectors import disclosures, refresh_requests
from sharing.selectors.refresh_requests import Reach

STATUSES_OPEN = sorted(status.value for status in OPEN)


def list_for(
    *, actor: Actor, status: str | None = None, uscc: str | None = None
) -> QuerySet[Dispute]:
    """Return what the actor's organization disputes, or what is disputed in its region."""
    actor.require(permissions.VIEW_DISPUTE)
    found = Dispute.objects.select_related("owner", "addressee")
    if status:
        found = found.filter(status=status)
    return found.filter(uscc=uscc) if uscc else found


def get(dispute_id: UUID, *, actor: Actor) -> Dispute:
    """
    Return one dispute.

    :raises NoSuchRecord: if the actor's organization is no party to such a dispute.
    """
    return one(list_for(actor=actor), pk=dispute_id)


def open_to(uscc: str, *, actor: Actor, at: datetime) -> list[Reach]:
    """
    Return what the actor's organization may object to of an enterprise: what it is shown.

    A bank is shown items by its agreements; an enterprise the facts of its own record, the
    look at which is logged like every other.
    """
    if actor.uscc != uscc:
        return refresh_requests.seen_of(uscc, actor=actor)
    own = disclosures.profiles([uscc], purpose=Purpose.OWN_RECORD, actor=actor, at=at)
    return [
        Reach(
            profile.list_code,
            profile.region,
            profile.name,
            frozenset(code for code, item in profile.items.items() if item.answer == "ok"),
        )
        for profile in own.values()
        if profile.list_code and profile.region and profile.name
    ]


def awaiting_decision(*, actor: Actor) -> QuerySet[Dispute]:
    """Return the disputes that wait for the actor's own bureau."""
    return list_for(actor=actor, status="opened").filter(addressee_id=actor.organization_id)


def late(on: date) -> Q:
    """Return the condition of a dispute that should have been decided before a day."""
    return Q(status__in=STATUSES_OPEN, due_on__lt=on)
