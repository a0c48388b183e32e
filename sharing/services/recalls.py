"""Calling withdrawn records back from everybody who may have received them."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from qfce.kernel.audit import events as audit
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.folding import IDENTITY
from sharing.models import FactorChange, Publication, Recall


@transaction.atomic
def issue(publication: Publication, *, actor: Actor, at: datetime) -> list[Recall]:
    """
    Recall what a publication withdrew; called in the transaction that withdraws it.

    A recall names the enterprise and the items and never the value. It goes to everybody
    whom an agreement, of now or of earlier, gave one of the items to.
    """
    assert publication.number is not None
    withdrawn = FactorChange.objects.filter(publication_id=publication.pk, kind="withdrawn")
    recalls = []
    for uscc, changes in withdrawn.order_by("row").values_list("uscc", "changes"):
        items = sorted(set(changes) - set(IDENTITY))
        recalls += [
            Recall(
                owner_id=actor.organization_id,
                recipient_id=recipient_id,
                uscc=uscc,
                items=items,
                publication_number=publication.number,
                issued_at=at,
            )
            for recipient_id in _recipients(uscc, publication.factor_list, items)
        ]
    Recall.objects.bulk_create(recalls, batch_size=2_000, ignore_conflicts=True)
    audit.record(
        "sharing.recall.issued",
        publication,
        actor=actor,
        at=at,
        number=publication.number,
        recalls=len(recalls),
    )
    return recalls


@transaction.atomic
def acknowledge(recall_id: UUID, *, actor: Actor, at: datetime) -> Recall:
    """
    Confirm that the organisation's own copies of what is recalled are gone.

    Confirming again changes nothing.

    :raises NoSuchRecord: if there is no such recall for the actor's organisation.
    """
    actor.require(permissions.READ_FEED)
    recall = one(Recall.objects.exclude(owner_id=actor.organization_id), pk=recall_id)
    if recall.acknowledged_at is not None:
        return recall
    with connection.cursor() as cursor:
        cursor.execute("SELECT qfce_acknowledge_recall(%s, %s)", [recall_id, at])
        if cursor.fetchone() is None:
            raise NoSuchRecord("There is no such recall.", hint="Check the identifier.")
    audit.record("sharing.recall.acknowledged", recall, actor=actor, at=at, uscc=recall.uscc)
    recall.refresh_from_db()
    return recall


def _recipients(uscc: str, factor_list: str, items: list[str]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM qfce_recall_recipients(%s, %s, %s)", [uscc, factor_list, items]
        )
        return [row[0] for row in cursor.fetchall()]
