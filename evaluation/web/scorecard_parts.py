"""A version of a scorecard, part by part, as a page shows it."""

from dataclasses import dataclass
from typing import Any

from evaluation.domain import vectors
from evaluation.domain.scorecards import Category, Characteristic, Scorecard
from evaluation.models import ScorecardVersion
from evaluation.selectors import scorecards
from evaluation.web import explained, values, words
from factors.domain.catalogue import Catalogue
from qfce.kernel.web import formats


@dataclass(frozen=True, slots=True)
class ShownBin:
    """One attribute: its words, what falls into it, its points."""

    name: str
    holds: str
    points: int
    kind: str  # special, bin or missing


@dataclass(frozen=True, slots=True)
class ShownCharacteristic:
    code: str
    name: str
    sources: str
    best: int
    bins: tuple[ShownBin, ...]
    why: str


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A category with its cap and its characteristics."""

    name: str
    cap: int
    possible: int
    why: str
    characteristics: tuple[ShownCharacteristic, ...]


@dataclass(frozen=True, slots=True)
class ShownVector:
    """An example that the card carries, and whether the card gives what it says."""

    name: str
    note: str
    as_of: str
    score: str
    grade: str
    agrees: bool


def parts(version: ScorecardVersion) -> dict[str, Any]:
    """Return the parts of a version for its page."""
    card, catalogue = scorecards.card(version), scorecards.catalogue(version)
    return {
        "card": card,
        "notice": words.both(card, "notice_zh", "notice_en"),
        "categories": [_category(category, card, catalogue) for category in card.categories],
        "grades": [
            (grade, words.both(grade), words.readable(grade.why))
            for grade in sorted(card.grades, key=lambda grade: -grade.low)
        ],
        "tiers": [
            (tier.grade, tier.cap, values.condition_text(tier.when, catalogue))
            for tier in card.tiers
        ],
        "gates": explained.gates(card, catalogue),
        "vectors": _vectors(version, card, catalogue),
    }


def _category(category: Category, card: Scorecard, catalogue: Catalogue) -> ShownPart:
    named = {known.code: known for known in catalogue.categories}
    found = card.in_category(category.code)
    return ShownPart(
        name=formats.local(named[category.code]) if category.code in named else category.code,
        cap=category.cap,
        possible=sum(each.best for each in found),
        why=words.readable(category.why),
        characteristics=tuple(_characteristic(each, catalogue) for each in found),
    )


def _characteristic(each: Characteristic, catalogue: Catalogue) -> ShownCharacteristic:
    special = [
        ShownBin(words.both(s), values.condition_text(s.when, catalogue), s.points, "special")
        for s in each.special
    ]
    ordinary = [
        ShownBin(words.both(b), values.bin_range(each, b, catalogue), b.points, "bin")
        for b in each.bins
    ]
    return ShownCharacteristic(
        code=each.code,
        name=words.both(each),
        sources=formats.listed(
            f"{values.item_name(code, catalogue)} {code if code in catalogue.items else ''}".strip()
            for code in each.sources
        ),
        best=each.best,
        bins=(*special, *ordinary, ShownBin("", "", each.missing, "missing")),
        why=words.readable(each.why),
    )


def _vectors(version: ScorecardVersion, card: Scorecard, catalogue: Catalogue) -> list[ShownVector]:
    listed = version.document.get("vectors", [])
    wrong = {
        fault.pointer.split("/")[2]
        for fault in vectors.check(card, version.document, catalogue)
        if fault.pointer.count("/") > 1
    }
    return [
        ShownVector(
            name=str(vector.get("name", place)),
            note=words.readable(str(vector.get("note", ""))),
            as_of=_day(vector.get("as_of")),
            score=str(vector.get("expected", {}).get("score", formats.NOTHING)),
            grade=words.grade(vector.get("expected", {}).get("grade")),
            agrees=str(place) not in wrong,
        )
        for place, vector in enumerate(listed)
        if isinstance(vector, dict)
    ]


def _day(value: Any) -> str:
    try:
        return formats.day(value)
    except (TypeError, ValueError):
        return str(value)
