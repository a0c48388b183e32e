"""The rows of an import that people mend: cells as they are now, findings, who corrected what."""

from collections.abc import Sequence
from dataclasses import dataclass

from qfce.kernel.tenancy.actors import Actor
from sharing.models import ImportCorrection, ImportFinding
from sharing.selectors import import_rows
from sharing.services import mending_checks
from sharing.services.mending_checks import Mended


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """
    A row of the file: its cells by the columns' places, and what was found in it.

    `corrected` are the last corrections of its cells, by place.
    """

    number: int
    cells: tuple[str, ...]
    findings: tuple[ImportFinding, ...]
    corrected: dict[int, ImportCorrection]
    is_left_out: bool


def load(mended: Mended, rows: Sequence[int], *, actor: Actor) -> list[FaultyRow]:
    """Return some rows in the order that they are asked for; rows that the file lacks are out."""
    batch = mended.batch
    cells = mending_checks.cells(mended, rows)
    findings = import_rows.findings_of(batch.pk, rows, actor=actor)
    corrected: dict[int, dict[int, ImportCorrection]] = {}
    if batch.cells_corrected:
        last = import_rows.last_corrections(batch.pk, rows, actor=actor)
        for (row, place), correction in last.items():
            corrected.setdefault(row, {})[place] = correction
    return [
        FaultyRow(
            row,
            tuple(cells[row]),
            tuple(findings.get(row, ())),
            corrected.get(row, {}),
            row in mended.corrections.left_out,
        )
        for row in rows
        if row in cells
    ]
