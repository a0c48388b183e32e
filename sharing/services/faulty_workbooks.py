"""An import's faulty rows as a workbook, out to be mended and in again: those rows alone."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from qfce.kernel.errors import Invalid
from qfce.kernel.tenancy.actors import Actor
from sharing.domain import faulty_workbook
from sharing.domain.faulty_workbook import MarkedRow, Returned
from sharing.domain.findings import ERROR, message
from sharing.domain.unreadable import UnreadableFile
from sharing.models import ImportBatch, ImportCorrection
from sharing.selectors import import_rows
from sharing.selectors import imports as selectors
from sharing.services import import_mending, mending_checks, mending_rows
from sharing.services.import_mending import MOST_AT_ONCE, CellChange, Outcome
from sharing.services.mending_checks import Mended
from sharing.services.mending_rows import FaultyRow

MOST_BYTES = 50 * 1024 * 1024


class AnotherWorkbook(Invalid):
    code = "sharing.import.another_workbook"
    title = "This is not the workbook of faulty rows of this import."


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of a workbook; `conflicts` are cells that somebody else corrected since."""

    outcome: Outcome
    conflicts: tuple[tuple[int, str, str], ...]


def workbook(import_id: UUID, *, chinese: bool, actor: Actor, at: datetime) -> tuple[str, bytes]:
    """
    Return a name and the workbook of all rows with findings.

    :raises NoSuchRecord: if the actor's organization sees no such import.
    :raises NotAtHand: if its rows have to be read again first.
    """
    mended = import_mending.mended_of(selectors.whole(import_id, actor=actor), at=at)
    header_row = mended.facts.header_row
    found = import_rows.faulty_rows(import_id, header_row=header_row, actor=actor)
    wanted = [row for row in found[:MOST_AT_ONCE] if row is not None]
    rows = mending_rows.load(mended, wanted, actor=actor)
    content = faulty_workbook.write(
        [column.text for column in mended.facts.columns],
        [_marked(mended, row, "zh" if chinese else "en") for row in rows],
        import_id=str(import_id),
        known_to=mended.batch.corrected_to,
        chinese=chinese,
    )
    stem = mended.batch.file_name.rpartition(".")[0] or mended.batch.file_name
    return f"{stem}-{'改正' if chinese else 'mend'}.xlsx", content


def take_back(import_id: UUID, content: bytes, *, actor: Actor, at: datetime) -> TakenBack:
    """
    Correct the import's cells to what the workbook holds, but for what others corrected since.

    :raises NoSuchRecord: if the actor's organization sees no such import.
    Columns are told by their headers: they may have been moved, and the cells of one that was
    taken away stay as they are.

    :raises AnotherWorkbook: if it is not this import's, or a column cannot be told.
    :raises NotPermitted: if the actor brings in no files, or it is another bureau's.
    """
    batch = selectors.whole(import_id, actor=actor)
    returned = _read(content[: MOST_BYTES + 1], import_id)
    mended = import_mending.mended_of(batch, at=at)
    headers = [column.text for column in mended.facts.columns]
    places = _places(returned, headers)
    now = mending_checks.cells(mended, returned.rows)
    late = _corrected_since(batch, returned)
    changes, conflicts = [], []
    for row, texts in returned.rows.items():
        for back, place in places.items():
            text, held = texts[back], now[row][place] if row in now else ""
            if faulty_workbook.is_as_it_was(text, held):
                continue
            if (row, place) in late:
                conflicts.append((row, headers[place], held))
            else:
                changes.append(CellChange(row, place, text, held))
    outcome = import_mending.correct(import_id, changes, way="workbook", actor=actor, at=at)
    return TakenBack(outcome, tuple(conflicts))


def _read(content: bytes, import_id: UUID) -> Returned:
    try:
        returned = faulty_workbook.read(content)
    except UnreadableFile as unreadable:
        raise AnotherWorkbook(
            "The file is no workbook of faulty rows.", hint="Download it again, and mend that."
        ) from unreadable
    if returned.import_id != str(import_id):
        raise AnotherWorkbook(
            "The workbook belongs to another import.", hint="Send it in where it came from."
        )
    return returned


def _places(returned: Returned, headers: list[str]) -> dict[int, int]:
    try:
        return faulty_workbook.places(returned.headers, headers)
    except faulty_workbook.ColumnsUnclear as unclear:
        raise AnotherWorkbook(
            f"The column “{unclear.header}” of the workbook cannot be told from the others.",
            hint="Leave the headers as they were sent; columns may be moved or deleted.",
            column=unclear.header,
        ) from unclear


def _corrected_since(batch: ImportBatch, returned: Returned) -> set[tuple[int, int]]:
    """Return the cells that were corrected after the workbook was made."""
    since = ImportCorrection.objects.filter(batch=batch, pk__gt=returned.known_to)
    return set(since.values_list("row", "place"))


def _marked(mended: Mended, row: FaultyRow, language: str) -> MarkedRow:
    errors: dict[int, str] = {}
    warnings: dict[int, str] = {}
    said = []
    for finding in row.findings:
        sentence = message(finding.code, finding.params, language)
        if finding.suggestion:
            sentence += f" → {finding.suggestion}"
        place = mended.facts.place_of(finding.column) if finding.column else None
        if place is not None:
            (errors if finding.severity == ERROR else warnings)[place] = sentence
        said.append(f"{finding.column}: {sentence}" if finding.column else sentence)
    return MarkedRow(row.number, row.cells, errors, warnings, "\n".join(said))
