"""
Where work arrives from the queue. Each task makes one call, then is done.

Delivered at least once: a second delivery finds the job taken or over, and is done too.
"""

from typing import Any

from django.utils import timezone

from qfce.kernel.jobs import work
from qfce.kernel.jobs.celery import app
from sharing.services import import_work

IMPORT_SECONDS = 2 * 3600


@app.task(name="sharing.check_import", acks_late=True, time_limit=IMPORT_SECONDS)
def check_import(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Read and check an uploaded file."""
    with work.claim(job_id, organization_id=organization_id) as job:
        if job is not None:
            import_work.check(job, at=timezone.now())


@app.task(name="sharing.publish_import", acks_late=True, time_limit=IMPORT_SECONDS)
def publish_import(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Bring a released import into the ledger."""
    with work.claim(job_id, organization_id=organization_id) as job:
        if job is not None:
            import_work.publish(job, at=timezone.now())


@app.task(name="sharing.undo_import", acks_late=True, time_limit=IMPORT_SECONDS)
def undo_import(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Take a published import back."""
    with work.claim(job_id, organization_id=organization_id) as job:
        if job is not None:
            import_work.undo(job, at=timezone.now())
