"""
The form in which one enterprise is entered: its fields, and reading what was typed.

It is made from the list version as the workbook is, and reads as imports do: what the form
takes, a file and the schema of a record take too. Pure: whoever shows the form makes its
widgets from the fields.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from factors.domain import value_texts
from factors.domain.catalogue import Catalogue
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.items import Item
from factors.domain.values import CANONICAL_DECIMAL, canonical_decimal, label, to_stated

VALID_FROM, VALID_TO, EVIDENCE = "valid_from", "valid_to", "evidence"
DETAILS = (VALID_FROM, VALID_TO, EVIDENCE)
EVIDENCE_CHARACTERS = 500
FAULTS: Mapping[ItemType, str] = {
    ItemType.BOOLEAN: "not_boolean",
    ItemType.COUNT: "not_integer",
    ItemType.NUMBER: "not_number",
    ItemType.MONEY: "not_money",
    ItemType.DATE: "not_date",
    ItemType.ENUM: "not_allowed",
    ItemType.GRADE: "not_allowed",
    ItemType.TEXT: "too_long",
}
"""The word of import findings for a text that is no value of a type at all."""

WORDS = {
    VALID_FROM: ("有效期自", "Valid from"),
    VALID_TO: ("有效期至（含当日）", "Valid to, that day included"),
    EVIDENCE: ("证据，多份用分号分隔", "Evidence; several are set apart by semicolons"),
}


class Widget(StrEnum):
    SELECT = "select"
    FIGURE = "figure"  # a text field for figures, since “not applicable” may stand in it
    DAY = "day"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class EntryField:
    """
    One field: its key is `QF-17` for the value and `QF-17|valid_to` for a detail.

    `choices` are (what is sent, Chinese, English). `minimum` and `maximum` are in the unit in
    which the item is stated; `no_future` is for days.
    """

    key: str
    item: Item
    part: str
    widget: Widget
    label_zh: str
    label_en: str
    help_zh: str = ""
    help_en: str = ""
    unit_zh: str = ""
    unit_en: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    minimum: str = ""
    maximum: str = ""
    no_future: bool = False
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What was typed, in canonical form.

    `faults` are by the key of the field, each the word of an import finding. An item whose
    field is empty is in neither.
    """

    values: dict[str, Any] = field(default_factory=dict)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def fields_of(catalogue: Catalogue) -> tuple[EntryField, ...]:
    """Return the fields of a version: its items in the order of the list, with their details."""
    return tuple(
        entry
        for item in catalogue.items.values()
        if item.in_workbook
        for entry in (_value_field(item), *_detail_fields(item))
    )


def sections_of(catalogue: Catalogue) -> list[tuple[str, tuple[EntryField, ...]]]:
    """Return the fields by the code of their category, in the order of the list."""
    every = fields_of(catalogue)
    return [
        (category, tuple(entry for entry in every if entry.item.category == category))
        for category in catalogue.category_codes
    ]


def read(catalogue: Catalogue, given: Mapping[str, str], *, today: date) -> Entry:
    """
    Read what was typed, by the keys of the fields; others are passed over.

    A detail without its value is read all the same: so do imports.
    """
    entry = Entry()
    for each in fields_of(catalogue):
        text = value_texts.regular(given.get(each.key, ""))
        if value_texts.is_empty(text):
            continue
        value, fault = _read_part(each, text, today)
        if fault:
            entry.faults[each.key] = fault
        elif each.part == "value":
            entry.values[each.item.code] = value
        else:
            entry.details.setdefault(each.item.code, {})[each.part] = value
    for code, detail in entry.details.items():
        if detail.get(VALID_TO, "9999-12-31") < detail.get(VALID_FROM, ""):
            entry.faults[f"{code}|{VALID_TO}"] = "validity_reversed"
    return entry


