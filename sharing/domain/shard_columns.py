"""
The typed columns of a shard: what of a profile is looked at by the million.

Every item has a column of its type, with `<code>:marks` beside it, and `<code>:valid_from` and
`<code>:valid_to` where some row states them. An empty cell and one whose value cannot apply
differ by their marks, so that nobody takes the one for the other.
"""

from collections.abc import Iterable, Mapping
from enum import IntFlag

import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.catalogue import Item
from factors.domain.item_types import NOT_APPLICABLE, ItemType

FORMAT = 2
"""The form of the columns; a shard of another form is made anew."""


class Mark(IntFlag):
    """What qualifies a cell; a value that is simply in force has none."""

    NOT_APPLICABLE = 1  # the item cannot apply; there is no value
    LAPSED = 2  # nobody has confirmed the value for longer than the list allows
    FLAGGED = 4  # disputed, or marked otherwise
    NOT_SHOWN = 8  # there may be a value, and it is not for this reader
    UNFIT = 16  # there is a value, and it does not fit the column: ask for the one enterprise


IDENTITY = {
    "uscc": pa.string(),
    "region": pa.string(),
    "number": pa.int64(),
    "row": pa.int32(),
    "listed": pa.bool_(),
    "industry": pa.string(),
    "size": pa.string(),
    "established_on": pa.date32(),
    "registered_capital": pa.decimal128(20, 2),
}
"""What a shard says of an enterprise itself; `number` and `row` are the profile's position."""

# A ratio is looked at as a number; money stays exact.
TYPES = {
    ItemType.BOOLEAN: pa.bool_(),
    ItemType.COUNT: pa.int64(),
    ItemType.NUMBER: pa.float64(),
    ItemType.MONEY: pa.decimal128(38, 12),
    ItemType.DATE: pa.date32(),
    ItemType.TEXT: pa.string(),
    ItemType.ENUM: pa.string(),
    ItemType.GRADE: pa.string(),
}
# How a canonical value of each type is written that is neither text nor a day.
WRITTEN = {
    ItemType.BOOLEAN: r"^(true|false)$",
    ItemType.COUNT: r"^-?\d{1,18}$",
    ItemType.NUMBER: r"^-?\d{1,300}(\.\d+)?$",
    ItemType.MONEY: r"^-?\d{1,26}(\.\d{1,12})?$",
}
DETAILS = ("valid_from", "valid_to")


def detail(code: str, member: str) -> str:
    """
    Return the name of a column beside an item's.

    >>> detail("QF-17", "valid_to")
    'QF-17:valid_to'
    """
    return f"{code}:{member}"


def typed(rows: pa.Table, items: Mapping[str, Item]) -> pa.Table:
    """
    Return rows of text as typed columns, all of them, in the order of the list.

    :param rows: text columns: the identity, every item's canonical value under its code,
        the dates of `DETAILS` where there are any, and `flagged` and `lapsed`, item codes
        between commas, as `,QC-01,QF-17,`.

    A profile of another version of the list may hold a value that is not of its item's type
    here; that cell alone is empty, and marked `UNFIT`.
    """
    columns: dict[str, pa.ChunkedArray] = {
        name: rows[name].cast(kind) for name, kind in IDENTITY.items()
    }
    for code, item in items.items():
        text = rows[code]
        not_applicable = pc.equal(text, NOT_APPLICABLE)
        value = pc.if_else(pc.fill_null(not_applicable, False), None, text)
        columns[code] = _of_type(value, item.type)
        unfit = pc.and_(pc.is_valid(value), pc.is_null(columns[code]))
        columns[detail(code, "marks")] = _marks(rows, code, not_applicable, unfit)
        for member in DETAILS:
            name = detail(code, member)
            if name in rows.column_names:
                columns[name] = rows[name].cast(pa.date32())
    return pa.table(columns)


def _of_type(text: pa.ChunkedArray, kind: ItemType) -> pa.ChunkedArray:
    try:
        return text.cast(TYPES[kind])
    except pa.ArrowInvalid:
        return pc.if_else(_fits(text, kind), text, None).cast(TYPES[kind])


def _fits(text: pa.ChunkedArray, kind: ItemType) -> pa.ChunkedArray:
    """Return for each cell whether it can be of a type; looked at where some cell cannot."""
    if kind == ItemType.DATE:
        # It takes February 31 for March 3, which is then not what was written.
        read = pc.strptime(text, format="%Y-%m-%d", unit="s", error_is_null=True)
        fits = pc.equal(read.cast(pa.date32()).cast(pa.string()), text)
    else:
        fits = pc.match_substring_regex(text, WRITTEN[kind])
    return pc.fill_null(fits, False)


def _marks(
    rows: pa.Table, code: str, not_applicable: pa.ChunkedArray, unfit: pa.ChunkedArray
) -> pa.ChunkedArray:
    marks = pc.fill_null(not_applicable, False).cast(pa.uint8())
    said = [(unfit, Mark.UNFIT)]
    for name, mark in (("lapsed", Mark.LAPSED), ("flagged", Mark.FLAGGED)):
        if rows[name].null_count < len(rows):
            said.append((pc.fill_null(pc.match_substring(rows[name], f",{code},"), False), mark))
    for holds, mark in said:
        marks = pc.add(marks, pc.multiply(holds.cast(pa.uint8()), pa.scalar(mark, pa.uint8())))
    return marks


def together(tables: Iterable[pa.Table]) -> pa.Table:
    """Return shards as one table; a column that one of them lacks is null in its rows."""
    return pa.concat_tables(tables, promote_options="default")


def newest(rows: pa.Table) -> pa.Table:
    """
    Return one row an enterprise, the one whose position is the greatest, by credit code.

    Who has moved to another city may stand in the old city's shard for a while.
    """
    order = pc.sort_indices(
        rows, sort_keys=[("uscc", "ascending"), ("number", "descending"), ("row", "descending")]
    )
    if not len(order):
        return rows
    ordered = rows.take(order)
    codes = ordered["uscc"].combine_chunks()
    is_first = pa.concat_arrays([pa.array([True]), pc.not_equal(codes[1:], codes[:-1])])
    return ordered.filter(is_first)
