"""
The mark that a disputed fact carries in the ledger, and the end of a dispute.

Apart from the disputes themselves, because the release of a change comes here, and a decision
prepares such changes. The platform writes the mark for the bureau: the law leaves it no choice.
"""

from datetime import datetime

from qfce.kernel.audit import events as audit
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Organization
from sharing.domain.disputes import DISPUTE, MARK
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import Dispute, RecordChange
from sharing.selectors.disputes import STATUSES_OPEN
from sharing.services import publications
from sharing.services.publications import ChangeIn


def mark(dispute: Dispute, *, at: datetime) -> None:
    """Mark the fact for every reader, if no other dispute has marked it already."""
    _write(dispute, ChangeKind.FLAGGED, at=at)


def close(dispute: Dispute, *, action: str, actor: Actor, at: datetime) -> None:
    """
    Bring a dispute to its end, save it, and take the mark off.

    :raises IllegalTransition: if it is over already.
    """
    dispute.status = DISPUTE.target(action, state=dispute.status).value
    dispute.closed_at, dispute.closed_by_id = at, actor.account_id
    dispute.save()
    _write(dispute, ChangeKind.UNFLAGGED, at=at)


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


def _write(dispute: Dispute, kind: ChangeKind, *, at: datetime) -> None:
    bureau: Organization = dispute.addressee
    with acting_as(bureau.pk):
        publications.lock_list(dispute.factor_list)
        others = Dispute.objects.filter(
            uscc=dispute.uscc,
            factor_list=dispute.factor_list,
            item=dispute.item,
            status__in=STATUSES_OPEN,
        ).exclude(pk=dispute.pk)
        if others.exists():  # which keep, or brought, the mark
            return
        keeper = service_actor(bureau.pk, "dispute")
        stated = MARK if kind is ChangeKind.FLAGGED else None
        publications.publish_changes(
            [ChangeIn(dispute.uscc, kind.value, {dispute.item: stated})],
            cause=Cause.DISPUTE.value,
            factor_list=dispute.factor_list,
            actor_prepared=None,
            actor_released=keeper,
            at=at,
        )
