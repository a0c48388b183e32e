"""Scoring a whole list in the background: set-based, resumable, harmless twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from evaluation import permissions
from evaluation.domain.frame_rows import COLUMNS, csv_of
from evaluation.domain.frames import from_facts
from evaluation.domain.lifecycle import Cause
from evaluation.domain.scorecards import Scorecard
from evaluation.domain.scoring import items_used
from evaluation.domain.scoring_frame import score_frame
from evaluation.models import Evaluation, ScorecardVersion
from evaluation.selectors import populations, readings, scorecards
from evaluation.selectors.readings import LONGEST, Reading
from factors.domain.catalogue import Catalogue
from qfce.kernel.audit import events
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Invalid
from qfce.kernel.jobs import work
from qfce.kernel.jobs.models import Job
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as

TASK = "evaluation.evaluate_batch"
KIND = "evaluation.batch"
MOST = 100_000

NAMES = ", ".join(COLUMNS)
INCOMING = (
    "CREATE TEMP TABLE incoming (uscc text, position_number bigint, position_row int,"
    " score smallint, grade text, cap numeric(18, 2), outcome text, gates jsonb,"
    " reasons jsonb, category_points jsonb) ON COMMIT DROP"
)
COPY = f"COPY incoming ({NAMES}) FROM STDIN WITH (FORMAT csv)"
INSERT = (
    "INSERT INTO evaluation_evaluation"  # noqa: S608 of constants alone
    " (id, owner_id, scorecard_version_id, purpose, as_of,"
    f" known_at, own_facts, cause, job_id, created_at, created_by_id, {NAMES})"
    f" SELECT gen_random_uuid(), %s, %s, %s, %s, %s, '{{}}', %s, %s, %s, %s, {NAMES}"
    " FROM incoming ON CONFLICT (job_id, uscc) WHERE job_id IS NOT NULL DO NOTHING"
)


class NothingToScore(Invalid):
    code = "evaluation.batch.nothing"
    title = "A batch needs enterprises to score."


@dataclass(frozen=True, slots=True)
class Batch:
    """What every part of one job has in common."""

    version: ScorecardVersion
    card: Scorecard
    catalogue: Catalogue
    purpose: str
    job_id: UUID
    requested_by: UUID | None


@transaction.atomic
def evaluate_batch(
    *,
    scorecard: str,
    purpose: str,
    actor: Actor,
    at: datetime,
    usccs: Sequence[str] = (),
    enterprise_list_id: UUID | None = None,
) -> Job:
    """
    Queue the scoring of given enterprises, or of all members of a list shared with the bank.

    The version in force now counts for the whole job, however long it takes.

    :raises NoSuchRecord: if no version is in force, or the list is not shared.
    :raises NothingToScore: if there is no enterprise, or more than can be done at once.
    """
    actor.require(permissions.CREATE)
    version = scorecards.in_force(scorecard, business_day(at), actor=actor)
    codes = _codes(usccs, enterprise_list_id, actor)
    job = work.create(
        KIND,
        task=TASK,
        kwargs={
            "version_id": str(version.pk),
            "purpose": purpose,
            "uscc": codes,
            "requested_by": str(actor.user_id) if actor.user_id else None,
        },
        actor=actor,
        at=at,
    )
    events.record(
        "evaluation.batch.requested",
        job,
        actor=actor,
        at=at,
        scorecard=f"{version.scorecard.code}/{version.number}",
        purpose=purpose,
        enterprises=len(codes),
    )
    return job


def _codes(usccs: Sequence[str], enterprise_list_id: UUID | None, actor: Actor) -> list[str]:
    codes = list(dict.fromkeys(usccs))
    if enterprise_list_id:
        codes = populations.members(enterprise_list_id, actor=actor)
    if not 1 <= len(codes) <= MOST:
        raise NothingToScore(
            f"There are {len(codes)} enterprises to score; a batch takes 1 to {MOST:,}.",
            hint="Name enterprises, or a list that has members.",
        )
    return codes


def run(job_id: UUID, *, organization_id: UUID, at: datetime) -> None:
    """
    Do a batch, alone, in parts of a thousand that are kept one by one.

    What an earlier attempt has kept is not scored again; a second delivery finds the job
    taken or over and does nothing.
    """
    with work.claim(job_id, organization_id=organization_id) as claimed:
        if claimed is None:
            return
        codes = claimed.arguments["uscc"]
        left_out: Counter[str] = Counter()
        claimed.phase("scoring")
        for start in range(0, len(codes), LONGEST):
            claimed.check_cancelled()
            with acting_as(organization_id):
                batch = _batch(job_id, claimed.arguments, organization_id)
                left_out += _part(batch, codes[start : start + LONGEST], organization_id, at)
            claimed.progress(start + LONGEST, len(codes))
        with acting_as(organization_id):
            claimed.result.update(_summary(job_id), left_out=dict(left_out))


def _batch(job_id: UUID, arguments: dict[str, str], organization_id: UUID) -> Batch:
    actor = service_actor(organization_id, KIND)
    version = scorecards.get(UUID(arguments["version_id"]), actor=actor)
    asked_by = arguments["requested_by"]
    return Batch(
        version=version,
        card=scorecards.card(version),
        catalogue=scorecards.catalogue(version),
        purpose=arguments["purpose"],
        job_id=job_id,
        requested_by=UUID(asked_by) if asked_by else None,
    )


def _part(batch: Batch, codes: Sequence[str], organization_id: UUID, at: datetime) -> Counter[str]:
    """Score and keep what is not kept yet; return what had to be left out, by answer."""
    kept = Evaluation.objects.filter(job_id=batch.job_id, uscc__in=codes)
    wanted = set(codes) - set(kept.values_list("uscc", flat=True))
    if not wanted:
        return Counter()
    found = readings.read(
        sorted(wanted),
        card=batch.card,
        catalogue=batch.catalogue,
        purpose=batch.purpose,
        actor=service_actor(organization_id, KIND),
        at=at,
    )
    scored = [found[uscc] for uscc in sorted(found) if found[uscc].answer in readings.SCORED]
    if scored:
        _keep(batch, scored, organization_id, at)
    answers = Counter(found[uscc].answer if uscc in found else "unknown" for uscc in wanted)
    return Counter({a: n for a, n in answers.items() if a not in readings.SCORED})


def _keep(batch: Batch, scored: list[Reading], organization_id: UUID, at: datetime) -> None:
    frame = from_facts([reading.facts for reading in scored], items_used(batch.card))
    positions = np.array([reading.position for reading in scored], dtype=np.int64)
    result = score_frame(batch.card, frame, business_day(at))
    rows = csv_of([reading.facts.uscc for reading in scored], positions, result)
    insert(
        rows,
        owner_id=organization_id,
        version_id=batch.version.pk,
        purpose=batch.purpose,
        job_id=batch.job_id,
        created_by=batch.requested_by,
        read_at=scored[0].profile.read_at or at,
        at=at,
    )


def insert(
    rows: bytes,
    *,
    owner_id: UUID,
    version_id: UUID,
    purpose: str,
    job_id: UUID | None,
    created_by: UUID | None,
    read_at: datetime,
    at: datetime,
) -> int:
    """
    Keep many evaluations at once; those that the job has kept already stay as they are.

    :param rows: CSV in the columns of `frame_rows.COLUMNS`.
    :returns: how many were new.
    """
    with connection.cursor() as cursor:
        # COPY is refused on a table with row security, so rows arrive beside it first.
        cursor.execute(INCOMING)
        with cursor.copy(COPY) as copy:
            copy.write(rows)
        cursor.execute(
            INSERT,
            [
                owner_id,
                version_id,
                purpose,
                business_day(at),
                read_at,
                Cause.BATCH.value,
                job_id,
                at,
                created_by,
            ],
        )
        kept = cursor.rowcount
        cursor.execute("DROP TABLE incoming")
    return int(kept)


def _summary(job_id: UUID) -> dict[str, object]:
    rows = Evaluation.objects.filter(job_id=job_id).values_list("grade", "outcome")
    grades, outcomes = Counter(g for g, _ in rows if g), Counter(o for _, o in rows)
    return {"scored": len(rows), "grades": dict(grades), "outcomes": dict(outcomes)}
