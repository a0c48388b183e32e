"""
A condition laid out as rows of item, operator and value, as people build one.

All rows hold, or any of them. What is nested deeper is not laid out: it is written as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALL, ANY = "all", "any"
DERIVED = "@"
"""Before the name of what is derived: `@age_years` stands where an item does."""

OPERATORS = (
    "missing", "given", "equals", "in", "at_least", "below", "above_item", "before_item",
    "above_derived", "starts_with", "starts_with_any", "days_ahead_above",
)  # fmt: skip
_SEVERAL = ("in", "starts_with_any")
_NUMBERS = ("at_least", "below", "days_ahead_above")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `negated` says that it holds where the test does not."""

    item: str
    operator: str
    value: str = ""
    negated: bool = False


class RowFault(ValueError):
    """Raised where a row cannot be a condition; the message says what is wrong with it."""


def rows_of(condition: Mapping[str, Any]) -> tuple[str, list[Row]] | None:
    """
    Return how the rows of a condition are joined, and the rows; None if it is nested deeper.

    >>> rows_of({"all": [{"item": "QM-02", "missing": False}, {"not": {"item": "size", "in": []}}]})
    ('all', [Row(item='QM-02', operator='given', value='', negated=False), \
Row(item='size', operator='in', value='', negated=True)])
    """
    join = ANY if ANY in condition else ALL
    parts = condition.get(join, [condition])
    rows: list[Row] = []
    for part in parts:
        inner = rows_of(part) if join in part else None
        if inner is not None:
            rows += inner[1]  # all of all is all
            continue
        row = _row(part)
        if row is None:
            return None
        rows.append(row)
    return join, rows


def condition_of(join: str, rows: Sequence[Row]) -> dict[str, Any]:
    """
    Return the condition that rows make; one row alone needs no joint.

    :raises RowFault: if there are no rows, or one lacks its value.
    """
    if not rows:
        raise RowFault("a rule has at least one row")
    parts = [_leaf(row) for row in rows]
    return parts[0] if len(parts) == 1 else {join: parts}


def _row(part: Mapping[str, Any]) -> Row | None:
    if "not" in part:
        inner = _row(part["not"])
        return inner and Row(inner.item, inner.operator, inner.value, not inner.negated)
    if ALL in part or ANY in part:
        return None
    subject = part["item"] if "item" in part else DERIVED + part["derived"]
    operator = next(word for word in part if word not in ("item", "derived"))
    value = part[operator]
    if operator == "missing":
        return Row(subject, "missing" if value else "given")
    if operator in _SEVERAL:
        return Row(subject, operator, "; ".join(map(str, value)))
    if isinstance(value, bool):
        return Row(subject, operator, "true" if value else "false")
    return Row(subject, operator, str(value))


def _leaf(row: Row) -> dict[str, Any]:
    if row.operator not in OPERATORS:
        raise RowFault(f"nobody can evaluate “{row.operator}”")
    if row.item.startswith(DERIVED):
        leaf: dict[str, Any] = {"derived": row.item.removeprefix(DERIVED)}
    else:
        leaf = {"item": row.item}
    if row.operator in ("missing", "given"):
        leaf["missing"] = row.operator == "missing"
    elif not row.value.strip():
        raise RowFault(f"{row.item}: a value is needed")
    elif row.operator in _SEVERAL:
        leaf[row.operator] = [
            part.strip() for part in row.value.replace("；", ";").split(";") if part.strip()
        ]
    elif row.operator in _NUMBERS:
        leaf[row.operator] = _number(row)
    else:
        leaf[row.operator] = _plain(row.value) if row.operator == "equals" else row.value.strip()
    return {"not": leaf} if row.negated else leaf


def _number(row: Row) -> int | float:
    try:
        number = float(row.value)
    except ValueError:
        raise RowFault(f"{row.item}: “{row.value}” is no number") from None
    return int(number) if number.is_integer() else number


def _plain(text: str) -> Any:
    """Return truth values and numbers as such, all else as text."""
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
