"""
Publishing: the only place where the ledger grows and a publication gets its number.

Every publication goes the same way, in one transaction: the list's lock first, so that one
writer at a time compares with what is stored; then rows and profiles; then, last of all, the
feed's counter, which stays locked to the commit. So numbers appear in the order of commits,
and no reader skips a publication however long its writer took.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import NotFound
from qfce.kernel.tenancy.actors import Actor
from sharing.domain.folding import ANNOUNCEMENTS, IDENTITY
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import Enterprise, FactorChange, Publication
from sharing.selectors import feed_bell
from sharing.services import enterprise_names, projection

NATIONAL = "000000"

# Rows in the order of the feed; the text of a JSONB value is the same on every server.
FINISH = """
WITH said AS MATERIALIZED (
    SELECT "row", sha256(convert_to(
               concat_ws('|', "row", uscc, kind, changes::text, details::text), 'UTF8')) AS digest
    FROM sharing_factorchange WHERE publication_id = %s
)
SELECT count(*), coalesce(encode(sha256(string_agg(digest, ''::bytea ORDER BY "row")), 'hex'), '')
FROM said
"""
NUMBER = "UPDATE sharing_feedcounter SET n = n + 1 WHERE id = 1 RETURNING n"
SEAL = """
UPDATE sharing_publication
SET number = %s, recorded_at = clock_timestamp(), rows = %s, digest = %s
WHERE id = %s RETURNING recorded_at
"""


class NotRegistered(NotFound):
    code = "sharing.enterprise.not_registered"
    title = "The register does not know this enterprise."


@dataclass(frozen=True, slots=True)
class ChangeIn:
    """
    One row to publish: canonical values of items or identity fields, null for none any more.

    `details` holds, for an item, `valid_from`, `valid_to` and `evidence` where they are given.
    """

    uscc: str
    kind: str
    changes: Mapping[str, Any]
    details: Mapping[str, Mapping[str, Any]] | None = None


def lock_list(factor_list: str) -> None:
    """Wait for every other writer of this list; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"publish:{factor_list}"])


def begin(
    *,
    cause: Cause,
    factor_list: str,
    list_version: int,
    owner: Actor,
    prepared_by: UUID | None,
    released_by: UUID | None,
    import_id: UUID | None = None,
    recipient_id: UUID | None = None,
    self_declared: bool = False,
) -> Publication:
    """Take the list's lock and open a publication, not yet numbered, that rows can point to."""
    lock_list(factor_list)
    return Publication.objects.create(
        owner_id=owner.organization_id,
        region=owner.region or NATIONAL,
        factor_list=factor_list,
        list_version=list_version,
        cause=cause.value,
        import_id=import_id,
        self_declared=self_declared,
        prepared_by_id=prepared_by,
        released_by_id=released_by,
        recipient_id=recipient_id,
    )


def finish(publication: Publication) -> Publication:
    """
    Give a publication its rows, digest, number and time. Nothing is written to it after this.

    The counter is taken last because its row stays locked until the commit: whoever comes
    later gets a greater number and commits later.
    """
    with connection.cursor() as cursor:
        cursor.execute(FINISH, [publication.pk])
        publication.rows, publication.digest = cursor.fetchone()
        cursor.execute(NUMBER)
        publication.number = cursor.fetchone()[0]
        cursor.execute(
            SEAL, [publication.number, publication.rows, publication.digest, publication.pk]
        )
        publication.recorded_at = cursor.fetchone()[0]
    enterprise_names.follow_publication(publication)
    feed_bell.ring_after_commit()
    return publication


@transaction.atomic
def publish_changes(
    rows: Sequence[ChangeIn],
    *,
    cause: str,
    factor_list: str,
    actor_prepared: Actor | None,
    actor_released: Actor,
    at: datetime,
    recipient_id: UUID | None = None,
) -> Publication:
    """
    Publish a small set of changes: corrections, re-verifications, withdrawals, access.

    :param cause: a `Cause`.
    :param actor_prepared: who prepared them; None for the platform's own.
    :param recipient_id: the one organization that an access publication is for. Such rows
        change no profile.
    :raises NotRegistered: if an enterprise is not on the register of the actor's jurisdiction.
    """
    publication = begin(
        cause=Cause(cause),
        factor_list=factor_list,
        list_version=factor_lists.in_force(factor_list, business_day(at)).version,
        owner=actor_released,
        prepared_by=actor_prepared.user_id if actor_prepared else None,
        released_by=actor_released.user_id,
        recipient_id=recipient_id,
    )
    append(publication, rows)
    touched = [row for row in rows if row.kind not in ANNOUNCEMENTS]
    if touched and recipient_id is None:
        _register(publication, touched)
        projection.refold({row.uscc for row in touched}, publication=publication, at=at)
    finish(publication)
    audit.record(
        "sharing.publication.published",
        publication,
        actor=actor_released,
        at=at,
        cause=publication.cause,
        number=publication.number,
        rows=publication.rows,
    )
    return publication


def append(publication: Publication, rows: Sequence[ChangeIn], *, first_row: int = 1) -> None:
    """
    Write ledger rows of a publication, numbered from `first_row`.

    :raises NotRegistered: if an enterprise is not on the register of the bound jurisdiction.
    """
    regions = dict(
        Enterprise.objects.filter(pk__in={row.uscc for row in rows}).values_list("pk", "region")
    )
    unknown = sorted({row.uscc for row in rows} - set(regions))
    if unknown:
        raise NotRegistered(
            f"{', '.join(unknown[:3])} is not on the register of your jurisdiction.",
            hint="Import the enterprise first, or ask the bureau it belongs to.",
            unknown=len(unknown),
        )
    FactorChange.objects.bulk_create(
        [
            FactorChange(
                publication_id=publication.pk,
                row=number,
                uscc=row.uscc,
                region=row.changes.get("region") or regions[row.uscc],
                province=(row.changes.get("region") or regions[row.uscc])[:2],
                kind=ChangeKind(row.kind).value,
                changes=dict(row.changes),
                details={code: dict(d) for code, d in row.details.items()} if row.details else None,
            )
            for number, row in enumerate(rows, first_row)
        ],
        batch_size=2_000,
    )


def _register(publication: Publication, rows: Sequence[ChangeIn]) -> None:
    """Bring changed identity fields to the register."""
    for row in rows:
        stated = {name: row.changes[name] for name in IDENTITY if name in row.changes}
        if stated:
            Enterprise.objects.filter(pk=row.uscc).update(
                **stated, last_publication_id=publication.pk
            )
