"""
The bare read of the same workbook by python-calamine, cell by cell into Python lists.

Ours reads the workbook and checks it whole, without the database: 22 columns as bureaus send
them. What is counted ends with findings, accepted rows and their digests in memory.
"""

import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import import_file
from benchmarks.run import Bench

NAME = "import_xlsx"
ROWS = 100_000
BOUND = 2.5
AT_MOST = True
COLUMNS = 22


def prepare(bench: Bench) -> dict[str, Any]:
    from factors.selectors import factor_lists
    from sharing.services import import_lookups

    context = import_file.prepare(bench)
    rows = import_file.with_validity(import_file.table(bench.rows), COLUMNS)
    file = import_file.write_as(rows, bench.folder / "list.xlsx")
    return {
        "file": file,
        "catalogue": factor_lists.in_force(import_file.LIST, date(2026, 11, 23)),
        "regions": import_lookups.regions(),
        "jurisdiction": import_lookups.jurisdiction_of(context.uploader.region),
    }


def measure_ours(context: dict[str, Any]) -> float:
    from sharing.domain import pipeline

    known = {name: value for name, value in context.items() if name != "file"}
    phases: list[tuple[str, float]] = []
    began = time.perf_counter()

    def tell(phase: str, share: float) -> None:
        if not phases or phases[-1][0] != phase:
            phases.append((phase, time.perf_counter() - began))

    with Path(context["file"]).open("rb") as file:
        checked = pipeline.check_file(
            file, file_name="list.xlsx", today=date(2026, 11, 23), progress=tell, **known
        )
    seconds = time.perf_counter() - began
    if checked.rows.invalid:
        raise SystemExit(f"{checked.rows.invalid} rows were kept out.")
    ends = [*(start for _, start in phases[1:]), seconds]
    told = (f"{n} {end - start:.2f}" for (n, start), end in zip(phases, ends, strict=True))
    print("    " + ", ".join(told))
    return seconds


def measure_against(context: dict[str, Any]) -> float:
    import python_calamine

    began = time.perf_counter()
    workbook = python_calamine.CalamineWorkbook.from_path(str(context["file"]))
    rows = workbook.get_sheet_by_index(0).to_python()
    seconds = time.perf_counter() - began
    if len(rows[0]) != COLUMNS:
        raise SystemExit(f"The workbook has {len(rows[0])} columns.")
    return seconds
