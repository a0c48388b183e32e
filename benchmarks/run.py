"""
Measure what this platform promises about speed, as ratios within one run on one machine.

`make bench [ONLY=name] [ROWS=n]` runs every module here that has a `NAME`, on servers of
its own, and writes `var/bench/NAME.json`. A module offers

    NAME      what the result is called
    ROWS      how many rows, unless ROWS=n says otherwise
    BOUND     what the ratio is held against
    AT_MOST   True: ours may take at most BOUND times the other side's seconds;
              False: ours must be at least BOUND times as fast
    prepare(bench) -> context          before anything is measured
    reset(context)                     before each measurement, both sides'; may be missing
    ROUNDS    how many rounds at most, where one is as good as three; may be missing
    measure_ours(context) -> seconds
    measure_against(context) -> seconds

The two sides take turns, so that a slow minute of the machine hits both; the median of
the rounds counts. The bare side is written as well as we can.
"""

import argparse
import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qfce.kernel.embedded.__main__ import local_environment  # noqa: E402 the path comes first
from qfce.kernel.embedded.stack import EmbeddedStack  # noqa: E402

RESULTS = ROOT / "var" / "bench"
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Bench:
    """What a benchmark gets: how many rows, where files may go, and the servers."""

    rows: int
    folder: Path
    urls: dict[str, str]


def main() -> int:
    """Run the benchmarks that were asked for; fail if one misses its bound."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", help="the name of one benchmark")
    parser.add_argument("--rows", type=int, help="how many rows, instead of each one's own")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="at least 3 to be believed")
    options = parser.parse_args()
    found = _modules()
    wanted = [options.only] if options.only else sorted(found)
    if unknown := set(wanted) - set(found):
        print(f"No benchmark {', '.join(unknown)}; there are {', '.join(sorted(found))}.")
        return 2
    RESULTS.mkdir(parents=True, exist_ok=True)
    if len(wanted) != 1:
        # A process of its own for each: settings and imports can't be taken back.
        command = [sys.executable, __file__, "--rounds", str(options.rounds)]
        command += ["--rows", str(options.rows)] if options.rows else []
        return max((subprocess.call([*command, "--only", name]) for name in wanted), default=0)
    return _run(wanted[0], found[wanted[0]], rows=options.rows, rounds=options.rounds)


def _run(name: str, path: str, *, rows: int | None, rounds: int) -> int:
    with servers() as (folder, urls):
        module = importlib.import_module(path)
        bench = Bench(rows or module.ROWS, folder, urls)
        outcome = measured(module, bench, rounds=min(rounds, getattr(module, "ROUNDS", rounds)))
    (RESULTS / f"{name}.json").write_text(json.dumps(outcome, indent=2) + "\n")
    return 0 if outcome["ok"] else 1


def _modules() -> dict[str, str]:
    """Return the modules here by the name of their benchmark, without importing them."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("*.py")):
        for line in file.read_text().splitlines():
            if line.startswith("NAME = "):
                found[line.split('"')[1]] = f"benchmarks.{file.stem}"
    return found


@contextmanager
def servers() -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield a folder and the addresses of migrated, durable servers, with Django loaded."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=_var()))
    stack = EmbeddedStack(folder / "servers", environment={})
    try:
        stack.start()
        os.environ |= {**local_environment(folder / "data"), **stack.urls(), "QFCE_DEBUG": "0"}
        _migrate()
        yield folder, stack.urls()
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _var() -> Path:
    """Return where large files belong: beside the clone, as /tmp may be memory."""
    (ROOT / "var").mkdir(exist_ok=True)
    return ROOT / "var"


def _migrate() -> None:
    import django

    django.setup()

    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0)


def measured(module: ModuleType, bench: Bench, *, rounds: int) -> dict[str, Any]:
    """Let the two sides take turns, and return what is written to the result file."""
    context = module.prepare(bench)
    reset = getattr(module, "reset", lambda _: None)
    ours, against = [], []
    for number in range(1, rounds + 1):
        for side, measure in ((ours, module.measure_ours), (against, module.measure_against)):
            reset(context)
            side.append(float(measure(context)))
        print(f"{module.NAME} {number}/{rounds}: ours {ours[-1]:.3f} s, bare {against[-1]:.3f} s")
    return result(module, bench.rows, statistics.median(ours), statistics.median(against))


def result(module: ModuleType, rows: int, ours: float, against: float) -> dict[str, Any]:
    """Return one result, the ratio always as the bound is said."""
    ratio = ours / against if module.AT_MOST else against / ours
    ok = ratio <= module.BOUND if module.AT_MOST else ratio >= module.BOUND
    sign = "≤" if module.AT_MOST else "≥"
    print(f"{module.NAME}: {ratio:.2f} {sign} {module.BOUND}: {'ok' if ok else 'MISSED'}")
    return {
        "name": module.NAME,
        "rows": rows,
        "seconds": round(ours, 3),
        "against": next(iter((module.__doc__ or "").strip().splitlines()), ""),
        "against_seconds": round(against, 3),
        "ratio": round(ratio, 3),
        "bound": module.BOUND,
        "ok": ok,
    }


if __name__ == "__main__":
    sys.exit(main())
