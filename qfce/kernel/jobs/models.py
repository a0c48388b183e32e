"""What people see of background work, and the lease that says who is at it."""

from enum import StrEnum
from typing import ClassVar
from uuid import uuid4

from django.db import models

from qfce.kernel.fields import choices_of, one_of
from qfce.kernel.tenancy.models import TenantOwned


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # our mistake; theirs is an outcome of the thing worked on
    CANCELLED = "cancelled"


FINAL = (JobState.SUCCEEDED.value, JobState.FAILED.value, JobState.CANCELLED.value)


class Job(TenantOwned):
    """One piece of work that somebody waits for."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=60)
    task = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10, choices=choices_of(JobState), default=JobState.QUEUED.value
    )
    phase = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    requested_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [one_of("state", JobState)]
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class JobLease(models.Model):
    """
    The row that a worker keeps locked while it is at a job.

    Apart from the job, so that phase and state can be written while the lock is held. A
    worker that dies loses the lock with its connection. Of the job it shows the id alone.
    """

    job_id = models.UUIDField(primary_key=True)
    owner_id = models.UUIDField()
    task = models.CharField(max_length=80)
    is_open = models.BooleanField(default=True)
    queued_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["queued_at"],
                condition=models.Q(is_open=True),
                name="jobs_lease_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.job_id}"
