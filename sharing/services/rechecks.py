"""
Checking facts against a register: what agrees is verified, what does not is prepared.

Asking takes long and touches nothing. What came of it is written in one transaction with the
end of the run, so a worker that dies at any line leaves everything as it was, and the job does
it again from the start.
"""

import json
import logging
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import SHANGHAI, business_day
from qfce.kernel.errors import NotFound
from qfce.kernel.jobs import work as jobs
from qfce.kernel.jobs.models import FINAL, Job, JobState
from qfce.kernel.tenancy.actors import Actor, actor_of, service_actor
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, Organization
from sharing import permissions
from sharing.domain.reverification import RunFailure, RunStatus
from sharing.domain.source_records import SourceRecord, SourceWrong
from sharing.models import FactorProfile, SourceRun
from sharing.services import publications, reverification
from sharing.services.source_files import FileSource
from sharing.services.source_http import HttpSource
from sharing.services.sources import Source, SourceConfig, SourceDown, configured

logger = logging.getLogger(__name__)

TASK = "sharing.recheck_source"
KINDS: dict[str, type[FileSource] | type[HttpSource]] = {"file": FileSource, "http": HttpSource}

FOUND = """
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT f.uscc, f.code, p.region, p."values" -> f.code AS value, f.value AS stated,
       coalesce(f.details, '{}') AS details,
       p."values" -> f.code = f.value
           AND (coalesce(p.details -> f.code, '{}') || coalesce(f.details, '{}'))
               = coalesce(p.details -> f.code, '{}') AS agrees
FROM jsonb_to_recordset(%(records)s::jsonb)
    AS f (uscc text, code text, value jsonb, details jsonb)
JOIN sharing_factorprofile p ON p.uscc = f.uscc AND p.factor_list = %(list)s
WHERE p."values" ? f.code
"""
CHOSEN = """
CREATE TEMP TABLE chosen ON COMMIT DROP AS
SELECT uscc, code, region, value FROM found WHERE agrees
"""
# A disagreement that waits already is not prepared a second time.
PREPARE = """
INSERT INTO sharing_recordchange (id, owner_id, uscc, factor_list, cause, kind, changes, details,
                                  reason, status, prepared_by_id, prepared_at)
SELECT gen_random_uuid(), %(owner)s, n.uscc, %(list)s, 'reverification', 'observed', n.changes,
       n.details, %(reason)s, 'prepared', %(by)s, %(at)s
FROM (SELECT f.uscc, jsonb_object_agg(f.code, f.stated) AS changes,
             coalesce(jsonb_object_agg(f.code, f.details)
                      FILTER (WHERE f.details <> '{}'), '{}') AS details
      FROM found f WHERE NOT f.agrees GROUP BY f.uscc) n
WHERE NOT EXISTS (
    SELECT FROM sharing_recordchange r
    WHERE r.owner_id = %(owner)s AND r.uscc = n.uscc AND r.factor_list = %(list)s
      AND r.status = 'prepared' AND r.changes @> n.changes AND r.details @> n.details)
"""
COUNT = """
INSERT INTO sharing_sourcecount (owner_id, run_id, factor_list, region, code, day, agreed,
                                 disagreed)
SELECT %(owner)s, %(run)s, %(list)s, region, code, %(day)s,
       count(*) FILTER (WHERE agrees), count(*) FILTER (WHERE NOT agrees)
FROM found GROUP BY region, code
"""
TALLY = "SELECT count(*) FILTER (WHERE agrees), count(*) FILTER (WHERE NOT agrees) FROM found"


class NoSuchSource(NotFound):
    code = "sharing.source.unknown"
    title = "No such source is configured for your bureau."


@transaction.atomic
def order(source: str, *, actor: Actor, at: datetime) -> SourceRun:
    """
    Order a check of the jurisdiction's facts against a register; a worker does it.

    :raises MissingPermission: if the actor's role prepares no changes.
    :raises NoSuchSource: if the operator has configured none of this name for the bureau.
    """
    permissions.check_can_prepare_record(actor)
    config = next((each for each in sources_of(actor=actor) if each.code == source), None)
    if config is None:
        raise NoSuchSource(f"There is no source {source}.", hint="Ask the operator for it.")
    run = SourceRun.objects.create(
        owner_id=actor.organization_id,
        source=config.code,
        factor_list=config.factor_list,
        started_at=at,
        started_by_id=actor.account_id,
    )
    job = jobs.create(
        "recheck_source", task=TASK, kwargs={"run_id": str(run.pk)}, actor=actor, at=at
    )
    run.job_id = job.pk
    run.save(update_fields=["job_id"])
    audit.record("sharing.source.ordered", run, actor=actor, at=at, source=config.code)
    return run


