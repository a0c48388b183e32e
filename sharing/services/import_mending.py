"""
Mending an import: cells corrected by hand or by suggestion, rows left out, all looked at again.

Corrections lie beside the file, which stays as it came. What depends on a corrected cell is
judged at once; the whole file is checked once more before anything of it is published. In
the usual order: lock, permission, life cycle, conflict, change, audit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain import uscc
from sharing.domain.corrections import LEFT_OUT, WHOLE_ROW
from sharing.domain.import_lifecycle import IMPORT
from sharing.models import ImportBatch, ImportFinding
from sharing.selectors import import_rows
from sharing.services import imports, mending_checks, mending_files, mending_findings
from sharing.services.mending_checks import Mended
from sharing.services.mending_findings import Corrected

MOST_AT_ONCE = 50_000
JUDGED_AT_ONCE = 20_000
"""More corrected rows than this are judged by a worker, with the whole file."""
AUDITED_CELLS = 20
TEXT_CHARACTERS = 2_000


class CellMoved(Conflict):
    code = "sharing.import.cell_moved"
    title = "Somebody else corrected this cell meanwhile."


class NoSuchCell(Invalid):
    code = "sharing.import.no_such_cell"
    title = "The file has no such row or column."


class TooManyCells(Invalid):
    code = "sharing.import.too_many_cells"
    title = "More cells than can be corrected at once."


@dataclass(frozen=True, slots=True)
class CellChange:
    """
    What somebody wants a cell to hold.

    `column` is its header's text, or its place from 0. With `was`, only if it holds that now.
    """

    row: int
    column: str | int
    became: str
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An import after a correction, and the rows that were judged again."""

    batch: ImportBatch
    rows: tuple[int, ...]
    cells: int


def correct(
    import_id: UUID,
    changes: Sequence[CellChange],
    *,
    way: str = "typed",
    actor: Actor,
    at: datetime,
) -> Outcome:
    """
    Correct some cells, all or none.

    :raises NoSuchRecord: if the actor's organization sees no such import.
    :raises NotPermitted: if the actor brings in no files, or it is another bureau's.
    :raises IllegalTransition: if the import is not checked, or was released.
    :raises CellMoved: if a cell does not hold what the change says that it did.
    :raises NoSuchCell: if the file has no such row or column.
    """
    with imports.locked(import_id, actor=actor) as batch:
        mended = _begin(batch, actor, at)
        wanted = [replace(change, column=_place(mended, change.column)) for change in changes]
        return _correct(mended, wanted, way=way, actor=actor, at=at)


def correct_alike(
    import_id: UUID, *, column: str | int, was: str, became: str, actor: Actor, at: datetime
) -> Outcome:
    """
    Put one text in place of another in every faulty cell of a column that holds it.

    :raises NoSuchCell: if no faulty cell of the column holds it.
    """
    with imports.locked(import_id, actor=actor) as batch:
        mended = _begin(batch, actor, at)
        place = _place(mended, column)
        found = _faulty(batch, mended).filter(column=mended.facts.columns[place].text)
        rows = {row for row in found.values_list("row", flat=True) if row is not None}
        now = mending_checks.cells(mended, rows)
        wanted = [
            CellChange(row, place, became, was)
            for row, texts in now.items()
            if texts[place].strip() == was.strip()
        ]
        changes = [replace(change, was=None) for change in wanted]
        return _correct(mended, changes, way="alike", actor=actor, at=at)


def accept_suggestions(
    import_id: UUID, *, code: str, column: str | None = None, actor: Actor, at: datetime
) -> Outcome:
    """
    Put what a check suggests into every cell with a finding of one code.

    :param column: only in the column with this header.
    :raises NoSuchCell: if nothing is suggested for any.
    """
    with imports.locked(import_id, actor=actor) as batch:
        mended = _begin(batch, actor, at)
        found = _faulty(batch, mended).filter(import_rows.single_suggestion(), code=code)
        if column is not None:
            found = found.filter(column=column)
        places: dict[str, int] = {}
        wanted = []
        for row, header, suggestion in found.values_list("row", "column", "suggestion"):
            if row is None or header is None or suggestion is None:
                continue
            place = places.setdefault(header, _place(mended, header))
            wanted.append(CellChange(row, place, suggestion))
        return _correct(mended, wanted, way="suggestion", actor=actor, at=at)


def leave_out(
    import_id: UUID, rows: Iterable[int], *, is_out: bool = True, actor: Actor, at: datetime
) -> Outcome:
    """Leave whole rows out of an import, or take them in again."""
    with imports.locked(import_id, actor=actor) as batch:
        mended = _begin(batch, actor, at)
        became = LEFT_OUT if is_out else ""
        wanted = [CellChange(row, WHOLE_ROW, became) for row in rows]
        return _correct(mended, wanted, way="row", actor=actor, at=at)


def check_again(
    import_id: UUID, *, mapping: Mapping[str, str] | None = None, actor: Actor, at: datetime
) -> ImportBatch:
    """
    Queue another check of the whole file, with all corrections.

    :param mapping: header text to field key, set by hand; it is remembered for the
        organization's next file. An empty key passes a column over.
    :raises UnknownField: if the mapping names a field that the list does not have.
    """
    with imports.locked(import_id, actor=actor) as batch:
        permissions.check_can_mend(actor, batch)
        batch.status = IMPORT.target("check_again", state=batch.status).value
        if mapping:
            catalogue = factor_lists.catalogue(batch.factor_list, batch.list_version)
            imports.check_mapping(catalogue, mapping)
            batch.mapping = {**batch.mapping, **mapping}
            imports.remember(batch.factor_list, mapping, actor=actor, at=at)
        batch.refusal_code, batch.refusal = "", {}
        imports.queue_check(batch, actor=actor, at=at)
        batch.save()
    told = {"mapping": dict(mapping)} if mapping else {}
    audit.record("sharing.import.checked_again", batch, actor=actor, at=at, **told)
    return batch


