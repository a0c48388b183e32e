"""All questions about readers' questions: who asked what, whom it waits for, who is late."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization, OrganizationKind
from sharing import permissions
from sharing.domain.refresh_requests import OPEN
from sharing.models import FactorProfile, RefreshRequest

STATUSES_OPEN = sorted(status.value for status in OPEN)


@dataclass(frozen=True, slots=True)
class Reach:
    """What the actor's organization may ask of one enterprise; `items` None is every item."""

    factor_list: str
    region: str
    name: str
    items: frozenset[str] | None

    def covers(self, code: str) -> bool:
        return self.items is None or code in self.items


def get(request_id: UUID, *, actor: Actor) -> RefreshRequest:
    """
    :raises NoSuchRecord: if the actor's organization neither asked it nor answers for the region.
    """
    return one(_seen(actor), pk=request_id)


def list_for(
    *,
    actor: Actor,
    status: str | None = None,
    uscc: str | None = None,
    late_on: date | None = None,
    addressed: bool = False,
) -> QuerySet[RefreshRequest]:
    """
    Return what the organization asked, or what was asked in its region.

    :param late_on: only those without an answer whose last day lies before this one.
    :param addressed: only those that wait for the actor's own bureau.
    """
    found = _seen(actor)
    if status:
        found = found.filter(status=status)
    if uscc:
        found = found.filter(uscc=uscc)
    if late_on:
        found = found.filter(late(late_on))
    return found.filter(addressee_id=actor.organization_id) if addressed else found


def late(on: date) -> Q:
    """Return the condition of a question that should have been answered before a day."""
    return Q(status__in=STATUSES_OPEN, due_on__lt=on)


def awaiting_answer(*, actor: Actor) -> QuerySet[RefreshRequest]:
    """Return the questions that wait for the actor's own bureau."""
    waiting = list_for(actor=actor, addressed=True)
    return waiting.filter(status__in=("requested", "forwarded"))


def reach(uscc: str, *, actor: Actor) -> list[Reach]:
    """Return what the actor's organization sees of an enterprise now; empty if nothing."""
    actor.require(permissions.ASK_REFRESH)
    return seen_of(uscc, actor=actor)


def seen_of(uscc: str, *, actor: Actor) -> list[Reach]:
    """Return what the actor's organization sees of an enterprise, whatever it wants of it."""
    actor.require(permissions.VIEW_ENTERPRISE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM qfce_refresh_reach(%s)", [uscc])
        return [
            Reach(factor_list, region, name, None if items is None else frozenset(items))
            for factor_list, region, name, items in cursor.fetchall()
        ]


def held(asked: RefreshRequest, *, actor: Actor) -> FactorProfile | None:
    """Return what a regulator's register holds of the enterprise asked about."""
    actor.require(permissions.VIEW_REFRESH)
    found = FactorProfile.objects.filter(uscc=asked.uscc, factor_list=asked.factor_list)
    return found.first()


def bureaus_for(region: str) -> list[Organization]:
    """Return the market regulators that answer for a region, the one nearest to it first."""
    places = {region, f"{region[:4]}00", f"{region[:2]}0000", "000000"}
    found = Organization.objects.filter(
        kind=OrganizationKind.MARKET_REGULATOR.value, region_id__in=places, is_active=True
    )
    # Codes nest by prefix: the more zeros at its end, the larger the region.
    return sorted(found, key=lambda bureau: (bureau.region_id or "", str(bureau.pk)), reverse=True)


def _seen(actor: Actor) -> QuerySet[RefreshRequest]:
    actor.require(permissions.VIEW_REFRESH)
    return RefreshRequest.objects.select_related("owner", "addressee", "forwarded_from")