@transaction.atomic
def order_due(*, actor: Actor, at: datetime) -> list[SourceRun]:
    """
    Order the checks that a night owes: of sources with a period, not asked within it.

    In the name of the account that the operator chose, so that another person releases what is
    prepared. Without such an account, or its role, nothing is ordered and the log says so.
    Two at once order a check once.
    """
    _lock_orders(actor)
    end_abandoned(actor=actor, at=at)
    today = business_day(at)
    ordered = []
    for config in sources_of(actor=actor):
        if not config.every_days or _asked_since(config, today - timedelta(days=config.every_days)):
            continue
        account = Membership.objects.select_related("organization", "user").filter(
            user__username=config.runs_as,
            organization_id=actor.organization_id,
            is_active=True,
            user__is_active=True,
        )
        keeper = account.first()
        if keeper is None or not actor_of(keeper, channel="task").may(permissions.WRITE_RECORD):
            logger.warning("Source %s: %r cannot prepare changes.", config.code, config.runs_as)
            continue
        ordered.append(order(config.code, actor=actor_of(keeper, channel="task"), at=at))
    return ordered


def end_abandoned(*, actor: Actor, at: datetime) -> None:
    """End the runs of the actor's bureau whose work is over and wrote no end: given up, stopped."""
    running = SourceRun.objects.filter(
        owner_id=actor.organization_id, status=RunStatus.RUNNING.value
    )
    jobs_of = {run.job_id: run.pk for run in running}
    over = Job.objects.filter(pk__in=list(jobs_of), state__in=FINAL)
    for job_id, state in over.values_list("pk", "state"):
        is_cancelled = state == JobState.CANCELLED.value
        failure = RunFailure.CANCELLED if is_cancelled else RunFailure.BROKEN
        _fail(jobs_of[job_id], failure.value, "Its work is over.", actor=actor, at=at)


def _lock_orders(actor: Actor) -> None:
    """Wait for whoever else orders the bureau's checks; held until the transaction ends."""
    with connection.cursor() as cursor:
        name = f"recheck:{actor.organization_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def _asked_since(config: SourceConfig, day: date) -> bool:
    """Say whether a check runs, or was done after a day; one that failed is tried again."""
    runs = SourceRun.objects.filter(source=config.code)
    since = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    done = runs.filter(status=RunStatus.DONE.value, started_at__gte=since)
    return runs.filter(status=RunStatus.RUNNING.value).exists() or done.exists()


def sources_of(*, actor: Actor) -> list[SourceConfig]:
    """Return the sources that the operator configured for the actor's bureau."""
    owner = Organization.objects.get(pk=actor.organization_id).short_name
    return [each for each in configured().values() if each.owner == owner]


def recheck(work: jobs.Work, *, at: datetime) -> None:
    """
    Do an ordered check: ask for everything first, then write all of it, or nothing.

    A source that is down or wrong ends the run as failed, with the reason; that is its fault
    and no fault of ours. Work that is stopped or breaks down ends it too, unless it is taken
    up again because a server went away.
    """
    run_id = UUID(work.arguments["run_id"])
    try:
        _recheck(run_id, work, at=at)
    except jobs.AWAY:
        raise
    except Exception as fault:
        is_cancelled = isinstance(fault, jobs.Cancelled)
        failure = RunFailure.CANCELLED if is_cancelled else RunFailure.BROKEN
        worker = service_actor(work.organization_id, "sources")
        _fail(run_id, failure.value, type(fault).__name__, actor=worker, at=at)
        raise


def _recheck(run_id: UUID, work: jobs.Work, *, at: datetime) -> None:
    run, actor, config = _begin(run_id, work.organization_id)
    if run.status != RunStatus.RUNNING.value:
        return
    catalogue = factor_lists.in_force(config.factor_list, business_day(at))
    with acting_as(work.organization_id):
        usccs = _to_ask(config)
    work.phase("asking")
    try:
        records = _ask(config, usccs, catalogue, work)
    except (SourceDown, SourceWrong) as fault:
        _fail(run_id, fault.code, str(fault), actor=actor, at=at)
        return
    work.phase("writing")
    write(run_id, records, asked=len(usccs), actor=actor, at=at)


