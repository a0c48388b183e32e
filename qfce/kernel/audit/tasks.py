"""Where the sealing of audit events arrives from the queue."""

from typing import Any

from django.utils import timezone

from qfce.kernel.audit import seals
from qfce.kernel.jobs.celery import app


@app.task(name="audit.seal")
def seal(**_: Any) -> None:
    """Seal what is settled; a second delivery finds nothing to seal."""
    seals.seal(at=timezone.now())
