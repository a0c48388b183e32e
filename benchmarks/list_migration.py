"""
The new values alone: one UPDATE of the same rows, as the application role, policies and all.

Ours is the worker from the released migration to the committed publication: values, details,
origins and marks moved, one row of the ledger for every profile, sealed and numbered. Three
items are renamed, two retyped and one dropped. The preview comes before and is not counted.
"""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks import import_file
from benchmarks.import_file import LIST, NOON, Context
from benchmarks.run import Bench

NAME = "list_migration"
ROWS = 100_000
BOUND = 3.0
AT_MOST = True

RENAMED = {"QF-17": "QF-91", "QM-08": "QM-91", "QC-07": "QC-91"}
GONE = "QC-13"
BARE = """
UPDATE sharing_factorprofile p
SET list_version = 2,
    "values" = (p."values" - '{QF-17,QM-08,QC-07,QC-13}'::text[]) || jsonb_build_object(
        'QF-91', p."values" -> 'QF-17', 'QM-91', p."values" -> 'QM-08',
        'QC-91', p."values" -> 'QC-07',
        'QC-19', CASE p."values" ->> 'QC-19' WHEN 'true' THEN 'ENROLLED' ELSE 'NOT_ENROLLED' END,
        'QC-05', CASE WHEN (p."values" ->> 'QC-05')::numeric < 1 THEN 'NEVER'
                      WHEN (p."values" ->> 'QC-05')::numeric < 3 THEN 'SELDOM'
                      ELSE 'OFTEN' END)
WHERE p.factor_list = 'ZJ-QFCE'
"""


def prepare(bench: Bench) -> Context:
    """Put version 2 in force beside version 1, and write the rows that are migrated."""
    context = import_file.prepare(bench)
    _publish_second()
    return context


def reset(context: Context) -> None:
    """Bring in the profiles of version 1 afresh, and give the server time to write."""
    import_file.reset(context)
    _publish_first(context)
    with import_file.psycopg.connect(
        context.bench.urls["DATABASE_SUPERUSER_URL"], autocommit=True
    ) as server:
        server.execute("VACUUM ANALYZE sharing_factorprofile")
        server.execute("CHECKPOINT")


def measure_ours(context: Context) -> float:
    """Preview, release, and let the worker publish; return the worker's seconds."""
    from qfce.demo import setting
    from qfce.kernel.tenancy.context import acting_as
    from sharing import tasks
    from sharing.services import list_migrations

    zhou, fu = setting.person("zhou"), setting.person("fu")
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        migration = list_migrations.prepare(LIST, 2, actor=zhou, at=NOON)
    began = time.perf_counter()
    _work(zhou, migration.pk, tasks.work_on_migration)
    previewing = time.perf_counter() - began
    with acting_as(fu.organization_id, user_id=fu.user_id):
        list_migrations.release(migration.pk, actor=fu, at=NOON)
    began = time.perf_counter()
    done = _work(fu, migration.pk, tasks.work_on_migration)
    seconds = time.perf_counter() - began
    if done.status != "published" or done.publication.rows != context.bench.rows:
        raise SystemExit(f"The migration is {done.status}.")
    print(f"  previewing {previewing:.1f} s, publishing {seconds:.1f} s")
    return seconds


def measure_against(context: Context) -> float:
    from qfce.demo import setting

    with import_file.application(replace(context, uploader=setting.person("zhou"))) as connection:
        began = time.perf_counter()
        written = connection.execute(BARE).rowcount
        connection.commit()
        seconds = time.perf_counter() - began
    if written != context.bench.rows:
        raise SystemExit(f"{written} rows were updated.")
    return seconds


def _work(actor: Any, migration_id: Any, task: Any) -> Any:
    from qfce.kernel.tenancy.context import acting_as
    from sharing.models import ListMigration

    rows = ListMigration.objects.select_related("publication")
    with acting_as(actor.organization_id):
        job_id = str(rows.get(pk=migration_id).job_id)
    task(organization_id=str(actor.organization_id), job_id=job_id)
    with acting_as(actor.organization_id):
        return rows.get(pk=migration_id)


