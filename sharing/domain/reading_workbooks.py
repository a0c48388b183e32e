"""
Workbooks: .xlsx, .xlsm, .xls, .et and .ods, read by calamine.

Calamine gives typed cells; here they become the text that a person sees, without the traces
of floating point, and in the rows and columns where the sheet has them. What calamine does
not tell (error cells, the merged cells of .ods) comes from `workbook_marks`.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import python_calamine as calamine

from factors.domain import allowed_values_sheet
from factors.domain.value_texts import EXCEL_EPOCH, EXCEL_EPOCH_1904
from sharing.domain import workbook_marks
from sharing.domain.normalization import without_controls
from sharing.domain.sheets import Header, HeaderFinder, MergedRange, Sheet
from sharing.domain.unreadable import HEADER_ROWS_SEARCHED, MAXIMUM_ROWS, UnreadableFile
from sharing.domain.workbook_marks import Marks

_CHUNK_ROWS = 20_000
_DATA_ROWS_LOOKED_AT = 1_000
_EXACT_BELOW = 1e15
"""From here on a spreadsheet has lost figures: such a number keeps its exponent in the text."""

Progress = Callable[[float], None]
Row = list[Any]


def read(stream: BinaryIO, *, size: int, find_header: HeaderFinder, progress: Progress) -> Sheet:
    """
    Read the first visible sheet whose header is recognized.

    :raises UnreadableFile: `file_encrypted`, `file_damaged`, `file_too_large`, `file_empty`,
        `header_not_found`, `file_too_many_rows`.
    """
    marks = workbook_marks.inspect(stream, size=size)
    stream.seek(0)
    try:
        return _read(stream, marks, find_header, progress)
    except calamine.PasswordError as exc:
        raise UnreadableFile("file_encrypted") from exc
    except (calamine.CalamineError, ValueError, OSError) as exc:
        raise UnreadableFile("file_damaged") from exc


def _read(stream: BinaryIO, marks: Marks, find_header: HeaderFinder, progress: Progress) -> Sheet:
    workbook = calamine.CalamineWorkbook.from_filelike(stream)
    places = [
        place
        for place, sheet in enumerate(workbook.sheets_metadata)
        if sheet.visible == calamine.SheetVisibleEnum.Visible
        and sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    with_data: dict[int, str] = {}
    chosen: tuple[int, Header, calamine.CalamineSheet] | None = None
    for place in places:
        sheet = workbook.get_sheet_by_index(place)
        if not _has_data(sheet) or _is_ours_to_read(sheet):
            continue
        with_data[place] = without_controls(pa.array([sheet.name]))[0].as_py()
        if chosen is None or not chosen[1].complete:
            header = find_header(_head(sheet), _merged(sheet, marks, place))
            if header is not None and (chosen is None or header.complete):
                chosen = place, header, sheet
    if not with_data:
        raise UnreadableFile("file_empty")
    if chosen is None:
        raise UnreadableFile("header_not_found")
    place, header, sheet = chosen
    others = tuple(name for other, name in with_data.items() if other != place)
    return _sheet(sheet, marks, place, header, others, progress)


def _has_data(sheet: calamine.CalamineSheet) -> bool:
    rows = itertools.islice(sheet.iter_rows(), _DATA_ROWS_LOOKED_AT)
    return sheet.start is not None and any(
        cell != "" and str(cell).strip() for row in rows for cell in row
    )


def _is_ours_to_read(sheet: calamine.CalamineSheet) -> bool:
    """Test whether it is the sheet of allowed values that came with the workbook."""
    head = _head(sheet)
    return bool(head) and allowed_values_sheet.is_it(sheet.name, head[0])


def _head(sheet: calamine.CalamineSheet) -> list[list[str]]:
    left = [""] * (sheet.start or (0, 0))[1]
    rows = itertools.islice(sheet.iter_rows(), HEADER_ROWS_SEARCHED + 1)
    texts = [[_text(cell) for cell in row] for row in rows]
    return [left + without_controls(pa.array(row, pa.string())).to_pylist() for row in texts]


def _merged(sheet: calamine.CalamineSheet, marks: Marks, place: int) -> list[MergedRange]:
    return sheet.merged_cell_ranges or list(marks.merged.get(place, ()))


def _sheet(
    sheet: calamine.CalamineSheet,
    marks: Marks,
    place: int,
    header: Header,
    others: tuple[str, ...],
    progress: Progress,
) -> Sheet:
    first = header.last_row + 1
    total = sheet.total_height + 1
    if total - first > MAXIMUM_ROWS:
        raise UnreadableFile("file_too_many_rows")
    chunks: list[list[pa.Array]] = []
    rows = itertools.islice(sheet.iter_rows(), first, None)
    count = 0
    for chunk in _chunks(rows):
        chunks.append([_column(cells) for cells in zip(*chunk, strict=True)])
        count += len(chunk)
        progress(min(count / max(total, 1), 0.99))
    left = (sheet.start or (0, 0))[1]
    empty = pa.chunked_array([pa.repeat(pa.scalar(""), count)], pa.string())
    columns = [empty] * left + [
        pa.chunked_array(list(parts), pa.string()) for parts in zip(*chunks, strict=True)
    ]
    columns = _with_errors(columns, marks, place, first)
    columns = _with_merged(columns, _merged(sheet, marks, place), first)
    numbers = np.arange(first + 1, first + 1 + count, dtype=np.int64)
    epoch = EXCEL_EPOCH_1904 if marks.is_1904 else EXCEL_EPOCH
    return Sheet(header, columns, numbers, epoch, others)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(itertools.islice(rows, _CHUNK_ROWS)):
        yield chunk


def _column(cells: tuple[Any, ...]) -> pa.Array:
    """Return one column of a chunk as text, working out each distinct cell once."""
    kinds = set(map(type, cells))
    if kinds <= {str}:
        return without_controls(pa.array(cells, pa.string()))
    if bool in kinds and len(kinds) > 1:  # True equals 1, so that one would hide the other
        return without_controls(pa.array([_text(cell) for cell in cells], pa.string()))
    known = {cell: _text(cell) for cell in set(cells)}
    texts = pa.array(map(known.__getitem__, cells), pa.string(), size=len(cells))
    return without_controls(texts)


def _text(cell: Any) -> str:
    """
    Return a cell as the text that was meant.

    Figures as Excel shows them, 15 at most and no `.0`; dates as ISO; a percent-formatted
    cell as the fraction that it holds.

    >>> [_text(cell) for cell in (12.0, 0.1 + 0.2, 9.13301e17, True)]
    ['12', '0.3', '9.13301E+17', 'TRUE']
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        if abs(cell) >= _EXACT_BELOW:
            return f"{cell:.15G}" if "E" in f"{cell:.15G}" else f"{cell:.14E}"
        plain = f"{cell:.15g}"
        return plain if "e" not in plain else f"{cell:.20f}".rstrip("0").rstrip(".")
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time()
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    return str(cell)


