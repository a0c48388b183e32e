"""All questions about what is due to be verified again, and about checks against registers."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Coalesce

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.agreements import prefix_of
from sharing.models import DueItem, Enterprise, SourceRun


def due(
    *,
    actor: Actor,
    factor_list: str | None = None,
    kinds: Sequence[str] = (),
    item: str | None = None,
    region: str | None = None,
) -> QuerySet[DueItem]:
    """
    Return the facts of the actor's jurisdiction that are due, each with the enterprise's `name`.

    :param region: this region and what lies in it.
    """
    actor.require(permissions.VIEW_IMPORT)
    name = Enterprise.objects.filter(pk=OuterRef("uscc")).values("name")[:1]
    found = DueItem.objects.annotate(
        name=Coalesce(Subquery(name), "uscc", output_field=TextField())
    )
    if factor_list:
        found = found.filter(factor_list=factor_list)
    if kinds:
        found = found.filter(kind__in=list(kinds))
    if item:
        found = found.filter(code=item)
    return found.filter(region__startswith=prefix_of(region)) if region else found


def runs(*, actor: Actor) -> QuerySet[SourceRun]:
    """Return the checks against registers that the actor's bureau, or one below it, ordered."""
    actor.require(permissions.VIEW_IMPORT)
    return SourceRun.objects.select_related("owner", "started_by")


def run(run_id: UUID, *, actor: Actor) -> SourceRun:
    """
    :raises NoSuchRecord: if the actor sees none.
    """
    return one(runs(actor=actor), pk=run_id)
