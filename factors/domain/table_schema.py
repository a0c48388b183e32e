"""The Frictionless Table Schema of the workbook's columns, for one list version."""

from datetime import date
from decimal import Decimal
from typing import Any

from factors.domain.catalogue import Catalogue
from factors.domain.entry_form import DETAILS, EVIDENCE, WORDS
from factors.domain.item_types import ItemType
from factors.domain.items import Item
from factors.domain.workbook_identity import IDENTITY, SIZES
from factors.domain.workbook_template import detail_header, header_of

PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
TYPES = {
    ItemType.BOOLEAN: "boolean",
    ItemType.COUNT: "integer",
    ItemType.NUMBER: "number",
    ItemType.MONEY: "number",
    ItemType.DATE: "date",
}


def table_schema(catalogue: Catalogue, language: str = "zh") -> dict[str, Any]:
    """
    Return the schema of a table of enterprises as people fill it in: headers of the workbook,
    values by their labels, figures in their stated units.

    An item that may not apply is a string there, since a word may stand beside its figures;
    the pattern says so.
    """
    return {
        "$schema": PROFILE,
        "title": f"{catalogue.name_en if language == 'en' else catalogue.name_zh}",
        "fields": [
            *_identity(language),
            *(
                entry
                for item in catalogue.items.values()
                if item.in_workbook
                for entry in (_field(item, language), *_details(item, language))
            ),
        ],
        "primaryKey": [IDENTITY[0][1 if language == "zh" else 2]],
        "missingValues": ["", "-", "/"],
    }


def _identity(language: str) -> list[dict[str, Any]]:
    english = language == "en"
    shapes: dict[str, dict[str, Any]] = {
        "uscc": {
            "type": "string",
            "constraints": {"required": True, "unique": True, "pattern": "[0-9A-HJ-NPQRTUWXY]{18}"},
        },
        "name": {"type": "string", "constraints": {"required": True}},
        "region": {"type": "string", "constraints": {"required": True}},
        "size": {"type": "string", "constraints": {"enum": list(SIZES[language])}},
        "established_on": {"type": "date"},
        "registered_capital": {"type": "number", "constraints": {"minimum": 0}},
    }
    return [
        {
            "name": en if english else zh,
            "description": fill_en if english else fill_zh,
            **shapes.get(key, {"type": "string"}),
        }
        for key, zh, en, fill_zh, fill_en in IDENTITY
    ]


def _field(item: Item, language: str) -> dict[str, Any]:
    english = language == "en"
    constraints: dict[str, Any] = {}
    kind = TYPES.get(item.type, "string")
    if item.type.is_coded:
        constraints["enum"] = [v.label_en if english else v.label_zh for v in item.values]
    elif item.type == ItemType.TEXT:
        constraints["maxLength"] = item.max_length
    elif item.type.is_numeric and item.allows_not_applicable:
        word = "Not applicable" if english else "不适用"
        kind, constraints["pattern"] = "string", rf"{word}|-?[0-9]+(\.[0-9]+)?"
    else:
        limits = {"minimum": item.minimum, "maximum": item.maximum}
        constraints |= {name: _plain(bound) for name, bound in limits.items() if bound is not None}
    words = {"trueValues": ["Yes"], "falseValues": ["No"]}
    if not english:
        words = {"trueValues": ["是"], "falseValues": ["否"]}
    return {
        "name": header_of(item, language),
        "title": item.name(language),
        "description": item.description_en if english else item.description_zh,
        "type": kind,
        **(words if kind == "boolean" else {}),
        **({"constraints": constraints} if constraints else {}),
        "x-code": item.code,
    }


def _details(item: Item, language: str) -> list[dict[str, Any]]:
    return [
        {
            "name": detail_header(item, part, language),
            "title": WORDS[part][language == "en"],
            "type": "string" if part == EVIDENCE else "date",
            "x-code": item.code,
        }
        for part in (DETAILS if item.is_term else ())
    ]


def _plain(bound: Decimal | date) -> int | float | str:
    if isinstance(bound, date):
        return bound.isoformat()
    return int(bound) if bound == bound.to_integral_value() else float(bound)
