"""Whom a bank may score as a whole: the enterprises on a list that is shared with it."""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from evaluation import permissions
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor

PAGE = 1000


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
