"""
Where a score came from, characteristic by characteristic.

Nothing of this is stored. It is computed again from what the evaluation names (the version of
the card, the enterprise as it was known then, the day) and says whether it came out the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from evaluation.domain import paths, reasons
from evaluation.domain.facts import Fact, Facts
from evaluation.domain.paths import Path
from evaluation.domain.reasons import Reason
from evaluation.domain.scorecards import REGISTER_FIELDS, Gate, Scorecard
from evaluation.domain.scoring import Contribution, Result, evaluate, items_used
from evaluation.models import Evaluation
from evaluation.selectors import evaluations, readings, scorecards
from factors.domain.catalogue import Catalogue
from qfce.kernel.tenancy.actors import Actor
from sharing.selectors import disclosures
from sharing.selectors.disclosures import DisclosedProfile


@dataclass(frozen=True, slots=True)
class SourceValue:
    """
    One item behind a characteristic, as it was disclosed.

    `basis` says on which agreements or which consent the bank might see it.
    """

    code: str
    name_zh: str
    name_en: str
    value: Any
    state: str
    source: str
    valid_to: Any
    flagged: bool
    valid_from: Any = None
    recorded_at: datetime | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What one characteristic gave; `lost` is what the score could gain by it at most."""

    code: str
    category: str
    zh: str
    en: str
    bin_zh: str
    bin_en: str
    basis: str
    state: str
    points: int
    best: int
    lost: int
    why: str
    sources: tuple[SourceValue, ...]


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A category's points before and after its cap."""

    code: str
    name_zh: str
    name_en: str
    before_cap: int
    points: int
    cap: int


@dataclass(frozen=True, slots=True)
class Missing:
    """An item that the card looks at and that does not count, and why."""

    code: str
    name_zh: str
    name_en: str
    state: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    The whole of an evaluation; `reproduced` says that it came out as it is stored.

    `profile` is the enterprise as it was disclosed then.
    """

    evaluation: Evaluation
    reproduced: bool
    categories: tuple[CategoryLine, ...]
    contributions: tuple[Line, ...]
    gates: tuple[Gate, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...]
    path: Path | None
    profile: DisclosedProfile


def explanation(evaluation_id: UUID, *, actor: Actor, at: datetime) -> Explanation:
    """
    Explain one evaluation from what was known when it was made.

    What was withdrawn since has vanished from every view, this one too: then `reproduced` is
    false, and the table shows what may still be shown.

    :raises NoSuchRecord: if the actor's organization has no such evaluation.
    """
    evaluation = evaluations.get(evaluation_id, actor=actor)
    version = evaluation.scorecard_version
    card, catalogue = scorecards.card(version), scorecards.catalogue(version)
    profile = disclosures.profiles_as_known(
        [evaluation.uscc],
        purpose=evaluation.purpose,
        known_at=evaluation.known_at,
        actor=actor,
        at=at,
    )[evaluation.uscc]
    reading = readings.reading_of(profile, items_used(card), catalogue)
    facts = readings.with_own(reading.facts, evaluation.own_facts, catalogue)
    result = evaluate(card, facts, evaluation.as_of)
    return Explanation(
        evaluation=evaluation,
        reproduced=_came_out_the_same(evaluation, card, result),
        categories=_categories(card, result, catalogue),
        contributions=tuple(
            _line(each, card, result, catalogue, profile) for each in result.contributions
        ),
        gates=result.gates,
        reasons=_reasons(card, result, catalogue),
        missing=tuple(_missing(card, facts, catalogue)),
        path=paths.to_next_grade(card, result),
        profile=profile,
    )


def texts(evaluation: Evaluation) -> tuple[Reason, ...]:
    """Return the stored reason codes of an evaluation with their words."""
    version = evaluation.scorecard_version
    card, catalogue = scorecards.card(version), scorecards.catalogue(version)
    return tuple(
        reasons.explain(code, card=card, catalogue=catalogue) for code in evaluation.reasons
    )


def _came_out_the_same(evaluation: Evaluation, card: Scorecard, result: Result) -> bool:
    return (
        (evaluation.score, evaluation.grade, evaluation.cap, evaluation.outcome)
        == (result.score, result.grade, result.cap, result.outcome)
        and evaluation.category_points == dict(result.category_points)
        and [gate["code"] for gate in evaluation.gates] == [gate.code for gate in result.gates]
        and tuple(evaluation.reasons) == reasons.codes(card, result)
    )


def _categories(card: Scorecard, result: Result, catalogue: Catalogue) -> tuple[CategoryLine, ...]:
    named = {category.code: category for category in catalogue.categories}
    return tuple(
        CategoryLine(
            code=category.code,
            name_zh=named[category.code].name_zh if category.code in named else category.code,
            name_en=named[category.code].name_en if category.code in named else category.code,
            before_cap=result.category_points_before_cap[category.code],
            points=result.category_points[category.code],
            cap=category.cap,
        )
        for category in (card.categories if result.contributions else ())
    )


def _line(
    each: Contribution,
    card: Scorecard,
    result: Result,
    catalogue: Catalogue,
    profile: DisclosedProfile,
) -> Line:
    zh, en = reasons.bin_words(each.bin, each.fact.state)
    characteristic = each.characteristic
    return Line(
        code=each.code,
        category=characteristic.category,
        zh=characteristic.zh,
        en=characteristic.en,
        bin_zh=zh,
        bin_en=en,
        basis=each.basis.value,
        state=each.fact.state.value,
        points=each.points,
        best=each.best,
        lost=reasons.gain(card, result, each, each.best),
        why=characteristic.why,
        sources=tuple(_source(code, catalogue, profile) for code in characteristic.sources),
    )


def _source(code: str, catalogue: Catalogue, profile: DisclosedProfile) -> SourceValue:
    if code in REGISTER_FIELDS:
        value = getattr(profile, code, None)
        state = "in_force" if value is not None else "no_data"
        return SourceValue(code, code, code, value, state, "register", None, flagged=False)
    item, found = catalogue.items[code], profile.items.get(code)
    seen = (found.status if found.answer == "ok" else found.answer) if found else None
    return SourceValue(
        code=code,
        name_zh=item.name_zh,
        name_en=item.name_en,
        value=found.value if found else None,
        state=seen or "no_data",
        source=(found.source or "") if found else "",
        valid_to=found.valid_to if found else None,
        flagged=bool(found and found.flags),
        valid_from=found.valid_from if found else None,
        recorded_at=found.recorded_at if found else None,
        basis=(found.basis or "") if found else "",
    )


def _reasons(card: Scorecard, result: Result, catalogue: Catalogue) -> tuple[Reason, ...]:
    lost = {
        reasons.code_of(each): reasons.gain(card, result, each, each.best)
        for each in result.contributions
    }
    return tuple(
        reasons.explain(code, card=card, catalogue=catalogue, lost=lost.get(code))
        for code in reasons.codes(card, result)
    )


def _missing(card: Scorecard, facts: Facts, catalogue: Catalogue) -> Iterator[Missing]:
    for code in sorted(items_used(card)):
        fact: Fact = facts.get(code)
        if fact.value is None:
            item = catalogue.items[code]
            zh, en = reasons.missing_words(fact.state)
            yield Missing(code, item.name_zh, item.name_en, fact.state.value, zh, en)
