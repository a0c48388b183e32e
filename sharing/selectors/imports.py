"""All questions about imports: how far one is, what was found in it, which wait for whom."""

from uuid import UUID

from django.db.models import QuerySet

from qfce.kernel.jobs.models import Job
from qfce.kernel.jobs.progress import share_of
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.import_lifecycle import CHECKED, ImportStatus
from sharing.models import ImportBatch, ImportFinding

AT_WORK = frozenset({ImportStatus.VALIDATING, ImportStatus.PUBLISHING})


def get(import_id: UUID, *, actor: Actor) -> ImportBatch:
    """
    Return one import of the actor's organization or one below it.

    :raises NoSuchRecord: if it sees none.
    """
    actor.require(permissions.VIEW_IMPORT)
    return one(ImportBatch.objects.select_related("publication", "undo_publication"), pk=import_id)


def list_for(*, actor: Actor, status: str | None = None) -> QuerySet[ImportBatch]:
    """Return the imports that the actor sees as a queryset, to be paged by `received_at`."""
    actor.require(permissions.VIEW_IMPORT)
    batches = ImportBatch.objects.select_related("publication", "undo_publication")
    return batches.filter(status=status) if status else batches


def awaiting_release(*, actor: Actor) -> QuerySet[ImportBatch]:
    """Return the checked imports that the actor could release: nobody releases their own."""
    actor.require(permissions.RELEASE_IMPORT)
    checked = ImportBatch.objects.filter(status__in=[status.value for status in CHECKED])
    return checked.exclude(uploaded_by_id=actor.user_id).order_by("received_at", "pk")


def findings(
    import_id: UUID, *, code: str | None = None, severity: str | None = None, actor: Actor
) -> QuerySet[ImportFinding]:
    """
    Return an import's findings as a queryset; its ids are the order (row, column, code).

    :raises NoSuchRecord: if the actor sees no such import.
    """
    found = ImportFinding.objects.filter(batch=get(import_id, actor=actor))
    if code:
        found = found.filter(code=code)
    return found.filter(severity=severity) if severity else found


def whole(import_id: UUID, *, actor: Actor) -> ImportBatch:
    """
    Return one import with its organization and its people, for a page.

    :raises NoSuchRecord: if the actor sees none.
    """
    actor.require(permissions.VIEW_IMPORT)
    batches = ImportBatch.objects.select_related(
        "owner", "publication", "undo_publication", "uploaded_by", "released_by"
    )
    return one(batches, pk=import_id)


def same_before(batch: ImportBatch) -> ImportBatch | None:
    """Return the bureau's last earlier import of the very same file; None if it is the first."""
    same = ImportBatch.objects.filter(owner_id=batch.owner_id, file_sha256=batch.file_sha256)
    earlier = same.filter(received_at__lt=batch.received_at).exclude(pk=batch.pk)
    return earlier.select_related("uploaded_by").order_by("-received_at").first()


def work_on(batch: ImportBatch) -> Job | None:
    """Return the job that an import's present or last step is, or None where it is not seen."""
    return Job.objects.filter(pk=batch.job_id).first() if batch.job_id else None


def progress(batch: ImportBatch) -> float:
    """Return how much of the present phase is done, 0 to 1; 1 where nobody is at work."""
    if batch.status == ImportStatus.RECEIVED:
        return 0.0
    if batch.status in AT_WORK and batch.job_id:
        return min(share_of(batch.job_id), 0.99)
    return 1.0
