"""
What a checked file would change, beside what is stored: for whoever releases it.

Nothing is written to the database. The staged rows are put into temporary tables as publishing
puts them, and compared by the very statements that publishing runs, so that the page shows what
will happen. What comes of it is kept until it is stale; of a large file a worker works it out.
Bound to the reader's organization, inside the reader's transaction.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db import connection, transaction

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel import copying
from qfce.kernel.calendar import business_day
from qfce.kernel.jobs import work as jobs
from qfce.kernel.jobs.models import FINAL, Job
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing import permissions
from sharing.domain import enterprise_states
from sharing.domain.import_lifecycle import CHECKED, ImportMode
from sharing.models import ImportBatch
from sharing.services import import_comparison_sql as sql
from sharing.services import (
    import_effects,
    import_lookups,
    kept_comparisons,
    publication_rows,
    staged_rows,
)
from sharing.services.import_effects import Effects
from sharing.services.kept_comparisons import Kept
from sharing.services.staged_rows import Staged

MOST_ROWS = 50_000
"""Beyond so many rows a page would wait too long; a worker does it, and the page says how far."""

TASK, JOB = "sharing.compare_import", "compare_import"


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One line of the comparison.

    `what` is new, added, changed, cleared, listed, kept or left_out. `old` and `new` are
    canonical values; of a new enterprise `new` is the number of its values. `old_until` and
    `new_until` are ends of validity.
    """

    uscc: str
    name: str
    region: str
    what: str
    code: str | None
    old: Any
    new: Any
    old_until: str | None
    new_until: str | None


def compare(
    batch: ImportBatch, catalogue: Catalogue, *, actor: Actor, at: datetime
) -> "Comparison | None":
    """
    Set a checked import beside what is stored, as it was kept or anew where that is stale.

    None where there is nothing to compare (the import waits for no release, or its staged rows
    are gone), and where a worker has to do it first: see `is_large` and `order`.
    """
    staged = staged_rows.find(batch.pk) if batch.status in CHECKED else None
    if staged is None:
        return None
    day = business_day(at)
    key = kept_comparisons.key_of(batch, actor=actor, day=day)
    kept = kept_comparisons.find(batch.pk, key)
    if kept is not None:
        return Comparison(kept)
    if staged.count > MOST_ROWS:
        return None
    return Comparison(_work_out(batch, staged, catalogue, key=key, day=day))


def is_large(batch: ImportBatch) -> bool:
    """Say whether a comparison of the import is a worker's to do."""
    staged = staged_rows.find(batch.pk) if batch.status in CHECKED else None
    return staged is not None and staged.count > MOST_ROWS


@transaction.atomic
def order(import_id: UUID, *, actor: Actor, at: datetime) -> Job:
    """Have a worker work a large comparison out; one that is at it already goes on."""
    actor.require(permissions.VIEW_IMPORT)
    batch = one(ImportBatch.objects.all(), pk=import_id)
    found = newest_work(batch, actor=actor)
    if found is not None and found.state not in FINAL:
        return found
    arguments = {"import_id": str(batch.pk)}
    return jobs.create(JOB, task=TASK, kwargs=arguments, actor=actor, at=at)


def newest_work(batch: ImportBatch, *, actor: Actor) -> Job | None:
    """Return the job that last was to work out, for the actor's organization, what was checked."""
    if batch.checked_at is None:
        return None
    ordered = Job.objects.filter(
        kind=JOB, owner_id=actor.organization_id, arguments__import_id=str(batch.pk),
        created_at__gte=batch.checked_at,
    )  # fmt: skip
    return ordered.order_by("-created_at").first()


def work_out(work: jobs.Work, *, at: datetime) -> None:
    """Work an ordered comparison out and keep it; done already, it is not done again."""
    with acting_as(work.organization_id):
        batches = ImportBatch.objects.select_related("owner")
        batch = one(batches, pk=UUID(work.arguments["import_id"]))
        staged = staged_rows.find(batch.pk) if batch.status in CHECKED else None
        if staged is None:
            return
        day = business_day(at)
        reader = service_actor(work.organization_id, "comparison")
        key = kept_comparisons.key_of(batch, actor=reader, day=day)
        if kept_comparisons.find(batch.pk, key) is None:
            catalogue = factor_lists.catalogue(batch.factor_list, batch.list_version)
            _work_out(batch, staged, catalogue, key=key, day=day, work=work)


