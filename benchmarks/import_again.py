"""
Our first import of a file, against the same file with 1 % of its rows changed.

Both are the worker's seconds for checking and publishing. The second import may write only
what changed, and the benchmark ends if it writes more.
"""

from benchmarks import import_file
from benchmarks.import_file import Context
from benchmarks.run import Bench

NAME = "reimport"
ROWS = 1_000_000
BOUND = 0.35
AT_MOST = True
SHARE = 0.01

_first: list[float] = []


def prepare(bench: Bench) -> Context:
    context = import_file.prepare(bench)
    rows = import_file.changed(import_file.table(bench.rows), SHARE)
    import_file.write(rows, bench.folder / "again.csv")
    return context


def measure_ours(context: Context) -> float:
    """Import the file, then its successor; the first import's seconds are the other side."""
    import_file.reset(context)
    _first.append(import_file.bring_in(context, context.file))
    import_id = import_file.upload(context, context.bench.folder / "again.csv")
    checking = import_file.check(context, import_id)
    publishing = import_file.publish(context, import_id)
    print(f"  checking {checking:.1f} s, publishing {publishing:.1f} s")
    written = import_file.batch_of(context, import_id).publication.rows
    if written > context.bench.rows * SHARE:
        raise SystemExit(f"{written} rows were written.")
    return checking + publishing


def measure_against(context: Context) -> float:
    return _first[-1]
