"""The JSON Schema (2020-12) of an enterprise's record in canonical form, for one list version."""

from datetime import date
from decimal import Decimal
from typing import Any

from factors.domain.catalogue import Catalogue, Item
from factors.domain.decimal_patterns import day_pattern, decimal_pattern
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.values import CANONICAL_DECIMAL, canonical_decimal

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DECIMAL = "^" + CANONICAL_DECIMAL.pattern.removesuffix(r"\Z") + "$"


def record_schema(
    catalogue: Catalogue, *, address: str = "", on: date | None = None
) -> dict[str, Any]:
    """
    Return the schema of a record: identity, and under `values` one member for each item.

    A missing member means that nothing is known; null is never sent. Bounds of decimal strings
    and of days are expressions, since JSON Schema has no word for them; beside them they stand
    in plain figures as `x-minimum` and `x-maximum`. What it cannot say at all is that a
    validity does not end before it begins.

    :param address: where the schema is served, which becomes its `$id`.
    :param on: the day on which records are checked: days that may not lie ahead are then
        refused. Without it only `x-no-future` says so.
    """
    items = catalogue.items.values()
    return {
        "$schema": DIALECT,
        **({"$id": address} if address else {}),
        "title": f"{catalogue.name_en}, version {catalogue.version}: record of an enterprise",
        "type": "object",
        "additionalProperties": False,
        "required": ["uscc", "values"],
        "properties": {
            **_identity(),
            "values": {
                "type": "object",
                "additionalProperties": False,
                "properties": {item.code: _value(item, on) for item in items},
            },
            "details": {
                "type": "object",
                "additionalProperties": False,
                "properties": {item.code: {"$ref": "#/$defs/details"} for item in items},
            },
        },
        "$defs": {"details": _details()},
    }


def _identity() -> dict[str, Any]:
    return {
        "uscc": {
            "title": "Unified social credit code",
            "type": "string",
            "pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$",
        },
        "name": {"title": "Enterprise name", "type": "string", "minLength": 1},
        "region": {"title": "Region code", "type": "string", "pattern": "^[0-9]{6}$"},
        "industry": {"title": "Industry code", "type": "string", "maxLength": 10},
        "size": {"title": "Size", "enum": ["large", "medium", "small", "micro"]},
        "established_on": {"title": "Day of founding", "type": "string", "format": "date"},
        "registered_capital": {
            "title": "Registered capital, yuan",
            "type": "string",
            "pattern": DECIMAL,
        },
    }


def _details() -> dict[str, Any]:
    day = {"type": "string", "format": "date"}
    return {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {
            "valid_from": day,
            "valid_to": {**day, "description": "The last day of validity, included."},
            "evidence": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "minLength": 1},
            },
        },
    }


def _value(item: Item, on: date | None) -> dict[str, Any]:
    schema = {
        "title": item.name_en,
        "description": item.description_en,
        "x-name-zh": item.name_zh,
        "x-category": item.category,
        "x-type": item.type.value,
        **({"x-unit": _base_unit(item)} if item.unit_en else {}),
    }
    form = _form(item, on)
    if item.allows_not_applicable:
        return {**schema, "anyOf": [form, {"const": NOT_APPLICABLE}]}
    return {**schema, **form}


def _base_unit(item: Item) -> str:
    return "CNY" if item.type == ItemType.MONEY else item.unit_en


def _form(item: Item, on: date | None) -> dict[str, Any]:
    if item.type.is_coded:
        return {"enum": [value.code for value in item.values]}
    if item.type == ItemType.BOOLEAN:
        return {"type": "boolean"}
    if item.type == ItemType.TEXT:
        return {"type": "string", "minLength": 1, "maxLength": item.max_length}
    if item.type == ItemType.DATE:
        return _day(item, on)
    if item.type == ItemType.COUNT:
        return {
            "type": "integer",
            "minimum": int(item.base_minimum or 0),  # type: ignore[arg-type]  # a count has bounds that are numbers
            "maximum": int(item.base_maximum or 0),  # type: ignore[arg-type]  # a count has bounds that are numbers
        }
    low, high = item.base_minimum, item.base_maximum
    within = isinstance(low, Decimal) and isinstance(high, Decimal)
    pattern = decimal_pattern(low, high) if within else DECIMAL  # type: ignore[arg-type]  # a count has bounds that are numbers
    return {"type": "string", "pattern": pattern, **_limits(item)}


def _day(item: Item, on: date | None) -> dict[str, Any]:
    first = item.minimum if isinstance(item.minimum, date) else None
    last = item.maximum if isinstance(item.maximum, date) else None
    if item.no_future and on is not None:
        last = on if last is None else min(last, on)
    form: dict[str, Any] = {"type": "string", "format": "date"}
    if first or last:
        form["pattern"] = day_pattern(first, last)
    return {**form, **_limits(item), "x-no-future": item.no_future}


def _limits(item: Item) -> dict[str, Any]:
    limits = {"x-minimum": item.base_minimum, "x-maximum": item.base_maximum}
    return {
        name: bound.isoformat() if hasattr(bound, "isoformat") else canonical_decimal(bound)
        for name, bound in limits.items()
        if bound is not None
    }
