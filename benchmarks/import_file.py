"""The files that the import benchmarks bring in, and the ways both sides bring them in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from benchmarks import phases
from benchmarks.run import Bench

ALPHABET = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))
WEIGHTS = np.array([pow(3, place, 31) for place in range(17)])
COUNTIES = ("330102", "330105", "330110", "330113", "330114")
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LIST = "ZJ-QFCE"

# Fifteen items of every type that a bureau sends: codes, grades, counts, ratios, truths.
ITEMS: dict[str, tuple[str, ...]] = {
    "QC-01": ("ACTIVE",) * 9 + ("SUSPENDED",),
    "QC-02": ("NOT_LISTED",) * 9 + ("LISTED",),
    "QC-03": ("NOT_LISTED",),
    "QC-04": ("A", "B", "C", "D"),
    "QC-05": ("0", "0", "0", "1", "2"),
    "QC-06": ("0", "1"),
    "QC-07": ("0",),
    "QC-09": ("0", "1", "3"),
    "QC-12": ("0", "1"),
    "QC-13": ("NOT_LISTED",),
    "QC-17": ("1", "2", "3"),
    "QC-18": tuple(str(value / 100) for value in range(0, 3000, 7)),
    "QC-19": ("true", "false"),
    "QM-08": tuple(str(value) for value in range(60)),
    "QF-17": ("VALID", "NONE"),
}
TABLES = (
    "sharing_enterprise, sharing_factorchange, sharing_factorprofile, sharing_publication,"
    " sharing_importbatch, sharing_importfinding, sharing_importkeys, jobs_job, jobs_joblease"
)


@dataclass
class Context:
    """What both sides of a benchmark work with."""

    bench: Bench
    file: Path
    clean: Path
    uploader: Any
    releaser: Any


def codes(count: int) -> pa.Array:
    """Return valid credit codes, as many as asked for."""
    digits = np.zeros((count, 17), dtype=np.int64)
    for place, character in enumerate("91330113MA"):
        digits[:, place] = int(np.flatnonzero(character == ALPHABET)[0])
    numbers = np.arange(count)
    for place in range(5):
        digits[:, 16 - place] = (numbers // 31**place) % 31
    last = (31 - (digits * WEIGHTS).sum(axis=1) % 31) % 31
    characters = np.concatenate([ALPHABET[digits], ALPHABET[last][:, None]], axis=1)
    return pa.array(["".join(row) for row in characters.tolist()])


def table(count: int, *, seed: int = 5) -> pa.Table:
    """Return a bureau's list: code, name, region and fifteen items."""
    random = np.random.default_rng(seed)

    def some(values: tuple[str, ...]) -> pa.Array:
        return pa.array(values).take(pa.array(random.integers(0, len(values), count)))

    number = pa.array(np.arange(count)).cast(pa.string())
    columns = {
        "统一社会信用代码": codes(count),
        "企业名称": pc.binary_join_element_wise("杭州某某精密机械有限公司", number, ""),
        "行政区划代码": some(COUNTIES),
    }
    return pa.table(columns | {item: some(values) for item, values in ITEMS.items()})


def changed(rows: pa.Table, share: float) -> pa.Table:
    """Return the same list with another penalty count in a share of its rows."""
    count = len(rows)
    chosen = np.zeros(count, dtype=np.bool_)
    chosen[np.random.default_rng(7).choice(count, int(count * share), replace=False)] = True
    values = pc.if_else(pa.array(chosen), pa.scalar("7"), rows["QC-05"])
    return rows.set_column(rows.schema.get_field_index("QC-05"), "QC-05", values)


def write(rows: pa.Table, file: Path) -> Path:
    pv.write_csv(rows, file, pv.WriteOptions(quoting_style="needed"))
    return file


def with_validity(rows: pa.Table, columns: int) -> pa.Table:
    """Return the list with starts, ends and evidence of its items, up to so many columns."""
    count = len(rows)
    for item in ITEMS:
        for header, text in (
            ("有效期自", "2025-01-01"),
            ("有效期至", "2028-01-01"),
            ("证据", "证书"),
        ):
            if len(rows.column_names) == columns:
                return rows
            rows = rows.append_column(f"{item} {header}", pa.repeat(pa.scalar(text), count))
    return rows


