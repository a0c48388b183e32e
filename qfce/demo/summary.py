"""What a run of the demo did: one line a stage, as a table and as a file."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

STAGES = (
    "factor_list",
    "import",
    "publication",
    "delivery",
    "evaluation",
    "application",
    "approval",
    "disbursement",
    "schedule",
    "withdrawal",
    "reevaluation",
    "signal",
    "case",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the path, and how it went."""

    name: str
    ok: bool
    seconds: float
    detail: str


def broken(reached: Sequence[Stage], fault: Exception) -> Stage:
    """Return the stage in which a fault of ours ended the run."""
    done = {stage.name for stage in reached}
    name = next((name for name in STAGES if name not in done), STAGES[-1])
    return Stage(name, ok=False, seconds=0.0, detail=f"{type(fault).__name__}: {fault}")


def complete(reached: Sequence[Stage]) -> list[Stage]:
    """Return all stages in their order; one that was not reached has failed."""
    by_name = {stage.name: stage for stage in reached}
    return [
        by_name.get(name, Stage(name, ok=False, seconds=0.0, detail="not reached"))
        for name in STAGES
    ]


def write(stages: Sequence[Stage], path: Path) -> None:
    """Write the file that programs read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "ok": all(stage.ok for stage in stages),
        "stages": [{**asdict(stage), "seconds": round(stage.seconds, 3)} for stage in stages],
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def line(stage: Stage) -> str:
    """
    Return one line of the table.

    >>> print(HEADING, line(Stage("import", ok=True, seconds=1.25, detail="300 rows")), sep="\\n")
    stage           ok   seconds  what happened
    import          yes     1.25  300 rows
    """
    return _columns(stage.name, "yes" if stage.ok else "NO", f"{stage.seconds:.2f}", stage.detail)


def _columns(name: str, ok: str, seconds: str, detail: str) -> str:
    return f"{name:<14}  {ok:<3} {seconds:>8}  {detail}"


HEADING = _columns("stage", "ok", "seconds", "what happened")
