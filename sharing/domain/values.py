"""
Reading the distinct texts of a column as values of its type, in canonical form.

The canonical form is text: a code, `true`, `12`, `3.7` (money in yuan), `2026-05-10`; where
an item cannot apply, `not_applicable`. One loop over the distinct texts of a column, never
over its rows.
"""

import datetime as dt
import difflib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from factors.domain.catalogue import Item
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.value_texts import (
    CANNOT_APPLY,
    NO,
    YES,
    compared,
    read_date,
    read_figure,
    words_of,
)
from sharing.domain.findings import ORDER
from sharing.domain.normalization import Regular

EMPTY, GIVEN, APART, CLEARED, WRONG = 0, 1, 2, 3, 4
"""What a cell is: nothing, a value, not applicable, the end of a value, or an error."""

FIGURE = "figure"
"""The kind of repair of figures: separators and signs; a unit is no repair."""

ERROR_TYPES: Mapping[ItemType, str] = {
    ItemType.BOOLEAN: "not_boolean",
    ItemType.COUNT: "not_integer",
    ItemType.NUMBER: "not_number",
    ItemType.MONEY: "not_money",
    ItemType.DATE: "not_date",
    ItemType.ENUM: "not_allowed",
    ItemType.GRADE: "not_allowed",
    ItemType.TEXT: "too_long",
}

_SERIAL_WITH_TIME = re.compile(r"([1-9]\d{4})\.\d+")
_EPOCH = dt.date(1970, 1, 1)
_SHOWN_VALUES = 8
_NEAR = 0.5
_SUGGESTED_FOR = 200
"""For so many unreadable texts of a column is said what may be meant, since each time costs."""


@dataclass(slots=True)
class Parsed:
    """
    What the distinct texts of one column come to; all arrays are as long as the texts.

    `error` is 0, or one more than the place of the code in the table of findings. `number`
    is for comparisons: the figure, the days since 1970 of a date, 1 and 0 for yes and no.
    `lineage` holds the successors of superseded regions, by the place of their text, and
    `is_signed` says which texts carry a per cent sign.
    """

    state: npt.NDArray[np.uint8]
    canonical: pa.StringArray
    number: npt.NDArray[np.float64]
    error: npt.NDArray[np.uint8]
    suggestions: dict[int, str] = field(default_factory=dict)
    params: dict[str, dict[str, object]] = field(default_factory=dict)
    lineage: dict[int, tuple[str, ...]] = field(default_factory=dict)
    repairs: Counter[str] = field(default_factory=Counter)
    is_formula: npt.NDArray[np.bool_] | None = None
    is_signed: npt.NDArray[np.bool_] | None = None


Answer = tuple[str | None, float, str | None]  # canonical text, number, code of the error


def error_number(code: str) -> int:
    """Return how an error is noted in the arrays of a column."""
    return ORDER[code] + 1


def read(
    regular: Regular,
    weights: npt.NDArray[np.int64],
    reader: Callable[[str], Answer],
    *,
    apart: bool = False,
    suggest: Callable[[str], str | None] | None = None,
    repair: str = "",
) -> Parsed:
    """
    Read each distinct text with a reader.

    :param apart: whether 不适用 is an answer here.
    :param suggest: what may have been meant instead of an unreadable text.
    :param repair: the kind under which texts that are stored otherwise are counted.
    """
    count = len(regular.texts)
    state = np.full(count, GIVEN, dtype=np.uint8)
    number = np.full(count, np.nan)
    error = np.zeros(count, dtype=np.uint8)
    canonical: list[str | None] = [None] * count
    parsed = Parsed(state, pa.array([], pa.string()), number, error)
    parsed.repairs = Counter(regular.repairs)
    parsed.is_formula = regular.is_formula
    state[regular.is_empty], state[regular.is_clear] = EMPTY, CLEARED
    asked = 0
    for place, text in enumerate(regular.texts.to_pylist()):
        if state[place] != GIVEN:
            continue
        canonical[place], number[place], code = reader(text)
        if code is not None:
            if apart and text.casefold() in CANNOT_APPLY:
                state[place], canonical[place] = APART, NOT_APPLICABLE
                continue
            canonical[place], state[place], error[place] = None, WRONG, error_number(code)
            asked += suggest is not None
            if suggest and asked <= _SUGGESTED_FOR and (near := suggest(text)) is not None:
                parsed.suggestions[place] = near
        elif repair and canonical[place] != text and (repair != FIGURE or _is_dressed(text)):
            parsed.repairs[repair] += int(weights[place])
    parsed.canonical = pa.array(canonical, pa.string())
    return parsed


def _is_dressed(text: str) -> bool:
    return any(mark in text for mark in ", %+")