def write_as(rows: pa.Table, file: Path) -> Path:
    """Write a list as a CSV or as a workbook, by the ending of the file's name."""
    if file.suffix == ".csv":
        return write(rows, file)
    import xlsxwriter

    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, rows.column_names)
        for number, row in enumerate(zip(*(c.to_pylist() for c in rows.columns), strict=True), 1):
            sheet.write_row(number, 0, row)
    return file


def prepare(bench: Bench) -> Context:
    """Put the cast and the list in place, and write the file that comes in."""
    from qfce.demo import cast, setting

    cast.build()
    setting.publish_list(at=NOON)
    file = write(table(bench.rows), bench.folder / "list.csv")
    people = {name: setting.person(name) for name in ("shen", "zheng")}
    clean = bench.folder / "clean.copy"
    return Context(bench, file, clean, people["shen"], people["zheng"])


def reset(context: Context) -> None:
    """Empty the tables that a file goes to, and give the server time to write."""
    with psycopg.connect(context.bench.urls["DATABASE_SUPERUSER_URL"], autocommit=True) as server:
        server.execute(f"TRUNCATE {TABLES} CASCADE")
        server.execute("UPDATE sharing_feedcounter SET n = 0")
        server.execute("CHECKPOINT")


def upload(context: Context, file: Path) -> UUID:
    """Store a file and write its import down, as the API does."""
    from qfce.kernel.tenancy.context import acting_as
    from sharing.domain.import_lifecycle import ImportMode
    from sharing.services import imports, stored_files

    actor = context.uploader
    with file.open("rb") as content:
        stored = stored_files.store(iter(lambda: content.read(1 << 20), b""), name=file.name)
    with acting_as(actor.organization_id, user_id=actor.user_id):
        batch = imports.receive(
            stored, factor_list=LIST, mode=ImportMode.DELTA, actor=actor, at=NOON
        )
    return batch.pk


def check(context: Context, import_id: UUID) -> float:
    """Let the worker check an import; return its seconds."""
    from sharing import tasks

    return _worked(context, import_id, tasks.check_import, expected="ready")


def publish(context: Context, import_id: UUID) -> float:
    """Release an import and let the worker publish it; return the worker's seconds."""
    from qfce.kernel.tenancy.context import acting_as
    from sharing import tasks
    from sharing.services import imports

    actor = context.releaser
    with acting_as(actor.organization_id, user_id=actor.user_id):
        imports.release(import_id, actor=actor, at=NOON)
    return _worked(context, import_id, tasks.publish_import, expected="published")


def bring_in(context: Context, file: Path) -> float:
    """Upload, check, release and publish; return the worker's seconds, not the people's."""
    import_id = upload(context, file)
    return check(context, import_id) + publish(context, import_id)


def batch_of(context: Context, import_id: UUID) -> Any:
    from qfce.kernel.tenancy.context import acting_as
    from sharing.models import ImportBatch

    with acting_as(context.uploader.organization_id):
        return ImportBatch.objects.select_related("publication").get(pk=import_id)


def _worked(context: Context, import_id: UUID, task: Any, *, expected: str) -> float:
    job_id = str(batch_of(context, import_id).job_id)
    organization_id = str(context.uploader.organization_id)
    with phases.told():
        began = time.perf_counter()
        task(organization_id=organization_id, job_id=job_id)
        seconds = time.perf_counter() - began
    status = batch_of(context, import_id).status
    if status != expected:
        raise SystemExit(f"The import is {status}, not {expected}.")
    return seconds


@contextmanager
def application(context: Context) -> Iterator[psycopg.Connection]:
    """Connect as the application role, bound to the bureau, in one transaction."""
    with psycopg.connect(context.bench.urls["DATABASE_URL"]) as connection:
        connection.execute(
            "SELECT set_config('qfce.organization_id', %s, true)",
            [str(context.uploader.organization_id)],
        )
        yield connection
