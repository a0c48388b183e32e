"""Calling withdrawn records back from everybody who may have received them."""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from qfce.kernel.audit import events as audit
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.folding import IDENTITY
from sharing.models import Publication, Recall

ISSUE = """
WITH withdrawn AS (
    SELECT c.uscc::text AS uscc, array_agg(k.key ORDER BY k.key) AS items
    FROM sharing_factorchange c CROSS JOIN LATERAL jsonb_object_keys(c.changes) k (key)
    WHERE c.publication_id = %(publication)s AND c.kind = 'withdrawn'
      AND k.key <> ALL (%(identity)s)
    GROUP BY c.uscc
), together AS (
    SELECT array_agg(uscc) AS usccs, array_agg(array_to_string(items, ',')) AS items FROM withdrawn
)
INSERT INTO sharing_recall (id, owner_id, recipient_id, uscc, items, publication_number,
                            issued_at)
SELECT gen_random_uuid(), %(owner)s, r.recipient, w.uscc, w.items, %(number)s, %(at)s
FROM together CROSS JOIN LATERAL qfce_recalls_of(%(list)s, usccs, together.items) r
JOIN withdrawn w ON w.uscc = r.uscc
ON CONFLICT (publication_number, uscc, recipient_id) DO NOTHING
"""


@transaction.atomic
def issue(publication: Publication, *, actor: Actor, at: datetime) -> int:
    """
    Recall what a publication withdrew; called in the transaction that withdraws it.

    A recall names the enterprise and the items and never the value. It goes to everybody
    whom an agreement, of now or of earlier, gave one of the items to. Returns how many.
    """
    assert publication.number is not None
    with connection.cursor() as cursor:
        cursor.execute(
            ISSUE,
            {
                "owner": actor.organization_id,
                "publication": publication.pk,
                "number": publication.number,
                "list": publication.factor_list,
                "identity": sorted(IDENTITY),
                "at": at,
            },
        )
        count: int = cursor.rowcount
    audit.record(
        "sharing.recall.issued",
        publication,
        actor=actor,
        at=at,
        number=publication.number,
        recalls=count,
    )
    return count


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
