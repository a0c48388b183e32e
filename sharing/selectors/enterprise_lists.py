"""Who is on which list, and the search of the register: identities, never values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.models import Enterprise, EnterpriseList, EnterpriseListMember, EnterpriseListShare

MOST_FOUND = 1000


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an enterprise is, without anything about its quality."""

    uscc: str
    name: str
    region: str
    industry: str | None
    size: str | None
    established_on: date | None
    known_as: str | None = None


def list_for(*, actor: Actor) -> QuerySet[EnterpriseList]:
    """Return the lists that the actor's organisation keeps or was shown."""
    actor.require(permissions.VIEW_ENTERPRISE_LIST)
    return EnterpriseList.objects.select_related("owner").annotate(
        member_count=Count("members", filter=Q(members__removed_at__isnull=True))
    )


def get(list_id: UUID, *, actor: Actor) -> EnterpriseList:
    """
    :raises NoSuchRecord: if the list is neither kept by the actor's organisation nor shown to it.
    """
    return one(list_for(actor=actor), pk=list_id)


def shares(list_id: UUID, *, actor: Actor) -> list[EnterpriseListShare]:
    """Return to whom a list is shown, as far as the actor may know."""
    actor.require(permissions.VIEW_ENTERPRISE_LIST)
    found = EnterpriseListShare.objects.select_related("recipient").filter(list_id=list_id)
    return list(found.order_by("shared_at", "pk"))


def members_between(
    list_id: UUID, *, words: str = "", actor: Actor, offset: int, limit: int
) -> tuple[Sequence[Identity], int]:
    """
    Return one page of a list's members by credit code, and how many fit the words in all.

    :param words: part of a name or code; one character finds nobody.
    :raises NoSuchRecord: if the list is neither kept by the actor's organisation nor shown to it.
    """
    actor.require(permissions.VIEW_ENTERPRISE_LIST)
    on_list = EnterpriseListMember.objects.filter(
        list=get(list_id, actor=actor), removed_at__isnull=True
    )
    if words:
        found = _found_on(on_list, words, actor=actor)
        return found[offset : offset + limit], len(found)
    codes = on_list.order_by("uscc").values_list("uscc", flat=True)
    after = codes[offset - 1 : offset].first() if offset else ""
    page: list[Identity] = []
    while after is not None and len(page) < limit:
        part, after = members(
            list_id, actor=actor, after=after, limit=min(limit - len(page), MOST_FOUND)
        )
        page += part
    return page, on_list.count()


def _found_on(
    on_list: QuerySet[EnterpriseListMember], words: str, *, actor: Actor
) -> Sequence[Identity]:
    if actor.organization_kind != "market_regulator":
        found = search(words, actor=actor, limit=MOST_FOUND) if len(words) > 1 else []
        held = set(
            on_list.filter(uscc__in=[one.uscc for one in found]).values_list("uscc", flat=True)
        )
        return [one for one in found if one.uscc in held]
    known = Enterprise.objects.filter(
        Q(name__icontains=words) | Q(uscc__icontains=words), pk__in=on_list.values("uscc")
    ).order_by("pk")
    fields = ("uscc", "name", "region", "industry", "size", "established_on")
    return [Identity(*row) for row in known.values_list(*fields)]


def members(
    list_id: UUID, *, actor: Actor, after: str = "", limit: int = 1000
) -> tuple[list[Identity], str | None]:
    """
    Return who is on a list, by credit code, and the code to go on after, if there are more.

    Logged as a read of these enterprises.

    :param limit: 1 to 1,000.
    :raises NoSuchRecord: if the list is neither kept by the actor's organisation nor shown to it.
    """
    actor.require(permissions.VIEW_ENTERPRISE_LIST)
    one(EnterpriseList.objects.all(), pk=list_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM qfce_list_members(%s, %s, %s)", [list_id, after, limit + 1])
        found = [Identity(*row) for row in cursor.fetchall()]
    more = found[limit - 1].uscc if len(found) > limit else None
    return found[:limit], more


def search(
    words: str, *, actor: Actor, limit: int = 50, region: str | None = None
) -> Sequence[Identity]:
    """
    Return enterprises that the actor may see, by code, part of a name, or its initials.

    Former names count; `known_as` is the one that was found. By code; logged as a read.

    :param words: fewer than two characters find nobody.
    :param limit: at most 1,000.
    :param region: a province, city or county to stay in.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM qfce_search_enterprises(%s, %s, %s)", [words, limit, region or None]
        )
        return [Identity(*row) for row in cursor.fetchall()]
