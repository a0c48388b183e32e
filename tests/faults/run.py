"""
Kill the platform's servers and worker in the middle of an import, again and again.

`make faults ONLY=import RUNS=20 SEED=n` brings in lists of 50,000 rows. In each run one to
three of worker, PostgreSQL (whole, or one of its processes) and Redis die by SIGKILL, at
moments of the check or of the publication that are drawn from the printed seed. Afterwards
the import is not published or wholly published; started again it finishes; and ledger,
register, profiles and feed agree. The first run that is otherwise is told, and the status is 1.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults.machine import ROOT, Machine

ROWS = 50_000
RUNS = 20
VICTIMS = ("worker", "postgres", "backend", "redis")
PATIENCE = 240
LIST = "ZJ-QFCE"
GLANCE = 0.05


@dataclass
class Blow:
    """Something that dies `after` so many seconds of a phase, `check` or `publish`."""

    victim: str
    phase: str
    after: float


@dataclass
class Lengths:
    """How long the phases of an undisturbed import take, to draw moments from."""

    seconds: dict[str, float] = field(default_factory=lambda: {"check": 4.0, "publish": 6.0})


class Fault(Exception):
    """What must not be was seen."""


class ImportRuns:
    """Imports one after the other into one database, under blows."""

    def __init__(self, machine: Machine, rows: int, rng: random.Random) -> None:
        from benchmarks import import_file
        from qfce.demo import cast, setting

        self.machine, self.rng, self.lengths = machine, rng, Lengths()
        self.files = import_file
        cast.build()
        setting.publish_list(at=import_file.NOON)
        people = {name: setting.person(name) for name in ("shen", "zheng")}
        bench = import_file.Bench(rows, machine.folder, machine.servers.urls())
        self.context = import_file.Context(
            bench, machine.folder / "list.csv", machine.folder, people["shen"], people["zheng"]
        )
        self.list = import_file.table(rows)

    def rehearse(self) -> None:
        """Import once without a blow, to learn how long it takes."""
        self.files.reset(self.context)
        import_id = self._upload(self.list)
        for phase, reached in (("check", "ready"), ("publish", "published")):
            began = time.monotonic()
            if phase == "publish":
                self._release(import_id)
            self._wait(import_id, phase, reached, [])
            self.lengths.seconds[phase] = time.monotonic() - began
        self._must_agree(import_id)

    def run(self, number: int) -> str:
        """Do one run; the list is new in odd runs, and comes changed in even ones."""
        share = self.rng.choice([0.02, 0.5, 1.0])
        if number % 2:
            self.files.reset(self.context)
        rows = self.list if number % 2 else self.files.changed(self.list, share)
        blows = [self._blow() for _ in range(self.rng.randint(1, 3))]
        import_id = self._upload(rows)
        self._wait(import_id, "check", "ready", blows)
        self._release(import_id)
        self._wait(import_id, "publish", "published", blows)
        self._must_agree(import_id)
        return ", ".join(f"{b.victim} {b.after:.2f} s into the {b.phase}" for b in blows)

    def _blow(self) -> Blow:
        phase = self.rng.choice(["check", "publish"])
        after = self.rng.uniform(0, 1.05 * self.lengths.seconds[phase])
        return Blow(self.rng.choice(VICTIMS), phase, after)

    def _upload(self, rows: Any) -> UUID:
        file = self.files.write(rows, self.context.file)
        return self._patiently(lambda: self.files.upload(self.context, file))

    def _release(self, import_id: UUID) -> None:
        from qfce.kernel.tenancy.context import acting_as
        from sharing.services import imports

        actor = self.context.releaser

        def release() -> None:
            with acting_as(actor.organization_id, user_id=actor.user_id):
                imports.release(import_id, actor=actor, at=self.files.NOON)

        self._patiently(release)

    def _wait(self, import_id: UUID, phase: str, reached: str, blows: list[Blow]) -> None:
        """Wait until an import is there, striking the blows of a phase, and sweep as beat does."""
        began, swept = time.monotonic(), 0.0
        due = sorted((b for b in blows if b.phase == phase), key=lambda blow: blow.after)
        while True:
            elapsed = time.monotonic() - began
            if due and elapsed >= due[0].after:
                self.machine.kill(due.pop(0).victim)
                self._all_or_nothing(import_id)
            if elapsed - swept > 1:
                self._sweep()
                swept = elapsed
            status = self._patiently(lambda: self.files.batch_of(self.context, import_id).status)
            if status == reached and not due:
                return
            if status in {"failed", "cancelled", "needs_attention"}:
                raise Fault(f"The import is {status}.")
            if elapsed > PATIENCE:
                raise Fault(f"After {PATIENCE} s the import is {status}, not {reached}.")
            time.sleep(GLANCE)

    def _sweep(self) -> None:
        """
        Queue again what nobody works on.

        The minute that a queued job is left to its message is skipped: a message that was in
        a Redis that died is gone.
        """
        from django.utils import timezone

        from qfce.kernel.jobs import work

        try:
            work.sweep(at=timezone.now() + work.UNCLAIMED_AFTER)
        except work.AWAY:
            _reconnect()

    def _all_or_nothing(self, import_id: UUID) -> None:
        """Look right after a blow: a publication is there with all its rows, or not at all."""
        from qfce.kernel.tenancy.context import acting_as
        from sharing.models import FactorChange

        def look() -> tuple[str, int, int]:
            with acting_as(self.context.uploader.organization_id):
                batch = self.files.batch_of(self.context, import_id)
                rows = batch.publication.rows if batch.publication else 0
                written = FactorChange.objects.filter(publication_id=batch.publication_id)
                return batch.status, rows, written.count() if batch.publication_id else 0

        status, rows, written = self._patiently(look)
        if rows != written or (status == "published") != (rows > 0):
            raise Fault(f"The import is {status}; {written} of {rows} rows are there.")

    def _must_agree(self, import_id: UUID) -> None:
        from tests.faults.agreement import disagreements

        found = self._patiently(lambda: disagreements(self.context.releaser, LIST))
        if found:
            raise Fault("; ".join(found))
        count = self._patiently(lambda: self.files.batch_of(self.context, import_id).rows_valid)
        if count != self.context.bench.rows:
            raise Fault(f"{count} rows of {self.context.bench.rows} came in.")

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        """Ask again while a server is away, as a person would press the button again."""
        from qfce.kernel.jobs import work

        began = time.monotonic()
        while True:
            try:
                return ask()
            except work.AWAY:
                if time.monotonic() - began > PATIENCE:
                    raise
                _reconnect()
                time.sleep(0.2)


def _reconnect() -> None:
    from django.db import connections

    connections.close_all()


def main() -> int:
    """Run as often as asked; return 1 at the first fault."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", default="import", choices=["import"])
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}, {options.runs} runs of {options.rows} rows", flush=True)
    (ROOT / "var").mkdir(exist_ok=True)
    machine = Machine(Path(tempfile.mkdtemp(prefix="faults-", dir=ROOT / "var")))
    kept = False
    try:
        machine.open()
        runs = ImportRuns(machine, options.rows, random.Random(seed))
        machine.start_worker()
        runs.rehearse()
        print(f"undisturbed: {runs.lengths.seconds}", flush=True)
        for number in range(1, options.runs + 1):
            began = time.monotonic()
            print(f"run {number}: ", end="", flush=True)
            print(f"{runs.run(number)}: whole, {time.monotonic() - began:.0f} s", flush=True)
    except Fault as fault:
        kept = True
        print(f"FAULT: {fault}\nSeed {seed}; the worker's log is {machine.folder / 'worker.log'}.")
        return 1
    finally:
        machine.close()
        if not kept:
            shutil.rmtree(machine.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
