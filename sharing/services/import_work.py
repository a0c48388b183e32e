"""
The long work of an import, done by a worker and safe to kill at any line.

A check may begin again from the start: what it writes, it writes in its last transaction.
A publication or an undoing is one transaction, so it has happened or it has not; a second
delivery finds the import moved on and leaves it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pyarrow as pa

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict
from qfce.kernel.jobs.work import Work
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing import policies
from sharing.domain.import_lifecycle import IMPORT, Cause, ImportMode, ImportStatus
from sharing.domain.unreadable import UnreadableFile
from sharing.models import ImportBatch, ImportKeys, Publication
from sharing.selectors import list_migrations
from sharing.selectors.import_rows import current_corrections
from sharing.services import (
    declared_imports,
    import_checks,
    import_lookups,
    import_results,
    mending_files,
    publication_rows,
    publication_undo,
    publications,
    staged_rows,
    stored_files,
)
from sharing.services.import_checks import CheckedFile
from sharing.services.publication_rows import Applied
from sharing.services.staged_rows import Staged

ATTEMPTS = 3  # to publish a file whose surroundings keep changing
SHARES = {
    "reading": (0.0, 0.3),
    "checking": (0.3, 0.7),
    "assembling": (0.7, 0.8),
    "loading": (0.05, 0.4),
}
Tell = Callable[[str, float], None]


class ListMovedOn(Conflict):
    """What was checked is not what is stored any more: to be looked at again."""

    code = "sharing.import.list_moved_on"
    title = "The list changed after the file was checked."


def check(job: Work, *, at: datetime) -> None:
    """Read and check an import's file, and write down what was found."""
    batch = _begin_check(job)
    if batch is None:
        return
    catalogue = factor_lists.catalogue(batch.factor_list, batch.list_version)
    job.phase("checking")
    try:
        checked = _checked(batch, catalogue, tell=_teller(job), at=at)
    except UnreadableFile as unreadable:
        _refuse(batch, unreadable, at=at)
        return
    job.phase("writing")
    _stage(batch, checked)
    with acting_as(batch.owner_id):
        current = _lock(batch.pk)
        if current.status == ImportStatus.VALIDATING:
            import_results.keep(current, checked, catalogue, at=at)
            action = "object" if current.error_count else "pass"
            current.status = IMPORT.target(action, state=current.status).value
            current.save()


def publish(job: Work, *, at: datetime) -> None:
    """
    Bring a released import into the ledger, all of it or nothing.

    Where what was released no longer holds, the import goes back to whoever releases it,
    with the reason.
    """
    import_id = UUID(job.arguments["import_id"])
    job.phase("publishing")
    for _ in range(ATTEMPTS):
        try:
            _publish_once(import_id, job, at=at)
        except (ListMovedOn, publication_rows.Overtaken):
            try:
                _look_again(import_id, job, at=at)
            except Conflict as refusal:
                _return(import_id, job, refusal)
                return
        except policies.RemovalsNotConfirmed as refusal:
            _return(import_id, job, refusal)
            return
        else:
            staged_rows.remove(import_id)
            return
    raise RuntimeError(f"Import {import_id} was overtaken {ATTEMPTS} times.")


def undo(job: Work, *, at: datetime) -> None:
    """Take a published import back, or note which later publication stands in the way."""
    import_id = UUID(job.arguments["import_id"])
    job.phase("undoing")
    try:
        with acting_as(job.organization_id):
            _undo_locked(_lock(import_id), actor=_actor_of(job), at=at)
    except publication_undo.OvertakenByLater as refusal:
        with acting_as(job.organization_id):
            _note(_lock(import_id), refusal)


def _actor_of(job: Work) -> Actor:
    """Return whoever asked for a job, acting for the organization that owns the import."""
    actor = service_actor(job.organization_id, job.arguments.get("name", ""))
    return replace(actor, user_id=UUID(job.arguments["user_id"]))


def _lock(import_id: UUID) -> ImportBatch:
    rows = ImportBatch.objects.select_related("owner").select_for_update(of=("self",))
    return one(rows, pk=import_id)


