"""
The form in which accepted rows wait for their publication: one Arrow schema, one folder.

Staged files are derived from the stored upload and can be made again; losing one costs time,
never data. Values are JSON text already, so that publishing copies them as they are.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
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


def read_batches(file: Path) -> Iterator[pa.RecordBatch]:
    """Yield a staged file's rows piece by piece."""
    with pq.ParquetFile(file) as parquet:
        yield from parquet.iter_batches(batch_size=BATCH_ROWS)
