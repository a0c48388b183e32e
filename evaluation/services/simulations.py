"""Trying a scorecard on enterprises, and keeping nothing of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from evaluation import permissions
from evaluation.domain.frames import from_facts
from evaluation.domain.scorecards import Scorecard
from evaluation.domain.scoring import items_used
from evaluation.domain.scoring_frame import OUTCOMES, FrameResult, score_frame
from evaluation.models import ScorecardVersion
from evaluation.selectors import readings, scorecards
from evaluation.selectors.readings import LONGEST
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor


@dataclass(frozen=True, slots=True)
class Line:
    """One enterprise in a simulation; `was` is the grade under the version in force."""

    uscc: str
    score: int | None
    grade: str | None
    outcome: str
    was: str | None


@dataclass(frozen=True, slots=True)
class Simulation:
    """
    What a card makes of some enterprises.

    `left_out` counts by answer those of which too little is disclosed to be scored.
    """

    scored: int
    left_out: dict[str, int]
    mean_score: float | None
    grades: dict[str, int]
    outcomes: dict[str, int]
    gates: dict[str, int]
    lines: tuple[Line, ...]


def simulate(
    version_id: UUID, usccs: Sequence[str], *, purpose: str, actor: Actor, at: datetime
) -> Simulation:
    """
    Score enterprises by any version, also a draft, and compare with the one in force.

    Every read is logged for the purpose; nothing else is kept.

    :raises NoSuchRecord: if the actor's organization has no such version.
    """
    actor.require(permissions.CREATE)
    version = scorecards.get(version_id, actor=actor)
    card, catalogue = scorecards.card(version), scorecards.catalogue(version)
    held = _held_against(version, actor=actor, at=at)
    used = items_used(card) | (items_used(held) if held else frozenset())
    left_out: Counter[str] = Counter()
    facts = []
    for start in range(0, len(usccs), LONGEST):
        part = list(dict.fromkeys(usccs[start : start + LONGEST]))
        found = readings.read(
            part, card=card, catalogue=catalogue, purpose=purpose, actor=actor, at=at, used=used
        )
        for uscc in part:
            reading = found.get(uscc)
            if reading is None or reading.answer not in readings.SCORED:
                left_out[reading.answer if reading else "unknown"] += 1
            else:
                facts.append(reading.facts)
    frame, day = from_facts(facts, used), business_day(at)
    result = score_frame(card, frame, day, with_reasons=False)
    before = score_frame(held, frame, day, with_reasons=False) if held else None
    return _summary(result, before, [each.uscc for each in facts], dict(left_out))


def _held_against(version: ScorecardVersion, *, actor: Actor, at: datetime) -> Scorecard | None:
    """Return the version in force to compare with, where it binds the same list version."""
    found = scorecards.in_force_or_none(version.scorecard.code, business_day(at), actor=actor)
    if found is None or found.pk == version.pk:
        return None
    same = (found.factor_list, found.list_version) == (version.factor_list, version.list_version)
    return scorecards.card(found) if same else None


def _summary(
    result: FrameResult, before: FrameResult | None, usccs: list[str], left_out: dict[str, int]
) -> Simulation:
    lines = tuple(
        Line(
            uscc=uscc,
            score=_score(result, row),
            grade=_grade(result, row),
            outcome=OUTCOMES[result.outcome[row]].value,
            was=_grade(before, row) if before else None,
        )
        for row, uscc in enumerate(usccs)
    )
    scores = [line.score for line in lines if line.score is not None]
    graded = Counter(line.grade for line in lines)
    outcomes = Counter(line.outcome for line in lines)
    held = result.gates.sum(axis=0)
    return Simulation(
        scored=len(lines),
        left_out=left_out,
        mean_score=round(sum(scores) / len(scores), 1) if scores else None,
        grades={grade: graded[grade] for grade in result.grades},
        outcomes={outcome.value: outcomes[outcome.value] for outcome in OUTCOMES},
        gates={
            gate.code: int(count)
            for gate, count in zip(result.card.gates, held, strict=True)
            if count
        },
        lines=lines,
    )


def _score(result: FrameResult, row: int) -> int | None:
    return int(result.score[row]) if result.score[row] >= 0 else None


def _grade(result: FrameResult, row: int) -> str | None:
    place = result.grade[row]
    return result.grades[place] if place >= 0 else None
