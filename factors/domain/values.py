"""
The canonical form of a value: one way, everywhere, to write down what an item says.

Codes for enumerations, true and false, whole numbers for counts, decimal strings in base
units for numbers and money, ISO dates, text; "not_applicable" where the item allows it.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from factors.domain.catalogue import Item
from factors.domain.item_types import NOT_APPLICABLE, ItemType

CANONICAL_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?\Z")
MOST_PLACES = 24
"""Before or behind the point of a number that somebody types."""


def canonical_decimal(number: Decimal) -> str:
    """
    Return the one spelling of a number: no exponent, no trailing zeros, no minus zero.

    >>> canonical_decimal(Decimal("4.10")), canonical_decimal(Decimal("1E+8"))
    ('4.1', '100000000')
    """
    if number == 0:
        return "0"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def sizable(text: str) -> Decimal | None:
    """
    Return a number of a size that some item could have; None for any other text.

    Written out, a number such as 1e999999999 would fill the memory.

    >>> sizable("4.10"), sizable("1e999999999"), sizable("NaN"), sizable("four")
    (Decimal('4.10'), None, None, None)
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= MOST_PLACES else None


def to_base(item: Item, stated: Decimal) -> Decimal:
    """Return a number in base units, from the item's stated unit (CNY 10k to yuan)."""
    return stated * item.unit_factor


def to_stated(item: Item, base: Decimal) -> Decimal:
    """Return a number in the item's stated unit, from base units."""
    return base / item.unit_factor


def fault_of(item: Item, value: Any) -> str | None:
    """
    Return what keeps a value from being the item's canonical form, or None if nothing does.

    The words are those of import findings: `not_allowed`, `not_boolean`, `not_integer`,
    `not_number`, `not_money`, `not_date`, `too_long`, `out_of_range`.
    """
    if value == NOT_APPLICABLE and item.allows_not_applicable:
        return None
    if item.type.is_coded:
        return None if isinstance(value, str) and value in item.by_code else "not_allowed"
    if item.type == ItemType.BOOLEAN:
        return None if isinstance(value, bool) else "not_boolean"
    if item.type == ItemType.TEXT:
        if not isinstance(value, str) or not value:
            return "not_allowed"
        return "too_long" if len(value) > item.max_length else None
    if item.type == ItemType.DATE:
        return _fault_of_date(item, value)
    return _fault_of_number(item, value)


def _fault_of_date(item: Item, value: Any) -> str | None:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        return "not_date"
    if day.isoformat() != value:
        return "not_date"
    return None if _within(item, day) else "out_of_range"


def _fault_of_number(item: Item, value: Any) -> str | None:
    if item.type == ItemType.COUNT:
        if isinstance(value, bool) or not isinstance(value, int):
            return "not_integer"
        return None if _within(item, Decimal(value)) else "out_of_range"
    if not isinstance(value, str) or not CANONICAL_DECIMAL.match(value) or value == "-0":
        return "not_money" if item.type == ItemType.MONEY else "not_number"
    return None if _within(item, Decimal(value)) else "out_of_range"


def _within(item: Item, value: Any) -> bool:
    low, high = item.base_minimum, item.base_maximum
    return (low is None or value >= low) and (high is None or value <= high)


def label(item: Item, value: Any, language: str) -> str:
    """
    Return a canonical value in words, in Chinese or (`language` "en…") in English.

    Numbers come in the item's stated unit, with the unit behind them.
    """
    english = language.startswith("en")
    if value is None:
        return ""
    if value == NOT_APPLICABLE:
        return "Not applicable" if english else "不适用"
    if item.type == ItemType.BOOLEAN:
        return ("Yes" if value else "No") if english else ("是" if value else "否")
    if item.type.is_coded:
        known = item.by_code.get(value)
        return str(value) if known is None else known.label_en if english else known.label_zh
    if item.type.is_numeric:
        number = canonical_decimal(to_stated(item, Decimal(str(value))))
        unit = item.unit_en if english else item.unit_zh
        return f"{number} {unit}".strip()
    return str(value)
