"""What the queue does at least once for register, shards, other registers and declarations."""

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
    collection_rounds,
    declaration_links,
    duplicates,
    list_rules,
    rechecks,
    rule_trials,
    shards,
)

IMPORT_SECONDS = 2 * 3600


@app.task(name="sharing.find_duplicates", acks_late=True, time_limit=IMPORT_SECONDS)
def find_duplicates(*, organization_id: str, **_: Any) -> None:
    """Put the doubts about a bureau's register on its queue."""
    owner_id = UUID(organization_id)
    with acting_as(owner_id):
        actor = service_actor(owner_id, "duplicates")
        duplicates.find(actor=actor, at=timezone.now())


@app.task(name="sharing.find_all_duplicates", acks_late=True)
def find_all_duplicates(**_: Any) -> None:
    """Let every bureau look for doubts; running it twice adds none."""
    fan_out("sharing.find_duplicates", OrganizationKind.MARKET_REGULATOR)


@app.task(name="sharing.run_list_rule", acks_late=True)
def run_list_rule(*, organization_id: str, run_id: str, **_: Any) -> None:
    """Find who fits the rule of an enterprise list; a second delivery finds it done."""
    owner_id = UUID(organization_id)
    with acting_as(owner_id):
        list_rules.work_out(UUID(run_id))


@app.task(name="sharing.follow_shards", acks_late=True, time_limit=IMPORT_SECONDS)
def follow_shards(*, organization_id: str, **_: Any) -> None:
    """Bring the shards of a regulator's lists up to the feed."""
    owner_id, at = UUID(organization_id), timezone.now()
    actor = service_actor(owner_id, "shards")
    with acting_as(owner_id):
        lists = factor_lists.list_for(actor=actor, on=business_day(at))
    for entry in lists:
        if entry.owner_id == owner_id and entry.in_force is not None:
            with acting_as(owner_id):
                shards.follow(entry.code, actor=actor, at=at)


@app.task(name="sharing.follow_all_shards", acks_late=True)
def follow_all_shards(**_: Any) -> None:
    """Let every regulator bring its lists' shards up to the feed; twice writes nothing more."""
    fan_out("sharing.follow_shards", OrganizationKind.MARKET_REGULATOR)


@app.task(name="sharing.try_rule", acks_late=True, time_limit=IMPORT_SECONDS)
def try_rule(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Try a cross rule on every profile of a jurisdiction."""
    with work.claim(job_id, organization_id=organization_id) as job:
        if job is not None:
            rule_trials.carry_out(job, at=timezone.now())


@app.task(name="sharing.recheck_source", acks_late=True, time_limit=IMPORT_SECONDS)
def recheck_source(*, organization_id: str, job_id: str, **_: Any) -> None:
    """Check a bureau's facts against a register."""
    with work.claim(job_id, organization_id=organization_id) as job:
        if job is not None:
            rechecks.recheck(job, at=timezone.now())


@app.task(name="sharing.recheck_due_of", acks_late=True)
def recheck_due_of(*, organization_id: str, **_: Any) -> None:
    """Order what one bureau's sources are to be asked tonight; twice a night orders it once."""
    with acting_as(UUID(organization_id)):
        actor = service_actor(UUID(organization_id), "sources")
        rechecks.order_due(actor=actor, at=timezone.now())


@app.task(name="sharing.recheck_due", acks_late=True)
def recheck_due(**_: Any) -> None:
    """Let every bureau ask its sources; a source that is asked already is not asked again."""
    fan_out("sharing.recheck_due_of", OrganizationKind.MARKET_REGULATOR)


@app.task(name="sharing.mail_declarations", acks_late=True, autoretry_for=(OSError,), max_retries=3)
def mail_declarations(*, organization_id: str, **_: Any) -> None:
    """Mail the links to declarations that are due; a second delivery finds none."""
    owner_id = UUID(organization_id)
    more = True
    while more:
        with acting_as(owner_id):
            actor = service_actor(owner_id, "declarations")
            more = declaration_links.send_due(actor=actor, at=timezone.now())


@app.task(name="sharing.remind_rounds_of", acks_late=True)
def remind_rounds_of(*, organization_id: str, **_: Any) -> None:
    """Remind one bureau of rounds that it has not delivered to, and enterprises for it."""
    with acting_as(UUID(organization_id)):
        actor = service_actor(UUID(organization_id), "collection rounds")
        collection_rounds.remind(actor=actor, at=timezone.now())
        declaration_links.remind(actor=actor, at=timezone.now())


@app.task(name="sharing.remind_rounds", acks_late=True)
def remind_rounds(**_: Any) -> None:
    """Let every bureau be reminded; running it twice a day reminds nobody twice."""
    fan_out("sharing.remind_rounds_of", OrganizationKind.MARKET_REGULATOR)
