"""Where work on lists arrives from the queue. Each task makes one call, then is done."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from factors.services import reminders
from qfce.kernel.jobs.celery import app
from qfce.kernel.jobs.sweeps import fan_out
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import OrganizationKind


@app.task(name="factors.remind_of", acks_late=True)
def remind_of(*, organization_id: str, **_: Any) -> None:
    """Remind whoever still has to answer about the lists that one regulator keeps."""
    owner_id = UUID(organization_id)
    with acting_as(owner_id):
        reminders.remind(actor=service_actor(owner_id, "reminder"), at=timezone.now())


@app.task(name="factors.remind", acks_late=True)
def remind(**_: Any) -> None:
    """Let every regulator remind those it waits for; running it twice reminds nobody twice."""
    fan_out("factors.remind_of", OrganizationKind.MARKET_REGULATOR)