def _work_out(
    batch: ImportBatch,
    staged: Staged,
    catalogue: Catalogue,
    *,
    key: str,
    day: date,
    work: jobs.Work | None = None,
) -> Kept:
    def done(share: float) -> None:
        if work is not None:
            work.check_cancelled()
            work.progress(share)

    publication_rows.load(staged_rows.read_batches(staged.rows))
    done(0.3)
    publication_rows.preview(
        factor_list=batch.factor_list,
        today=day,
        source=str(import_lookups.source_behind(batch)),
        source_ranks=import_lookups.source_ranks(catalogue),
    )
    named = staged_rows.read_batches(staged.named) if batch.mode == ImportMode.FULL else ()
    publication_rows.load_named(named)
    done(0.6)
    low, high = import_lookups.jurisdiction_of(batch.owner.region_id)
    facts: dict[str, Any] = {
        "list": batch.factor_list,
        "full": batch.mode == ImportMode.FULL,
        "low": low,
        "high": high,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"{sql.TOLD};{sql.ENTERED};{sql.COMPARED}", facts)
    done(0.8)
    document = {
        "effects": import_effects.of_comparison(catalogue, on=day).to_document(),
        "by_item": _nested(sql.BY_ITEM),
        "by_region": _nested(sql.BY_REGION),
        "register": _register(),
    }
    done(0.9)
    return kept_comparisons.keep(batch.pk, key, _lines(), document)


def _lines() -> Iterator[pa.Table]:
    """Yield the lines of this transaction's comparison, in their order, some at a time."""
    with connection.cursor() as cursor:
        yield from copying.pieces(cursor, sql.ALL_LINES, None, kept_comparisons.COLUMNS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison; a source of rows for a table of the pages."""

    kept: Kept

    @property
    def effects(self) -> Effects:
        return Effects.from_document(self.kept.document["effects"])

    def page(self, wanted: Any, offset: int, limit: int) -> tuple[list[Difference], int]:
        """Return some lines of those that are wanted, and how many there are in all."""
        facts = {
            "sought": wanted.search or None,
            "what": wanted.filters.get("what"),
            "code": wanted.filters.get("item"),
            "region": wanted.filters.get("region"),
        }
        lines, total = self.kept.page(facts, offset, limit)
        return [_difference(line) for line in lines], total

    @property
    def register(self) -> dict[str, int]:
        """What the register knows of the enterprises: listed, renamed, moved, ended."""
        found: dict[str, int] = self.kept.document["register"]
        return found

    def by_item(self) -> dict[str, dict[str, int]]:
        """Return item to {what: how many values}, values of new enterprises under `new`."""
        found: dict[str, dict[str, int]] = self.kept.document["by_item"]
        return found

    def by_region(self) -> dict[str, dict[str, int]]:
        """Return region code to {what: how many enterprises}."""
        found: dict[str, dict[str, int]] = self.kept.document["by_region"]
        return found


def _register() -> dict[str, int]:
    """Return how many enterprises are on the list, go by another name, have moved, have ended."""
    facts: dict[str, Any] = {
        "state": enterprise_states.ITEM,
        "ended": list(enterprise_states.ENDED),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.REGISTER, facts)
        listed, renamed, moved, ended = cursor.fetchone()
    return {"listed": listed, "renamed": renamed, "moved": moved, "ended": ended}


def _nested(statement: str) -> dict[str, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: dict[str, dict[str, int]] = {}
        for key, what, count in cursor.fetchall():
            found.setdefault(key, {})[what] = int(count)
        return found


def _difference(line: tuple[Any, ...]) -> Difference:
    uscc, name, region, what, code, old, new, old_until, new_until = line
    return Difference(
        uscc, name or "", region or "", what, code, _json(old), _json(new), old_until, new_until
    )


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
