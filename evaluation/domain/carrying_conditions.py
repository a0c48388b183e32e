"""Conditions of a scorecard in the words of a newer version of its factor list."""

from collections.abc import Mapping
from typing import Any

from evaluation.domain.facts import EXPIRED
from factors.domain.migration_plans import text_of
from factors.domain.ways_forward import Blocked, Forward, Way

JOINS = ("all", "any")
NUMERIC = ("at_least", "below")


class Uncarried(Exception):
    """Raised where something looks at an item that goes on as nothing it could look at."""

    def __init__(self, item: str, reason: str) -> None:
        super().__init__(f"{item}: {reason}")
        self.item = item
        self.reason = reason


def followed(code: str, ways: Mapping[str, Way]) -> str:
    """
    Return the code under which an item goes on.

    :raises Uncarried: if it goes on under none.
    """
    way = ways.get(code)
    if isinstance(way, Blocked):
        raise Uncarried(code, way.value)
    return way.code if way else code


def carried_condition(when: Mapping[str, Any], ways: Mapping[str, Way]) -> dict[str, Any]:
    """
    Return a condition with renamed items followed and values in their new words.

    :raises Uncarried: if one of its comparisons has no equal.
    """
    for join in JOINS:
        if join in when:
            return {join: [carried_condition(part, ways) for part in when[join]]}
    if "not" in when:
        return {"not": carried_condition(when["not"], ways)}
    if "item" not in when:
        return dict(when)
    item = when["item"]
    way, new = ways.get(item), {**when, "item": followed(item, ways)}
    if not isinstance(way, Forward) or way.table is None:
        return new
    if any(name in when for name in NUMERIC):
        raise Uncarried(item, "type")
    if "equals" in when:
        new["equals"] = _all(item, way, [when["equals"]])[0]
    if "in" in when:
        new["in"] = _all(item, way, when["in"])
    return new


def _all(item: str, way: Forward, values: list[Any]) -> list[Any]:
    """
    Return new values for old ones, each once.

    :raises Uncarried: if one became nothing, or stands for an old value that was not meant.
    """
    assert way.table is not None  # or nothing has to change
    meant = {text_of(value) for value in values}
    found = [value if value == EXPIRED else way.value(value) for value in values]
    if None in found:
        raise Uncarried(item, "values")
    if any(new in found and old not in meant for old, new in way.table.items()):
        raise Uncarried(item, "merged")
    return list(dict.fromkeys(found))
