"""
The rule that puts enterprises on a list: a condition over profiles, as SQL over their values.

Conditions are those of `factors.domain.conditions`. What is not known fails every test but
`missing`. Codes and values go along as parameters, never as text of the statement.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from factors.domain import conditions
from factors.domain.catalogue import Catalogue
from factors.domain.item_types import ItemType
from factors.domain.values import sizable
from qfce.kernel.lifecycle import Lifecycle

TESTS = ("missing", "equals", "in", "at_least", "below", "starts_with", "starts_with_any")
"""What a list's rule may ask; two items of a row are compared by the checks of imports alone."""
IDENTITY = ("name", "region", "industry", "size", "established_on", "registered_capital")


class RunStatus(StrEnum):
    RUNNING = "running"
    READY = "ready"
    ADOPTED = "adopted"
    DISCARDED = "discarded"
    OVERTAKEN = "overtaken"


R = RunStatus

RUN = Lifecycle(
    initial=R.RUNNING,
    transitions={
        "finish": (frozenset({R.RUNNING}), R.READY),
        "adopt": (frozenset({R.READY}), R.ADOPTED),
        "discard": (frozenset({R.RUNNING, R.READY}), R.DISCARDED),
        # A newer run, or somebody's hand, has changed what the difference was taken from.
        "overtake": (frozenset({R.READY}), R.OVERTAKEN),
    },
)


def faults(condition: Any, catalogue: Catalogue) -> list[str]:
    """Return what is wrong with a condition as the rule of a list, in English; empty if nothing."""
    if not isinstance(condition, Mapping) or not _is_tree(condition):
        return ["It is no condition."]
    if not all(_is_leaf(leaf) for leaf in conditions.leaves(condition)):
        return ["Every part needs one item and one test."]
    found = []
    for leaf in conditions.leaves(condition):
        item = str(leaf.get("item", ""))
        code = item.removesuffix(conditions.END)
        if code not in catalogue.items and item not in IDENTITY:
            found.append(f"{item or 'Nothing'} is no item of the list.")
        if not _is_fit(leaf, item, catalogue):
            found.append(f"A list's rule can't ask this of {item}.")
    return found


def _is_leaf(leaf: Mapping[str, Any]) -> bool:
    """
    Whether a leaf has one item and one test, and nothing else.

    Not `conditions.is_well_formed`: values are written here as profiles have them, amounts and
    days as text.
    """
    tests = set(leaf) - {"item"}
    return isinstance(leaf.get("item"), str) and len(tests) == 1 and tests <= set(TESTS)


def _is_fit(leaf: Mapping[str, Any], item: str, catalogue: Catalogue) -> bool:
    """Whether what is compared with has the form that the test needs."""
    (test,) = set(leaf) & set(TESTS)
    value = leaf[test]
    if test == "missing":
        return isinstance(value, bool)
    values = value if test in {"in", "starts_with_any"} else [value]
    if not isinstance(values, list) or not values:
        return False
    if any(not isinstance(one, str | int | float | bool) for one in values):
        return False
    known = catalogue.items.get(item)
    if test not in {"equals", "at_least", "below"}:
        return True
    if item == "registered_capital" or (known is not None and known.type.is_numeric):
        return _is_number(values[0])
    is_day = item == "established_on" or item.endswith(conditions.END)
    if is_day or (known is not None and known.type == ItemType.DATE):
        return _is_day(values[0])
    return True


def _is_day(value: Any) -> bool:
    try:
        return date.fromisoformat(str(value)).isoformat() == str(value)
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    return sizable(str(value)) is not None


def _is_tree(condition: Any) -> bool:
    """Whether every node is one branch of nodes, or a leaf."""
    if not isinstance(condition, Mapping):
        return False
    branches = {"all", "any", "not"} & set(condition)
    if not branches:
        return True
    if len(condition) != 1:
        return False
    (branch,) = branches
    parts = [condition[branch]] if branch == "not" else condition[branch]
    return isinstance(parts, list) and bool(parts) and all(_is_tree(part) for part in parts)


def sql_of(condition: Mapping[str, Any], catalogue: Catalogue) -> tuple[str, list[Any]]:
    """
    Return a condition as SQL over `p` (profile) and `e` (enterprise), with its parameters.

    The caller has found no faults in it.
    """
    for branch, word in (("all", " AND "), ("any", " OR ")):
        if branch in condition:
            parts = [sql_of(part, catalogue) for part in condition[branch]]
            text = word.join(text for text, _ in parts)
            return f"({text})", [value for _, values in parts for value in values]
    if "not" in condition:
        text, values = sql_of(condition["not"], catalogue)
        return f"NOT coalesce({text}, false)", values
    subject, values, is_number = _subject(str(condition["item"]), catalogue)
    text, further = _test(condition, subject, is_number=is_number)
    return f"coalesce({text}, false)", [*values, *further]


def _subject(item: str, catalogue: Catalogue) -> tuple[str, list[Any], bool]:
    """Return what a leaf looks at, as text; its parameters; and whether it is a number."""
    if item == "registered_capital":
        return "(e.registered_capital::text)", [], True
    if item in IDENTITY:
        return f"(e.{item}::text)", [], False
    code = item.removesuffix(conditions.END)
    if item != code:
        return "(p.details -> %s ->> 'valid_to')", [code], False
    numeric = catalogue.items[code].type.is_numeric
    return "(nullif(p.\"values\" ->> %s, 'not_applicable'))", [code], numeric


def _test(leaf: Mapping[str, Any], subject: str, *, is_number: bool) -> tuple[str, list[Any]]:
    cast = "::numeric" if is_number else ""
    if "missing" in leaf:
        return f"{subject} IS {'' if leaf['missing'] else 'NOT '}NULL", []
    if "in" in leaf:
        return f"{subject} = ANY (%s)", [[_text(value) for value in leaf["in"]]]
    if "at_least" in leaf:
        return f"{subject}{cast} >= %s{cast}", [_text(leaf["at_least"])]
    if "below" in leaf:
        return f"{subject}{cast} < %s{cast}", [_text(leaf["below"])]
    if "starts_with" in leaf:
        return f"{subject} ^@ %s", [_text(leaf["starts_with"])]
    if "starts_with_any" in leaf:
        wanted = [_text(value) for value in leaf["starts_with_any"]]
        return f"({subject} ^@ ANY (%s::text[]))", [wanted]
    return f"{subject}{cast} = %s{cast}", [_text(leaf["equals"])]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
