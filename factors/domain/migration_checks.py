"""
What is wrong with a migration, each fault with a pointer to the step that has it.

The checks look at the two versions alone. What real records hold is for the preview.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.items import Item
from factors.domain.list_versions import Problem
from factors.domain.migration_plans import TEXTUAL, text_of
from factors.domain.migrations import Migration, Step, Target, Way
from factors.domain.values import fault_of

AT = "/migration"


def problems(migration: Migration, base: Catalogue, new: Catalogue) -> list[Problem]:
    """
    Return everything that keeps a migration from leading from one version to the next.

    :param base: the version that `from_version` names.
    :param new: the version that carries the migration.
    """
    if migration.from_version != base.version:
        return [
            Problem(
                "from_version",
                f"{AT}/from_version",
                {"before": base.version, "given": migration.from_version},
            )
        ]
    found = [*_twice(migration), *_cycles(migration)]
    for place, step in enumerate(migration.steps):
        found += _step_problems(step, f"{AT}/steps/{place}", base, new)
    return [*found, *_uncovered(migration, base, new)]


def needed(base: Catalogue, new: Catalogue) -> list[str]:
    """
    Return the items whose stored values need a step: gone, retyped, or short of a value.

    Where no record holds such a value a version needs no migration; `unsaid` tells.
    """
    return [
        code
        for code, item in base.items.items()
        if code not in new.items or not _stays(item, new.items[code])
    ]


def _stays(item: Item, target: Item) -> bool:
    """Test whether every value of an item is one of its successor's too."""
    if item.allows_not_applicable and not target.allows_not_applicable:
        return False
    return keeps_form(item, target) and set(item.by_code) <= set(target.by_code)


def keeps_form(item: Item, target: Item) -> bool:
    """Test whether values are written in the same way under both, codes among codes."""
    if item.type.is_coded and target.type.is_coded:
        return True
    return item.type == target.type or {item.type, target.type} <= TEXTUAL


def _twice(migration: Migration) -> Iterator[Problem]:
    """No two steps say something about one item, and no two bring values to one item."""
    steps = Counter(step.item for step in migration.steps)
    targets = Counter(target.to for step in migration.steps for target in step.targets)
    for place, step in enumerate(migration.steps):
        at = f"{AT}/steps/{place}"
        if steps[step.item] > 1:
            yield Problem("two_steps", f"{at}/item", {"item": step.item, "times": steps[step.item]})
        for target in step.targets:
            if targets[target.to] > 1:
                yield Problem("two_sources", at, {"item": target.to, "times": targets[target.to]})


def _cycles(migration: Migration) -> Iterator[Problem]:
    """Items that take each other's codes would have two meanings under one code for good."""
    leads = {
        step.item: [target.to for target in step.targets if target.to != step.item]
        for step in migration.steps
    }
    for place, step in enumerate(migration.steps):
        seen: set[str] = set()
        reached = list(leads[step.item])
        while reached:
            code = reached.pop()
            if code not in seen:
                seen.add(code)
                reached += leads.get(code, [])
        if step.item in seen:
            yield Problem("cycle", f"{AT}/steps/{place}", {"item": step.item})


def _step_problems(step: Step, at: str, base: Catalogue, new: Catalogue) -> Iterator[Problem]:
    source = base.items.get(step.item)
    if source is None:
        yield Problem("no_such_item", f"{at}/item", {"version": base.version, "item": step.item})
        return
    to = {target.to for target in step.targets}
    if step.item in new.items and step.item not in to:
        yield Problem(
            "still_there",
            f"{at}/item",
            {"item": step.item},
        )
    if step.kind == "split" and len(to) < 2:
        yield Problem("split", f"{at}/into", {"item": step.item})
    if step.kind == "rename" and step.item in to:
        yield Problem("same_code", f"{at}/to", {"item": step.item})
    for place, target in enumerate(step.targets):
        where = f"{at}/into/{place}" if step.kind == "split" else at
        yield from _target_problems(source, target, where, base, new)
    yield from _without_target(source, step, at, new)


def _without_target(source: Item, step: Step, at: str, new: Catalogue) -> Iterator[Problem]:
    """A value has to go somewhere; with a split, to one of the parts."""
    ways = [
        (new.items[target.to], target.way)
        for target in step.targets
        if target.to in new.items
        and not (target.way.is_as_it_is and not _same_form(source, new.items[target.to]))
    ]
    if not ways:
        return
    left = [_left_over(source, item, way) for item, way in ways]
    for value in left[0]:
        if all(value in others for others in left):
            banded = step.kind == "map" and ways[0][1].bands
            part = "thresholds" if banded else "into" if step.kind == "split" else "table"
            yield Problem(
                "no_target", f"{at}/{part}", {"item": source.code, "value": text_of(value)}
            )


