"""
The rows that people mend, as they were typed, beside what is staged of an import.

Made by each check of the whole file, and made again from it at any time: the corrections
themselves are in the database. A row is found in milliseconds, whatever the file's length.
"""

import json
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qfce.kernel.errors import Conflict
from sharing.domain.column_facts import SheetFacts
from sharing.services import staged_rows
from sharing.services.import_checks import CheckedFile

MOST_ROWS = 100_000
"""Rows with findings that are kept at hand; who has more begins with these."""

GROUP_ROWS = 5_000


class NotAtHand(Conflict):
    """What a check keeps for mending is gone, or was made by a program of another day."""

    code = "sharing.import.not_at_hand"
    title = "The rows of this file have to be read again before they can be mended."


def write(import_id: UUID, checked: CheckedFile) -> None:
    """Keep the rows with findings, the codes of all rows, and what the columns are."""
    home = staged_rows.folder(import_id)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = Path(tempfile.mkdtemp(dir=home, prefix="mending-"))
    (fresh / "sheet.json").write_text(
        json.dumps(checked.facts.to_document(), ensure_ascii=False), encoding="utf-8"
    )
    _write_rows(fresh / "rows.parquet", _marked(checked))
    pq.write_table(checked.codes, fresh / "codes.parquet", compression="zstd", use_dictionary=False)
    shutil.rmtree(home / "mending", ignore_errors=True)
    fresh.replace(home / "mending")


def facts(import_id: UUID) -> SheetFacts:
    """
    Return what the sheet of an import looks like.

    :raises NotAtHand: if nothing is kept of it.
    """
    try:
        text = (_home(import_id) / "sheet.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotAtHand(
            "Nothing is kept of this file's rows.", hint="Check the whole file again first."
        ) from None
    return SheetFacts.from_document(json.loads(text))


def rows(import_id: UUID, wanted: Collection[int]) -> pa.Table:
    """
    Return those of some rows that are kept, as they were typed, in the order of the file.

    Columns: `row`, and `c0`, `c1` … by the column's place.

    :raises NotAtHand: if nothing is kept.
    """
    facts(import_id)
    among = [("row", "in", set(wanted))]
    if not wanted:
        return pq.read_table(_home(import_id) / "rows.parquet").slice(0, 0)
    return pq.read_table(_home(import_id) / "rows.parquet", filters=among).sort_by("row")


def add(import_id: UUID, more: pa.Table) -> None:
    """Keep some more rows."""
    kept = pq.read_table(_home(import_id) / "rows.parquet")
    new = more.filter(pc.invert(pc.is_in(more["row"], value_set=kept["row"].combine_chunks())))
    if len(new):
        _write_rows(_home(import_id) / "rows.parquet", pa.concat_tables([kept, new]))


def codes(import_id: UUID) -> tuple[np.ndarray, pa.ChunkedArray]:
    """Return row numbers and regular credit codes of the whole file, empty where malformed."""
    table = pq.read_table(_home(import_id) / "codes.parquet")
    return np.asarray(table["row"].to_numpy(), dtype=np.int64), table["uscc"]


def _home(import_id: UUID) -> Path:
    return staged_rows.folder(import_id) / "mending"


def _write_rows(target: Path, table: pa.Table) -> None:
    written = target.with_suffix(".new")
    pq.write_table(table.sort_by("row"), written, compression="zstd", row_group_size=GROUP_ROWS)
    written.replace(target)


def _marked(checked: CheckedFile) -> pa.Table:
    """Return the rows with errors, then those with warnings, by place of the column."""
    parts = [
        _by_place(frame.head(MOST_ROWS))
        for frame in (checked.checked.faulty_rows, checked.checked.warned_rows)
    ]
    return pa.concat_tables(parts)


def _by_place(frame: pd.DataFrame) -> pa.Table:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    names = ["row", *(f"c{place}" for place in range(table.num_columns - 1))]
    types = [pa.int64(), *(pa.string() for _ in names[1:])]
    return table.rename_columns(names).cast(pa.schema(list(zip(names, types, strict=True))))
