"""Where work arrives from the queue. Each task makes one call, then is done."""

from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.jobs.celery import app
from qfce.kernel.jobs.sweeps import fan_out
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import OrganizationKind
from risk.services import daily, signals

PAGES = 50


@app.task(name="risk.follow_feeds")
def follow_feeds(**_: Any) -> None:
    """Let every bank follow its feed; a bank that is at it already finds nothing to do."""
    fan_out("risk.follow_feed", OrganizationKind.BANK)


@app.task(
    name="risk.follow_feed",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
    soft_time_limit=540,
    time_limit=600,
)
def follow_feed(*, organization_id: str, **_: Any) -> None:
    """
    Follow one bank's feed, a page a transaction, for a bounded number of pages.

    Delivered at least once: the cursor moves with the page, so a second delivery goes on
    where the first one stopped, and the next sweep takes what is left.
    """
    for _page in range(PAGES):
        with acting_as(UUID(organization_id)):
            actor = service_actor(UUID(organization_id), "risk")
            if signals.follow_feed(actor=actor, at=timezone.now()).is_done:
                return


@app.task(name="risk.sweep_days")
def sweep_days(**_: Any) -> None:
    """Let every bank look at what a new day has brought."""
    fan_out("risk.sweep_day", OrganizationKind.BANK)


@app.task(
    name="risk.sweep_day",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
    soft_time_limit=1_700,
    time_limit=1_800,
)
def sweep_day(*, organization_id: str, **_: Any) -> None:
    """Delivered at least once: a second run of a day finds its signals raised, and is done."""
    at = timezone.now()
    after: str | None = ""
    while after is not None:
        with acting_as(UUID(organization_id)):
            actor = service_actor(UUID(organization_id), "risk")
            after = daily.sweep(business_day(at), after=after, actor=actor, at=at)