def _begin_check(job: Work) -> ImportBatch | None:
    """Say that the check has begun, for everybody to see; None if there is nothing to check."""
    with acting_as(job.organization_id):
        batch = _lock(UUID(job.arguments["import_id"]))
        if batch.status not in {ImportStatus.RECEIVED, ImportStatus.VALIDATING}:
            return None
        batch.status = IMPORT.target("check", state=batch.status).value
        batch.save(update_fields=["status"])
        return batch


def _teller(job: Work) -> Tell:
    def tell(phase: str, share: float) -> None:
        job.check_cancelled()
        if phase == "rows":
            job.rows(int(share))
            return
        low, high = SHARES.get(phase, (0.0, 1.0))
        job.progress(low + (high - low) * share)

    return tell


def _checked(batch: ImportBatch, catalogue: Catalogue, *, tell: Tell, at: datetime) -> CheckedFile:
    with acting_as(batch.owner_id):
        corrections = current_corrections(batch.pk)
    task = import_checks.task_for(
        batch,
        catalogue=catalogue,
        on=business_day(at),
        corrections=corrections,
    )
    with stored_files.path_of(batch.file_sha256).open("rb") as file:
        return import_checks.check(file, task, tell=tell)


def _stage(batch: ImportBatch, checked: CheckedFile) -> None:
    staged_rows.write(
        batch.pk,
        news=checked.news,
        same=checked.same,
        named=checked.named,
        position=checked.position,
    )
    mending_files.write(batch.pk, checked)


def _refuse(batch: ImportBatch, unreadable: UnreadableFile, *, at: datetime) -> None:
    """End an import whose file can't be read: the sender's mistake, an outcome with words."""
    with acting_as(batch.owner_id):
        current = _lock(batch.pk)
        if current.status != ImportStatus.VALIDATING:
            return
        current.status = IMPORT.target("refuse", state=current.status).value
        current.refusal_code = unreadable.code
        current.refusal = {"zh": unreadable.message("zh"), "en": unreadable.message("en")}
        current.checked_at = at
        current.finding_counts, current.error_count = {unreadable.code: 1}, 1
        current.save()
        current.findings.all().delete()
        current.findings.create(owner_id=current.owner_id, code=unreadable.code, severity="error")
        declared_imports.give_back(current, at=at)


def _publish_once(import_id: UUID, job: Work, *, at: datetime) -> None:
    with acting_as(job.organization_id):
        batch = _lock(import_id)
        if batch.status != ImportStatus.PUBLISHING:
            return
        publication, applied = _publication(batch, job, at=at)
        batch.status = IMPORT.target("publish", state=batch.status).value
        batch.publication = publication
        batch.published_at = publication.recorded_at
        batch.removals = applied.delisted
        _count_again(batch, applied, staged_rows.find(batch.pk))
        batch.save()
        ImportKeys.objects.filter(batch_id=batch.pk).delete()
        audit.record(
            "sharing.import.published",
            batch,
            actor=_actor_of(job),
            at=at,
            number=publication.number,
            rows=publication.rows,
            digest=publication.digest,
        )


def _publication(batch: ImportBatch, job: Work, *, at: datetime) -> tuple[Publication, Applied]:
    """Write an import's rows under the list's lock, and number them last of all."""
    staged = staged_rows.find(batch.pk)
    if staged is None or not batch.is_settled:
        raise ListMovedOn("The staged rows have to be made again.")
    catalogue = factor_lists.catalogue(batch.factor_list, batch.list_version)
    publication = publications.begin(
        cause=Cause.IMPORT,
        factor_list=batch.factor_list,
        list_version=batch.list_version,
        owner=_actor_of(job),
        prepared_by=batch.uploaded_by_id,
        released_by=batch.released_by_id,
        import_id=batch.pk,
        self_declared=batch.self_declared,
    )
    _check_version(batch)
    _check_unmoved(batch, staged)
    tell = _teller(job)
    publication_rows.load(_told(staged_rows.read_batches(staged.rows), staged.count, tell))
    applied = publication_rows.apply(
        publication,
        today=business_day(at),
        source=str(import_lookups.source_behind(batch)),
        source_ranks=import_lookups.source_ranks(catalogue),
    )
    if batch.mode == ImportMode.FULL:
        applied = replace(applied, delisted=_delist(batch, staged, publication))
    job.progress(0.9)
    return publications.finish(publication), applied


