"""Reading the identity columns: credit code, name, region, and what goes with them."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sharing.domain import uscc, values
from sharing.domain.cells import Cells
from sharing.domain.grid import Column, Rows
from sharing.domain.headers import ColumnHeader
from sharing.domain.normalization import Mask, Regular, count_repairs, mask, regular
from sharing.domain.regions import RegionTable, Resolution
from sharing.domain.units import MISMATCH, factor
from sharing.domain.values import EMPTY, GIVEN, WRONG, Parsed, error_number

NAME_CHARACTERS = 500
INDUSTRY_CHARACTERS = 10
CAPITAL_UNIT = "万元"
_CAPITAL_FACTOR = Decimal(10_000)
_CAPITAL_MAXIMUM = Decimal("999999999999999999.99")
"""What the column of the register holds: twenty figures, two of them behind the point."""

SIZES: Mapping[str, str] = {
    word: size
    for size, words in {
        "large": "large 大型 大 大型企业",
        "medium": "medium 中型 中 中型企业",
        "small": "small 小型 小 小型企业",
        "micro": "micro 微型 微 微型企业",
    }.items()
    for word in words.split()
}


def read_uscc(header: ColumnHeader, cells: Cells, numbers: Rows) -> Column:
    """Read the column of credit codes; well-formed ones are canonical."""
    weights = cells.weights()
    seen = regular(cells.texts, weights)
    codes = uscc.regular(seen.texts)
    count_repairs(seen.repairs, "credit_code", mask(pc.not_equal(codes, seen.texts)), weights)
    damaged = uscc.are_damaged(codes)
    formed = uscc.are_well_formed(codes) & ~damaged
    nothing = seen.is_empty | seen.is_clear | mask(pc.equal(codes, ""))
    parsed = _parsed(seen, codes, formed)
    parsed.state[nothing] = EMPTY
    _wrong(parsed, ~nothing & damaged, "uscc_damaged")
    _wrong(parsed, ~nothing & ~damaged & ~formed, "uscc_format")
    return Column(header, cells, parsed, numbers)


def read_name(header: ColumnHeader, cells: Cells, numbers: Rows) -> Column:
    """Read the column of official names, which keep their width."""
    seen = regular(cells.texts, cells.weights(), keep_width=True)
    return _text_column(header, cells, numbers, seen, seen.texts, NAME_CHARACTERS)


def read_text(header: ColumnHeader, cells: Cells, numbers: Rows, longest: int) -> Column:
    """Read a column of free text, as items of that type and evidence are."""
    seen = regular(cells.texts, cells.weights())
    return _text_column(header, cells, numbers, seen, seen.texts, longest)


def read_industry(header: ColumnHeader, cells: Cells, numbers: Rows) -> Column:
    """Read the column of industry codes (GB/T 4754): upper case, without blanks."""
    seen = regular(cells.texts, cells.weights())
    codes = pc.replace_substring_regex(pc.utf8_upper(seen.texts), r"\s+", "")
    return _text_column(header, cells, numbers, seen, codes, INDUSTRY_CHARACTERS)


def read_region(
    header: ColumnHeader,
    cells: Cells,
    numbers: Rows,
    *,
    table: RegionTable,
    jurisdiction: tuple[str, str],
) -> Column:
    """Read the column of regions; the canonical form is the code of the live region."""
    low, high = jurisdiction
    seen = regular(cells.texts, cells.weights())
    known = table.resolve_all(seen.texts.to_pylist(), low=low, high=high)
    codes = pa.array([found.code or None for found in known], pa.string())
    given = ~seen.is_empty & ~seen.is_clear
    parsed = _parsed(seen, codes, given)
    parsed.state[seen.is_empty], parsed.state[seen.is_clear] = EMPTY, values.CLEARED
    unknown = np.array([found.answer == "unknown" for found in known], dtype=np.bool_)
    outside = np.array([not low <= found.code <= high for found in known], dtype=np.bool_)
    _wrong(parsed, given & unknown, "region_unknown")
    _wrong(parsed, given & ~unknown & outside, "region_outside")
    parsed.suggestions = {
        place: "; ".join(map(table.label, found.candidates))
        for place, found in enumerate(known)
        if found.answer == "unknown" and found.candidates
    }
    parsed.lineage = {
        place: found.candidates
        for place, found in enumerate(known)
        if found.answer == "superseded" and given[place]
    }
    parsed.repairs["region"] += _named(seen, known, cells)
    return Column(header, cells, parsed, numbers)


def read_size(header: ColumnHeader, cells: Cells, numbers: Rows) -> Column:
    """Read the column of sizes of enterprises."""
    weights = cells.weights()
    seen = regular(cells.texts, weights)
    parsed = values.read(seen, weights, values.choices(SIZES), repair="label")
    parsed.params["not_allowed"] = {
        "allowed_zh": "大型、中型、小型、微型",
        "allowed_en": "large, medium, small, micro",
    }
    return Column(header, cells, parsed, numbers)


def read_established(
    header: ColumnHeader, cells: Cells, numbers: Rows, *, today: dt.date, epoch: dt.date | None
) -> Column:
    """Read the column of founding dates, none of which lies ahead."""
    weights = cells.weights()
    reader = values.date_reader(None, today=today, epoch=epoch)
    parsed = values.read(regular(cells.texts, weights), weights, reader, repair="date")
    return Column(header, cells, parsed, numbers)


def read_capital(
    header: ColumnHeader, cells: Cells, numbers: Rows, *, money_unit: str
) -> tuple[Column, str]:
    """Read the column of registered capital; also return a unit that cannot be converted."""
    stated = header.unit or money_unit or CAPITAL_UNIT
    found = factor(stated, own=CAPITAL_UNIT, own_factor=_CAPITAL_FACTOR)
    mismatch = stated if found == MISMATCH else ""
    times = found if isinstance(found, Decimal) else _CAPITAL_FACTOR
    weights = cells.weights()
    reader = values.figures("not_money", times, low=Decimal(0), high=_CAPITAL_MAXIMUM)
    parsed = values.read(regular(cells.texts, weights), weights, reader, repair="figure")
    parsed.params["out_of_range"] = {"minimum": 0, "maximum": _CAPITAL_MAXIMUM, "unit_zh": "元"}
    return Column(header, cells, parsed, numbers), mismatch


def _text_column(
    header: ColumnHeader,
    cells: Cells,
    numbers: Rows,
    seen: Regular,
    texts: pa.StringArray,
    longest: int,
) -> Column:
    given = ~seen.is_empty & ~seen.is_clear
    parsed = _parsed(seen, texts, given)
    parsed.state[seen.is_clear] = values.CLEARED
    parsed.state[seen.is_empty] = EMPTY
    long = np.asarray(pc.utf8_length(texts).to_numpy(zero_copy_only=False)) > longest
    _wrong(parsed, given & long, "too_long")
    parsed.params["too_long"] = {"maximum": longest}
    return Column(header, cells, parsed, numbers)


def _parsed(seen: Regular, canonical: pa.StringArray, given: Mask) -> Parsed:
    count = len(seen.texts)
    hidden = pc.if_else(pa.array(given), canonical, pa.scalar(None, pa.string()))
    parsed = Parsed(
        np.full(count, GIVEN, dtype=np.uint8),
        hidden,
        np.full(count, np.nan),
        np.zeros(count, dtype=np.uint8),
    )
    parsed.repairs = Counter(seen.repairs)
    parsed.is_formula = seen.is_formula
    return parsed


def _wrong(parsed: Parsed, where: Mask, code: str) -> None:
    parsed.state[where] = WRONG
    parsed.error[where] = error_number(code)


def _named(seen: Regular, known: list[Resolution], cells: Cells) -> int:
    """Count the cells that hold a region's name and are stored as its code."""
    named = np.array(
        [
            bool(found.code) and found.answer == "found" and found.code != text
            for found, text in zip(known, seen.texts.to_pylist(), strict=True)
        ],
        dtype=np.bool_,
    )
    return int(cells.weights()[named].sum())
