"""
django-import-export 4 into one flat table: bulk, with unchanged rows skipped.

Its usual careful set-up, and its fastest: a cached instance loader and no report of skipped
rows. Both import the same CSV into a table with one column an item; ours is the whole way
from the stored file to the committed publication. The figure of the result is the usual
set-up's; that of the fastest is printed and has a bound of its own, 4 times.
"""

import time
from typing import Any

from benchmarks import import_file, peer_table
from benchmarks.import_file import Context
from benchmarks.run import Bench

NAME = "import_peer"
ROWS = 100_000
BOUND = 15.0
BOUND_BEST = 4.0
AT_MOST = False

_ours: list[float] = []


def prepare(bench: Bench) -> Context:
    context = import_file.prepare(bench)
    peer_table.create(bench.urls["DATABASE_SUPERUSER_URL"])
    return context


def reset(context: Context) -> None:
    import_file.reset(context)
    peer_table.empty(context.bench.urls["DATABASE_SUPERUSER_URL"])


def measure_ours(context: Context) -> float:
    _ours.append(import_file.bring_in(context, context.file))
    return _ours[-1]


def measure_against(context: Context) -> float:
    best = _measured(context, peer_table.best_resource())
    times = best / _ours[-1]
    print(f"  its best set-up {best:.1f} s: {times:.1f} ≥ {BOUND_BEST}")
    if times < BOUND_BEST:
        raise SystemExit("Ours is not fast enough beside its best set-up.")
    peer_table.empty(context.bench.urls["DATABASE_SUPERUSER_URL"])
    return _measured(context, peer_table.usual_resource())


def _measured(context: Context, resource: Any) -> float:
    import tablib

    began = time.perf_counter()
    dataset = tablib.Dataset().load(context.file.read_text(encoding="utf-8"), format="csv")
    outcome = resource.import_data(dataset, raise_errors=True, use_transactions=True)
    seconds = time.perf_counter() - began
    if outcome.totals["new"] != context.bench.rows:
        raise SystemExit(f"It took in {outcome.totals['new']} rows.")
    return seconds
