"""An item with nothing filled in yet, which every member can be added to."""

from typing import Any

from factors.domain.item_fields import Form, form_of, hints
from factors.domain.item_types import ItemType

_DEFAULTS: dict[str, Any] = {
    "extension": "province",
    "kind": "record",
    "unit_factor": "1",
    "max_length": 200,
    "validity_kind": "state",
    "max_age_days": 365,
    "empty_means": "unknown",
    "polarity": "neutral",
    "update_frequency": "annual",
    "collected_by_level": "county",
    "source_order": ["register", "province", "city", "county"],
    "sensitivity": "commercial",
    "bank_default": "shown",
    "in_workbook": True,
}
_BY_FORM: dict[Form, Any] = {
    Form.FLAG: False,
    Form.WHOLE: 0,
    Form.WORDS: [],
    Form.PARTS: [],
    Form.GATE: None,
    Form.BOUND: None,
}


def blank_item(code: str, category: str, name_zh: str, name_en: str, type_: str) -> dict[str, Any]:
    """
    Return an item as a document holds it, with what people mostly choose and empty texts.

    It is an unfinished item: `list_versions.problems` says what is still to be filled in.
    """
    item: dict[str, Any] = {}
    for name in hints():
        form = form_of(name)
        item[name] = _DEFAULTS.get(name, _BY_FORM.get(form, ""))
    item |= {
        "code": code,
        "category": category,
        "name_zh": name_zh,
        "name_en": name_en,
        "type": type_,
        "validity_months": None,
    }
    if ItemType(type_).is_numeric:
        item |= {"minimum": "0", "maximum": "1000000"}
    return item
