"""The steps that two versions of a list suggest by themselves, for a person to complete."""

from factors.domain.catalogue import Catalogue
from factors.domain.comparison import recoded
from factors.domain.item_types import NOT_APPLICABLE
from factors.domain.items import Item
from factors.domain.migration_checks import keeps_form, needed
from factors.domain.migrations import Drop, MapValues, Pair, Rename, Step, Way


def proposed(base: Catalogue, new: Catalogue, known: tuple[Step, ...] = ()) -> list[Step]:
    """
    Return a step for each item that needs one and has none, as far as the versions tell.

    An item that goes on under another code is renamed, or mapped where its values differ; one
    that is gone is dropped; one of other values is mapped, those that both have to themselves.
    What such a map leaves without a target is for a person to say.
    """
    stepped = {step.item for step in known}
    moved = recoded(base, new)
    return [
        _step(base.items[code], new.items.get(moved.get(code, code)))
        for code in needed(base, new)
        if code not in stepped
    ]


def _step(item: Item, successor: Item | None) -> Step:
    if successor is None:
        return Drop(item.code)
    if item.code != successor.code and not _lacking(item, successor):
        return Rename(item.code, successor.code)
    return MapValues(item.code, successor.code, Way(table=_same(item, successor)))


def _lacking(item: Item, successor: Item) -> bool:
    """Test whether a value of an item is none of its successor's."""
    if item.allows_not_applicable and not successor.allows_not_applicable:
        return True
    return not (keeps_form(item, successor) and set(item.by_code) <= set(successor.by_code))


def _same(item: Item, successor: Item) -> tuple[Pair, ...]:
    codes = [code for code in item.by_code if code in successor.by_code]
    if codes and item.allows_not_applicable and successor.allows_not_applicable:
        codes.append(NOT_APPLICABLE)
    return tuple(Pair(code, code) for code in codes)
