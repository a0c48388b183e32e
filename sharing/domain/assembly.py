"""
What is let in of a file: canonical columns, the JSON of each row, and a digest of it.

Whole columns at once: the JSON of a value is made once for each distinct text and joined by
Arrow for all rows.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import ItemType
from sharing.domain.cells import Cells
from sharing.domain.columns import EVIDENCE, IDENTITY_NAMES, VALID_FROM, VALID_TO, Field
from sharing.domain.grid import Column, Grid
from sharing.domain.normalization import Mask, mask
from sharing.domain.values import CLEARED, Parsed

_HASH_KEY = "qfce.import.rows"
_UNESCAPED = r'[\\"\x00-\x1f]'
_ROWS_AT_ONCE = 100_000
"""Rows of JSON joined at once: text of all rows in one array may outgrow its 2 GB."""

IDENTITY = tuple(field for field in IDENTITY_NAMES if field != "uscc")


def accepted(grid: Grid, valid: Mask, catalogue: Catalogue) -> pd.DataFrame:
    """
    Return the rows that are let in, in the order of the file.

    Columns: `row`, `uscc`, each identity field and item of the file in canonical text, with
    `<item>|valid_from`, `<item>|valid_to`, `<item>|evidence`; `cleared`, a JSON list of field
    keys to end, null for most rows; `identity_json`, `values_json`, `details_json` and
    `row_digest` (16 bytes over what the file says). The grid is empty afterwards.
    """
    keep = np.flatnonzero(valid)
    chosen: dict[Field, Column] = {}
    for field in list(grid.columns):  # used up, so that memory holds each column once
        chosen[field] = _kept(grid.columns.pop(field), keep, valid)
    items = sorted({field.subject for field in chosen if field.subject in catalogue.items})
    digest = digests(chosen.values(), len(keep))
    cleared = _cleared(chosen.values(), len(keep))
    identity = _fragments(chosen, [Field(field) for field in sorted(IDENTITY)], catalogue)
    identity_json = _in_pieces(len(keep), lambda rows: _objects(identity, rows))
    values = _fragments(chosen, [Field(item) for item in items], catalogue)
    values_json = _in_pieces(len(keep), lambda rows: _objects(values, rows))
    details_json = _details(chosen, items, len(keep))
    table: dict[str, pa.Array | pa.ChunkedArray] = {
        "row": pa.array(grid.numbers[keep]),
        "uscc": _plain(chosen.pop(Field("uscc")).canonical()),
    }
    for field in list(chosen):
        table[field.key] = chosen.pop(field).canonical()
    table |= {
        "cleared": cleared,
        "identity_json": identity_json,
        "values_json": values_json,
        "details_json": details_json,
        "row_digest": digest,
    }
    frame: pd.DataFrame = pa.table(table).to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def digests(columns: Iterable[Column], count: int) -> pa.Array:
    """
    Return 16 bytes for each row over what the file says in all its fields but the code.

    The same row gives the same digest, whatever the order of the columns. A field's text is
    hashed once for each distinct text; the rows add up what their texts come to.
    """
    sums = np.zeros((2, count), dtype=np.uint64)
    for column in columns:
        if column.field == Field("uscc"):
            continue
        per_text = _hashed(column.parsed.canonical)
        salts = np.frombuffer(
            hashlib.blake2b(column.field.key.encode(), digest_size=32).digest(), dtype=np.uint64
        )
        for half in (0, 1):
            mixed = column.cells.spread(_mixed(per_text ^ salts[half]))
            sums[half] += np.where(column.is_given, mixed, np.uint64(0))
            sums[half] += np.where(column.state == CLEARED, salts[half + 2], np.uint64(0))
    pairs = np.ascontiguousarray(_mixed(sums).T)
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), count, [None, pa.py_buffer(pairs.tobytes())]
    )


def _hashed(texts: pa.Array) -> npt.NDArray[np.uint64]:
    """Return a hash of each text, a piece at a time: pandas wants them as Python's own."""
    hashes = [np.zeros(0, dtype=np.uint64)]
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        piece = texts.slice(start, _ROWS_AT_ONCE).fill_null("").to_numpy(zero_copy_only=False)
        own = np.asarray(piece, dtype=object)
        hashes.append(pd.util.hash_array(own, hash_key=_HASH_KEY, categorize=False))
    return np.concatenate(hashes)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return 64-bit numbers in which each bit depends on all (the finalizer of SplitMix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))


def faulty(
    invalid: Mask, originals: Iterable[tuple[str, Cells]], numbers: np.ndarray
) -> pd.DataFrame:
    """Return the rows that are kept out with all cells as they were typed, to be mended."""
    places = np.flatnonzero(invalid)
    columns: dict[str, pa.Array] = {"row": pa.array(numbers[places])}
    for name, cells in originals:
        unique, again = name, 2
        while unique in columns:  # two columns may have the same header
            unique, again = f"{name} ({again})", again + 1
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
    special = mask(pc.match_substring_regex(texts, _UNESCAPED))
    quoted = pc.binary_join_element_wise('"', texts, '"', "")
    if not special.any():
        return quoted
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
    joined = _joined([_plain(part.slice(rows.start, count)) for part in fragments])
    whole = pc.binary_join_element_wise("{", joined, "}", "")
    nothing = pc.equal(joined, "")
    if not pc.any(nothing).as_py():
        return whole
    return pc.if_else(nothing, pa.scalar(empty, pa.string()), whole)


def _joined(fragments: list[pa.Array]) -> pa.Array:
    """
    Join fragments with commas, leaving out what is missing; empty where all of them are.

    Arrow 26 drops a row of which every fragment is missing, hence the blank one in front.
    """
    first = pa.repeat(pa.scalar("", pa.string()), len(fragments[0]))
    joined = pc.binary_join_element_wise(first, *fragments, ",", null_handling="skip")
    return pc.utf8_slice_codeunits(joined, 1)


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
    joined = _joined(fragments)
    whole = pc.binary_join_element_wise("[", joined, "]", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), whole)


def _plain(texts: pa.Array) -> pa.Array:
    return texts.dictionary_decode() if isinstance(texts, pa.DictionaryArray) else texts
