"""Where what was said of an item of an older version is said in a newer one, and what is not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.items import Item
from factors.domain.migration_plans import Move, plan, text_of


class Blocked(StrEnum):
    """Why nothing that was said of an item can be said of another."""

    DROPPED = "dropped"  # it is collected no longer
    SPLIT = "split"  # several items hold parts of it
    THRESHOLDS = "thresholds"  # bands took the place of numbers


@dataclass(frozen=True, slots=True)
class Forward:
    """
    The item that an older one goes on as; `table` gives the new value for the text of an old
    one, None where values stay as they are. A value that the table lacks became nothing.
    """

    code: str
    table: Mapping[str, Any] | None = None

    def value(self, old: Any) -> Any:
        return old if self.table is None else self.table.get(text_of(old))


Way = Forward | Blocked


def forward(base: Catalogue, new: Catalogue) -> dict[str, Way]:
    """
    Return the ways of the items that one version's migration, or its items, change.

    Items that are not named go on as they are. Without a migration an item that is gone is
    dropped: nothing said that it goes on.
    """
    found: dict[str, Way] = {code: Blocked.DROPPED for code in base.items if code not in new.items}
    if new.migration is None:
        return found
    made = plan(new.migration, base, new)
    for code in made.sources:
        moves = [move for move in made.moves if move.source == code]
        found[code] = _way(base.items[code], moves)
    return found


def joined(steps: Iterable[Mapping[str, Way]]) -> dict[str, Way]:
    """Return the ways through several versions, one after the other."""
    found: dict[str, Way] = {}
    for step in steps:
        came = {way.code for way in found.values() if isinstance(way, Forward)}
        for old, way in found.items():
            if isinstance(way, Forward) and way.code in step:
                found[old] = _joined(way, step[way.code])
        found |= {old: way for old, way in step.items() if old not in found and old not in came}
    return found


def _way(source: Item, moves: list[Move]) -> Way:
    if not moves:
        return Blocked.DROPPED
    if len(moves) > 1:
        return Blocked.SPLIT
    move = moves[0]
    if move.as_it_is:
        return Forward(move.target)
    if move.bands:
        return Blocked.THRESHOLDS
    known = {text_of(value): move.value(value) for value in _values(source)}
    return Forward(move.target, {old: new for old, new in known.items() if new is not None})


def _values(item: Item) -> list[Any]:
    found: list[Any] = [True, False] if item.type == ItemType.BOOLEAN else list(item.by_code)
    return [*found, NOT_APPLICABLE] if item.allows_not_applicable else found


def _joined(first: Forward, second: Way) -> Way:
    if isinstance(second, Blocked):
        return second
    if first.table is None or second.table is None:
        return Forward(second.code, second.table if first.table is None else first.table)
    through = {old: second.value(middle) for old, middle in first.table.items()}
    return Forward(second.code, {old: new for old, new in through.items() if new is not None})