def _publish_first(context: Context) -> None:
    """Publish the bureau's rows of version 1 as an import does, without its file."""
    from qfce.kernel.calendar import business_day
    from qfce.kernel.tenancy.context import acting_as
    from sharing.domain.import_lifecycle import Cause
    from sharing.services import publication_rows, publications

    actor = context.releaser
    with acting_as(actor.organization_id, user_id=actor.user_id):
        publication = publications.begin(
            cause=Cause.IMPORT,
            factor_list=LIST,
            list_version=1,
            owner=actor,
            prepared_by=context.uploader.user_id,
            released_by=actor.user_id,
        )
        publication_rows.load([_rows(context.bench.rows)])
        publication_rows.apply(
            publication, today=business_day(NOON), source="city", source_ranks={}
        )
        publications.finish(publication)


def _rows(count: int) -> pa.RecordBatch:
    """Return the benchmark's enterprises with canonical values, as they are staged."""
    from sharing.services import staged_rows

    table = import_file.table(count)
    codes = [code for code in import_file.ITEMS if code in table.column_names]
    columns = [table[code].to_pylist() for code in codes]
    written = [_written(code) for code in codes]
    values = [
        "{" + ",".join(f'"{c}":{w(v)}' for c, w, v in zip(codes, written, row, strict=True)) + "}"
        for row in zip(*columns, strict=True)
    ]
    names = table.column_names
    staged = {name: pa.nulls(count, pa.string()) for name in staged_rows.TEXT_COLUMNS} | {
        "uscc": table[names[0]].combine_chunks(),
        "name": table[names[1]].combine_chunks(),
        "region": table[names[2]].combine_chunks(),
        "vals": pa.array(values),
        "digest": pa.array(np.full(count, "00")),
    }
    rows = {"row": np.arange(1, count + 1, dtype=np.int32), **staged}
    return pa.table(rows, schema=staged_rows.ROWS).combine_chunks().to_batches()[0]


def _written(code: str) -> Any:
    """Return how an item's stated value is written in canonical JSON."""
    if code == "QC-18":
        return lambda value: f'"{value}"'
    if import_file.ITEMS[code][0] in {"true", "false"} or import_file.ITEMS[code][0].isdigit():
        return str
    return lambda value: f'"{value}"'


def _publish_second() -> None:
    from factors.services import factor_lists, model_list
    from qfce.demo import setting
    from qfce.kernel.calendar import business_day
    from qfce.kernel.tenancy.context import acting_as

    zhou = setting.person("zhou")
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        factor_lists.set_signers(LIST, [], actor=zhou, at=NOON)
        version = factor_lists.create_draft(
            _second(model_list.document()), effective_from=business_day(NOON), actor=zhou, at=NOON
        )
        factor_lists.submit_for_review(version.pk, actor=zhou, at=NOON)
        factor_lists.publish(version.pk, actor=zhou, at=NOON)


def _second(document: dict[str, Any]) -> dict[str, Any]:
    """Return version 2: three items renamed, two retyped, one dropped, and how."""
    items = {entry["code"]: entry for entry in document["items"] if entry["code"] != GONE}
    for code, entry in items.items():
        entry["suggested_gate"] = None
        entry["code"] = RENAMED.get(code, code)
    items["QC-19"].update(type="enum", values=_values("ENROLLED", "NOT_ENROLLED"))
    items["QC-05"].update(type="grade", values=_values("NEVER", "SELDOM", "OFTEN"))
    bands = (("1", "NEVER"), ("3", "SELDOM"), (None, "OFTEN"))
    table = [{"from": True, "to": "ENROLLED"}, {"from": False, "to": "NOT_ENROLLED"}]
    thresholds = [{"below": below, "to": to} for below, to in bands]
    return document | {
        "items": list(items.values()),
        "rules": [],
        "report_rules": [],
        "migration": {
            "from_version": 1,
            "steps": [
                *({"kind": "rename", "item": old, "to": new} for old, new in RENAMED.items()),
                {"kind": "map", "item": "QC-19", "to": "QC-19", "table": table},
                {"kind": "map", "item": "QC-05", "to": "QC-05", "thresholds": thresholds},
                {"kind": "drop", "item": GONE},
            ],
        },
    }


def _values(*codes: str) -> list[dict[str, Any]]:
    words = [(code, code.replace("_", " ").lower(), rank) for rank, code in enumerate(codes, 1)]
    return [
        {"code": code, "label_zh": word, "label_en": word, "rank": rank, "aliases": []}
        for code, word, rank in words
    ]
