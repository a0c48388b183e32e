"""
What a condition over items talks about.

Cross rules and gates are written as small trees: `{"all": […]}`, `{"any": […]}`,
`{"not": …}`, and leaves such as `{"item": "QC-05", "at_least": 1}`. An item's end of
validity is `QF-17>`. Whoever evaluates them is elsewhere; here they are only read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

IDENTITY_FIELDS = (
    "uscc",
    "name",
    "region",
    "industry",
    "size",
    "established_on",
    "registered_capital",
)
DERIVED = ("age_years", "annual_reports_due")
END = ">"

_BRANCHES = {"all", "any", "not"}
_SUBJECTS = {"item", "derived"}
_TESTS: Mapping[str, tuple[type, ...]] = {
    # a test, and what it may be held against
    "missing": (bool,),
    "equals": (str, bool, int, float),
    "in": (list, tuple),
    "at_least": (int, float),
    "below": (int, float),
    "above_item": (str,),
    "above_derived": (str,),
    "before_item": (str,),
    "starts_with": (str,),
    "starts_with_any": (list, tuple),
    "days_ahead_above": (int, float),
}


def leaves(condition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the leaves of a condition, from left to right."""
    for branch in ("all", "any"):
        for part in condition.get(branch, ()):
            yield from leaves(part)
    if "not" in condition:
        yield from leaves(condition["not"])
    if not _BRANCHES & set(condition):
        yield condition


def items_named(condition: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Return the items and identity fields a condition looks at, each once, in its order.

    >>> items_named({"all": [{"item": "QF-17>", "missing": True}, {"item": "QC-01", "in": []}]})
    ('QF-17', 'QC-01')
    """
    named = [
        leaf[word].removesuffix(END)
        for leaf in leaves(condition)
        for word in ("item", "above_item", "before_item")
        if word in leaf
    ]
    return tuple(dict.fromkeys(named))


def bound_to(condition: Any, item: str) -> Any:
    """
    Return the condition with the placeholder `{i}` standing for one item.

    >>> bound_to({"item": "{i}>", "missing": True}, "QF-18")
    {'item': 'QF-18>', 'missing': True}
    """
    if isinstance(condition, Mapping):
        return {word: bound_to(part, item) for word, part in condition.items()}
    if isinstance(condition, list | tuple):
        return [bound_to(part, item) for part in condition]
    return condition.replace("{i}", item) if isinstance(condition, str) else condition


def is_well_formed(condition: Mapping[str, Any]) -> bool:
    """Whether every leaf has one subject and one test that somebody can evaluate."""
    found = list(leaves(condition))
    return bool(found) and all(
        len(set(leaf) & _SUBJECTS) == 1
        and len(set(leaf) & set(_TESTS)) == 1
        and set(leaf) <= _SUBJECTS | set(_TESTS)
        and all(_is_argument(test, held) for test, held in leaf.items())
        for leaf in found
    )


def _is_argument(test: str, held: Any) -> bool:
    if test in _SUBJECTS:
        return isinstance(held, str)
    if isinstance(held, bool) and bool not in _TESTS[test]:
        return False
    if isinstance(held, list | tuple):
        return test in ("in", "starts_with_any") and all(_is_plain(each) for each in held)
    return isinstance(held, _TESTS[test])


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)
