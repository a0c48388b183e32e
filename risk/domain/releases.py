"""Whether the condition under which a signal ends has come about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from factors.domain.catalogue import Item
from risk.domain.daily_rules import end_of_validity
from risk.domain.signal_rules import ItemValue, Known, Rule, is_state, recovers


@dataclass(frozen=True, slots=True)
class OpenSignal:
    """
    What a release condition needs to know of a signal.

    `item` is the code of the item that raised it ("" if none did); `before` the value it
    had; `position` where in the feed the fact stands; `end` the end of validity it names.
    """

    item: str
    before: ItemValue
    position: tuple[int, int]
    raised_on: date
    end: date | None = None


def is_released(
    rule: Rule,
    signal: OpenSignal,
    known: Mapping[str, Known],
    items: Mapping[str, Item],
    on: date,
) -> bool:
    """
    Test whether any of the rule's release conditions is met on a business day.

    Only what was recorded after the fact counts: an older good report does not answer a
    newer bad one. A rule without conditions is never released by itself.
    """
    return any(_is_met(condition, signal, known, items, on) for condition in rule.released)


def _is_met(
    condition: Mapping[str, Any],
    signal: OpenSignal,
    known: Mapping[str, Known],
    items: Mapping[str, Item],
    on: date,
) -> bool:
    if "after_days" in condition:
        return on >= signal.raised_on + timedelta(days=condition["after_days"])
    for code in _codes(condition, signal):
        entry = known.get(code)
        if entry is not None and _ends(condition, signal, entry, items.get(code), on):
            return True
    return False


def _codes(condition: Mapping[str, Any], signal: OpenSignal) -> tuple[str, ...]:
    if condition.get("same_item"):
        return (signal.item,) if signal.item else ()
    # A licence is not restored by a product that passes: some conditions belong to one item.
    if condition.get("raised_by", signal.item) != signal.item:
        return ()
    return tuple(condition["items"])


def _ends(
    condition: Mapping[str, Any],
    signal: OpenSignal,
    entry: Known,
    item: Item | None,
    on: date,
) -> bool:
    if condition.get("ended"):
        end = end_of_validity(entry, item)
        return entry.ended or (end is not None and end < on)
    if entry.position <= signal.position or entry.ended:
        return False
    if condition.get("later_end"):
        end = end_of_validity(entry, item)
        return end is not None and signal.end is not None and end > signal.end
    if condition.get("recovers"):
        return recovers(signal.before, entry.value, item)
    if condition.get("recorded_again"):
        return entry.value is not None
    waited = (on - entry.since).days >= condition.get("for_days", 0)
    return is_state(condition, entry) and waited
