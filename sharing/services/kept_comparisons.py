"""
Comparisons that were worked out, kept beside the import's staged rows until they are stale.

A comparison is known by what it was made of: the staged rows, the ledger's position, the day
and whoever reads it. Any of them another, and it is worked out again. The files are derived;
losing one costs time, never data.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sharing.models import FeedCounter, ImportBatch
from sharing.services import staged_rows

COLUMNS = ("uscc", "name", "region", "what", "code", "old", "new", "old_until", "new_until")
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])
LINES_AT_ONCE = 20_000

Line = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A comparison in its files: the figures at hand, the lines to be read by the page."""

    lines: Path
    document: Mapping[str, Any]

    def page(self, wanted: Mapping[str, str | None], offset: int, limit: int) -> tuple[Any, int]:
        """
        Return some lines of those that are wanted, and how many there are in all.

        :param wanted: `what`, `code` and `region` to be equal, `sought` within code or name.
        """
        needed = [name for name in ("what", "code", "region") if wanted.get(name)]
        sought = wanted.get("sought")
        named = [*needed, *(("uscc", "name") if sought else ())]
        if not named:
            table = pq.read_table(self.lines, columns=list(COLUMNS))
            return _tuples(table.slice(offset, limit)), len(table)
        table = pq.read_table(self.lines, columns=list(COLUMNS))
        keep = pa.chunked_array([pa.repeat(pa.scalar(True), len(table))])
        for name in needed:
            keep = pc.and_(keep, pc.fill_null(pc.equal(table[name], wanted[name]), False))
        if sought:
            within = [
                pc.fill_null(pc.match_substring(table[name], sought, ignore_case=True), False)
                for name in ("uscc", "name")
            ]
            keep = pc.and_(keep, pc.or_(*within))
        found = table.filter(keep)
        return _tuples(found.slice(offset, limit)), len(found)


def key_of(batch: ImportBatch, *, organization_id: UUID, day: date) -> str:
    """Return what a comparison that is made now is made of."""
    position = FeedCounter.objects.values_list("n", flat=True).first()
    made_of = [
        batch.staged_digest, batch.checked_to, batch.checked_at, position, day, organization_id,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(made_of, default=str).encode()).hexdigest()[:32]


def find(import_id: UUID, key: str) -> Kept | None:
    """Return what is kept under a key; None where it is worked out first, or again."""
    lines, document = _files(import_id, key)
    try:
        return Kept(lines, json.loads(document.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def keep(
    import_id: UUID, key: str, chunks: Iterator[list[Line]], document: Mapping[str, Any]
) -> Kept:
    """Keep a comparison, in place of any that was made of something else."""
    lines, figures = _files(import_id, key)
    lines.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with pq.ParquetWriter(lines, SCHEMA, compression="zstd") as writer:
        for chunk in chunks:
            columns = [pa.array(column, pa.string()) for column in zip(*chunk, strict=True)]
            writer.write_table(pa.table(columns, schema=SCHEMA))
    # The figures come last: whoever finds them finds the lines.
    fresh = figures.with_suffix(".part")
    fresh.write_text(json.dumps(document, ensure_ascii=False, default=str), encoding="utf-8")
    fresh.replace(figures)
    for stale in lines.parent.glob("comparison-*"):
        if key not in stale.name:
            stale.unlink(missing_ok=True)
    return Kept(lines, json.loads(figures.read_text(encoding="utf-8")))


def _files(import_id: UUID, key: str) -> tuple[Path, Path]:
    home = staged_rows.folder(import_id)
    return home / f"comparison-{key}.parquet", home / f"comparison-{key}.json"


def _tuples(table: pa.Table) -> list[Line]:
    return [tuple(row[name] for name in COLUMNS) for row in table.to_pylist()]
