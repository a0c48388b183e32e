"""
A scorecard as a value: gates, characteristics, category caps, grades, or tiers of a cap table.

The bank's own model in Siddiqi's terms. A scorecard of *points* adds up points of
characteristics; a *cap table* gives the cap of the highest tier whose condition holds and adds
nothing up. `scorecard_documents` reads either from JSON, `scorecard_checks` refuses what does
not hold together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from evaluation.domain.conditions import Condition, Name, Subject, names

REGISTER_FIELDS = frozenset(
    {"uscc", "name", "region", "industry", "size", "established_on", "registered_capital"}
)


class Pattern(StrEnum):
    POINTS = "points"
    CAP_TABLE = "cap_table"


class GateOutcome(StrEnum):
    DECLINE = "decline"
    REFER = "refer"


class CharacteristicKind(StrEnum):
    ENUM = "enum"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Binding:
    """The one version of one factor list that a scorecard is written for."""

    factor_list: str
    version: int
    register_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GateException:
    """Who may let an enterprise past a gate, and on what evidence."""

    roles: tuple[str, ...]
    reason_required: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Gate:
    code: str
    outcome: GateOutcome
    when: Condition
    zh: str
    en: str
    exception: GateException | None
    why: str


@dataclass(frozen=True, slots=True)
class Category:
    """A category's points stop at `cap`, so that no strength makes up for everything."""

    code: str
    cap: int
    possible_before_cap: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Bin:
    """
    One attribute of a characteristic: some values, or low <= value < high.

    Numbers are exact; `high` None has no upper end.
    """

    points: int
    zh: str
    en: str
    values: tuple[str | bool, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SpecialBin:
    """A bin that goes before the ordinary ones where its condition holds."""

    code: str
    when: Condition
    points: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Characteristic:
    code: str
    category: str
    sources: tuple[str, ...]
    derived: str | None
    kind: CharacteristicKind
    zh: str
    en: str
    bins: tuple[Bin, ...]
    special: tuple[SpecialBin, ...]
    missing: int
    why: str

    @property
    def name(self) -> Name:
        """What the ordinary bins look at; further sources serve the special ones."""
        if self.derived:
            return Name(Subject.DERIVED, self.derived)
        return Name(Subject.ITEM, self.sources[0])

    @property
    def best(self) -> int:
        """The most points that any bin gives."""
        ordinary = [bin_.points for bin_ in self.bins]
        return max([*ordinary, *(special.points for special in self.special), self.missing])


@dataclass(frozen=True, slots=True)
class SelfDeclaredLimit:
    """What an enterprise says of itself earns at most `points` in these characteristics."""

    characteristics: tuple[str, ...]
    points: int
    rule: str


@dataclass(frozen=True, slots=True)
class Grade:
    """Scores from `low` to `high`, both included; the cap in yuan, the spread in basis points."""

    grade: str
    low: int
    high: int
    zh: str
    en: str
    cap: Decimal
    spread_bp: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a cap table; tier 1 is the highest."""

    tier: int
    cap: Decimal
    when: Condition

    @property
    def grade(self) -> str:
        return f"T{self.tier}"


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One version of one model; tuples keep the order of the document."""

    code: str
    version: int
    name_zh: str
    name_en: str
    notice_zh: str
    notice_en: str
    binds: Binding
    gates: tuple[Gate, ...]
    categories: tuple[Category, ...]
    characteristics: tuple[Characteristic, ...]
    grades: tuple[Grade, ...]
    self_declared: SelfDeclaredLimit | None
    tiers: tuple[Tier, ...]

    @property
    def pattern(self) -> Pattern:
        return Pattern.CAP_TABLE if self.tiers else Pattern.POINTS

    @property
    def declining(self) -> tuple[Gate, ...]:
        return tuple(gate for gate in self.gates if gate.outcome == GateOutcome.DECLINE)

    def in_category(self, category: str) -> tuple[Characteristic, ...]:
        return tuple(each for each in self.characteristics if each.category == category)

    def characteristic(self, code: str) -> Characteristic:
        return next(each for each in self.characteristics if each.code == code)

    def gate(self, code: str) -> Gate:
        return next(gate for gate in self.gates if gate.code == code)

    def grade_of(self, score: int) -> Grade:
        return next(grade for grade in self.grades if grade.low <= score <= grade.high)

    def points_limit(self, characteristic: str) -> int | None:
        """The limit for what an enterprise says of itself, where this characteristic has one."""
        limit = self.self_declared
        return limit.points if limit and characteristic in limit.characteristics else None

    def conditions(self) -> Mapping[str, Condition]:
        """Return every condition by its place in the document (a JSON pointer)."""
        found: dict[str, Condition] = {}
        for place, gate in enumerate(self.gates):
            found[f"/gates/{place}/when"] = gate.when
        for place, each in enumerate(self.characteristics):
            for number, special in enumerate(each.special):
                found[f"/characteristics/{place}/special/{number}/when"] = special.when
        for place, tier in enumerate(self.tiers):
            found[f"/tiers/{place}/any"] = tier.when
        return found

    def looked_at(self) -> frozenset[Name]:
        """Return everything that gates, bins and tiers look at."""
        stated = {name for when in self.conditions().values() for name in names(when)}
        return frozenset(stated | {each.name for each in self.characteristics})