def _target_problems(
    source: Item, target: Target, at: str, base: Catalogue, new: Catalogue
) -> Iterator[Problem]:
    item = new.items.get(target.to)
    if item is None:
        yield Problem("no_such_item", f"{at}/to", {"version": new.version, "item": target.to})
        return
    if target.to in base.items and target.to != source.code:
        yield Problem(
            "target_taken",
            f"{at}/to",
            {"item": target.to, "version": base.version},
        )
    if target.way.is_as_it_is and not _same_form(source, item):
        yield Problem(
            "type_mismatch",
            f"{at}/to",
            {"one": source.code, "was": source.type, "other": item.code, "type": item.type},
        )
        return
    yield from _way_problems(source, item, target.way, at)


def _same_form(source: Item, item: Item) -> bool:
    if source.type.is_coded and item.type.is_coded:
        return True
    if source.type == ItemType.COUNT and item.type in TEXTUAL:
        return True
    return source.type == item.type or {source.type, item.type} <= TEXTUAL


def _way_problems(source: Item, item: Item, way: Way, at: str) -> Iterator[Problem]:
    """What a table or thresholds say has to be values of the two items."""
    if way.table and way.bands:
        yield Problem("two_ways", at, {"item": source.code})
    keys = Counter(text_of(pair.source) for pair in way.table)
    for place, pair in enumerate(way.table):
        where = f"{at}/table/{place}"
        if keys[text_of(pair.source)] > 1:
            yield Problem("two_targets", where, {"value": text_of(pair.source)})
        if fault_of(source, pair.source):
            yield Problem(
                "not_a_value", f"{where}/from", {"item": source.code, "value": pair.source}
            )
        yield from _fits(item, pair.target, f"{where}/to")
    for place, band in enumerate(way.bands):
        yield from _fits(item, band.target, f"{at}/thresholds/{place}/to")
    if way.otherwise is not None:
        yield from _fits(item, way.otherwise, f"{at}/otherwise")
    yield from _band_problems(source, way, f"{at}/thresholds")


def _fits(item: Item, value: Any, at: str) -> Iterator[Problem]:
    if fault_of(item, value):
        yield Problem("not_a_value", at, {"item": item.code, "value": value})


def _band_problems(source: Item, way: Way, at: str) -> Iterator[Problem]:
    if way.bands and not source.type.is_numeric:
        yield Problem("not_numeric", at, {"item": source.code, "type": source.type})
    limits = [band.below for band in way.bands]
    closed: list[Decimal] = [limit for limit in limits if limit is not None]
    if None in limits[:-1] or closed != sorted(set(closed)):
        yield Problem("thresholds", at)


def _left_over(source: Item, item: Item, way: Way) -> list[Any]:
    """Return the values of an item that a way, otherwise without fault, takes nowhere."""
    if way.otherwise is not None:
        return []
    named = {text_of(pair.source) for pair in way.table}
    left: list[Any] = []
    if source.type.is_coded:
        stays = set(item.by_code) if item.type.is_coded else set()
        left += [code for code in source.by_code if code not in named | stays]
    elif source.type == ItemType.BOOLEAN and way.table:
        left += [value for value in (True, False) if text_of(value) not in named]
    elif source.type.is_numeric and way.bands and way.bands[-1].below is not None:
        left.append(f"≥ {way.bands[-1].below}")
    elif way.table and not way.bands:
        left.append("…")
    takes = item.allows_not_applicable or NOT_APPLICABLE in named
    if source.allows_not_applicable and not takes:
        left.append(NOT_APPLICABLE)
    return left


def unsaid(base: Catalogue, new: Catalogue, stored: Mapping[str, int]) -> list[Problem]:
    """
    Return the items of which records hold values that a version without steps leaves behind.

    :param stored: by item, how many records hold such a value.
    """
    return [
        Problem("unsaid", f"{AT}/steps", {**_why(code, new), "count": stored[code]})
        for code in needed(base, new)
        if stored.get(code)
    ]


def _why(code: str, new: Catalogue) -> dict[str, object]:
    zh, en = ("已没有", "is gone") if code not in new.items else ("改了取值", "differs")
    return {"item": code, "why_zh": zh, "why_en": en}


def _uncovered(migration: Migration, base: Catalogue, new: Catalogue) -> Iterator[Problem]:
    """Every item that cannot stay as it is needs a step."""
    stepped = {step.item for step in migration.steps}
    for code in needed(base, new):
        if code not in stepped:
            yield Problem("no_step", f"{AT}/steps", _why(code, new))
