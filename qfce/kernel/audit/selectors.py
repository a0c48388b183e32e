"""The audit trail, as an organization's auditors see it."""

from django.db.models import QuerySet

from qfce.kernel.audit.models import AuditEvent, AuditSeal
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


def trail(*, actor: Actor) -> QuerySet[AuditEvent]:
    """Return what was done in the actor's organization and below it."""
    actor.require("audit.event.view")
    return AuditEvent.objects.select_related("owner")


def get(event_id: int, *, actor: Actor) -> AuditEvent:
    return one(trail(actor=actor), pk=event_id)


def actions(*, actor: Actor) -> list[str]:
    """Return the actions that occur in the trail, for a choice."""
    return sorted(trail(actor=actor).order_by().values_list("action", flat=True).distinct())


def seal_of(event: AuditEvent) -> AuditSeal | None:
    """Return the seal that covers an event, None while it waits for one."""
    return AuditSeal.objects.filter(after_id__lt=event.pk, upto_id__gte=event.pk).first()
