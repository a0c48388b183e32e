"""Disputes as their parties see them: whoever objected, and the regulators of the region."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Func, Q, QuerySet, UUIDField

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization
from sharing import permissions
from sharing.domain.disputes import OPEN
from sharing.models import Dispute, FactorProfile
from sharing.selectors import disclosures
from sharing.selectors.refresh_requests import Reach

STATUSES_OPEN = sorted(status.value for status in OPEN)

DECIDING = "SELECT dispute, bureau FROM qfce_deciding_bureaus(%s)"
# What an item has gone on as since a dispute about it was opened.
GOES_ON = """
SELECT target FROM sharing_itemlineage
WHERE factor_list = %s AND source = %s AND lower(in_force) > %s AND upper_inf(in_force)
"""


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
    Return one dispute; while it is open its addressee is the bureau that answers now.

    :raises NoSuchRecord: if the actor's organization is no party to such a dispute.
    """
    dispute = one(list_for(actor=actor), pk=dispute_id)
    dispute.addressee = deciding(dispute)
    return dispute


def open_to(
    uscc: str,
    *,
    actor: Actor,
    at: datetime,
    item: str | None = None,
    factor_list: str | None = None,
) -> list[Reach]:
    """
    Return which facts of an enterprise the actor's organization is shown, by factor list.

    Each look is logged like every other: one for each purpose, of which the rest is left out
    once the item is found that was asked for.

    :param factor_list: one list; unsaid, the one whose profile is shown.
    """
    found: list[Reach] = []
    for purpose in disclosures.purposes_of(actor=actor):
        seen = disclosures.profiles(
            [uscc], purpose=purpose, factor_list=factor_list, actor=actor, at=at
        )
        found += [
            Reach(profile.list_code, profile.region, profile.name, items)
            for profile in seen.values()
            if profile.list_code and profile.region and profile.name
            if (items := frozenset(c for c, i in profile.items.items() if i.answer == "ok"))
        ]
        if item is not None and any(reach.covers(item) for reach in found):
            break
    return found


def deciding(dispute: Dispute) -> Organization:
    """Return the bureau that decides a dispute: where it is open, the one that answers now."""
    found = deciding_all([dispute.pk]).get(dispute.pk)
    if found is None or found == dispute.addressee_id:
        return dispute.addressee
    return Organization.objects.get(pk=found)


def deciding_all(dispute_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the bureau that answers now, for those of some disputes that are open."""
    with connection.cursor() as cursor:
        cursor.execute(DECIDING, [list(dispute_ids)])
        return dict(cursor.fetchall())


def about(uscc: str, factor_list: str) -> QuerySet[Dispute]:
    """Return the open disputes about an enterprise on a list that the bound bureau sees."""
    return Dispute.objects.filter(uscc=uscc, factor_list=factor_list, status__in=STATUSES_OPEN)


def items_of(dispute: Dispute) -> set[str]:
    """Return the disputed item, under all codes that migrations since have given it."""
    with connection.cursor() as cursor:
        cursor.execute(GOES_ON, [dispute.factor_list, dispute.item, dispute.opened_at])
        return {dispute.item, *(code for (code,) in cursor.fetchall())}


def standing_as(dispute: Dispute) -> list[str]:
    """
    Return the codes that carry the mark now: the disputed item's, or what it has become.

    Seen by a bureau of the enterprise's region. Without any mark it is the item as it was.
    """
    held = FactorProfile.objects.filter(uscc=dispute.uscc, factor_list=dispute.factor_list).first()
    marked = items_of(dispute) & set(held.flags) if held else set()
    return sorted(marked) or [dispute.item]


def awaiting_decision(*, actor: Actor) -> QuerySet[Dispute]:
    """Return the disputes that wait for the actor's own bureau: to be decided, or released."""
    waiting = list_for(actor=actor).filter(status__in=STATUSES_OPEN)
    return waiting.filter(addressee_id=actor.organization_id)


def late(on: date) -> Q:
    """Return the condition of a dispute that should have been decided before a day."""
    return Q(status__in=STATUSES_OPEN, due_on__lt=on)


def in_time(on: date) -> Q:
    """Return the condition of a dispute that still has this day to be decided."""
    return Q(status__in=STATUSES_OPEN, due_on__gte=on)


def own_bureaus() -> Q:
    """Return the condition of a dispute that the bound organization itself has to decide."""
    bound = Func(function="qfce_bound_organization", output_field=UUIDField())
    return Q(addressee_id=bound)
