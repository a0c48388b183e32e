"""Questions about migrations of a list's records: their previews, and whom they concern."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from factors.domain.catalogue import Item
from factors.selectors import factor_lists
from qfce.kernel.jobs.models import Job
from qfce.kernel.jobs.progress import share_of
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.migration_lifecycle import MigrationStatus
from sharing.models import ListMigration, Publication

MOVING = frozenset({MigrationStatus.PREVIEWING, MigrationStatus.RELEASING, MigrationStatus.UNDOING})
"""While a worker is at it."""

HOLDERS_SHOWN = 50

# Whoever holds a value that a preview counted, newest first by code; read in pages.
HOLDERS = """
SELECT p.uscc, e.name, p.region
FROM sharing_factorprofile p JOIN sharing_enterprise e ON e.uscc = p.uscc
WHERE p.factor_list = %s AND p."values" ->> %s = %s AND p.uscc > %s
ORDER BY p.uscc LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """An enterprise of the jurisdiction whose record has a certain value."""

    uscc: str
    name: str
    region: str


def migrations(*, actor: Actor) -> QuerySet[ListMigration]:
    """Return the migrations that the actor's organization sees."""
    actor.require(permissions.VIEW_MIGRATION)
    people = ("prepared_by", "released_by", "publication", "undo_publication")
    return ListMigration.objects.select_related(*people)


def get(migration_id: UUID, *, actor: Actor) -> ListMigration:
    """
    Return one migration.

    :raises NoSuchRecord: if the actor's organization has no such migration.
    """
    return one(migrations(actor=actor), pk=migration_id)


def newest_of(code: str, number: int, *, actor: Actor) -> ListMigration | None:
    """Return the newest migration of a version, or None before the first."""
    rows = migrations(actor=actor).filter(factor_list=code, list_version=number)
    return rows.order_by("-prepared_at", "-pk").first()


def progress(migration: ListMigration) -> float:
    """Return how far a worker is, from 0 to 1; 1 where nobody is at it."""
    if migration.status not in MOVING or migration.job_id is None:
        return 1.0
    return min(share_of(migration.job_id), 0.99)


def holders(
    migration: ListMigration,
    item: str,
    value: str,
    *,
    actor: Actor,
    after: str = "",
    size: int = HOLDERS_SHOWN,
) -> list[Holder]:
    """Return enterprises whose stored value of an item is this one, by their codes."""
    actor.require(permissions.VIEW_MIGRATION)
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, [migration.factor_list, item, value, after, size])
        return [Holder(*row) for row in cursor.fetchall()]


def names_of(
    migration: ListMigration, *, actor: Actor
) -> tuple[Mapping[str, Item], Mapping[str, Item]]:
    """Return the items of the two versions by code; none of a draft that is deleted by now."""
    base = factor_lists.catalogue(migration.factor_list, migration.from_version)
    try:
        to = factor_lists.version(migration.factor_list, migration.list_version, actor=actor)
    except NoSuchRecord:
        return base.items, {}
    return base.items, factor_lists.content(to).items


def work_on(migration: ListMigration) -> Job | None:
    """Return the work that was asked for last."""
    return Job.objects.filter(pk=migration.job_id).first() if migration.job_id else None


def migrated_since(factor_list: str, version: int) -> int | None:
    """
    Return the newest version that records were migrated to after another one, None if none.

    An import that was checked by the older version has to be looked at again.
    """
    undone = Publication.objects.filter(factor_list=factor_list, cause="undo")
    rows = Publication.objects.filter(
        factor_list=factor_list,
        cause="migration",
        list_version__gt=version,
        number__isnull=False,
    ).exclude(import_id__in=undone.values("import_id"))
    return rows.order_by("-list_version").values_list("list_version", flat=True).first()
