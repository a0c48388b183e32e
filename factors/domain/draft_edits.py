"""
Edits of a draft: small, named places with what stood there and what stands there now.

The only place that says which edits get in each other's way. Two people who change different
members of the list both get what they meant; of two who change the same one, the later is
shown what happened in between. An edit knows both sides, so that it can be undone.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

ITEMS, RULES, LIST = "items", "rules", "list"
RULE_KINDS = (RULES, "report_rules")
PLACE = "@place"
ORDER = ("order", "items")
OF_LIST = ("name_zh", "name_en", "region", "categories", "effective_from", "migration")

Place = tuple[str, ...]
"""Where: ("items", code), ("items", code, field), ("rules", code), ("list", name), `ORDER`."""


@dataclass(frozen=True, slots=True)
class Edit:
    """
    One place, what it held (`before`) and what it holds (`after`); None: nothing there.

    `beside` is the code of the item behind which one that is added goes; empty: the first place.
    """

    at: Place
    before: Any
    after: Any
    beside: str = ""

    def inverse(self) -> "Edit":
        return Edit(self.at, self.after, self.before, self.beside)

    def to_json(self) -> dict[str, Any]:
        return {
            "at": list(self.at),
            "before": self.before,
            "after": self.after,
            "beside": self.beside,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "Edit":
        return cls(tuple(entry["at"]), entry["before"], entry["after"], entry["beside"])


@dataclass(frozen=True, slots=True)
class Collision:
    """A place that somebody else changed in between: what it was, what it is, what you meant."""

    at: Place
    base: Any
    theirs: Any
    yours: Any


class PlaceGone(KeyError):
    """Raised where an edit is of an item that the document does not have."""


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Edit]:
    """Return the edits that make `after` of `before`: the list's members, items, rules."""
    found = [
        Edit((LIST, name), before.get(name), after.get(name))
        for name in OF_LIST
        if before.get(name) != after.get(name)
    ]
    found += _of_items(_by_code(before[ITEMS]), _by_code(after[ITEMS]))
    if (stood := value_at(before, ORDER)) != (stands := value_at(after, ORDER)):
        found.append(Edit(ORDER, stood, stands))
    for kind in RULE_KINDS:
        old, new = _by_code(before[kind]), _by_code(after[kind])
        found += [
            Edit((kind, code), old.get(code), new.get(code))
            for code in dict.fromkeys((*old, *new))
            if old.get(code) != new.get(code)
        ]
    return found


def applied(document: Mapping[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """
    Return the document with edits done to it, in their order, that of the items last.

    :raises PlaceGone: if one is of an item that is not there.
    """
    done = deepcopy(dict(document))
    orders = []
    for edit in edits:
        if edit.at == ORDER:
            orders.append(edit)
        else:
            _apply(done, edit)
    for edit in orders:
        done[ITEMS] = _ordered(_by_code(done[ITEMS]), edit.after)
    return done


def value_at(document: Mapping[str, Any], at: Place) -> Any:
    """Return what stands at a place, None if nothing does."""
    if at == ORDER:
        return [entry["code"] for entry in document[ITEMS]]
    if at[0] == LIST:
        return document.get(at[1])
    entries = _by_code(document[at[0]])
    entry = entries.get(at[1])
    if len(at) == 2 or entry is None:
        return entry
    if at[2] == PLACE:
        codes = list(entries)
        place = codes.index(at[1])
        return codes[place - 1] if place else ""
    return entry.get(at[2])


def collisions(
    document: Mapping[str, Any], wanted: Iterable[Edit], since: Sequence[Edit]
) -> list[Collision]:
    """
    Return where edits meet what was done since the draft was looked at.

    Somebody who meant the same as the other does not collide. Moving an item collides with
    nothing: the last one who moves it has it where they want it.

    :param document: as it is now.
    :param since: what was done to it since, in its order.
    """
    found = []
    for edit in wanted:
        earlier = next((done for done in since if _meet(done.at, edit.at)), None)
        theirs = value_at(document, edit.at)
        if earlier is not None and theirs != edit.after:
            found.append(Collision(edit.at, _base(earlier, edit.at), theirs, edit.after))
    return found


def undoing(document: Mapping[str, Any], edits: Sequence[Edit]) -> list[Edit]:
    """Return the edits that take some back, the last first."""
    return [edit.inverse() for edit in reversed(edits)]


def in_the_way(document: Mapping[str, Any], edits: Sequence[Edit]) -> list[Collision]:
    """Return the places that changed again since: undoing these edits would lose that."""
    latest = {edit.at: edit for edit in edits}
    return [
        Collision(at, edit.before, value_at(document, at), edit.before)
        for at, edit in latest.items()
        if at != ORDER and value_at(document, at) != edit.after
    ]


def _by_code(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {entry["code"]: entry for entry in entries}


def _of_items(old: dict[str, Any], new: dict[str, Any]) -> list[Edit]:
    found = [Edit((ITEMS, code), item, None) for code, item in old.items() if code not in new]
    for code, item in new.items():
        if code not in old:
            found.append(Edit((ITEMS, code), None, item))
            continue
        names = dict.fromkeys((*old[code], *item))
        found += [
            Edit((ITEMS, code, name), old[code].get(name), item.get(name))
            for name in names
            if old[code].get(name) != item.get(name)
        ]
    return found


def _ordered(entries: Mapping[str, Any], codes: Sequence[str]) -> list[Any]:
    """Put entries in an order; one that it does not name stays behind the one before it."""
    order = [code for code in codes if code in entries]
    before = ""
    for code in entries:
        if code not in codes:
            order.insert(order.index(before) + 1 if before else 0, code)
        before = code
    return [entries[code] for code in order]


def _apply(document: dict[str, Any], edit: Edit) -> None:
    kind, name = edit.at[0], edit.at[1]
    if kind == LIST:
        document[name] = deepcopy(edit.after)
        if edit.after is None and name != "effective_from":
            del document[name]  # a member that documents may lack
        return
    entries = _by_code(document[kind])
    if len(edit.at) == 3:
        if name not in entries:
            raise PlaceGone(name)
        if edit.at[2] == PLACE:
            moved = entries.pop(name)
            document[kind] = _put(entries, name, moved, edit.after)
        else:
            entries[name][edit.at[2]] = deepcopy(edit.after)
    elif edit.after is None:
        entries.pop(name, None)
        document[kind] = list(entries.values())
    elif name in entries:
        entries[name] = deepcopy(edit.after)
        document[kind] = list(entries.values())
    elif kind == ITEMS:
        document[kind] = _put(entries, name, deepcopy(edit.after), edit.beside)
    else:
        document[kind] = [*entries.values(), deepcopy(edit.after)]


def _put(entries: Mapping[str, Any], code: str, entry: Any, beside: str) -> list[Any]:
    """Put an entry behind another: last if that one is gone, first if none is named."""
    codes = [known for known in entries if known != code]
    place = codes.index(beside) + 1 if beside in codes else len(codes) if beside else 0
    codes.insert(place, code)
    return [entry if known == code else entries[known] for known in codes]


def _meet(one: Place, other: Place) -> bool:
    if PLACE in one or PLACE in other:
        return len(one) == 2 and one == other[:2]  # an item that is gone cannot be moved
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _base(earlier: Edit, at: Place) -> Any:
    """Return what stood at a place before an earlier edit of it, or of what it is part of."""
    if len(earlier.at) == len(at):
        return earlier.before
    if len(earlier.at) < len(at):
        return None if earlier.before is None else earlier.before.get(at[-1])
    return None