def reader_of(
    item: Item, *, factor: Decimal, today: dt.date, epoch: dt.date | None
) -> Callable[[str], Answer]:
    """
    Return what reads one regular text as a value of an item.

    :param factor: from the figure as stated in the file to the stored unit.
    :param epoch: the day 0 of the spreadsheet, of which a bare number may be a day; None in text.
    """
    if item.type == ItemType.BOOLEAN:
        return read_boolean
    if item.type.is_coded:
        words = words_of(item)
        return lambda text: read_coded(text, words)
    if item.type == ItemType.DATE:
        return date_reader(item, today=today, epoch=epoch)
    if item.type.is_numeric:
        return figure_reader(item, factor)
    raise ValueError(f"{item.code} is a text and is read as a whole column.")


def read_boolean(text: str) -> Answer:
    """Read yes or no in the ways that people write them."""
    word = text.casefold()
    if word in YES:
        return "true", 1.0, None
    if word in NO:
        return "false", 0.0, None
    return None, np.nan, "not_boolean"


def read_coded(text: str, words: Mapping[str, str]) -> Answer:
    """Read one of an item's own values."""
    code = words.get(compared(text))
    return (code, np.nan, None) if code else (None, np.nan, "not_allowed")


def nearest_value(item: Item) -> Callable[[str], str | None]:
    """Return what finds the value that may have been meant, in the writer's language."""
    words = words_of(item)
    labels = {value.code: value.label_zh for value in item.values}

    def suggest(text: str) -> str | None:
        near = difflib.get_close_matches(compared(text), words, 1, _NEAR)
        if not near:
            return None
        code = words[near[0]]
        return code if text.isascii() else labels[code] or code

    return suggest


def allowed(item: Item) -> dict[str, object]:
    """Return the allowed values for a message, the first few."""
    more = "…" if len(item.values) > _SHOWN_VALUES else ""
    shown = item.values[:_SHOWN_VALUES]
    return {
        "allowed_zh": "、".join(value.label_zh for value in shown) + more,
        "allowed_en": ", ".join(value.label_en for value in shown) + more,
    }


def date_reader(
    item: Item | None, *, today: dt.date | None, epoch: dt.date | None
) -> Callable[[str], Answer]:
    """Return what reads days; `today` is None for days that may lie ahead (ends of validity)."""
    low = item.minimum if item else None
    high = item.maximum if item else None
    ahead = today if item is None or item.no_future else None

    def reader(text: str) -> Answer:
        timed = _SERIAL_WITH_TIME.fullmatch(text) if epoch else None
        day = read_date(timed[1] if timed else text, epoch=epoch)
        if day is None:
            return None, np.nan, "not_date"
        if ahead is not None and day > ahead:
            return None, np.nan, "date_in_future"
        if (isinstance(low, dt.date) and day < low) or (isinstance(high, dt.date) and day > high):
            return None, np.nan, "out_of_range"
        return day.isoformat(), float((day - _EPOCH).days), None

    return reader


def figure_reader(item: Item, factor: Decimal) -> Callable[[str], Answer]:
    """Return what reads counts, numbers or amounts of an item, in stored units."""
    low, high = item.base_minimum, item.base_maximum
    return figures(
        ERROR_TYPES[item.type],
        factor,
        low=low if isinstance(low, Decimal) else None,
        high=high if isinstance(high, Decimal) else None,
        whole=item.type == ItemType.COUNT,
        signs=item.type == ItemType.NUMBER,
    )


def figures(
    code: str,
    factor: Decimal,
    *,
    low: Decimal | None,
    high: Decimal | None,
    whole: bool = False,
    signs: bool = False,
) -> Callable[[str], Answer]:
    """Return a reader of figures; `signs` says whether a per cent sign may follow them."""

    def reader(text: str) -> Answer:
        stated = read_figure(text, signs=signs)
        if stated is None:
            return None, np.nan, code
        value = stated * factor
        if whole and value != value.to_integral_value():
            return None, np.nan, code
        if (low is not None and value < low) or (high is not None and value > high):
            return None, np.nan, "out_of_range"
        return plain_decimal(value), float(value), None

    return reader


def plain_decimal(value: Decimal) -> str:
    """
    Return a decimal as it is stored: no exponent, no zeros at the end, and one zero.

    >>> plain_decimal(Decimal("1.50E+3")), plain_decimal(Decimal("-0.00"))
    ('1500', '0')
    """
    if value == 0:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def choices(words: Mapping[str, str]) -> Callable[[str], Answer]:
    """Return a reader of a few fixed words, as the sizes of enterprises are."""
    known = {compared(word): code for word, code in words.items()}

    def reader(text: str) -> Answer:
        code = known.get(compared(text))
        return (code, np.nan, None) if code else (None, np.nan, "not_allowed")

    return reader


def range_params(item: Item) -> Sequence[tuple[str, object]]:
    """Return an item's bounds for a message, in the unit in which it is stated."""
    return (
        ("minimum", "" if item.minimum is None else item.minimum),
        ("maximum", "" if item.maximum is None else item.maximum),
        ("unit_zh", item.unit_zh),
        ("unit_en", item.unit_en),
    )
