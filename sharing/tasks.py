"""Where work arrives from the queue, at least once; a second delivery finds it taken or over."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils import timezone

from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.jobs import work
from qfce.kernel.jobs.celery import app
from qfce.kernel.jobs.sweeps import fan_out
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import OrganizationKind
from sharing.services import (
    agreements,
    consents,
    data_quality,
    disputes,
    enterprise_names,
    expiry,
    file_uploads,
    import_comparisons,
    import_work,
    list_migration_work,
    reverification,
)

IMPORT_SECONDS = 2 * 3600


def _work(job_id: str, organization_id: str, do: Callable[..., None]) -> None:
    """Do a job that nobody else is at."""
    with work.claim(job_id, organization_id=organization_id) as job:
        if job is not None:
            do(job, at=timezone.now())


@app.task(name="sharing.check_import", acks_late=True, time_limit=IMPORT_SECONDS)
def check_import(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Read and check an uploaded file."""
    _work(job_id, organization_id, import_work.check)


@app.task(name="sharing.publish_import", acks_late=True, time_limit=IMPORT_SECONDS)
def publish_import(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Bring a released import into the ledger."""
    _work(job_id, organization_id, import_work.publish)


@app.task(name="sharing.undo_import", acks_late=True, time_limit=IMPORT_SECONDS)
def undo_import(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Take a published import back."""
    _work(job_id, organization_id, import_work.undo)


@app.task(name="sharing.compare_import", acks_late=True, time_limit=IMPORT_SECONDS)
def compare_import(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Work out what a large file would change, for whoever releases it."""
    _work(job_id, organization_id, import_comparisons.work_out)


@app.task(name="sharing.work_on_migration", acks_late=True, time_limit=IMPORT_SECONDS)
def work_on_migration(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Count out a list version's migration, publish it or take it back, as it stands."""
    _work(job_id, organization_id, list_migration_work.carry_on)


@app.task(name="sharing.end_access_of", acks_late=True)
def end_access_of(*, organization_id: str, **_: Any) -> None:
    """End a regulator's agreements, and its enterprises' consents, whose last day has passed."""
    with acting_as(UUID(organization_id)):
        actor = service_actor(UUID(organization_id), "end of term")
        agreements.end_due(actor=actor, at=timezone.now())
        consents.end_due(actor=actor, at=timezone.now())


@app.task(name="sharing.end_access", acks_late=True)
def end_access(**_: Any) -> None:
    """Let every regulator end what is over; running it twice ends nothing more."""
    fan_out("sharing.end_access_of", OrganizationKind.MARKET_REGULATOR)


@app.task(name="sharing.sweep_calendar_of", acks_late=True)
def sweep_calendar_of(*, organization_id: str, **_: Any) -> None:
    """Let what begins today hold and announce what has ended, on the lists a regulator keeps."""
    owner_id, at = UUID(organization_id), timezone.now()
    with acting_as(owner_id):
        actor = service_actor(owner_id, "calendar")
        file_uploads.sweep(actor=actor, at=at)
        disputes.take_over_moved(actor=actor, at=at)
        lists = factor_lists.list_for(actor=actor, on=business_day(at))
    for entry in lists:
        if entry.owner_id == owner_id and entry.in_force is not None:
            with acting_as(owner_id):
                expiry.bring_into_force(entry.code, actor=actor, at=at)
                expiry.sweep(entry.code, actor=actor, at=at)
                reverification.list_due(entry.code, actor=actor, at=at)


@app.task(name="sharing.sweep_calendar", acks_late=True)
def sweep_calendar(**_: Any) -> None:
    """Let every regulator sweep its lists for the day; running it twice announces nothing more."""
    fan_out("sharing.sweep_calendar_of", OrganizationKind.MARKET_REGULATOR)


@app.task(name="sharing.follow_names", acks_late=True, time_limit=IMPORT_SECONDS)
def follow_names(*, organization_id: str, **_: Any) -> None:
    """Bring the names of a bureau's publications into the search, a part at a time."""
    owner_id = UUID(organization_id)
    more = True
    while more:
        with acting_as(owner_id):
            more = enterprise_names.follow(owner_id)


@app.task(name="sharing.follow_all_names", acks_late=True)
def follow_all_names(**_: Any) -> None:
    """Let every bureau take in what a lost task left out; running it twice adds nothing."""
    fan_out("sharing.follow_names", OrganizationKind.MARKET_REGULATOR)


@app.task(name="sharing.report_quality_of", acks_late=True, time_limit=IMPORT_SECONDS)
def report_quality_of(*, organization_id: str, **_: Any) -> None:
    """Write the month's report of the lists that a regulator keeps, and its bureau's score."""
    actor = service_actor(UUID(organization_id), "data quality")
    data_quality.report_all(actor=actor, at=timezone.now())


@app.task(name="sharing.report_quality", acks_late=True)
def report_quality(**_: Any) -> None:
    """Let every regulator write its part; the same night twice writes the same."""
    fan_out("sharing.report_quality_of", OrganizationKind.MARKET_REGULATOR)
