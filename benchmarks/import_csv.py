"""
The same rows, already clean: COPY to a temporary table, INSERT … SELECT into the same tables.

Ours is the worker from opening the stored file to the committed publication, checking and
publishing, without the wait for a person between. The bare side has nothing to read, check,
compare or number; it writes as the application role, with keys, indexes and policies.
"""

import time

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import import_file
from benchmarks.import_file import Context
from benchmarks.run import Bench

NAME = "import"
ROWS = 1_000_000
BOUND = 2.0
AT_MOST = True

CLEAN = """
CREATE TEMP TABLE clean ("row" integer, uscc text, region text, name text, digest bytea,
                         changes jsonb, vals jsonb) ON COMMIT DROP
"""
ENTERPRISES = """
INSERT INTO sharing_enterprise (uscc, name, region, first_publication_id, last_publication_id)
SELECT uscc, name, region, 1, 1 FROM clean
"""
CHANGES = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes)
SELECT 1, "row", uscc, region, left(region, 2), 'observed', changes FROM clean
"""
PROFILES = """
INSERT INTO sharing_factorprofile (uscc, factor_list, region, list_version, "values", details,
    base_publication_id, origins, publication_id, "row", row_digest, flags, listed)
SELECT uscc, 'ZJ-QFCE', region, 1, vals, '{}', 1, '{}', 1, "row", digest, '{}', true FROM clean
"""


def prepare(bench: Bench) -> Context:
    """Check the file once, and keep what it lets in as the bare side wants it."""
    from sharing.services import publication_rows, staged_rows

    context = import_file.prepare(bench)
    import_file.reset(context)
    import_id = import_file.upload(context, context.file)
    import_file.check(context, import_id)
    staged = staged_rows.find(import_id)
    assert staged is not None
    with context.clean.open("wb") as clean:
        for batch in staged_rows.read_batches(staged.rows):
            clean.write(publication_rows.copy_lines(_clean(batch)))
    staged_rows.remove(import_id)
    return context


reset = import_file.reset


def measure_ours(context: Context) -> float:
    import_id = import_file.upload(context, context.file)
    checking = import_file.check(context, import_id)
    publishing = import_file.publish(context, import_id)
    print(f"  checking {checking:.1f} s, publishing {publishing:.1f} s")
    return checking + publishing


def measure_against(context: Context) -> float:
    began = time.perf_counter()
    with import_file.application(context) as connection:
        cursor = connection.cursor()
        cursor.execute(CLEAN)
        with cursor.copy("COPY clean FROM STDIN") as copy, context.clean.open("rb") as clean:
            while piece := clean.read(1 << 22):
                copy.write(piece)
        for statement in (ENTERPRISES, CHANGES, PROFILES):
            cursor.execute(statement)
    return time.perf_counter() - began


def _clean(batch: pa.RecordBatch) -> pa.Table:
    """Return rows with the ledger's JSON made already."""
    identity = pc.binary_join_element_wise(
        '{"name":"', batch["name"], '","region":"', batch["region"], '",', ""
    )
    changes = pc.binary_join_element_wise(identity, pc.utf8_slice_codeunits(batch["vals"], 1), "")
    digest = pc.binary_join_element_wise("\\x", batch["digest"], "")
    return pa.table(
        {
            "row": batch["row"],
            "uscc": batch["uscc"],
            "region": batch["region"],
            "name": batch["name"],
            "digest": digest,
            "changes": changes,
            "vals": batch["vals"],
        }
    )
