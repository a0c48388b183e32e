"""
What a worker may hold at its peak: 1.5 GB for a CSV of 1,000,000 rows, 1 GB for an xlsx of 300,000.

No seconds here: the ratio is the greater of the two peaks over its allowance. Each file is
checked and published by a process of its own, as a worker is, and its resident memory is
what the kernel says it was at most. PostgreSQL is another program's memory and not counted.
"""

import os
import resource
import subprocess
import sys
from uuid import UUID

from benchmarks import import_file
from benchmarks.import_file import Context
from benchmarks.run import ROOT, Bench

NAME = "import_memory"
ROWS = 1_000_000
BOUND = 1.0
AT_MOST = True
ROUNDS = 1

# Kind of file, share of ROWS in it, bytes allowed.
FILES = (("csv", 1.0, 1.5e9), ("xlsx", 0.3, 1e9))


def prepare(bench: Bench) -> Context:
    context = import_file.prepare(bench)
    for kind, share, _ in FILES:
        rows = import_file.table(int(bench.rows * share))
        import_file.write_as(rows, bench.folder / f"peak.{kind}")
    return context


def measure_ours(context: Context) -> float:
    """Return the worst share of its allowance that a file's worker took."""
    shares = []
    for kind, _, allowed in FILES:
        import_file.reset(context)
        file = context.bench.folder / f"peak.{kind}"
        import_id = import_file.upload(context, file)
        checking = _peak(context, import_id, "check")
        publishing = _peak(context, import_id, "publish")
        said = f"checking {checking / 1e9:.2f} GB, publishing {publishing / 1e9:.2f} GB"
        print(f"  {kind}: {said}, allowed {allowed / 1e9:.1f} GB")
        shares.append(max(checking, publishing) / allowed)
    return max(shares)


def measure_against(context: Context) -> float:
    return 1.0


def _peak(context: Context, import_id: UUID, work: str) -> int:
    """Let a process of its own do the work; return the most bytes that it held."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.import_memory", work, str(import_id)],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(done.stdout.splitlines()[-1])


def main() -> None:
    """Check or publish one import, and print the peak of this process in bytes."""
    import django

    django.setup()
    from qfce.demo import setting

    work, import_id = sys.argv[1], UUID(sys.argv[2])
    people = {name: setting.person(name) for name in ("shen", "zheng")}
    bench = Bench(0, ROOT, {})
    context = Context(bench, ROOT, ROOT, people["shen"], people["zheng"])
    (import_file.check if work == "check" else import_file.publish)(context, import_id)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


if __name__ == "__main__":
    main()
