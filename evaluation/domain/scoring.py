"""
Scoring one enterprise: gates first, then points, caps by category, score, grade and cap.

Exact arithmetic throughout: points are whole numbers, money is Decimal. `scoring_frame` does
the same to many enterprises at once and must agree with this row by row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from evaluation.domain.conditions import Name, Subject, holds
from evaluation.domain.derived import DERIVATIONS
from evaluation.domain.facts import Fact, Facts, Value
from evaluation.domain.scorecards import (
    REGISTER_FIELDS,
    Bin,
    Characteristic,
    CharacteristicKind,
    Gate,
    GateOutcome,
    Pattern,
    Scorecard,
    SpecialBin,
    Tier,
)

ENTERPRISE = "enterprise"
"""The source of what an enterprise says of itself."""


class Outcome(StrEnum):
    GRADED = "graded"
    REFERRED = "referred"  # score and grade stand, and a person must look
    DECLINED = "declined"  # no grade and no cap; the score is still shown


class Basis(StrEnum):
    """Which kind of bin gave the points."""

    SPECIAL = "special"
    BIN = "bin"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one characteristic gave, and from which bin."""

    characteristic: Characteristic
    fact: Fact
    basis: Basis
    bin: Bin | SpecialBin | None
    points: int

    @property
    def code(self) -> str:
        return self.characteristic.code

    @property
    def best(self) -> int:
        return self.characteristic.best


@dataclass(frozen=True, slots=True)
class Result:
    """
    One evaluation.

    `score` is 0 to 100, None for a cap table; `grade` and `cap` (yuan) are None where a gate
    declines or no tier holds. Category points are in the order of the card.
    """

    outcome: Outcome
    score: int | None
    grade: str | None
    cap: Decimal | None
    category_points_before_cap: Mapping[str, int]
    category_points: Mapping[str, int]
    contributions: tuple[Contribution, ...]
    gates: tuple[Gate, ...]
    flagged: tuple[str, ...]
    tier: Tier | None = None

    @property
    def declined_by(self) -> tuple[str, ...]:
        return tuple(g.code for g in self.gates if g.outcome == GateOutcome.DECLINE)

    @property
    def referred_by(self) -> tuple[str, ...]:
        return tuple(g.code for g in self.gates if g.outcome == GateOutcome.REFER)


def evaluate(card: Scorecard, facts: Facts, on: date) -> Result:
    """
    Score one enterprise on one day.

    A value that is missing, for whatever reason, falls into the missing bin of its
    characteristic and satisfies no comparison of a gate. A flagged (disputed) value counts,
    and refers the enterprise to a person.

    :param facts: what may be seen of the enterprise; see `facts` for what counts as what.
    :param on: the business day, for ages and for awards that fade.
    """
    looking = _Look(facts, on)
    gates = tuple(gate for gate in card.gates if holds(gate.when, looking.value))
    flagged = tuple(sorted(code for code in items_used(card) if facts.get(code).flagged))
    outcome = _outcome(gates, flagged)
    if card.pattern == Pattern.CAP_TABLE:
        return _by_tier(card, looking, outcome, gates, flagged)

    contributions = tuple(_contribution(card, each, looking) for each in card.characteristics)
    before = dict.fromkeys((category.code for category in card.categories), 0)
    for each in contributions:
        before[each.characteristic.category] += each.points
    after = {
        category.code: min(before[category.code], category.cap) for category in card.categories
    }
    score = sum(after.values())
    declined = outcome == Outcome.DECLINED
    grade = None if declined else card.grade_of(score)
    return Result(
        outcome=outcome,
        score=score,
        grade=grade.grade if grade else None,
        cap=grade.cap if grade else None,
        category_points_before_cap=before,
        category_points=after,
        contributions=contributions,
        gates=gates,
        flagged=flagged,
    )


def items_used(card: Scorecard) -> frozenset[str]:
    """Return the codes of every item that a card's gates, bins or tiers look at."""
    used: set[str] = set()
    for name in card.looked_at():
        used |= set(sources(name))
    return frozenset(used - REGISTER_FIELDS)


def sources(name: Name) -> tuple[str, ...]:
    """Return the items (or register fields) behind something that a card looks at."""
    return DERIVATIONS[name.code].sources if name.subject == Subject.DERIVED else (name.code,)


class _Look:
    """The facts of one enterprise on one day, derived ones among them."""

    def __init__(self, facts: Facts, on: date) -> None:
        self.facts = facts
        self.on = on

    def fact(self, name: Name) -> Fact:
        if name.subject == Subject.DERIVED:
            return DERIVATIONS[name.code].of(self.facts, self.on)
        return self.facts.get(name.code)

    def value(self, name: Name) -> Value | None:
        return self.fact(name).value


def _outcome(gates: tuple[Gate, ...], flagged: tuple[str, ...]) -> Outcome:
    if any(gate.outcome == GateOutcome.DECLINE for gate in gates):
        return Outcome.DECLINED
    return Outcome.REFERRED if gates or flagged else Outcome.GRADED


def _by_tier(
    card: Scorecard,
    looking: _Look,
    outcome: Outcome,
    gates: tuple[Gate, ...],
    flagged: tuple[str, ...],
) -> Result:
    reached = [tier for tier in card.tiers if holds(tier.when, looking.value)]
    tier = min(reached, key=lambda tier: tier.tier, default=None)
    counted = None if outcome == Outcome.DECLINED else tier
    return Result(
        outcome=outcome,
        score=None,
        grade=counted.grade if counted else None,
        cap=counted.cap if counted else None,
        category_points_before_cap={},
        category_points={},
        contributions=(),
        gates=gates,
        flagged=flagged,
        tier=counted,
    )


def _contribution(card: Scorecard, each: Characteristic, looking: _Look) -> Contribution:
    fact = looking.fact(each.name)
    for special in each.special:
        if holds(special.when, looking.value):
            return Contribution(each, fact, Basis.SPECIAL, special, special.points)
    found = fact.value is not None and _bin_of(each, fact.value)
    if not found:
        return Contribution(each, fact, Basis.MISSING, None, each.missing)
    points = found.points
    limit = card.points_limit(each.code)
    if limit is not None and fact.source == ENTERPRISE:
        points = min(points, limit)
    return Contribution(each, fact, Basis.BIN, found, points)


def _bin_of(each: Characteristic, value: Value) -> Bin | None:
    if each.kind != CharacteristicKind.NUMBER:
        return next((bin_ for bin_ in each.bins if value in bin_.values), None)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    for bin_ in each.bins:
        above = bin_.low is None or value >= bin_.low
        if above and (bin_.high is None or value < bin_.high):
            return bin_
    return None
