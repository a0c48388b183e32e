"""
Background work that a person waits for: asked for, claimed, done, and taken up again.

A worker holds the job's lease row locked on a connection of its own for as long as it is at
work. Death of the worker drops the connection and with it the lock, so a job that says
`running` while its lease can be locked has nobody at it, and is queued again.
"""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import kombu.exceptions
import psycopg
import redis
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from qfce.kernel.jobs import outbox, progress
from qfce.kernel.jobs.models import FINAL, Job, JobLease, JobState
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
UNCLAIMED_AFTER = timedelta(seconds=60)
AWAY = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    redis.RedisError,
    kombu.exceptions.OperationalError,
)
"""What a job sees when PostgreSQL or Redis is killed under it."""


class Cancelled(Exception):
    """Raised inside a job at the next safe point after somebody asked it to stop."""


@dataclass(slots=True)
class Work:
    """A claimed job, as the code that does it sees it."""

    job_id: UUID
    organization_id: UUID
    arguments: dict[str, Any]
    result: dict[str, Any]

    def phase(self, name: str) -> None:
        """Note the phase on the job's row, in a transaction of its own, to be seen at once."""
        with acting_as(self.organization_id):
            Job.objects.filter(pk=self.job_id).update(phase=name)

    def progress(self, done: float, total: float = 1.0) -> None:
        progress.report(self.job_id, min(done / total, 1.0) if total else 1.0)

    def rows(self, count: int) -> None:
        progress.note_rows(self.job_id, count)

    def check_cancelled(self) -> None:
        """
        :raises Cancelled: if somebody has asked for this job to stop.
        """
        if progress.is_asked_to_stop(self.job_id):
            raise Cancelled


def create(kind: str, *, task: str, kwargs: dict[str, Any], actor: Actor, at: datetime) -> Job:
    """Write a job down and queue it once the current transaction commits."""
    job = Job.objects.create(
        id=uuid4(),
        owner_id=actor.organization_id,
        kind=kind,
        task=task,
        arguments=kwargs,
        requested_by=actor.user_id,
        created_at=at,
        queued_at=at,
    )
    JobLease.objects.create(job_id=job.pk, owner_id=actor.organization_id, task=task, queued_at=at)
    outbox.after_commit(task, organization_id=actor.organization_id, job_id=str(job.pk))
    return job


def cancel(job_id: UUID) -> None:
    """Ask a job to stop at its next safe point; one that nobody has begun ends at once."""
    progress.ask_to_stop(job_id)
    queued = Job.objects.filter(pk=job_id, state=JobState.QUEUED.value)
    if queued.update(state=JobState.CANCELLED.value, finished_at=timezone.now()):
        JobLease.objects.filter(pk=job_id).update(is_open=False)


@contextmanager
def claim(job_id: UUID | str, *, organization_id: UUID | str) -> Iterator[Work | None]:
    """
    Do a job, alone.

    Gives None where another worker is at it or it is over: a message that arrives twice is
    harmless. On leaving, the job has succeeded, was cancelled, or failed with the trace kept;
    a failure is raised again, so that it is logged as ours. A server that went away is no
    failure of the job: it still says running, and the sweep queues it again.
    """
    job_id, organization_id = UUID(str(job_id)), UUID(str(organization_id))
    with _leased(job_id) as lease:
        work = _begin(job_id, organization_id) if lease else None
        if work is None or lease is None:
            yield None
            return
        try:
            yield work
        except Cancelled:
            _finish(work, JobState.CANCELLED)
        except AWAY:
            raise
        except Exception:
            _finish(work, JobState.FAILED, failure=traceback.format_exc(limit=20))
            _close(lease, job_id)
            raise
        else:
            _finish(work, JobState.SUCCEEDED)
        _close(lease, job_id)


@contextmanager
def _leased(job_id: UUID) -> Iterator[psycopg.Connection | None]:
    """Hold the job's lease row locked on a connection of its own; None if another holds it."""
    known = ("host", "port", "dbname", "user", "password", "options")
    parameters = connection.get_connection_params()
    with psycopg.connect(**{name: parameters[name] for name in known if name in parameters}) as own:
        found = own.execute(
            "SELECT 1 FROM jobs_joblease WHERE job_id = %s AND is_open FOR UPDATE SKIP LOCKED",
            [job_id],
        ).fetchone()
        yield own if found else None


def _close(lease: psycopg.Connection, job_id: UUID) -> None:
    """End the lease, on the connection that holds it: any other would wait for it."""
    lease.execute("UPDATE jobs_joblease SET is_open = false WHERE job_id = %s", [job_id])
    lease.commit()


def _begin(job_id: UUID, organization_id: UUID) -> Work | None:
    with acting_as(organization_id):
        job = Job.objects.filter(pk=job_id).first()
        if job is None or job.state in FINAL:
            return None
        job.state = JobState.RUNNING.value
        job.attempts += 1
        job.started_at = job.started_at or timezone.now()
        job.save(update_fields=["state", "attempts", "started_at"])
    return Work(job_id, organization_id, dict(job.arguments), {})


def _finish(work: Work, state: JobState, failure: str = "") -> None:
    with acting_as(work.organization_id):
        Job.objects.filter(pk=work.job_id).update(
            state=state.value, finished_at=timezone.now(), failure=failure, result=work.result
        )
    progress.report(work.job_id, 1.0)


def sweep(*, at: datetime) -> int:
    """
    Queue again every job that should be worked on and has nobody at it.

    Leases are visible to the platform across organisations and show ids alone. Returns how
    many jobs were queued.
    """
    with transaction.atomic():
        orphans = list(
            JobLease.objects.select_for_update(skip_locked=True)
            .filter(is_open=True)
            .values_list("job_id", "owner_id", "task")
        )
    return sum(_requeue(job_id, owner_id, task, at=at) for job_id, owner_id, task in orphans)


def _requeue(job_id: UUID, owner_id: UUID, task: str, *, at: datetime) -> int:
    """A job that says running is queued at once; one that waits is left a minute to its message."""
    with acting_as(owner_id):
        lease = JobLease.objects.select_for_update(skip_locked=True).filter(pk=job_id, is_open=True)
        if not lease.exists():
            return 0
        job = Job.objects.filter(pk=job_id).first()
        if job is None or job.state in FINAL:
            lease.update(is_open=False)
            return 0
        if job.state == JobState.QUEUED.value and job.queued_at > at - UNCLAIMED_AFTER:
            return 0
        if job.attempts >= MOST_ATTEMPTS:
            failure = f"Given up after {job.attempts} attempts that ended without a word."
            Job.objects.filter(pk=job_id).update(
                state=JobState.FAILED.value, finished_at=at, failure=failure
            )
            lease.update(is_open=False)
            return 0
        Job.objects.filter(pk=job_id).update(state=JobState.QUEUED.value, queued_at=at)
        outbox.after_commit(task, organization_id=owner_id, job_id=str(job_id))
    logger.warning("Queued job %s (%s) again: nobody was at it.", job_id, task)
    return 1
