"""All questions about consents, for those who ask and for the enterprise."""

from uuid import UUID

from django.db.models import QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.models import Consent


def get(consent_id: UUID, *, actor: Actor) -> Consent:
    """
    :raises NoSuchRecord: if the actor neither asked for it nor is the enterprise.
    """
    actor.require(permissions.WRITE_CONSENT)
    return one(Consent.objects.select_related("recipient"), pk=consent_id)


def list_for(
    *, actor: Actor, status: str | None = None, uscc: str | None = None
) -> QuerySet[Consent]:
    """Return the consents that the actor's organisation asked for, or that are about it."""
    actor.require(permissions.WRITE_CONSENT)
    found = Consent.objects.select_related("recipient")
    if status:
        found = found.filter(status=status)
    return found.filter(uscc=uscc) if uscc else found
