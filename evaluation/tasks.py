"""Where work arrives from the queue. Each task makes one call, then is done."""

from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from evaluation.services import batches, renewals
from qfce.kernel.jobs import sweeps
from qfce.kernel.jobs.celery import app
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import OrganizationKind

MOST_ROUNDS = 50
"""A follower that is far behind stops here; the next sweep takes it on."""


@app.task(name="evaluation.evaluate_batch", acks_late=True)
def evaluate_batch(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Delivered at least once: a second delivery finds the job taken or over, and is done."""
    batches.run(UUID(job_id), organization_id=UUID(organization_id), at=timezone.now())


@app.task(
    name="evaluation.follow_feed",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=3,
)
def follow_feed(*, organization_id: str, **_: Any) -> None:
    """Each round commits by itself; one that dies is done again from where the last ended."""
    for _round in range(MOST_ROUNDS):
        with acting_as(UUID(organization_id)):
            actor = service_actor(UUID(organization_id), renewals.CONSUMER)
            followed = renewals.follow_feed(actor=actor, at=timezone.now())
        if not followed.more:
            return


@app.task(name="evaluation.follow_feeds", acks_late=True)
def follow_feeds(**_: Any) -> None:
    """Let every bank and agency follow the feed; running it twice changes nothing more."""
    sweeps.fan_out("evaluation.follow_feed", OrganizationKind.BANK, OrganizationKind.CREDIT_AGENCY)
