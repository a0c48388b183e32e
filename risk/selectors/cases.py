"""Questions about cases."""

from uuid import UUID

from django.db.models import QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.models import RiskCase


def get(case_id: UUID, *, actor: Actor) -> RiskCase:
    """
    :raises NoSuchRecord: if the actor's organization has no such case.
    """
    actor.require(permissions.VIEW_CASE)
    return one(RiskCase.objects.prefetch_related("actions", "signals"), pk=case_id)


def matching(
    *, uscc: str | None = None, status: str | None = None, actor: Actor
) -> QuerySet[RiskCase]:
    """Return the cases of the actor's organization and below, to be ordered by the caller."""
    actor.require(permissions.VIEW_CASE)
    rows = RiskCase.objects.prefetch_related("actions", "signals")
    if uscc is not None:
        rows = rows.filter(uscc=uscc)
    if status is not None:
        rows = rows.filter(status=status)
    return rows
