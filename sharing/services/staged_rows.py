"""
The form in which accepted rows wait for their publication: one Arrow schema, one folder.

Staged files are derived from the stored upload and can be made again; losing one costs time,
never data. Values are JSON text already, so that publishing copies them as they are.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

TEXT_COLUMNS = (
    "uscc",
    "region",
    "name",
    "industry",
    "size",
    "established_on",
    "registered_capital",
    "vals",
    "details",
    "cleared",
    "digest",
)
ROWS = pa.schema([("row", pa.int32()), *((name, pa.string()) for name in TEXT_COLUMNS)])
KEYS = pa.schema([("uscc", pa.string())])
KNOWN = pa.schema([("uscc", pa.string()), ("digest", pa.string())])
BATCH_ROWS = 50_000


def folder(import_id: UUID) -> Path:
    """Return where an import's staged files lie: under DATA, outside anything served."""
    return Path(settings.QFCE_DATA) / "imports" / str(import_id)


def batch_of(rows: Iterable[Mapping[str, Any]]) -> pa.RecordBatch:
    """
    Stage rows given as mappings, numbered from 1: for small sets.

    `vals` and `details` are mappings, `cleared` a list of item codes; what is missing is null.
    """
    staged = []
    for number, row in enumerate(rows, 1):
        entry: dict[str, Any] = {name: row.get(name) for name in TEXT_COLUMNS}
        entry["row"] = number
        entry["vals"] = json.dumps(row.get("vals") or {}, ensure_ascii=False)
        details, cleared = row.get("details"), row.get("cleared")
        entry["details"] = json.dumps(details, ensure_ascii=False) if details else None
        entry["cleared"] = "{" + ",".join(cleared) + "}" if cleared else None
        staged.append(entry)
    return pa.RecordBatch.from_pylist(staged, schema=ROWS)


@dataclass(frozen=True, slots=True)
class Staged:
    """An import's staged files. `position` is the list's newest publication when checked."""

    rows: Path
    same: Path
    named: Path
    count: int
    same_count: int
    position: int


def write(
    import_id: UUID, *, news: pa.Table, same: pa.Table, named: pa.Array, position: int
) -> None:
    """Stage what a check let in, in place of what an earlier check staged; whole or not at all."""
    home = folder(import_id)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = Path(tempfile.mkdtemp(dir=home, prefix="staging-"))
    with pq.ParquetWriter(fresh / "rows.parquet", ROWS, compression="zstd") as writer:
        for start in range(0, len(news), BATCH_ROWS):
            writer.write_table(_rows(news.slice(start, BATCH_ROWS), first=start + 1))
    pq.write_table(same.cast(KNOWN), fresh / "same.parquet")
    pq.write_table(pa.table([named], schema=KEYS), fresh / "named.parquet")
    manifest = {"rows": len(news), "same": len(same), "position": position}
    (fresh / "manifest.json").write_text(json.dumps(manifest), encoding="ascii")
    shutil.rmtree(home / "staged", ignore_errors=True)
    fresh.replace(home / "staged")


def batches_of(news: pa.Table) -> Iterator[pa.RecordBatch]:
    """Yield accepted rows in the staged form without staging them."""
    for start in range(0, len(news), BATCH_ROWS):
        yield from _rows(news.slice(start, BATCH_ROWS), first=start + 1).to_batches()


def find(import_id: UUID) -> Staged | None:
    """Return an import's staged files, or None where they have to be made again."""
    home = folder(import_id) / "staged"
    try:
        manifest = json.loads((home / "manifest.json").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    return Staged(
        rows=home / "rows.parquet",
        same=home / "same.parquet",
        named=home / "named.parquet",
        count=manifest["rows"],
        same_count=manifest["same"],
        position=manifest["position"],
    )


def remove(import_id: UUID) -> None:
    """Remove what was staged; what nobody will publish any more need not lie about."""
    shutil.rmtree(folder(import_id), ignore_errors=True)


def _rows(news: pa.Table, *, first: int) -> pa.Table:
    """Return accepted rows in the staged form, numbered on from `first`."""
    columns: dict[str, Any] = {"row": np.arange(first, first + len(news), dtype=np.int32)}
    renamed = {"vals": "values_json", "details": "details_json"}
    for name in TEXT_COLUMNS:
        known = renamed.get(name, name)
        found = news[known] if known in news.column_names else pa.nulls(len(news), pa.string())
        columns[name] = found.cast(pa.string())
    # The JSON list of plain codes is a PostgreSQL array but for its brackets.
    cleared = pc.replace_substring(columns["cleared"], "[", "{")
    columns["cleared"] = pc.replace_substring(cleared, "]", "}")
    return pa.table(columns, schema=ROWS)


def read_batches(file: Path) -> Iterator[pa.RecordBatch]:
    """Yield a staged file's rows piece by piece."""
    with pq.ParquetFile(file) as parquet:
        yield from parquet.iter_batches(batch_size=BATCH_ROWS)
