"""What an organisation's members see of its background work."""

from uuid import UUID

from django.db.models import QuerySet

from qfce.kernel.jobs.models import Job
from qfce.kernel.jobs.progress import share_of
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


def get(job_id: UUID, *, actor: Actor) -> Job:
    actor.require("jobs.job.view")
    return one(Job.objects.filter(owner_id=actor.organization_id), pk=job_id)


def share_done(job: Job) -> float:
    """Return how much of a job is done, 0 to 1."""
    return 1.0 if job.finished_at else share_of(job.pk)


def listed(*, actor: Actor) -> QuerySet[Job]:
    """Return the work of the actor's organisation."""
    actor.require("jobs.job.view")
    return Job.objects.filter(owner_id=actor.organization_id)
