"""Scoring one enterprise, and keeping what came out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from evaluation import permissions, policies
from evaluation.domain import reasons
from evaluation.domain.facts import Facts
from evaluation.domain.lifecycle import Cause
from evaluation.domain.scorecards import Scorecard
from evaluation.domain.scoring import Result
from evaluation.domain.scoring import evaluate as score
from evaluation.models import Evaluation, ScorecardVersion
from evaluation.selectors import readings, scorecards
from evaluation.selectors.readings import Reading
from qfce.kernel.audit import events
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor


@transaction.atomic
def evaluate(
    uscc: str,
    *,
    scorecard: str,
    purpose: str,
    actor: Actor,
    at: datetime,
    own_facts: Mapping[str, Any] | None = None,
) -> Evaluation:
    """
    Score one enterprise by the version of the bank's scorecard that is in force today.

    :param scorecard: the scorecard's code.
    :param purpose: why it is read; an agreement must cover it.
    :param own_facts: what the bank itself established, by item code; it fills gaps and never
        overrules what is disclosed.
    :raises NoSuchRecord: if no version is in force, or the code was never known.
    :raises NotShared: if nothing of the enterprise is shared for this purpose.
    :raises FormerCode: if another code has taken this one's place.
    :raises UnknownItem, NotAValue: if an own fact does not fit the list.
    """
    actor.require(permissions.CREATE)
    version = scorecards.in_force(scorecard, business_day(at), actor=actor)
    card, catalogue = scorecards.card(version), scorecards.catalogue(version)
    own = dict(own_facts or {})
    policies.check_own_facts(own, catalogue)
    found = readings.read(
        [uscc], card=card, catalogue=catalogue, purpose=purpose, actor=actor, at=at
    )
    reading = found.get(uscc)
    policies.check_answer(uscc, reading.answer if reading else None, purpose=purpose)
    assert reading is not None  # or the check has refused

    facts = readings.with_own(reading.facts, own, catalogue)
    evaluation = build(
        version, card, reading, facts, purpose=purpose, actor=actor, at=at, cause=Cause.REQUEST
    )
    evaluation.own_facts = own
    evaluation.save(force_insert=True)
    _record(evaluation, readings.used_own(reading.facts, own), actor=actor, at=at)
    return evaluation


def build(
    version: ScorecardVersion,
    card: Scorecard,
    reading: Reading,
    facts: Facts,
    *,
    purpose: str,
    actor: Actor,
    at: datetime,
    cause: Cause,
    replaces_id: UUID | None = None,
) -> Evaluation:
    """Return the evaluation of one reading, not saved yet."""
    day = business_day(at)
    result = score(card, facts, day)
    number, row = reading.position
    return Evaluation(
        owner_id=actor.organization_id,
        uscc=facts.uscc,
        scorecard_version=version,
        purpose=purpose,
        as_of=day,
        known_at=reading.profile.read_at or at,
        position_number=number,
        position_row=row,
        cause=cause.value,
        replaces_id=replaces_id,
        created_at=at,
        created_by_id=actor.user_id,
        **outcome_of(card, result),
    )


def outcome_of(card: Scorecard, result: Result) -> dict[str, Any]:
    """Return what is kept of a result, by the names of the columns."""
    return {
        "score": result.score,
        "grade": result.grade,
        "cap": result.cap,
        "outcome": result.outcome.value,
        "gates": [{"code": gate.code, "outcome": gate.outcome.value} for gate in result.gates],
        "reasons": list(reasons.codes(card, result)),
        "category_points": dict(result.category_points),
    }


def _record(evaluation: Evaluation, own_used: list[str], *, actor: Actor, at: datetime) -> None:
    version = evaluation.scorecard_version
    events.record(
        "evaluation.evaluation.created",
        evaluation,
        actor=actor,
        at=at,
        uscc=evaluation.uscc,
        scorecard=f"{version.scorecard.code}/{version.number}",
        score=evaluation.score,
        grade=evaluation.grade,
        outcome=evaluation.outcome,
        own_facts_used=own_used,
    )
