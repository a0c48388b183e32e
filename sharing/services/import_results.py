"""What a check found, written down: findings, counts, and the codes that the file names."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from factors.domain.catalogue import Catalogue
from qfce.kernel.calendar import business_day
from sharing.domain.import_lifecycle import ImportMode
from sharing.models import ImportBatch, ImportKeys
from sharing.services import import_checks, import_lookups, publication_rows, staged_rows
from sharing.services.import_checks import CheckedFile

FINDINGS_AT_ONCE = 50_000
KEYS_IN_A_PART = 10_000
FOUND = """
CREATE TEMP TABLE found (
    place integer, "row" integer, "column" text, code text, severity text, value text,
    suggestion text, params jsonb
) ON COMMIT DROP
"""
KEEP_FOUND = """
INSERT INTO sharing_importfinding (owner_id, batch_id, "row", "column", code, severity, value,
                                   suggestion, params)
SELECT %s, %s, "row", "column", code, severity, value, suggestion, params
FROM found ORDER BY place
"""
KEEP_KEYS = """
INSERT INTO sharing_importkeys (owner_id, batch_id, part, factor_list, usccs)
VALUES (%s, %s, %s, %s, %s::varchar[])
"""
FINDING_COLUMNS = ("row", "column", "code", "severity", "value", "suggestion", "params")


def keep(batch: ImportBatch, checked: CheckedFile, catalogue: Catalogue, *, at: datetime) -> None:
    """
    Write an outcome to its import in place of any earlier one; the status is the caller's.

    Inside the caller's transaction, bound to the import's owner.
    """
    outcome = checked.checked
    by_code, errors, warnings = import_checks.counts(outcome.findings)
    batch.rows_total, batch.rows_valid = outcome.rows.total, outcome.rows.valid
    batch.rows_invalid = outcome.rows.invalid
    batch.rows_new, batch.rows_changed = _news(batch, checked, catalogue, at=at)
    batch.rows_unchanged = batch.rows_valid - batch.rows_new - batch.rows_changed
    batch.finding_counts, batch.error_count, batch.warning_count = by_code, errors, warnings
    batch.regularized = {str(kind): int(count) for kind, count in outcome.repairs.items()}
    batch.removals, batch.listed_before = _removals(batch, checked)
    batch.checked_at, batch.checked_to = at, checked.corrected_to
    _keep_findings(batch, outcome.findings)
    keep_keys(batch, checked.named)


def _news(
    batch: ImportBatch, checked: CheckedFile, catalogue: Catalogue, *, at: datetime
) -> tuple[int, int]:
    """Return how many rows of the file are new, and how many changed, as publishing counts."""
    table = checked.news
    if not len(table):
        return 0, 0
    records = np.ones(len(table), dtype=np.int64)
    if "records" in table.column_names:
        records = np.asarray(table["records"].to_numpy(), dtype=np.int64)
    standing = np.asarray(
        pc.is_in(table["uscc"], value_set=checked.registered).to_numpy(zero_copy_only=False)
    )
    new = int(records[~standing].sum())
    places = np.flatnonzero(standing)
    if not len(places):
        return new, 0
    publication_rows.load(staged_rows.batches_of(table.take(pa.array(places))))
    written = publication_rows.preview(
        factor_list=batch.factor_list,
        today=business_day(at),
        source=str(import_lookups.source_behind(batch)),
        source_ranks=import_lookups.source_ranks(catalogue),
    )
    new += sum(int(records[places[place - 1]]) for place, is_new in written if is_new)
    changed = sum(int(records[places[place - 1]]) for place, is_new in written if not is_new)
    return new, changed


def _removals(batch: ImportBatch, checked: CheckedFile) -> tuple[int, int]:
    if batch.mode != ImportMode.FULL:
        return 0, 0
    publication_rows.load_named([pa.RecordBatch.from_arrays([_flat(checked.named)], ["uscc"])])
    return publication_rows.count_left_out(batch.factor_list)


def _keep_findings(batch: ImportBatch, findings: pd.DataFrame) -> None:
    batch.findings.all().delete()
    if findings.empty:
        return
    with connection.cursor() as cursor:
        cursor.execute(FOUND)
        with cursor.cursor.copy("COPY found FROM STDIN") as copy:
            for start in range(0, len(findings), FINDINGS_AT_ONCE):
                copy.write(_lines(findings.iloc[start : start + FINDINGS_AT_ONCE], start))
        cursor.execute(KEEP_FOUND, [batch.owner_id, batch.pk])
        cursor.execute("DROP TABLE found")


def _lines(findings: pd.DataFrame, first: int) -> memoryview:
    columns = {"place": pa.array(np.arange(first, first + len(findings), dtype=np.int32))}
    for name in FINDING_COLUMNS:
        columns[name] = pa.array(findings[name])
    return publication_rows.copy_lines(pa.table(columns))


def keep_keys(batch: ImportBatch, named: pa.Array) -> None:
    """Note the codes that a waiting import names, in parts."""
    ImportKeys.objects.filter(batch_id=batch.pk).delete()
    rows = [
        (batch.owner_id, batch.pk, part, batch.factor_list, array)
        for part, array in enumerate(_arrays(named.to_pylist()))
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(KEEP_KEYS, rows)


def _arrays(codes: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(codes), KEYS_IN_A_PART):
        yield "{" + ",".join(codes[start : start + KEYS_IN_A_PART]) + "}"


def _flat(codes: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(codes.chunks) if isinstance(codes, pa.ChunkedArray) else codes
