"""
Comparisons that were worked out, kept beside the import's staged rows until they are stale.

A comparison is known by what it was made of: the staged rows, the newest publication that may
have changed what they are set beside, the day and whoever reads it. Any of them another, and it
is worked out again. The files are derived; losing one costs time, never data. An agreement alone
makes none stale: who would see the facts is told as of when the comparison was made.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qfce.kernel.tenancy.actors import Actor
from sharing.models import ImportBatch
from sharing.selectors.publications import newest_change
from sharing.services import staged_rows

COLUMNS = ("uscc", "name", "region", "what", "code", "old", "new", "old_until", "new_until")
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])
EQUAL, SEARCHED = ("what", "code", "region"), ("uscc", "name")
FIGURES = b"figures"
GROUP_LINES = 5_000
"""So many lines are read for a page that shows one of them."""

Line = tuple[Any, ...]
Wanted = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """
    A comparison in its file: the figures at hand, the lines to be read by the page.

    The file is open, so that it is read to its end though another may have taken its place.
    """

    lines: pq.ParquetFile
    document: Mapping[str, Any]

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[list[Line], int]:
        """
        Return some lines of those that are wanted, and how many there are in all.

        :param wanted: `what`, `code` and `region` to be equal, `sought` within code or name.
        """
        columns = [name for name in EQUAL if wanted.get(name)]
        columns += SEARCHED if wanted.get("sought") else ()
        if not columns:
            total: int = self.lines.metadata.num_rows
            return self._at(np.arange(offset, min(offset + limit, total))), total
        places, first = [], 0
        for group in range(self.lines.num_row_groups):
            table = self.lines.read_row_group(group, columns=columns)
            places.append(first + np.flatnonzero(_fitting(table, wanted)))
            first += len(table)
        found = np.concatenate(places) if places else np.arange(0)
        return self._at(found[offset : offset + limit]), len(found)

    def _at(self, places: np.ndarray) -> list[Line]:
        """Return the lines at these places, which rise, out of the groups that hold them."""
        found: list[Line] = []
        first = 0
        for group in range(self.lines.num_row_groups):
            after = first + self.lines.metadata.row_group(group).num_rows
            inside = places[(places >= first) & (places < after)] - first
            if len(inside):
                table = self.lines.read_row_group(group, columns=list(COLUMNS)).take(inside)
                found += [tuple(row[name] for name in COLUMNS) for row in table.to_pylist()]
            first = after
        return found


def key_of(batch: ImportBatch, *, actor: Actor, day: date) -> str:
    """Return whose comparison it is, and what it is made of if it is made now."""
    made_of = [
        batch.mode, batch.list_version, batch.staged_digest, batch.checked_to, batch.checked_at,
        newest_change(str(actor.region)), day,
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(made_of, default=str).encode()).hexdigest()[:32]
    return f"{actor.organization_id.hex}-{digest}"


def find(import_id: UUID, key: str) -> Kept | None:
    """Return what is kept under a key; None where it is worked out first, or again."""
    try:
        return _opened(_file(import_id, key))
    except FileNotFoundError:
        return None


def keep(
    import_id: UUID, key: str, chunks: Iterator[pa.Table], document: Mapping[str, Any]
) -> Kept:
    """Keep a comparison, in place of any of the same reader that was made of something else."""
    kept = _file(import_id, key)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = kept.with_name(f"fresh-{uuid4().hex}")
    figures = json.dumps(document, ensure_ascii=False, default=str).encode()
    schema = SCHEMA.with_metadata({FIGURES: figures})
    try:
        with pq.ParquetWriter(fresh, schema, compression="zstd") as writer:
            for chunk in chunks:
                writer.write_table(
                    chunk.replace_schema_metadata(schema.metadata), row_group_size=GROUP_LINES
                )
        made = _opened(fresh)
        # An import that is over by now has lost its folder; whoever waits reads what is open.
        with suppress(FileNotFoundError):
            fresh.replace(kept)
    finally:
        fresh.unlink(missing_ok=True)
    for stale in kept.parent.glob(f"comparison-{key.partition('-')[0]}-*"):
        if stale != kept:
            stale.unlink(missing_ok=True)
    return made


def _file(import_id: UUID, key: str) -> Path:
    return staged_rows.folder(import_id) / f"comparison-{key}.parquet"


def _opened(file: Path) -> Kept:
    """
    :raises FileNotFoundError: if there is none.
    """
    lines = pq.ParquetFile(file)
    return Kept(lines, json.loads(lines.schema_arrow.metadata[FIGURES]))


def _fitting(table: pa.Table, wanted: Wanted) -> np.ndarray:
    """Say of each line whether it is wanted."""
    fits = np.ones(len(table), dtype=bool)
    for name in EQUAL:
        if wanted.get(name):
            fits &= _true(pc.equal(table[name], wanted[name]))
    if sought := wanted.get("sought"):
        fits &= np.logical_or.reduce(
            [_true(pc.match_substring(table[n], sought, ignore_case=True)) for n in SEARCHED]
        )
    return fits


def _true(found: pa.ChunkedArray) -> np.ndarray:
    """A line without a value is as one that does not fit."""
    return np.asarray(pc.fill_null(found, False).to_numpy())