def typed(catalogue: Catalogue, record: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in the fields for a record's `values` and `details`."""
    values, details = record.get("values", {}), record.get("details", {})
    found = {}
    for each in fields_of(catalogue):
        code = each.item.code
        held = values.get(code) if each.part == "value" else details.get(code, {}).get(each.part)
        if held is not None:
            found[each.key] = stated(each.item, held) if each.part == "value" else _joined(held)
    return found


def stated(item: Item, value: Any) -> str:
    """
    Return a canonical value as it is typed: a code, figures in the stated unit, a day.

    What is no canonical value comes back as the text that it is.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if item.type.is_numeric and _is_number(value):
        return canonical_decimal(to_stated(item, Decimal(str(value))))
    return str(value)


def read_value(item: Item, text: str, *, today: date) -> tuple[Any, str]:
    """Return the canonical value of a regular text, and "" or the word of its fault."""
    value, fault = _READERS[item.type](item, text, today)
    if fault and item.allows_not_applicable and text.casefold() in value_texts.CANNOT_APPLY:
        return NOT_APPLICABLE, ""
    return value, fault


def _value_field(item: Item) -> EntryField:
    return EntryField(
        key=item.code,
        item=item,
        part="value",
        widget=_WIDGETS.get(item.type, Widget.SELECT),
        label_zh=item.name_zh,
        label_en=item.name_en,
        help_zh=item.fill_zh + (f"小数位数不超过{item.decimals}。" if item.decimals else ""),
        help_en=f"{item.fill_en} At most {item.decimals} decimals."
        if item.decimals
        else item.fill_en,
        unit_zh=item.unit_zh,
        unit_en=item.unit_en,
        choices=_choices(item),
        minimum="" if item.minimum is None else str(item.minimum),
        maximum="" if item.maximum is None else str(item.maximum),
        no_future=item.no_future,
        max_length=item.max_length if item.type == ItemType.TEXT else None,
    )


def _detail_fields(item: Item) -> Iterator[EntryField]:
    """A certificate has its first and last day and its number; other items have none here."""
    for part in DETAILS if item.is_term else ():
        zh, en = WORDS[part]
        yield EntryField(
            key=f"{item.code}|{part}",
            item=item,
            part=part,
            widget=Widget.TEXT if part == EVIDENCE else Widget.DAY,
            label_zh=f"{item.name_zh}：{zh}",
            label_en=f"{item.name_en}: {en}",
            help_zh=item.evidence_zh if part == EVIDENCE else "",
            help_en=item.evidence_en if part == EVIDENCE else "",
            max_length=EVIDENCE_CHARACTERS if part == EVIDENCE else None,
        )


def _choices(item: Item) -> tuple[tuple[str, str, str], ...]:
    coded: list[Any] = [value.code for value in item.values] if item.type.is_coded else []
    coded += [True, False] if item.type == ItemType.BOOLEAN else []
    coded += [NOT_APPLICABLE] if coded and item.allows_not_applicable else []
    return tuple(
        (stated(item, value), label(item, value, "zh"), label(item, value, "en")) for value in coded
    )


def _read_part(each: EntryField, text: str, today: date) -> tuple[Any, str]:
    if each.part == "value":
        return read_value(each.item, text, today=today)
    if each.part == EVIDENCE:
        if len(text) > EVIDENCE_CHARACTERS:
            return None, "too_long"
        return [part.strip() for part in text.split(";") if part.strip()], ""
    day = value_texts.read_date(text, epoch=None)
    return (day.isoformat(), "") if day else (None, "not_date")


def _read_coded(item: Item, text: str, today: date) -> tuple[Any, str]:
    code = value_texts.words_of(item).get(value_texts.compared(text))
    return (code, "") if code else (None, "not_allowed")


def _read_boolean(item: Item, text: str, today: date) -> tuple[Any, str]:
    word = text.casefold()
    if word in value_texts.YES or word in value_texts.NO:
        return word in value_texts.YES, ""
    return None, "not_boolean"


def _read_text(item: Item, text: str, today: date) -> tuple[Any, str]:
    return (text, "") if len(text) <= item.max_length else (None, "too_long")


def _read_day(item: Item, text: str, today: date) -> tuple[Any, str]:
    day = value_texts.read_date(text, epoch=None)
    if day is None:
        return None, "not_date"
    if item.no_future and day > today:
        return None, "date_in_future"
    low, high = item.minimum, item.maximum
    if (isinstance(low, date) and day < low) or (isinstance(high, date) and day > high):
        return None, "out_of_range"
    return day.isoformat(), ""


def _read_figure(item: Item, text: str, today: date) -> tuple[Any, str]:
    figure = value_texts.read_figure(text, signs=item.type == ItemType.NUMBER)
    if figure is None:
        return None, FAULTS[item.type]
    value = figure * item.unit_factor
    if item.type == ItemType.COUNT and value != value.to_integral_value():
        return None, FAULTS[item.type]
    low, high = item.base_minimum, item.base_maximum
    if (isinstance(low, Decimal) and value < low) or (isinstance(high, Decimal) and value > high):
        return None, "out_of_range"
    return (int(value) if item.type == ItemType.COUNT else canonical_decimal(value)), ""


def _joined(held: Any) -> str:
    return "; ".join(held) if isinstance(held, list) else str(held)


def _is_number(value: Any) -> bool:
    return CANONICAL_DECIMAL.match(str(value)) is not None


_READERS = {
    ItemType.BOOLEAN: _read_boolean,
    ItemType.COUNT: _read_figure,
    ItemType.NUMBER: _read_figure,
    ItemType.MONEY: _read_figure,
    ItemType.DATE: _read_day,
    ItemType.TEXT: _read_text,
    ItemType.ENUM: _read_coded,
    ItemType.GRADE: _read_coded,
}
_WIDGETS = {
    ItemType.COUNT: Widget.FIGURE,
    ItemType.NUMBER: Widget.FIGURE,
    ItemType.MONEY: Widget.FIGURE,
    ItemType.DATE: Widget.DAY,
    ItemType.TEXT: Widget.TEXT,
}
