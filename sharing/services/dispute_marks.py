"""
The mark that a disputed fact carries in the ledger, and the end of a dispute.

Apart from the disputes themselves, because the release of a change comes here, and a decision
prepares such changes. The platform writes the mark for the bureau: the law leaves it no choice.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Conflict, Unavailable
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing.domain.disputes import DISPUTE, MARK
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import Dispute, RecordChange
from sharing.selectors.disputes import about, deciding, items_of, standing_as
from sharing.services import publications
from sharing.services.publications import ChangeIn

LOCK_SECONDS = 3


class AlreadyDisputed(Conflict):
    code = "sharing.dispute.already_open"
    title = "You dispute this fact already."

    @classmethod
    def about(cls, uscc: str, item: str) -> "AlreadyDisputed":
        return cls(
            f"A dispute of yours about {item} of {uscc} is open.",
            hint="Wait for the decision, or take that one back.",
        )


class ListBusy(Unavailable):
    code = "sharing.dispute.list_busy"
    title = "The list is being written to."
    retry_seconds = 30


def mark(dispute: Dispute, *, at: datetime) -> None:
    """
    Mark the fact for every reader, if no other dispute has marked it already.

    :raises AlreadyDisputed: if its owner disputes the fact under a code that it had before.
    :raises ListBusy: if a publication of the list keeps it waiting.
    """
    with _keeper_of(dispute) as keeper:
        others = _others(dispute)
        if any(o.owner_id == dispute.owner_id for o in others if dispute.item in items_of(o)):
            raise AlreadyDisputed.about(dispute.uscc, dispute.item)
        if dispute.item not in _items_of(others):
            changes = {dispute.item: MARK}
            _publish(dispute, ChangeKind.FLAGGED, changes, actor=keeper, at=at)


def close(dispute: Dispute, *, action: str, actor: Actor, at: datetime) -> None:
    """
    Bring a dispute to its end, save it, and take the mark off.

    :raises IllegalTransition: if it is over already.
    :raises ListBusy: if a publication of the list keeps it waiting.
    """
    status = DISPUTE.target(action, state=dispute.status).value
    with _keeper_of(dispute) as keeper:
        left = set(standing_as(dispute)) - _items_of(_others(dispute))
        if left:
            changes = dict.fromkeys(sorted(left))
            _publish(dispute, ChangeKind.UNFLAGGED, changes, actor=keeper, at=at)
    dispute.status = status
    dispute.closed_at, dispute.closed_by_id = at, actor.account_id
    dispute.save()


def settle(change: RecordChange, *, actor: Actor, at: datetime) -> None:
    """
    Uphold the dispute that a change was prepared for, now that it is released.

    If it was dropped instead, the dispute stands again. Most changes belong to no dispute.
    """
    waiting = Dispute.objects.select_related("addressee").select_for_update(of=("self",))
    dispute = waiting.filter(prepared_change=change.pk, status="prepared").first()
    if dispute is None:
        return
    if change.publication is None:
        dispute.status = DISPUTE.target("reopen", state=dispute.status).value
        dispute.prepared_change, dispute.reason = None, ""
        dispute.save(update_fields=["status", "prepared_change", "reason"])
        audit.record("sharing.dispute.reopened", dispute, actor=actor, at=at, uscc=dispute.uscc)
        return
    dispute.publication_number = change.publication.number
    close(dispute, action="uphold", actor=actor, at=at)
    audit.record("sharing.dispute.upheld", dispute, actor=actor, at=at, uscc=dispute.uscc)


@contextmanager
def _keeper_of(dispute: Dispute) -> Iterator[Actor]:
    """Act as the bureau that answers for the enterprise now, with the list locked."""
    bureau = deciding(dispute)
    with acting_as(bureau.pk):
        _lock(dispute.factor_list)
        yield service_actor(bureau.pk, "dispute")


def _lock(factor_list: str) -> None:
    """
    Wait for other writers of the list, but no longer than somebody waits for an answer.

    :raises ListBusy: if they take longer.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_SECONDS}s"])
            publications.lock_list(factor_list)
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as late:
        if not isinstance(late.__cause__, LockNotAvailable):
            raise
        raise ListBusy(
            f"A publication of the list {factor_list} is being written, which the mark waits for.",
            hint="Try again in half a minute.",
        ) from late


def _others(dispute: Dispute) -> list[Dispute]:
    return list(about(dispute.uscc, dispute.factor_list).exclude(pk=dispute.pk))


def _items_of(disputes: Iterable[Dispute]) -> set[str]:
    """Return the items that keep their mark, or brought it, for these disputes."""
    return {code for dispute in disputes for code in items_of(dispute)}


def _publish(
    dispute: Dispute, kind: ChangeKind, changes: dict[str, Any], *, actor: Actor, at: datetime
) -> None:
    publications.publish_changes(
        [ChangeIn(dispute.uscc, kind.value, changes)],
        cause=Cause.DISPUTE.value,
        factor_list=dispute.factor_list,
        actor_prepared=None,
        actor_released=actor,
        at=at,
    )