def _with_errors(
    columns: list[pa.ChunkedArray], marks: Marks, place: int, first: int
) -> list[pa.ChunkedArray]:
    """Put #REF! and its like where calamine gives an empty cell."""
    by_column: dict[int, dict[int, str]] = {}
    for (row, column), text in marks.errors.get(place, {}).items():
        if row >= first:
            by_column.setdefault(column, {})[row - first] = text
    for column, found in by_column.items():
        if column < len(columns):
            cells = np.asarray(columns[column].to_numpy(zero_copy_only=False), dtype=object)
            for row, text in found.items():
                if row < len(cells):
                    cells[row] = text
            columns[column] = pa.chunked_array([pa.array(cells, pa.string())])
    return columns


def _with_merged(
    columns: list[pa.ChunkedArray], merged: list[MergedRange], first: int
) -> list[pa.ChunkedArray]:
    """Give each row that a merged cell covers its value, in the cell's first column."""
    sources: dict[int, np.ndarray] = {}
    for (top, left), (bottom, _) in merged:
        if bottom <= top or bottom < first or left >= len(columns):
            continue
        if top < first:  # part of the header, or of what stands above it
            continue
        rows = sources.setdefault(left, np.arange(len(columns[left]), dtype=np.int64))
        rows[top - first : bottom - first + 1] = top - first
    for column, rows in sources.items():
        columns[column] = columns[column].take(pa.array(rows))
    return columns
