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
from sharing.models import EnterpriseList


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an enterprise is, without anything about its quality."""

    uscc: str
    name: str
    region: str
    industry: str | None
    size: str | None
    established_on: date | None


def list_for(*, actor: Actor) -> QuerySet[EnterpriseList]:
    """Return the lists that the actor's organisation keeps or was shown."""
    actor.require(permissions.VIEW_ENTERPRISE_LIST)
    return EnterpriseList.objects.select_related("owner").annotate(
        member_count=Count("members", filter=Q(members__removed_at__isnull=True))
    )


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


def search(words: str, *, actor: Actor, limit: int = 50) -> Sequence[Identity]:
    """
    Return enterprises by credit code or part of a name, among those the actor may see.

    :param words: at least two characters; the caller has checked.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM qfce_search_enterprises(%s, %s)", [words, limit])
        return [Identity(*row) for row in cursor.fetchall()]
