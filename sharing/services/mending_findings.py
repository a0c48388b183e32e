"""Writing down what some rows of an import come to now: findings, counts, corrections."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
from django.db import connection

from sharing.domain.findings import ERROR, SEVERITIES
from sharing.domain.import_lifecycle import IMPORT
from sharing.models import ImportBatch
from sharing.services import publication_rows
from sharing.services.import_results import FINDING_COLUMNS, FOUND
from sharing.services.mending_checks import LookedAgain

BEFORE = """
SELECT "row", code FROM sharing_importfinding
WHERE batch_id = %(batch)s AND "row" = ANY (%(rows)s)
"""
SAME = """f."row" = x."row" AND f."column" IS NOT DISTINCT FROM x."column" AND f.code = x.code
    AND f.value IS NOT DISTINCT FROM x.value AND f.suggestion IS NOT DISTINCT FROM x.suggestion
    AND f.params IS NOT DISTINCT FROM x.params"""
GONE = f"""
DELETE FROM sharing_importfinding f
WHERE f.batch_id = %(batch)s AND f."row" = ANY (%(rows)s)
  AND NOT EXISTS (SELECT FROM found x WHERE {SAME})
"""  # noqa: S608 - a constant
ADDED = f"""
INSERT INTO sharing_importfinding (owner_id, batch_id, "row", "column", code, severity, value,
                                   suggestion, params)
SELECT %(owner)s, %(batch)s, x."row", x."column", x.code, x.severity, x.value, x.suggestion,
       x.params
FROM found x
WHERE NOT EXISTS (SELECT FROM sharing_importfinding f
                  WHERE f.batch_id = %(batch)s AND f."row" = ANY (%(rows)s) AND {SAME})
ORDER BY x.place
"""  # noqa: S608 - a constant
CORRECT = """
INSERT INTO sharing_importcorrection (owner_id, batch_id, "row", place, "column", was, became,
                                      way, corrected_at, corrected_by_id)
SELECT %(owner)s, %(batch)s, line.*, %(way)s, %(at)s, %(by)s
FROM unnest(%(rows)s::integer[], %(places)s::integer[], %(columns)s::text[], %(was)s::text[],
            %(became)s::text[]) line
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A cell of a row, by its column's place, with what it held and what it holds now."""

    row: int
    place: int
    column: str
    was: str
    became: str


def write_corrections(
    batch: ImportBatch, cells: Sequence[Corrected], *, way: str, by: UUID, at: datetime
) -> int:
    """Write corrections down, all in one statement; the number of the newest."""
    with connection.cursor() as cursor:
        cursor.execute(
            CORRECT,
            {
                "owner": batch.owner_id,
                "batch": batch.pk,
                "rows": [cell.row for cell in cells],
                "places": [cell.place for cell in cells],
                "columns": [cell.column for cell in cells],
                "was": [cell.was for cell in cells],
                "became": [cell.became for cell in cells],
                "way": way,
                "at": at,
                "by": by,
            },
        )
        return max(int(line[0]) for line in cursor.fetchall())


def keep(batch: ImportBatch, looked: LookedAgain, *, present_before: Collection[int]) -> None:
    """
    Put what was found in some rows in place of what was found in them before.

    Counts are moved by the difference. Which of the rows are new or changed is exact after
    the next check of the whole file.
    """
    rows = sorted(looked.rows)
    facts: dict[str, Any] = {"batch": batch.pk, "owner": batch.owner_id, "rows": rows}
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, facts)
        before = [(int(row), str(code)) for row, code in cursor.fetchall()]
        cursor.execute(FOUND)
        with cursor.cursor.copy("COPY found FROM STDIN") as copy:
            if len(looked.findings):
                copy.write(_lines(looked.findings))
        cursor.execute(GONE, facts)
        cursor.execute(ADDED, facts)
        cursor.execute("DROP TABLE found")
    _count(batch, Counter(code for _, code in before), looked.findings)
    wrong = {row for row, code in before if SEVERITIES[code] == ERROR}
    _count_rows(batch, looked, present=set(present_before), wrong=wrong)
    action = "correct_leaving_errors" if batch.error_count else "correct_all"
    batch.status = IMPORT.target(action, state=batch.status).value


def _lines(findings: pd.DataFrame) -> memoryview:
    columns = {"place": pa.array(np.arange(len(findings), dtype=np.int32))}
    for name in FINDING_COLUMNS:
        columns[name] = pa.array(findings[name])
    return publication_rows.copy_lines(pa.table(columns))


def _count(batch: ImportBatch, before: Counter[str], findings: pd.DataFrame) -> None:
    after = Counter({str(code): int(n) for code, n in findings["code"].value_counts().items()})
    counts = Counter(batch.finding_counts)
    counts.update(after)
    counts.subtract(before)
    batch.finding_counts = {code: n for code, n in counts.items() if n > 0}
    batch.error_count = sum(
        n for code, n in batch.finding_counts.items() if SEVERITIES[code] == ERROR
    )
    batch.warning_count = sum(batch.finding_counts.values()) - batch.error_count


def _count_rows(
    batch: ImportBatch, looked: LookedAgain, *, present: set[int], wrong: set[int]
) -> None:
    valid_before = present - wrong
    valid = looked.present - looked.invalid
    batch.rows_total += len(looked.present) - len(present)
    batch.rows_invalid += len(looked.invalid) - len(wrong & present)
    batch.rows_valid = batch.rows_total - batch.rows_invalid
    entering = valid - valid_before
    batch.rows_new += len(entering & looked.new)
    batch.rows_changed += len(entering & looked.changed)
    batch.rows_unchanged += len(entering - looked.new - looked.changed)
    _take_away(batch, len(valid_before - valid))


def _take_away(batch: ImportBatch, leaving: int) -> None:
    """Count rows off that are let in no more, from the kinds in the order of the likeliest."""
    for name in ("rows_changed", "rows_new", "rows_unchanged"):
        gone = min(leaving, getattr(batch, name))
        setattr(batch, name, getattr(batch, name) - gone)
        leaving -= gone
