"""Turning values of this app into plain JSON, without loss."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """
    Return a value as JSON can say it: decimals and dates as strings, enums as their words.

    The numbers in a condition stay numbers, as they are written in the rule.

    >>> plain({"minimum": Decimal("0.10"), "from": date(2024, 5, 10)})
    {'minimum': '0.10', 'from': '2024-05-10'}
    """
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(name): plain(entry) for name, entry in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
    return str(value) if isinstance(value, str) else value  # an enum's member is a str too
