"""
What differs between two versions of a list, and what each difference means for others.

The only place that says whether a change is stricter or looser. It compares documents field
by field, so that an item's further fields are compared without being named here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from factors.domain.catalogue import Bound, Catalogue, Item
from factors.domain.comparison_terms import (
    Change,
    ChangeKind,
    Consequence,
    Imports,
    Records,
    Scorecards,
    Subject,
)
from factors.domain.documents import plain
from factors.domain.item_types import BankDefault, Sensitivity

__all__ = [
    "Change",
    "ChangeKind",
    "Consequence",
    "Imports",
    "Records",
    "Scorecards",
    "Subject",
    "compare",
    "counts",
    "recoded",
]

_NOTHING = Consequence()
_RECHECKED = Consequence(Records.RECHECKED, Imports.RECHECKED, Scorecards.REVIEW)
_SHARED = Consequence(Records.SHARED)
_CONSEQUENCES: Mapping[tuple[ChangeKind, Subject], Consequence] = {
    (ChangeKind.ADDED, Subject.ITEM): Consequence(
        Records.LACK, Imports.NEW_COLUMN, Scorecards.MAY_ADD
    ),
    (ChangeKind.REMOVED, Subject.ITEM): Consequence(
        Records.DROPPED, Imports.UNKNOWN_COLUMN, Scorecards.LOSE
    ),
    (ChangeKind.RETYPED, Subject.ITEM): Consequence(
        Records.CONVERTED, Imports.RECHECKED, Scorecards.REVIEW
    ),
    (ChangeKind.TIGHTENED, Subject.ITEM): _RECHECKED,
    (ChangeKind.LOOSENED, Subject.ITEM): Consequence(scorecards=Scorecards.REVIEW),
    (ChangeKind.MOVED, Subject.ITEM): _SHARED,
    (ChangeKind.ADDED, Subject.RULE): Consequence(imports=Imports.RECHECKED),
    (ChangeKind.CHANGED, Subject.RULE): Consequence(imports=Imports.RECHECKED),
}
# Fields of an item whose change is about who sees its values, not about the values.
_ABOUT_SHARING = frozenset(
    {"bank_default", "consent_required", "consent_when", "consent_when_zh", "sensitivity"}
)
_AFFECTS_SCORES = frozenset({"validity_kind", "polarity", "suggested_gate", "empty_means", "rank"})
_NAMES = ("name_zh", "name_en")
_RETYPES = ("type", "unit_factor")


def compare(old: Catalogue, new: Catalogue) -> list[Change]:
    """
    Return every difference between two versions: the list's own, items, then rules.

    An item whose code is gone and which another item names as its former one, or which has
    the same Chinese name, counts as renamed. The version's number and first day are no
    differences.
    """
    found = [*_of_list(old, new), *_of_items(old, new)]
    for name in ("rules", "report_rules"):
        found += _of_rules(getattr(old, name), getattr(new, name))
    return found


def recoded(old: Catalogue, new: Catalogue) -> dict[str, str]:
    """Return {old code: new code} of the items that go on under another code."""
    gone = {code: item for code, item in old.items.items() if code not in new.items}
    came = [item for code, item in new.items.items() if code not in old.items]
    found: dict[str, str] = {}
    for item in came:
        for code, before in gone.items():
            same = code in item.former_names or before.name_zh == item.name_zh
            if same and code not in found:
                found[code] = item.code
                break
    return found


def counts(changes: Sequence[Change]) -> dict[str, int]:
    """Return how many differences there are of each kind, kinds without any left out."""
    found: dict[str, int] = {}
    for kind in ChangeKind:
        number = sum(change.kind == kind for change in changes)
        if number:
            found[kind.value] = number
    return found


def _of_list(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    for name in ("name_zh", "name_en", "region"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield _change(ChangeKind.WORDED, Subject.LIST, new.code, name, before, after, new)
    before_, after_ = ({c.code: c for c in each.categories} for each in (old, new))
    for code in [*before_, *(code for code in after_ if code not in before_)]:
        one, other = before_.get(code), after_.get(code)
        if one != other:
            kind = _came_or_went(one, other) or ChangeKind.WORDED
            yield _change(kind, Subject.CATEGORY, code, "", plain(one), plain(other), other or one)


def _of_items(old: Catalogue, new: Catalogue) -> Iterator[Change]:
    moved = recoded(old, new)
    came_from = {after: before for before, after in moved.items()}
    for code, item in new.items.items():
        before = old.items.get(came_from.get(code, code))
        if before is None:
            yield _change(ChangeKind.ADDED, Subject.ITEM, code, "", None, plain(item), item)
            continue
        if before.code != code:
            carried = Consequence(Records.CARRIED, Imports.HEADER, Scorecards.REVIEW)
            yield _change(
                ChangeKind.RENAMED, Subject.ITEM, code, "code", before.code, code, item, carried
            )
        yield from _of_item(before, item)
    for code, item in old.items.items():
        if code not in new.items and code not in moved:
            yield _change(ChangeKind.REMOVED, Subject.ITEM, code, "", plain(item), None, item)


def _of_item(old: Item, new: Item) -> Iterator[Change]:
    before, after = plain(old), plain(new)
    for name in after:
        if name in ("code", "values") or before.get(name) == after[name]:
            continue
        kind = _kind_of(name, old, new)
        yield _change(
            kind,
            Subject.ITEM,
            new.code,
            name,
            before.get(name),
            after[name],
            new,
            _consequence_of(name, kind),
        )
    yield from _of_values(old, new)


def _kind_of(name: str, old: Item, new: Item) -> ChangeKind:
    if name in _NAMES:
        return ChangeKind.RENAMED
    if name in _RETYPES:
        return ChangeKind.RETYPED
    if name == "category":
        return ChangeKind.MOVED
    if name in _STRICTNESS and old.type == new.type:
        before, after = (_STRICTNESS[name](getattr(item, name)) for item in (old, new))
        if before != after:
            return ChangeKind.TIGHTENED if after > before else ChangeKind.LOOSENED
        return ChangeKind.CHANGED
    if name.endswith(("_zh", "_en")) or name in ("basis", "consent_when"):
        return ChangeKind.WORDED
    return ChangeKind.CHANGED


def _consequence_of(name: str, kind: ChangeKind) -> Consequence:
    if name in _NAMES:
        return Consequence(imports=Imports.HEADER)
    if name in _ABOUT_SHARING and kind != ChangeKind.WORDED:
        return _SHARED
    if name in _AFFECTS_SCORES:
        return Consequence(scorecards=Scorecards.REVIEW)
    return _CONSEQUENCES.get((kind, Subject.ITEM), _NOTHING)


def _of_values(old: Item, new: Item) -> Iterator[Change]:
    """Compare the allowed values one by one: what is gone is stricter, what came is looser."""
    if old.type != new.type and not (old.values and new.values):
        return  # said by the change of type
    for code in [*old.by_code, *(code for code in new.by_code if code not in old.by_code)]:
        before, after = old.by_code.get(code), new.by_code.get(code)
        if before == after:
            continue
        kind = ChangeKind.WORDED
        consequence = _NOTHING
        if after is None:
            kind, consequence = ChangeKind.TIGHTENED, _RECHECKED
        elif before is None:
            kind, consequence = ChangeKind.LOOSENED, Consequence(scorecards=Scorecards.REVIEW)
        elif before.rank != after.rank:
            kind, consequence = ChangeKind.CHANGED, Consequence(scorecards=Scorecards.REVIEW)
        elif set(before.aliases) - set(after.aliases):
            kind, consequence = ChangeKind.TIGHTENED, Consequence(imports=Imports.RECHECKED)
        elif before.aliases != after.aliases:
            kind = ChangeKind.LOOSENED
        yield _change(
            kind,
            Subject.ITEM,
            new.code,
            f"values.{code}",
            plain(before),
            plain(after),
            new,
            consequence,
        )


def _of_rules(old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    before, after = ({rule.code: rule for rule in rules} for rules in (old, new))
    for code in [*before, *(code for code in after if code not in before)]:
        one, other = plain(before.get(code)), plain(after.get(code))
        if one == other:
            continue
        kind = _came_or_went(one, other)
        if kind is None:
            texts = {"message_zh", "message_en"}
            differ = {name for name in other if one[name] != other[name]}
            kind = ChangeKind.WORDED if differ <= texts else ChangeKind.CHANGED
        yield _change(kind, Subject.RULE, code, "", one, other, after.get(code) or before[code])


def _came_or_went(before: Any, after: Any) -> ChangeKind | None:
    if before is None:
        return ChangeKind.ADDED
    return ChangeKind.REMOVED if after is None else None


def _change(
    kind: ChangeKind,
    subject: Subject,
    code: str,
    field: str,
    before: Any,
    after: Any,
    named: Any,
    consequence: Consequence | None = None,
) -> Change:
    if consequence is None:
        consequence = _CONSEQUENCES.get((kind, subject), _NOTHING)
    texts = [getattr(named, f"name_{tongue}", "") for tongue in ("zh", "en")]
    if subject == Subject.RULE:
        texts = [getattr(named, f"message_{tongue}", "") for tongue in ("zh", "en")]
    return Change(kind, subject, code, field, before, after, consequence, *texts)


def _number(bound: Bound) -> Decimal | None:
    return Decimal(bound.toordinal()) if isinstance(bound, date) else bound


def _least(bound: Bound) -> Decimal:
    number = _number(bound)
    return Decimal("-Infinity") if number is None else number


def _most(bound: Bound) -> Decimal:
    number = _number(bound)
    return Decimal("-Infinity") if number is None else -number


_SHOWN = list(BankDefault)
_SENSITIVE = list(Sensitivity)
# The more, the stricter.
_STRICTNESS: Mapping[str, Callable[[Any], Any]] = {
    "minimum": _least,
    "maximum": _most,
    "decimals": lambda digits: -digits,
    "max_length": lambda length: -length,
    "no_future": bool,
    "allows_not_applicable": lambda allowed: not allowed,
    "validity_months": lambda months: -(months or 10**6),
    "max_age_days": lambda days: -days,
    "consent_required": bool,
    "bank_default": _SHOWN.index,
    "sensitivity": _SENSITIVE.index,
    "source_order": lambda sources: -len(sources),
    "in_workbook": lambda asked: not asked,
}
