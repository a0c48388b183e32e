"""The batches of an organization, for whoever sees its evaluations."""

from uuid import UUID

from evaluation import permissions
from qfce.kernel.jobs.models import Job
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor

KIND = "evaluation.batch"


def get(job_id: UUID, *, actor: Actor) -> Job:
    """
    :raises NoSuchRecord: if the actor's organization asked for no such batch.
    """
    actor.require(permissions.VIEW)
    return one(Job.objects.filter(owner_id=actor.organization_id, kind=KIND), pk=job_id)


def asked_for(job: Job) -> int:
    """Return how many enterprises a batch was asked to score."""
    return len(job.arguments.get("uscc", ()))
