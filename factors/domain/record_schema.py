"""The JSON Schema (2020-12) of an enterprise's record in canonical form, for one list version."""

from typing import Any

from factors.domain.catalogue import Catalogue, Item
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.values import CANONICAL_DECIMAL, canonical_decimal

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DECIMAL = "^" + CANONICAL_DECIMAL.pattern.removesuffix(r"\Z") + "$"


def record_schema(catalogue: Catalogue, *, address: str = "") -> dict[str, Any]:
    """
    Return the schema of a record: identity, and under `values` one member for each item.

    A missing member means that nothing is known; null is never sent. What JSON Schema cannot
    say (bounds of decimal strings, dates not ahead) stands beside it as `x-minimum`,
    `x-maximum` and `x-no-future`.

    :param address: where the schema is served, which becomes its `$id`.
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
                "properties": {item.code: _value(item) for item in items},
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


def _value(item: Item) -> dict[str, Any]:
    schema = {
        "title": item.name_en,
        "description": item.description_en,
        "x-name-zh": item.name_zh,
        "x-category": item.category,
        "x-type": item.type.value,
        **({"x-unit": _base_unit(item)} if item.unit_en else {}),
    }
    form = _form(item)
    if item.allows_not_applicable:
        return {**schema, "anyOf": [form, {"const": NOT_APPLICABLE}]}
    return {**schema, **form}


def _base_unit(item: Item) -> str:
    return "CNY" if item.type == ItemType.MONEY else item.unit_en


def _form(item: Item) -> dict[str, Any]:
    if item.type.is_coded:
        return {"enum": [value.code for value in item.values]}
    if item.type == ItemType.BOOLEAN:
        return {"type": "boolean"}
    if item.type == ItemType.TEXT:
        return {"type": "string", "minLength": 1, "maxLength": item.max_length}
    if item.type == ItemType.DATE:
        return {"type": "string", "format": "date", **_limits(item), "x-no-future": item.no_future}
    if item.type == ItemType.COUNT:
        return {
            "type": "integer",
            "minimum": int(item.base_minimum or 0),  # type: ignore[arg-type]
            "maximum": int(item.base_maximum or 0),  # type: ignore[arg-type]
        }
    return {"type": "string", "pattern": DECIMAL, **_limits(item)}


def _limits(item: Item) -> dict[str, Any]:
    limits = {"x-minimum": item.base_minimum, "x-maximum": item.base_maximum}
    return {
        name: bound.isoformat() if hasattr(bound, "isoformat") else canonical_decimal(bound)
        for name, bound in limits.items()
        if bound is not None
    }
