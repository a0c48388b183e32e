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
_TESTS = {
    "missing",
    "equals",
    "in",
    "at_least",
    "below",
    "above_item",
    "above_derived",
    "before_item",
    "starts_with",
    "starts_with_any",
    "days_ahead_above",
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
        and len(set(leaf) & _TESTS) == 1
        and set(leaf) <= _SUBJECTS | _TESTS
        for leaf in found
    )
