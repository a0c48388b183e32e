"""Where the platform's own recurring work arrives from the queue."""

from typing import Any

from django.utils import timezone

from qfce.kernel.jobs import work
from qfce.kernel.jobs.celery import app


@app.task(name="jobs.sweep")
def sweep(**_: Any) -> None:
    """Queue orphaned jobs again; running it twice changes nothing more."""
    work.sweep(at=timezone.now())
