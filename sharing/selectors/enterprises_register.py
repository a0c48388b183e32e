"""The register as the bureau of a jurisdiction sees it; banks ask through disclosures."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.models import Enterprise, FactorProfile


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many enterprises of a region are on a list, and how many were taken off it."""

    region: str
    listed: int
    delisted: int


def get(uscc: str, *, actor: Actor) -> Enterprise:
    """
    Return an enterprise of the actor's jurisdiction.

    :raises NoSuchRecord: if the register has none there.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    return one(Enterprise.objects.all(), pk=uscc)


def find(uscc: str, *, actor: Actor) -> Enterprise | None:
    """Return an enterprise of the actor's jurisdiction; None where the register has none."""
    actor.require(permissions.VIEW_ENTERPRISE)
    return Enterprise.objects.filter(pk=uscc).first()


def list_for(*, actor: Actor, region: str | None = None) -> QuerySet[Enterprise]:
    """
    Return the enterprises of the actor's jurisdiction as a queryset, by code.

    :param region: a province, city or county: everything below it.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    found = Enterprise.objects.order_by("pk")
    if region:
        prefix = region.removesuffix("00").removesuffix("00")
        found = found.filter(region__gte=prefix.ljust(6, "0"), region__lte=prefix.ljust(6, "9"))
    return found


def coverage(factor_list: str, *, actor: Actor) -> list[Coverage]:
    """Return, for each county of the jurisdiction, how many enterprises are on a list."""
    actor.require(permissions.VIEW_ENTERPRISE)
    rows = (
        FactorProfile.objects.filter(factor_list=factor_list)
        .values("region")
        .annotate(
            on=Count("uscc", filter=Q(listed=True)), off=Count("uscc", filter=Q(listed=False))
        )
        .order_by("region")
    )
    return [Coverage(row["region"], row["on"], row["off"]) for row in rows]