@transaction.atomic
def write(
    run_id: UUID, records: Sequence[SourceRecord], *, asked: int, actor: Actor, at: datetime
) -> SourceRun:
    """Write what a source said, and the end of the run, in one transaction."""
    with acting_as(actor.organization_id, user_id=actor.user_id):
        run = SourceRun.objects.select_for_update().get(pk=run_id)
        if run.status != RunStatus.RUNNING.value:
            return run
        publications.lock_list(run.factor_list)
        with connection.cursor() as cursor:
            _load(cursor, records, run.factor_list)
            cursor.execute(TALLY)
            run.agreed, run.disagreed = cursor.fetchone()
            if run.disagreed:
                cursor.execute(PREPARE, _facts(run, at))
            cursor.execute(COUNT, _facts(run, at))
            if run.agreed:
                cursor.execute("DROP TABLE IF EXISTS chosen")
                cursor.execute(CHOSEN)
                published = reverification.publish_chosen(
                    cursor, run.factor_list, prepared_by=actor, actor=actor, at=at
                )
                run.publication_number = published.number
        run.asked = max(asked, run.agreed + run.disagreed)
        run.status, run.ended_at = RunStatus.DONE.value, at
        run.save()
        audit.record(
            "sharing.source.checked", run, actor=actor, at=at, source=run.source,
            agreed=run.agreed, disagreed=run.disagreed,
        )  # fmt: skip
    return run


def _begin(run_id: UUID, organization_id: UUID) -> tuple[SourceRun, Actor, SourceConfig]:
    with acting_as(organization_id):
        run = SourceRun.objects.get(pk=run_id)
        membership = Membership.objects.select_related("organization", "user").get(
            user_id=run.started_by_id, organization_id=organization_id
        )
    return run, actor_of(membership, channel="task"), configured()[run.source]


def _to_ask(config: SourceConfig) -> list[str]:
    """Return the enterprises of the bound jurisdiction that have a value the source knows of."""
    found = FactorProfile.objects.filter(
        factor_list=config.factor_list, listed=True, values__has_any_keys=list(config.items)
    )
    return list(found.order_by("uscc").values_list("uscc", flat=True))


def _ask(
    config: SourceConfig, usccs: Sequence[str], catalogue: Catalogue, work: jobs.Work
) -> list[SourceRecord]:
    source: Source = KINDS[config.kind](config)
    found: list[SourceRecord] = []
    step = len(usccs) or 1 if config.kind == "file" else config.batch
    for start in range(0, len(usccs), step):
        work.check_cancelled()
        found += source.ask(usccs[start : start + step], catalogue)
        work.progress(min(start + step, len(usccs)), len(usccs))
    return found


def _load(cursor: CursorWrapper, records: Sequence[SourceRecord], factor_list: str) -> None:
    rows = [
        {"uscc": r.uscc, "code": r.item, "value": r.value, "details": dict(r.details)}
        for r in records
    ]
    cursor.execute("DROP TABLE IF EXISTS found")
    stated = json.dumps(rows, ensure_ascii=False)
    cursor.execute(FOUND, {"records": stated, "list": factor_list})


def _facts(run: SourceRun, at: datetime) -> dict[str, Any]:
    return {
        "owner": run.owner_id,
        "run": run.pk,
        "list": run.factor_list,
        "by": run.started_by_id,
        "at": at,
        "day": business_day(at),
        "reason": f"{run.source}: another value, found on {business_day(at)}.",
    }


def _fail(run_id: UUID, code: str, detail: str, *, actor: Actor, at: datetime) -> None:
    """End a run as failed; one that has ended stays as it is."""
    with acting_as(actor.organization_id, user_id=actor.user_id):
        run = SourceRun.objects.select_for_update().get(pk=run_id)
        if run.status != RunStatus.RUNNING.value:
            return
        logger.warning("Source %s: %s", run.source, detail)
        run.status, run.ended_at = RunStatus.FAILED.value, at
        run.failure, run.detail = code, detail[:500]
        run.save(update_fields=["status", "ended_at", "failure", "detail"])
        audit.record("sharing.source.failed", run, actor=actor, at=at, failure=code)
