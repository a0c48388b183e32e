"""
Ten imports of a tenth of the rows: 1,000,000 rows may cost 1.3 times as much a row as 100,000.

Both sides are the worker's seconds from the stored file to the committed publication, the
smaller file's times ten.
"""

from benchmarks import import_file
from benchmarks.import_file import Context
from benchmarks.run import Bench

NAME = "import_line"
ROWS = 1_000_000
BOUND = 1.3
AT_MOST = True
SMALLER = 10


def prepare(bench: Bench) -> Context:
    context = import_file.prepare(bench)
    import_file.write(import_file.table(bench.rows // SMALLER), bench.folder / "smaller.csv")
    return context


reset = import_file.reset


def measure_ours(context: Context) -> float:
    return import_file.bring_in(context, context.file)


def measure_against(context: Context) -> float:
    return SMALLER * import_file.bring_in(context, context.bench.folder / "smaller.csv")
