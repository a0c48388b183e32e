"""
What is let in of a file: canonical columns, the JSON of each row, and a digest of it.

Whole columns at once: the JSON of a value is made once for each distinct text and joined by
Arrow for all rows.
"""

import json
from collections.abc import Iterable, Mapping

import numpy as np
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

_HASH_KEYS = ("qfce.row.first..", "qfce.row.second.")
_UNESCAPED = r'[\\"\x00-\x1f]'
_ROWS_AT_ONCE = 250_000
"""Rows of JSON joined at once: text of all rows in one array may outgrow its 2 GB."""

IDENTITY = tuple(field for field in IDENTITY_NAMES if field != "uscc")


def accepted(grid: Grid, valid: Mask, catalogue: Catalogue) -> pd.DataFrame:
    """
    Return the rows that are let in, in the order of the file.

    Columns: `row`, `uscc`, each identity field and item of the file in canonical text, with
    `<item>|valid_from`, `<item>|valid_to`, `<item>|evidence`; `cleared`, a JSON list of field
    keys to end, null for most rows; `identity_json`, `values_json`, `details_json` and
    `row_digest` (16 bytes over all of those).
    """
    keep = np.flatnonzero(valid)
    chosen = {field: _kept(column, keep, valid) for field, column in grid.columns.items()}
    table: dict[str, pa.Array] = {"row": pa.array(grid.numbers[keep])}
    table["uscc"] = _plain(chosen[Field("uscc")].canonical())
    for field, column in chosen.items():
        if field != Field("uscc"):
            table[field.key] = column.canonical()
    table["cleared"] = _cleared(chosen.values(), len(keep))
    table["identity_json"] = _json(
        [(field, chosen[Field(field)]) for field in IDENTITY if Field(field) in chosen], len(keep)
    )
    items = sorted(field.subject for field in chosen if field.subject in catalogue.items)
    items = list(dict.fromkeys(items))
    table["values_json"] = _json(
        [(item, chosen[Field(item)]) for item in items if Field(item) in chosen],
        len(keep),
        catalogue,
    )
    table["details_json"] = _details(chosen, items, len(keep))
    table["row_digest"] = digests(
        [table[name] for name in ("uscc", "identity_json", "values_json", "details_json", "cleared")]
    )
    frame = pa.table(table)
    return frame.to_pandas(types_mapper=pd.ArrowDtype)


def digests(columns: list[pa.Array]) -> pa.Array:
    """Return 16 bytes for each row over texts; two keyed hashes of 64 bits beside each other."""
    count = len(columns[0])
    parts = []
    for start in range(0, count, _ROWS_AT_ONCE):
        pieces = [pc.fill_null(column.slice(start, _ROWS_AT_ONCE), "") for column in columns]
        joined = pc.binary_join_element_wise(*map(_plain, pieces), "\x1f")
        texts = np.asarray(joined.to_numpy(zero_copy_only=False), dtype=object)
        hashes = [
            pd.util.hash_array(texts, hash_key=key, categorize=False) for key in _HASH_KEYS
        ]
        pair = np.ascontiguousarray(np.stack(hashes, axis=1))
        parts.append(
            pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), len(texts), [None, pa.py_buffer(pair.tobytes())]
            )
        )
    return pa.concat_arrays(parts) if parts else pa.array([], pa.binary(16))


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
    return pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)


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


def _json(
    columns: list[tuple[str, Column]], count: int, catalogue: Catalogue | None = None
) -> pa.Array:
    """Return a JSON object a row, with the names in order; missing values are left out."""
    fragments = []
    for name, column in sorted(columns):
        item = catalogue.items.get(name) if catalogue else None
        bare = item is not None and item.type in (ItemType.BOOLEAN, ItemType.COUNT)
        texts = column.parsed.canonical
        written = _written(texts, bare)
        fragment = pc.binary_join_element_wise(f'"{name}":', written, "")
        fragments.append(_visible(column, fragment))
    return _objects(fragments, count)


def _details(chosen: Mapping[Field, Column], items: list[str], count: int) -> pa.Array:
    """Return {item: {evidence, valid_from, valid_to}} a row, null where there is none."""
    objects = []
    for item in items:
        parts = []
        for part in (EVIDENCE, VALID_FROM, VALID_TO):
            column = chosen.get(Field(item, part))
            if column is None:
                continue
            written = (
                evidence_json(column.parsed.canonical)
                if part == EVIDENCE
                else _written(column.parsed.canonical, bare=False)
            )
            fragment = pc.binary_join_element_wise(f'"{part}":', written, "")
            parts.append(_visible(column, fragment))
        if parts:
            whole = _objects(parts, count, empty=None)
            objects.append(pc.binary_join_element_wise(f'"{item}":', whole, ""))
    return _objects(objects, count, empty=None)


def evidence_json(texts: pa.Array) -> pa.Array:
    """Return texts with several pieces of evidence, apart by `;`, as JSON lists."""
    lists = [
        None if text is None else json.dumps(evidence_list(text), ensure_ascii=False)
        for text in texts.to_pylist()
    ]
    return pa.array(lists, pa.string())


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
    escaped = [json.dumps(text, ensure_ascii=False) for text in texts.filter(pa.array(special)).to_pylist()]
    return pc.replace_with_mask(quoted, pa.array(special), pa.array(escaped, pa.string()))


def _visible(column: Column, per_text: pa.Array) -> pa.Array:
    """Return for each row what was made of its text, null where nothing is stored."""
    shown = pa.array(column.is_given)
    spread = column.cells.spread_arrow(per_text)
    return pc.if_else(shown, _plain(spread), pa.scalar(None, pa.string()))


def _objects(fragments: list[pa.Array], count: int, empty: str | None = "{}") -> pa.Array:
    if not fragments:
        return pa.repeat(pa.scalar(empty, pa.string()), count)
    joined = _joined(fragments)
    whole = pc.binary_join_element_wise("{", joined, "}", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(empty, pa.string()), whole)


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
