"""All questions about agreements and recalls that an actor is party to."""

from uuid import UUID

from django.db.models import QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.models import Agreement, Recall


def get(agreement_id: UUID, *, actor: Actor) -> Agreement:
    """
    :raises NoSuchRecord: if the actor's organisation is party to no such agreement.
    """
    actor.require(permissions.VIEW_AGREEMENT)
    return one(Agreement.objects.select_related("owner", "recipient"), pk=agreement_id)


def list_for(*, actor: Actor, status: str | None = None) -> QuerySet[Agreement]:
    """Return the agreements that the actor's organisation is party to."""
    actor.require(permissions.VIEW_AGREEMENT)
    found = Agreement.objects.select_related("owner", "recipient")
    return found.filter(status=status) if status else found


def recalls(*, actor: Actor) -> QuerySet[Recall]:
    """Return the recalls that the actor's organisation issued or received."""
    actor.require(permissions.READ_FEED)
    return Recall.objects.all()
