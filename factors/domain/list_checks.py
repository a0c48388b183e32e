"""
What keeps a list from working: every fault, at the field, with what to do about it.

The only place for the checks that a list has to pass before others are asked to sign it.
First the form of the document is checked, member by member; whatever has a form is then
checked for what it says. A thing with one fault is not reported again for what follows from
it: an item that cannot be read is known to the rules, and no rule is doubted because of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from factors.domain import conditions
from factors.domain.catalogue import Catalogue, CrossRule, Item, brought_up
from factors.domain.document_form import ITEM, LIST, RULE, Members, form_problems
from factors.domain.item_checks import item_problems
from factors.domain.item_types import CATEGORIES, NOT_APPLICABLE, Extension
from factors.domain.migrations import Migration
from factors.domain.problem_texts import Problem
from factors.domain.satisfiability import can_hold
from factors.domain.simplified import simplified

SECTIONS: Mapping[str, Members] = {"items": ITEM, "rules": RULE, "report_rules": RULE}


@dataclass(frozen=True, slots=True)
class _Sound:
    """The parts of a document that have their form, each with its place in the document."""

    catalogue: Catalogue
    items: list[tuple[int, Item]]
    rules: list[tuple[str, CrossRule]]
    known: frozenset[str]

    def knows(self, code: str) -> bool:
        return code in self.known


def problems(document: Mapping[str, Any]) -> list[Problem]:
    """Return everything that keeps a document from being a list that works; best, nothing."""
    if not isinstance(document, Mapping) or not isinstance(document.get("items"), list):
        return [Problem("malformed", "", {"reason": "it has no “items”"})]
    found = list(_form_problems(document))
    found += _migration_problems(document)
    if any(fault.pointer.count("/") == 1 for fault in found):
        return found  # the head or a whole section: there is nothing to go on with
    document = {name: part for name, part in document.items() if name != "migration"}
    sound = _sound(document, {_place(fault) for fault in found})
    for place, item in sound.items:
        found += item_problems(item, f"/items/{place}")
    found += _list_problems(document, sound)
    faulty = {document["items"][int(at)]["code"] for at in _items_at(found)}
    for at, rule in sound.rules:
        found += _rule_problems(rule, at, sound, faulty)
    for place, item in sound.items:
        found += _gate_problems(item, f"/items/{place}/suggested_gate/when", sound, faulty)
    return found


def _form_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    apart = {*SECTIONS, "migration"}  # which migration_checks looks at
    head = {name: member for name, member in LIST.items() if name not in apart}
    rest = {name: value for name, value in document.items() if name not in apart}
    yield from form_problems(rest, head)
    for section, members in SECTIONS.items():
        entries = document.get(section)
        if not isinstance(entries, list):
            yield Problem("member_missing", f"/{section}", {"member": section})
            continue
        for place, entry in enumerate(entries):
            given = brought_up(entry) if section == "items" and _has_code(entry) else entry
            yield from form_problems(given, members, f"/{section}/{place}")


def _migration_problems(document: Mapping[str, Any]) -> list[Problem]:
    """Whether its steps fit is asked where the version before is known."""
    try:
        if document.get("migration"):
            Migration.from_document(document["migration"])
    except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as fault:
        return [Problem("malformed", "/migration", {"reason": repr(fault)})]
    return []


def _has_code(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("code"), str)


def _place(fault: Problem) -> str:
    """Return the pointer of the item or rule that a fault lies in: /items/3."""
    return "/".join(fault.pointer.split("/")[:3])


def _sound(document: Mapping[str, Any], faulty: set[str]) -> _Sound:
    """Return what has its form; categories are those that the document gives."""
    kept: dict[str, list[tuple[int, Any]]] = {
        section: [
            (place, entry)
            for place, entry in enumerate(document[section])
            if f"/{section}/{place}" not in faulty
        ]
        for section in SECTIONS
    }
    known = frozenset(entry["code"] for entry in document["items"] if _has_code(entry))
    parts = {section: [entry for _, entry in entries] for section, entries in kept.items()}
    catalogue = Catalogue.from_document({**document, **parts})
    each = [Catalogue.from_document({**document, **parts, "items": [e]}) for e in parts["items"]]
    rules = [*catalogue.rules, *catalogue.report_rules]
    places = [f"/{name}/{at}" for name in ("rules", "report_rules") for at, _ in kept[name]]
    return _Sound(
        catalogue=catalogue,
        items=[
            (place, next(iter(one.items.values())))
            for (place, _), one in zip(kept["items"], each, strict=True)
        ],
        rules=list(zip(places, rules, strict=True)),
        known=known,
    )


def _items_at(found: list[Problem]) -> set[str]:
    return {fault.pointer.split("/")[2] for fault in found if fault.pointer.startswith("/items/")}


def _list_problems(document: Mapping[str, Any], sound: _Sound) -> Iterator[Problem]:
    """Check what items and rules are to one another: codes, names, categories, mappings."""
    if tuple(entry["code"] for entry in document["categories"]) != CATEGORIES:
        yield Problem("categories", "/categories", {"allowed": ", ".join(CATEGORIES)})
    if not document["items"]:
        yield Problem("no_items", "/items")
    for section in SECTIONS:
        yield from _duplicate_codes(document[section], f"/{section}")
    yield from _ambiguous_names(sound)
    yield from _mapping_problems(sound)
    for place, item in sound.items:
        if item.category not in CATEGORIES:
            facts = {"category": item.category}
            yield Problem("unknown_category", f"/items/{place}/category", facts)


def _duplicate_codes(entries: list[Any], at: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, entry in enumerate(entries):
        code = entry.get("code") if isinstance(entry, Mapping) else None
        if not isinstance(code, str):
            continue
        if not code.strip():
            yield Problem("code_missing", f"{at}/{place}/code")
            continue
        seen[code] = seen.get(code, 0) + 1
        if seen[code] > 1:
            facts = {"code": code, "times": seen[code]}
            yield Problem("duplicate_code", f"{at}/{place}/code", facts)


def _ambiguous_names(sound: _Sound) -> Iterator[Problem]:
    """Two items may not answer to one column header, under a present or a former name."""
    owners: dict[str, str] = {}
    for place, item in sound.items:
        former = [(f"former_names/{at}", name) for at, name in enumerate(item.former_names)]
        names = [("code", item.code), ("name_zh", item.name_zh), ("name_en", item.name_en)]
        for member, name in [*names, *former]:
            owner = owners.setdefault(simplified(name), item.code)
            if name.strip() and owner != item.code:
                facts = {"name": name, "one": owner, "other": item.code}
                yield Problem("ambiguous_name", f"/items/{place}/{member}", facts)


def _mapping_problems(sound: _Sound) -> Iterator[Problem]:
    """The way from an item to the core ends at an item that names itself, or outside."""
    mapped = {item.code: item.core_item for _, item in sound.items}
    for place, item in sound.items:
        at = f"/items/{place}/core_item"
        if item.core_item == item.code:
            if item.extension != Extension.CORE:
                yield Problem("core_own", at, {"code": item.code})
            continue
        way = [item.code]
        while (onward := mapped.get(way[-1], "")) and onward != way[-1] and onward not in way:
            way.append(onward)
        if onward == item.code and item.code == min(way):
            cycle = " → ".join([*way, item.code])
            yield Problem("core_cycle", at, {"code": item.code, "cycle": cycle})


def _rule_problems(rule: CrossRule, at: str, sound: _Sound, faulty: set[str]) -> Iterator[Problem]:
    for member in ("message_zh", "message_en"):
        if not getattr(rule, member).strip():
            facts = {"code": rule.code, "member": member}
            yield Problem("text_missing", f"{at}/{member}", facts)
    for item in rule.for_each or ("",):
        bound = conditions.bound_to(rule.when, item) if item else rule.when
        yield from _condition_problems(bound, f"{at}/when", rule.code, sound, faulty)
        yields = rule.yields.replace("{item}", item).split(" ")[0]
        if not sound.knows(yields):
            yield Problem("unknown_item", f"{at}/yields", {"code": rule.code, "item": yields})


def _gate_problems(item: Item, at: str, sound: _Sound, faulty: set[str]) -> Iterator[Problem]:
    if item.suggested_gate:
        when = item.suggested_gate.when
        yield from _condition_problems(when, at, item.code, sound, faulty)


def _condition_problems(
    condition: Mapping[str, Any], at: str, name: str, sound: _Sound, faulty: set[str]
) -> Iterator[Problem]:
    if not conditions.is_well_formed(condition):
        yield Problem("condition", at, {"code": name})
        return
    found = [
        *_unknown_names(condition, at, name, sound),
        *_unknown_values(condition, at, name, sound, faulty),
    ]
    yield from found
    doubtful = faulty & set(conditions.items_named(condition))
    if not found and not doubtful and not can_hold(condition, sound.catalogue):
        yield Problem("never_holds", at, {"code": name})


def _unknown_names(
    condition: Mapping[str, Any], at: str, name: str, sound: _Sound
) -> Iterator[Problem]:
    for item in conditions.items_named(condition):
        if not sound.knows(item) and item not in conditions.IDENTITY_FIELDS:
            yield Problem("unknown_item", at, {"code": name, "item": item})
    for leaf in conditions.leaves(condition):
        derived = leaf.get("derived", leaf.get("above_derived"))
        if derived is not None and derived not in conditions.DERIVED:
            yield Problem("unknown_derived", at, {"code": name, "derived": derived})


def _unknown_values(
    condition: Mapping[str, Any], at: str, name: str, sound: _Sound, faulty: set[str]
) -> Iterator[Problem]:
    for leaf in conditions.leaves(condition):
        item = sound.catalogue.items.get(leaf.get("item", ""))
        if item is None or not item.values or item.code in faulty:
            continue
        named = [*leaf.get("in", ()), *([leaf["equals"]] if "equals" in leaf else [])]
        for value in dict.fromkeys(map(str, named)):
            if value not in item.by_code and value != NOT_APPLICABLE:
                facts = {"code": name, "item": item.code, "value": value}
                yield Problem("unknown_value", at, facts)
