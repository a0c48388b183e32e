"""The rules of enterprise lists and their runs, as the bureau that keeps them sees them."""

from collections.abc import Sequence
from uuid import UUID

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.models import Enterprise, ListCriteria, ListRun

MOST_SHOWN = 500


def rule(list_id: UUID, *, actor: Actor) -> ListCriteria:
    """
    :raises NoSuchRecord: if the actor's organization keeps no such list, or it has no rule.
    """
    actor.require(permissions.WRITE_ENTERPRISE_LIST)
    return one(ListCriteria.objects.all(), pk=list_id)


def rule_of(list_id: UUID, *, actor: Actor) -> ListCriteria | None:
    """Return the rule of a list if it has one and the actor may see it."""
    if not actor.may(permissions.WRITE_ENTERPRISE_LIST):
        return None
    return ListCriteria.objects.filter(pk=list_id).first()


def run(run_id: UUID, *, actor: Actor) -> ListRun:
    """
    :raises NoSuchRecord: if the actor's organization has no such run.
    """
    actor.require(permissions.WRITE_ENTERPRISE_LIST)
    return one(ListRun.objects.select_related("list"), pk=run_id)


def newest_run(list_id: UUID, *, actor: Actor) -> ListRun | None:
    """Return the newest run of a list's rule, if there is one and the actor may see it."""
    if not actor.may(permissions.WRITE_ENTERPRISE_LIST):
        return None
    return ListRun.objects.filter(list_id=list_id).order_by("-asked_at", "pk").first()


def named(usccs: Sequence[str]) -> list[Enterprise]:
    """Return the first of some enterprises of the jurisdiction, by code, for showing."""
    return list(Enterprise.objects.filter(pk__in=list(usccs)[:MOST_SHOWN]).order_by("pk"))
