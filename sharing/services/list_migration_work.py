"""
The long work of a migration, done by a worker and safe to kill at any line.

A preview counts and writes nothing outside its own row. Applying and undoing are one
transaction each: they have happened or they have not, and a second delivery finds the
migration moved on and leaves it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from factors.domain.catalogue import Catalogue
from factors.domain.migration_plans import Move, Plan, plan
from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict
from qfce.kernel.jobs.work import Work
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing.domain.folding import MOVED_FROM, Fact, fold
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.domain.migration_lifecycle import MIGRATION, MigrationStatus
from sharing.models import ListMigration, Publication
from sharing.services import (
    item_lineages,
    list_migration_previews,
    projection,
    publication_undo,
    publications,
)
from sharing.services import list_migration_sql as sql
from sharing.services.list_migration_sql import Statements
from sharing.services.publications import ChangeIn


class ValuesWithoutTarget(Conflict):
    code = "sharing.migration.without_target"
    title = "Some stored values would become nothing."


def carry_on(job: Work, *, at: datetime) -> None:
    """Do what a migration waits for; one that waits for people is left alone."""
    with acting_as(job.organization_id):
        status = _lock(job).status
    if status == MigrationStatus.PREVIEWING:
        preview(job, at=at)
    elif status == MigrationStatus.RELEASING:
        apply(job, at=at)
    elif status == MigrationStatus.UNDOING:
        undo(job, at=at)


def preview(job: Work, *, at: datetime) -> None:
    """Count what a migration would do to the stored profiles, and keep the counts."""
    job.phase("counting")
    with acting_as(job.organization_id):
        migration = _lock(job)
        if migration.status != MigrationStatus.PREVIEWING:
            return
        base, new = versions_of(migration)
        made = plan(new.migration, base, new)  # type: ignore[arg-type] # prepared with one
        statements = Statements(made, late_publications(made, migration.factor_list))
        migration.preview = list_migration_previews.preview(
            statements, factor_list=migration.factor_list, report=job.progress
        )
        migration.position = _position(migration.factor_list)
        migration.status = MIGRATION.target("show", state=migration.status).value
        migration.previewed_at = at
        migration.save()


def apply(job: Work, *, at: datetime) -> None:
    """
    Bring a released migration into the ledger, all of it or nothing.

    Where values without a target have turned up since, it goes back to be looked at again.
    """
    job.phase("publishing")
    try:
        with acting_as(job.organization_id):
            migration = _lock(job)
            if migration.status != MigrationStatus.RELEASING:
                return
            _publish(migration, actor=_actor_of(job), at=at)
    except ValuesWithoutTarget as refusal:
        with acting_as(job.organization_id):
            migration = _lock(job)
            migration.status = MIGRATION.target("return", state=migration.status).value
            migration.released_at = migration.released_by = None
            _note(migration, refusal)


def undo(job: Work, *, at: datetime) -> None:
    """Take a published migration back, or note which later publication stands in the way."""
    job.phase("undoing")
    try:
        with acting_as(job.organization_id):
            migration = _lock(job)
            if migration.status == MigrationStatus.UNDOING:
                _take_back(migration, actor=_actor_of(job), at=at)
    except publication_undo.OvertakenByLater as refusal:
        with acting_as(job.organization_id):
            migration = _lock(job)
            migration.status = MIGRATION.target("keep", state=migration.status).value
            _note(migration, refusal)


def versions_of(migration: ListMigration) -> tuple[Catalogue, Catalogue]:
    """Return the version that a migration leads from, and the one that it leads to."""
    actor = service_actor(migration.owner_id, "migration")
    to = factor_lists.version(migration.factor_list, migration.list_version, actor=actor)
    base = factor_lists.catalogue(migration.factor_list, migration.from_version)
    return base, factor_lists.content(to)


def late_publications(made: Plan, factor_list: str) -> list[int]:
    """Return the publications that recorded values of the new version already."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LATE, {"list": factor_list, "version": made.version})
        return list(cursor.fetchone()[0])


def _position(factor_list: str) -> int:
    newest = Publication.objects.filter(factor_list=factor_list).aggregate(n=Max("number"))["n"]
    return newest or 0


def _publish(migration: ListMigration, *, actor: Actor, at: datetime) -> None:
    base, new = versions_of(migration)
    assert new.migration is not None  # it was prepared from it
    made = plan(new.migration, base, new)
    publication = publications.begin(
        cause=Cause.MIGRATION,
        factor_list=migration.factor_list,
        list_version=migration.list_version,
        owner=actor,
        prepared_by=migration.prepared_by_id,
        released_by=migration.released_by_id,
        import_id=migration.pk,
    )
    _move(migration, made, publication, today=projection.recording_day(business_day(at)))
    item_lineages.begin(migration, made, new)
    publications.finish(publication)
    migration.status = MIGRATION.target("publish", state=migration.status).value
    migration.publication = publication
    migration.published_at = publication.recorded_at
    migration.save()
    _record("published", migration, publication, actor=actor, at=at)


