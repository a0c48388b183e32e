"""Whom a bank may score as a whole: the enterprises on a list that is shared with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from evaluation import permissions
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor

PAGE = 1000
SHOWN = (
    "SELECT l.id, l.name, o.name_zh, o.name_en,"
    " (SELECT count(*) FROM sharing_enterpriselistmember m"
    "  WHERE m.list_id = l.id AND m.removed_at IS NULL)"
    " FROM sharing_enterpriselist l JOIN tenancy_organization o ON o.id = l.owner_id"
    " ORDER BY l.created_at DESC, l.id LIMIT 200"
)


@dataclass(frozen=True, slots=True)
class SharedList:
    """A list of enterprises that the organization was shown, and who keeps it."""

    id: UUID
    name: str
    keeper_zh: str
    keeper_en: str
    enterprises: int


def shared_lists(*, actor: Actor) -> list[SharedList]:
    """Return the lists that the actor's organization may score, newest first; one query."""
    actor.require(permissions.CREATE)
    with connection.cursor() as cursor:
        cursor.execute(SHOWN)
        return [SharedList(*row) for row in cursor.fetchall()]


def members(enterprise_list_id: UUID, *, actor: Actor) -> list[str]:
    """
    Return the codes on a list that is shared with the actor's organization.

    Read through the database's own door, which answers for whoever is bound and logs it.

    :raises NoSuchRecord: if the list is not shared with the actor, or nobody is on it.
    """
    actor.require(permissions.CREATE)
    codes = list(_codes(enterprise_list_id))
    if not codes:
        raise NoSuchRecord(
            "There is no such enterprise list, or nobody is on it.",
            hint="GET /api/v1/enterprise-lists/ names the lists shared with you.",
        )
    return codes


def _codes(enterprise_list_id: UUID) -> Iterator[str]:
    after = ""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT uscc FROM qfce_list_members(%s, %s, %s)",
                [enterprise_list_id, after, PAGE],
            )
            page = [row[0] for row in cursor.fetchall()]
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1]
