"""
Keeping the names that are searched up to the ledger.

A small publication brings its names along; a large one leaves them to a task that comes
after the commit, so that nobody's file waits for an index. What a lost task left undone is
done by the next: a cursor of the bureau's says how far its publications were followed.
"""

import json
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from qfce.kernel.jobs.outbox import after_commit
from sharing.domain import enterprise_names
from sharing.models import FeedCursor, Publication

CONSUMER = "names"
AT_ONCE = 2_000
BATCH = 20_000

# Names that rows of a publication speak of: their own, or the present one of who moved.
SAID = """
SELECT DISTINCT c.uscc, coalesce(c.changes ->> 'name', e.name)
FROM sharing_factorchange c JOIN sharing_enterprise e ON e.uscc = c.uscc
WHERE c.publication_id = %s AND c."row" > %s AND c."row" <= %s
  AND (c.changes ? 'name' OR c.changes ? 'region')
"""
WRITE = """
INSERT INTO sharing_enterprisename (uscc, name, region, sought, is_current, publication_id)
SELECT e.uscc, n.name, e.region, n.sought, n.name = e.name, %(publication)s
FROM jsonb_to_recordset(%(names)s::jsonb) AS n (uscc text, name text, sought text)
JOIN sharing_enterprise e ON e.uscc = n.uscc
ON CONFLICT (uscc, name) DO UPDATE SET region = excluded.region, is_current = excluded.is_current
"""
OTHERS = """
UPDATE sharing_enterprisename n SET region = e.region, is_current = n.name = e.name
FROM sharing_enterprise e
WHERE e.uscc = n.uscc AND n.uscc = ANY (%(usccs)s)
  AND (n.region, n.is_current) IS DISTINCT FROM (e.region, n.name = e.name)
"""


def follow_publication(publication: Publication) -> None:
    """Bring a publication's names along: at once if they are few, else after the commit."""
    if publication.recipient_id is not None:
        return
    if publication.rows <= AT_ONCE:
        _write(publication.pk, after=0, until=2**31 - 1)
    else:
        after_commit("sharing.follow_names", organization_id=publication.owner_id)


@transaction.atomic
def follow(owner_id: UUID) -> bool:
    """
    Take the next rows of a bureau's publications into the names; tell whether there are more.

    Doing it twice changes nothing. The caller has bound the bureau and goes on while it is
    told to, each part in a transaction of its own.
    """
    FeedCursor.objects.get_or_create(owner_id=owner_id, consumer=CONSUMER)
    cursor = FeedCursor.objects.select_for_update().get(owner_id=owner_id, consumer=CONSUMER)
    publication = (
        Publication.objects.filter(owner_id=owner_id, number__gt=cursor.number, recipient=None)
        .order_by("number")
        .first()
    )
    if publication is None:
        return False
    until = cursor.row + BATCH
    _write(publication.pk, after=cursor.row, until=until)
    cursor.row = until
    if until >= _last_row(publication):
        assert publication.number is not None  # the cursor's comparison saw it
        cursor.number, cursor.row = publication.number, 0
    cursor.save(update_fields=["number", "row"])
    return True


def _write(publication_id: int, *, after: int, until: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SAID, [publication_id, after, until])
        said: list[tuple[str, str]] = cursor.fetchall()
        if not said:
            return
        written = enterprise_names.sought({name for _, name in said})
        names = [
            {"uscc": uscc, "name": name, "sought": written[name]} for uscc, name in sorted(said)
        ]
        facts: dict[str, Any] = {
            "publication": publication_id,
            "names": json.dumps(names, ensure_ascii=False),
            "usccs": sorted({uscc for uscc, _ in said}),
        }
        cursor.execute(WRITE, facts)
        cursor.execute(OTHERS, facts)


def _last_row(publication: Publication) -> int:
    """Return the number of a publication's last row: numbers may leave gaps, so not the count."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT coalesce(max("row"), 0) FROM sharing_factorchange WHERE publication_id = %s',
            [publication.pk],
        )
        last: int = cursor.fetchone()[0]
    return last