def _move(migration: ListMigration, made: Plan, publication: Publication, *, today: date) -> None:
    statements = Statements(made, late_publications(made, migration.factor_list))
    facts = statements.parameters | {
        "publication": publication.pk,
        "list": publication.factor_list,
        "version": publication.list_version,
        "today": today,
    }
    with connection.cursor() as cursor:
        cursor.execute(statements.count_without_target(), facts)
        _check_confirmed(int(cursor.fetchone()[0]), migration)
        cursor.execute(sql.ROOM)
        cursor.execute(sql.FORGET_ROWS)
        cursor.execute(sql.ROWS)
        cursor.execute(sql.AHEAD, facts)
        ahead = [row[0] for row in cursor.fetchall()]
        cursor.execute(sql.FLAGGED, facts)
        cursor.execute(statements.apply(), facts)
        cursor.execute(sql.FLAG_CHANGES, facts)
        cursor.execute(sql.FLAGGED_USCCS)
        touched = [row[0] for row in cursor.fetchall()]
        touched += _move_ahead(ahead, made, publication, today=today)
        if touched:
            cursor.execute(sql.PLACE, {**facts, "usccs": touched})
        cursor.execute(sql.UNCHANGED, facts)


def _check_confirmed(count: int, migration: ListMigration) -> None:
    if count != migration.confirmed_without_target:
        raise ValuesWithoutTarget(
            f"{count} values would become nothing, and {migration.confirmed_without_target} were"
            " confirmed.",
            hint="Have the migration previewed again, and release it with the number there is.",
            count=count,
            confirmed=migration.confirmed_without_target,
        )


def _move_ahead(
    usccs: Sequence[str], made: Plan, publication: Publication, *, today: date
) -> list[str]:
    """Carry over facts whose day is still to come: few enterprises have one."""
    touched: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('pg_temp.migrated_row')")
        next_row = int(cursor.fetchone()[0])
    for start in range(0, len(usccs), projection.CHUNK):
        chunk = list(usccs[start : start + projection.CHUNK])
        histories = projection.histories(chunk, publication.factor_list, today)
        rows = [
            row
            for uscc, history in histories.items()
            for row in _ahead_of(
                uscc,
                fold(entry for entry in history if entry.publication_id != publication.pk).facts,
                made,
                today,
            )
        ]
        publications.append(publication, rows, first_row=next_row)
        next_row += len(rows)
        touched += dict.fromkeys(row.uscc for row in rows)
    return touched


def _ahead_of(
    uscc: str, facts: Mapping[str, Sequence[Fact]], made: Plan, today: date
) -> list[ChangeIn]:
    return [
        _ahead_row(uscc, move, fact, value)
        for move in made.moves
        for fact in facts.get(move.source, ())
        if fact.since > today
        and fact.ended_on is None
        and fact.version < made.version
        and (value := move.value(fact.value)) is not None
    ]


def _ahead_row(uscc: str, move: Move, fact: Fact, value: Any) -> ChangeIn:
    ends = {} if move.in_place else {move.source: None}
    source = {} if move.in_place else {MOVED_FROM: move.source}
    details = {**fact.details, **source}
    return ChangeIn(
        uscc, ChangeKind.OBSERVED.value, {**ends, move.target: value}, {move.target: details}
    )


def _take_back(migration: ListMigration, *, actor: Actor, at: datetime) -> None:
    assert migration.publication  # all_or_none with the status
    undoing = publication_undo.undo(migration.publication, actor=actor, at=at)
    facts: dict[str, Any] = {
        "list": migration.factor_list,
        "version": migration.list_version,
        "before": migration.from_version,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.BACK, facts)
    item_lineages.end(migration)
    migration.status = MIGRATION.target("take_back", state=migration.status).value
    migration.undo_publication = undoing
    migration.undone_at = undoing.recorded_at
    migration.refusal_code, migration.refusal = "", {}
    migration.save()
    _record("undone", migration, undoing, actor=actor, at=at)


def _lock(job: Work) -> ListMigration:
    rows = ListMigration.objects.select_related("owner", "publication")
    return one(rows.select_for_update(of=("self",)), pk=UUID(str(job.arguments["migration_id"])))


def _actor_of(job: Work) -> Actor:
    """Return whoever asked for a job, acting for the organization that owns the list."""
    actor = service_actor(job.organization_id, job.arguments.get("name", ""))
    return replace(actor, user_id=UUID(job.arguments["user_id"]))


def _note(migration: ListMigration, refusal: Conflict) -> None:
    migration.refusal_code = refusal.code
    migration.refusal = {"en": refusal.message, "hint": refusal.hint, "facts": refusal.facts}
    migration.save()


def _record(
    verb: str, migration: ListMigration, publication: Publication, *, actor: Actor, at: datetime
) -> None:
    audit.record(
        f"sharing.migration.{verb}",
        migration,
        actor=actor,
        at=at,
        factor_list=migration.factor_list,
        list_version=migration.list_version,
        number=publication.number,
        rows=publication.rows,
        digest=publication.digest,
    )
