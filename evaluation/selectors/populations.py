"""Whom a bank may score as a whole: the enterprises on the lists that are shared with it."""

from datetime import datetime
from uuid import UUID

from evaluation import permissions
from qfce.kernel.tenancy.actors import Actor
from sharing.selectors import disclosures


def visible(enterprise_list_id: UUID | None = None, *, actor: Actor, at: datetime) -> list[str]:
    """
    Return the codes on one list shared with the actor, or on all of them.

    :raises NoSuchRecord: if the list is not shared with the actor's organization.
    """
    actor.require(permissions.CREATE)
    return list(disclosures.members(enterprise_list_id, actor=actor, at=at))
