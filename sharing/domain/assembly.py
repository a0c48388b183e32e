"""
What is let in of a file: canonical columns, the JSON of each row, and a digest of it.

Whole columns at once: the JSON of a value is made once for each distinct text and joined by
Arrow for all rows.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import ItemType
from sharing.domain.cells import Cells
from sharing.domain.columns import EVIDENCE, VALID_FROM, VALID_TO, Field
from sharing.domain.grid import Column, Grid
from sharing.domain.normalization import Mask, has_bytes, mask
from sharing.domain.row_digests import digests, without_news
from sharing.domain.values import CLEARED, Parsed

_UNESCAPED = r'[\\"\x00-\x1f]'
_ESCAPED_BYTES = frozenset((*range(0x20), ord('"'), ord("\\")))
_ROWS_AT_ONCE = 100_000
"""Rows of JSON joined at once: text of all rows in one array may outgrow its 2 GB."""


def accepted(
    grid: Grid,
    valid: Mask,
    catalogue: Catalogue,
    *,
    records: npt.NDArray[np.int64] | None = None,
    settled: pa.Table | None = None,
) -> tuple[pd.DataFrame, pa.Table]:
    """
    Return the rows that are let in, in the order of the file, and those that say nothing new.

    Columns: `row`, `records` (how many rows of the file), `uscc`, each identity field and item
    of the file in canonical text, with `<item>|valid_from`, `<item>|valid_to`,
    `<item>|evidence`; `cleared`, a JSON list of field keys to end, null for most rows;
    `values_json`, `details_json` and `row_digest` (16 bytes over what the file says). The
    second has `uscc` and `digest` in hexadecimal. The grid is empty afterwards.

    :param records: how many rows of the file each row of `valid` stands for; 1 if not given.
    :param settled: uscc and digest of the row last imported; the same row is not assembled.
    """
    keep = np.flatnonzero(valid)
    chosen: dict[Field, Column] = {}
    for field in list(grid.columns):  # used up, so that memory holds each column once
        chosen[field] = _kept(grid.columns.pop(field), keep, valid)
    items = sorted({field.subject for field in chosen if field.subject in catalogue.items})
    digest = digests(chosen.values(), len(keep))
    same, said = without_news(chosen[Field("uscc")], digest, settled)
    if same.any():
        news = ~same
        places = np.flatnonzero(news)
        for field in list(chosen):
            chosen[field] = _kept(chosen[field], places, news)
        digest, keep = digest.filter(pa.array(news)), keep[news]
        records = None if records is None else records[news]
    cleared = _cleared(chosen.values(), len(keep))
    values = _fragments(chosen, [Field(item) for item in items], catalogue)
    values_json = _in_pieces(len(keep), lambda rows: _objects(values, rows))
    details_json = _details(chosen, items, len(keep))
    table: dict[str, pa.Array | pa.ChunkedArray] = {
        "row": pa.array(grid.numbers[keep]),
        "records": pa.array(np.ones(len(keep), np.int64) if records is None else records),
        "uscc": _plain(chosen.pop(Field("uscc")).canonical()),
    }
    for field in list(chosen):
        table[field.key] = chosen.pop(field).canonical()
    table |= {
        "cleared": cleared,
        "values_json": values_json,
        "details_json": details_json,
        "row_digest": digest,
    }
    frame: pd.DataFrame = pa.table(table).to_pandas(types_mapper=pd.ArrowDtype)
    return frame, said


def faulty(
    invalid: Mask, originals: Iterable[tuple[str, Cells]], numbers: np.ndarray
) -> pd.DataFrame:
    """Return the rows that are kept out with all cells as they were typed, to be mended."""
    places = np.flatnonzero(invalid)
    columns: dict[str, pa.Array] = {"row": pa.array(numbers[places])}
    times: Counter[str] = Counter()
    for name, cells in originals:
        unique = name
        while unique in columns:  # two columns may have the same header
            times[name] += 1
            unique = f"{name} ({times[name] + 1})"
        columns[unique] = cells.at(places)
    frame: pd.DataFrame = pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _kept(column: Column, keep: np.ndarray, valid: Mask) -> Column:
    if len(keep) == len(column):
        return column
    kept = Column(column.header, column.cells.keep(valid), _parsed(column, valid), column.numbers)
    kept.state = column.state[keep]
    kept.numbers = column.numbers[keep]
    return kept


def _parsed(column: Column, valid: Mask) -> Parsed:
    """Return what the texts come to; for a column without codes, of the kept rows only."""
    parsed = column.parsed
    if column.cells.codes is not None:
        return parsed
    return Parsed(
        parsed.state[valid],
        parsed.canonical.filter(pa.array(valid)),
        parsed.number[valid],
        parsed.error[valid],
    )


def _fragments(
    chosen: Mapping[Field, Column], fields: list[Field], catalogue: Catalogue
) -> list[pa.Array]:
    """Return `"name":value` for each row of each field, null where there is none."""
    fragments = []
    for field in fields:
        column = chosen.get(field)
        if column is None:
            continue
        item = catalogue.items.get(field.subject)
        bare = item is not None and item.type in (ItemType.BOOLEAN, ItemType.COUNT)
        written = _written(column.parsed.canonical, bare=bare)
        fragments.append(_visible(column, _named(field.subject, written)))
    return fragments


def _details(chosen: Mapping[Field, Column], items: list[str], count: int) -> pa.ChunkedArray:
    """Return {item: {evidence, valid_from, valid_to}} a row, null where there is none."""
    by_item: dict[str, list[pa.Array]] = {}
    for item in items:
        for part in (EVIDENCE, VALID_FROM, VALID_TO):
            column = chosen.get(Field(item, part))
            if column is None:
                continue
            texts = column.parsed.canonical
            written = evidence_json(texts) if part == EVIDENCE else _written(texts, bare=False)
            by_item.setdefault(item, []).append(_visible(column, _named(part, written)))

    def objects(rows: slice) -> pa.Array:
        if not by_item:
            return pa.nulls(rows.stop - rows.start, pa.string())
        whole = [_named(item, _objects(parts, rows, empty=None)) for item, parts in by_item.items()]
        return _objects(whole, slice(0, rows.stop - rows.start), empty=None)

    return _in_pieces(count, objects)


def _in_pieces(count: int, make: Callable[[slice], pa.Array]) -> pa.ChunkedArray:
    """Make a column a piece at a time: the parts of all rows together would fill the memory."""
    pieces = [
        make(slice(start, min(start + _ROWS_AT_ONCE, count)))
        for start in range(0, count, _ROWS_AT_ONCE)
    ]
    pa.default_memory_pool().release_unused()
    return pa.chunked_array(pieces, pa.string())


def evidence_json(texts: pa.Array) -> pa.Array:
    """Return texts with several pieces of evidence, apart by `;`, as JSON lists."""
    lists = [None if text is None else _compact(evidence_list(text)) for text in texts.to_pylist()]
    return pa.array(lists, pa.string())


def _compact(pieces: list[str]) -> str:
    return json.dumps(pieces, ensure_ascii=False, separators=(",", ":"))


def evidence_list(text: str) -> list[str]:
    """
    Return the pieces of evidence in a cell.

    >>> evidence_list("证书A; 证书B；")
    ['证书A', '证书B']
    """
    pieces = (piece.strip() for piece in text.replace("；", ";").split(";"))
    return [piece for piece in pieces if piece]


def _written(texts: pa.Array, bare: bool) -> pa.Array:
    """Return texts as JSON strings; `bare` leaves numbers and truths as they are."""
    if bare:
        apart = pc.match_substring_regex(texts, r"^[a-z]+_")
        quoted = pc.binary_join_element_wise('"', texts, '"', "")
        return pc.if_else(pc.fill_null(apart, False), quoted, texts)
    quoted = pc.binary_join_element_wise('"', texts, '"', "")
    if not has_bytes(texts, _ESCAPED_BYTES):
        return quoted
    special = mask(pc.match_substring_regex(texts, _UNESCAPED))
    chosen = texts.filter(pa.array(special)).to_pylist()
    escaped = [json.dumps(text, ensure_ascii=False) for text in chosen]
    return pc.replace_with_mask(quoted, pa.array(special), pa.array(escaped, pa.string()))


def _named(name: str, written: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(f'"{name}":', written, "")


def _visible(column: Column, per_text: pa.Array) -> pa.Array:
    """Return for each row what was made of its text, null where nothing is stored."""
    hidden = ~column.is_given
    codes = column.cells.codes
    if codes is not None:
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=hidden), per_text)
    if not hidden.any():
        return per_text
    return pc.if_else(pa.array(hidden), pa.scalar(None, pa.string()), per_text)


def _objects(fragments: list[pa.Array], rows: slice, empty: str | None = "{}") -> pa.Array:
    count = rows.stop - rows.start
    if not fragments:
        return pa.repeat(pa.scalar(empty, pa.string()), count)
    joined = _joined([_plain(part.slice(rows.start, count)) for part in fragments], "{")
    whole = pc.binary_join_element_wise(joined, "}", "")
    nothing = pc.equal(joined, "{")
    if not pc.any(nothing).as_py():
        return whole
    return pc.if_else(nothing, pa.scalar(empty, pa.string()), whole)


def _joined(fragments: list[pa.Array], opening: str) -> pa.Array:
    """
    Join fragments with commas after an opening bracket, leaving out what is missing.

    Arrow 26 drops a row of which every fragment is missing, hence the blank one in front, of
    which the first comma becomes the bracket.
    """
    first = pa.repeat(pa.scalar("", pa.string()), len(fragments[0]))
    joined = pc.binary_join_element_wise(first, *fragments, ",", null_handling="skip")
    return pc.binary_replace_slice(joined, 0, 1, opening)


def _cleared(columns: Iterable[Column], count: int) -> pa.Array:
    fragments = []
    for column in sorted(columns, key=lambda column: column.field.key):
        ends = column.state == CLEARED
        if ends.any():
            name = json.dumps(column.field.key)
            fragments.append(
                pc.if_else(pa.array(ends), pa.scalar(name), pa.scalar(None, pa.string()))
            )
    if not fragments:
        return pa.nulls(count, pa.string())
    joined = _joined(fragments, "[")
    whole = pc.binary_join_element_wise(joined, "]", "")
    return pc.if_else(pc.equal(joined, "["), pa.scalar(None, pa.string()), whole)


def _plain(texts: pa.Array) -> pa.Array:
    return texts.dictionary_decode() if isinstance(texts, pa.DictionaryArray) else texts