def _told(batches: Iterable[pa.RecordBatch], count: int, tell: Tell) -> Iterator[pa.RecordBatch]:
    done = 0
    for batch in batches:
        yield batch
        done += batch.num_rows
        tell("loading", done / count)


def _check_version(batch: ImportBatch) -> None:
    """
    Make sure that records are still kept by the version that the file was checked by.

    :raises ListMovedOn: if they were migrated to a later one meanwhile.
    """
    if list_migrations.migrated_since(batch.factor_list, batch.list_version):
        raise ListMovedOn("Records were migrated to a later version of the list.")


def _check_unmoved(batch: ImportBatch, staged: Staged) -> None:
    """
    Make sure that the rows left out as unchanged still are.

    :raises ListMovedOn: if a later publication has touched one of them.
    """
    if import_lookups.position(batch.owner_id, batch.factor_list) == staged.position:
        return
    publication_rows.load_known(staged_rows.read_batches(staged.same))
    if publication_rows.stale_digests(batch.factor_list):
        raise ListMovedOn("Rows that said nothing new when checked now do.")


def _delist(batch: ImportBatch, staged: Staged, publication: Publication) -> int:
    publication_rows.load_named(staged_rows.read_batches(staged.named))
    removals, listed = publication_rows.count_left_out(batch.factor_list)
    policies.check_removals(removals, listed, confirmed=batch.confirmed_removals)
    return publication_rows.delist_others(publication)


def _count_again(batch: ImportBatch, applied: Applied, staged: Staged | None) -> None:
    """Count rows as they were written; with several rows an enterprise the check's counts stay."""
    if staged and staged.count + staged.same_count == batch.rows_valid:
        batch.rows_new, batch.rows_changed = applied.new, applied.changed
        batch.rows_unchanged = batch.rows_valid - applied.new - applied.changed


def _look_again(import_id: UUID, job: Work, *, at: datetime) -> None:
    """
    Check a released file again in changed surroundings.

    :raises ErrorsNotLeftOut: if rows are in error now that nobody agreed to leave out.
    """
    with acting_as(job.organization_id):
        batch = one(ImportBatch.objects.select_related("owner"), pk=import_id)
        later = list_migrations.migrated_since(batch.factor_list, batch.list_version)
        batch.list_version = later or batch.list_version
    catalogue = factor_lists.catalogue(batch.factor_list, batch.list_version)
    checked = _checked(batch, catalogue, tell=_teller(job), at=at)
    _stage(batch, checked)
    with acting_as(job.organization_id):
        version, batch = batch.list_version, _lock(import_id)
        if batch.status == ImportStatus.PUBLISHING:
            batch.list_version = version
            import_results.keep(batch, checked, catalogue, at=at)
            batch.save()
    policies.check_publishable(batch, leave_out_errors=batch.leave_out_errors)


def _return(import_id: UUID, job: Work, refusal: Conflict) -> None:
    """Give an import back for release, with the reason why it was not published."""
    with acting_as(job.organization_id):
        batch = _lock(import_id)
        action = "return_with_errors" if batch.error_count else "return_as_ready"
        batch.status = IMPORT.target(action, state=batch.status).value
        batch.released_at = batch.released_by = None
        batch.removals = int(refusal.facts.get("removals", batch.removals))
        batch.listed_before = int(refusal.facts.get("listed", batch.listed_before))
        batch.save()
        _note(batch, refusal)


def _note(batch: ImportBatch, refusal: Conflict) -> None:
    batch.refusal_code = refusal.code
    batch.refusal = {"en": refusal.message, "hint": refusal.hint}
    if later := refusal.facts.get("later"):
        batch.refusal["later"] = later
    batch.save(update_fields=["refusal_code", "refusal"])


def _undo_locked(batch: ImportBatch, *, actor: Actor, at: datetime) -> None:
    if batch.status != ImportStatus.PUBLISHED:
        return
    assert batch.publication  # all_or_none with the status
    batch.undo_publication = publication_undo.undo(batch.publication, actor=actor, at=at)
    batch.status = IMPORT.target("undo", state=batch.status).value
    batch.undone_at = batch.undo_publication.recorded_at
    batch.save()
    declared_imports.give_back(batch, at=at)
    audit.record(
        "sharing.import.undone",
        batch,
        actor=actor,
        at=at,
        number=batch.undo_publication.number,
        rows=batch.undo_publication.rows,
    )
