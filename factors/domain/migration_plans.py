"""
What a migration does to records: one at a time here, and as a plan that SQL is written from.

The only place for the rules of moving a value. A test holds the set-based form, which
`sharing` writes as SQL, to `moved` below, value for value. Also the way back: what a reader
that is bound to the old version may still be told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.items import Item
from factors.domain.migrations import Migration, Target

TEXTUAL = frozenset({ItemType.NUMBER, ItemType.MONEY})
"""Types whose numbers are stored as text."""


@dataclass(frozen=True, slots=True)
class Move:
    """
    One item's values on their way to one item of the new version.

    `table` is keyed by the text of the old value (`true`, `3`, `VALID`). Where neither table
    nor `bands` are used a value stays as it is, as text where `as_text`.
    """

    source: str
    target: str
    table: Mapping[str, Any]
    bands: tuple[tuple[Decimal | None, Any], ...]
    otherwise: Any
    as_it_is: bool
    as_text: bool
    keeps_not_applicable: bool

    @property
    def in_place(self) -> bool:
        """Whether the code stays and only its values change."""
        return self.source == self.target

    def value(self, old: Any) -> Any:
        """Return the new value for an old one in canonical form; None where there is none."""
        key = text_of(old)
        if key in self.table:
            return self.table[key]
        if old == NOT_APPLICABLE:
            return old if self.keeps_not_applicable else self.otherwise
        if self.as_it_is:
            return key if self.as_text else old
        for below, target in self.bands:
            if below is None or Decimal(key) < below:
                return target
        return self.otherwise


@dataclass(frozen=True, slots=True)
class Plan:
    """The moves of a migration; `sources` are all codes whose old values end with it."""

    from_version: int
    version: int
    moves: tuple[Move, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What becomes of one record: its values, those that moved, those that ended or are lost."""

    values: Mapping[str, Any]
    moved: Mapping[str, Any]
    ended: tuple[str, ...]
    without_target: Mapping[str, Any] = field(default_factory=dict)


def plan(migration: Migration, base: Catalogue, new: Catalogue) -> Plan:
    """
    Return the plan of a migration without faults, from one version to another.

    :raises KeyError: if a step names an item that its version has not (checked before).
    """
    moves = tuple(
        _move(base.items[step.item], new.items[target.to], target)
        for step in migration.steps
        for target in step.targets
    )
    ended = dict.fromkeys(step.item for step in migration.steps)
    return Plan(migration.from_version, new.version, moves, tuple(ended))


def moved(plan: Plan, values: Mapping[str, Any], *, new_already: Iterable[str] = ()) -> Moved:
    """
    Return what a plan makes of one record's values.

    A value that the new item has already stays: it was recorded under the new version.
    `new_already` names codes whose value was, though the old version has the code too.
    """
    kept = set(new_already)
    came: dict[str, Any] = {}
    lost: dict[str, Any] = {}
    for move in plan.moves:
        if move.source not in values or move.source in kept:
            continue
        if move.target in values and not move.in_place:
            continue
        value = move.value(values[move.source])
        if value is None:
            lost[move.source] = values[move.source]
        else:
            came[move.target] = value
    # One part of a split is enough for a value to have gone somewhere.
    for move in plan.moves:
        if move.target in came:
            lost.pop(move.source, None)
    ended = tuple(c for c in plan.sources if c in values and c not in kept and c not in came)
    rest = {code: value for code, value in values.items() if code not in ended}
    return Moved({**rest, **came}, came, ended, lost)


def text_of(value: Any) -> str:
    """Return a JSON scalar as PostgreSQL's `->>` gives it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _move(source: Item, target: Item, stated: Target) -> Move:
    way = stated.way
    table = {text_of(pair.source): pair.target for pair in way.table}
    if source.type.is_coded and target.type.is_coded and way.table:
        table = {code: code for code in source.by_code if code in target.by_code} | table
    return Move(
        source=source.code,
        target=target.code,
        table=table,
        bands=tuple((band.below, band.target) for band in way.bands),
        otherwise=way.otherwise,
        as_it_is=way.is_as_it_is,
        as_text=source.type == ItemType.COUNT and target.type in TEXTUAL,
        keeps_not_applicable=target.allows_not_applicable,
    )


@dataclass(frozen=True, slots=True)
class WayBack:
    """
    One item of the old version, read from the new one.

    `table` gives the old value for the text of a new one; without it a value is the same.
    """

    code: str
    table: Mapping[str, Any] | None = None

    def value(self, new: Any) -> Any:
        """Return the old value, or None where the new one does not tell it."""
        if self.table is None or new == NOT_APPLICABLE:
            return new
        return self.table.get(text_of(new))


def ways_back(plan: Plan) -> dict[str, WayBack | None]:
    """
    Return, for each old item of a plan, where its value can be read now; None if nowhere.

    A table leads back where no two old values share a new one. Thresholds, drops and what
    an `otherwise` swallowed do not.
    """
    back: dict[str, WayBack | None] = dict.fromkeys(plan.sources)
    for move in plan.moves:
        if back[move.source] is None:
            back[move.source] = _way_back(move)
    return back


def _way_back(move: Move) -> WayBack | None:
    if move.bands or move.otherwise is not None or move.as_text:
        return None
    if move.as_it_is:
        return WayBack(move.target)
    targets = [text_of(value) for value in move.table.values()]
    if len(set(targets)) != len(targets):
        return None
    originals = {text_of(new): _typed(old) for old, new in move.table.items()}
    return WayBack(move.target, originals)


def _typed(key: str) -> Any:
    """Return a boolean for its text; other values of a table are read as the text they are."""
    return {"true": True, "false": False}.get(key, key)