def _begin(batch: ImportBatch, actor: Actor, at: datetime) -> Mended:
    permissions.check_can_mend(actor, batch)
    IMPORT.target("correct_leaving_errors", state=batch.status)
    return mended_of(batch, at=at)


def mended_of(batch: ImportBatch, *, at: datetime) -> Mended:
    """
    Return an import with the corrections made so far.

    :raises NotAtHand: if nothing is kept of its file.
    """
    return Mended(
        batch=batch,
        catalogue=factor_lists.catalogue(batch.factor_list, batch.list_version),
        facts=mending_files.facts(batch.pk),
        corrections=import_rows.current_corrections(batch.pk),
        today=business_day(at),
    )


def _correct(
    mended: Mended, changes: Sequence[CellChange], *, way: str, actor: Actor, at: datetime
) -> Outcome:
    if len(changes) > MOST_AT_ONCE:
        raise TooManyCells(
            f"{len(changes)} cells at once; at most {MOST_AT_ONCE} are taken.",
            hint="Correct them in several calls.",
            cells=len(changes),
            most=MOST_AT_ONCE,
        )
    batch, rows = mended.batch, {change.row for change in changes}
    before = mending_checks.cells(mended, rows)
    cells = _compared(mended, changes, before)
    if not cells:
        return Outcome(batch, tuple(sorted(rows)), 0)
    newest = mending_findings.write_corrections(batch, cells, way=way, by=actor.account_id, at=at)
    batch.corrected_to = newest
    batch.cells_corrected += len(cells)
    judged = _judge(mended, cells, before, actor=actor, at=at)
    batch.save()
    audit.record(
        "sharing.import.corrected",
        batch,
        actor=actor,
        at=at,
        way=way,
        cells=len(cells),
        first=[_told(cell) for cell in cells[:AUDITED_CELLS]],
    )
    return Outcome(batch, judged, len(cells))


def _told(cell: Corrected) -> dict[str, object]:
    return {"row": cell.row, "column": cell.column, "was": cell.was, "became": cell.became}


def _judge(
    mended: Mended,
    cells: Sequence[Corrected],
    before: Mapping[int, list[str]],
    *,
    actor: Actor,
    at: datetime,
) -> tuple[int, ...]:
    """Judge the rows of corrected cells; a worker does it where a row is no enterprise."""
    batch, rows = mended.batch, {cell.row for cell in cells}
    if not mended.facts.is_mendable or len(rows) > JUDGED_AT_ONCE:
        batch.status = IMPORT.target("check_again", state=batch.status).value
        imports.queue_check(batch, actor=actor, at=at)
        return tuple(sorted(rows))
    place = mended.facts.place_of_field("uscc")
    codes = [texts[place] for texts in before.values()] if place is not None else []
    after = replace(mended, corrections=import_rows.current_corrections(batch.pk))
    looked = mending_checks.look_again(after, rows, _regular(codes))
    untouched = looked.rows - rows
    present_before = {row for row, texts in before.items() if mending_checks.says_anything(texts)}
    mending_findings.keep(batch, looked, present_before=present_before | untouched)
    return tuple(sorted(looked.rows))


def _regular(codes: list[str]) -> list[str]:
    return [code for text in codes if uscc.is_well_formed(code := uscc.regular_text(text))]


def _compared(
    mended: Mended, changes: Sequence[CellChange], before: Mapping[int, list[str]]
) -> list[Corrected]:
    """
    Return the changes that change something, beside what the cells hold.

    :raises CellMoved: if one does not hold what the change says.
    """
    found: dict[tuple[int, int], Corrected] = {}
    for change in changes:
        texts, place = before.get(change.row), int(change.column)
        if texts is None:
            raise NoSuchCell(f"The file has no row {change.row}.", row=change.row, column="")
        if place == WHOLE_ROW:
            out = change.row in mended.corrections.left_out
            if out != (change.became == LEFT_OUT):
                was = LEFT_OUT if out else ""
                found[change.row, place] = Corrected(change.row, place, "", was, change.became)
            continue
        now, became = texts[place], change.became.strip()[:TEXT_CHARACTERS]
        if change.was is not None and now.strip() != change.was.strip():
            raise _moved(mended, change, now)
        if now != became:
            column = mended.facts.columns[place].text
            found[change.row, place] = Corrected(change.row, place, column, now, became)
    return list(found.values())


def _moved(mended: Mended, change: CellChange, now: str) -> CellMoved:
    place = int(change.column)
    last = mended.batch.corrections.filter(row=change.row, place=place).order_by("-pk").first()
    who = ""
    if last is not None:
        who = get_user_model().objects.get(pk=last.corrected_by_id).display_name
    return CellMoved(
        f"Row {change.row} holds “{now}” there now; {who or 'the file'} put it there.",
        hint="Look at the cell again, and correct it once more if it is still wrong.",
        row=change.row,
        column=mended.facts.columns[place].text,
        now=now,
        who=who,
    )


def _place(mended: Mended, column: str | int) -> int:
    """
    Return the place of a column.

    :raises NoSuchCell: if the file has none.
    """
    if isinstance(column, int):
        place = column if 0 <= column < len(mended.facts.columns) else None
    else:
        place = mended.facts.place_of(column)
    if place is None:
        raise NoSuchCell(f"The file has no column “{column}”.", row=0, column=str(column))
    return place


def _faulty(batch: ImportBatch, mended: Mended) -> QuerySet[ImportFinding]:
    found = ImportFinding.objects.filter(batch=batch, row__isnull=False)
    return found.exclude(row=mended.facts.header_row)
