"""
Makes enterprise lists for tests: clean ones, ones with planted faults, in every format.

A list is rows of cells, blank rows among them, so that all formats agree on row numbers.
"""

import csv
import datetime as dt
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from factors.domain import model_list
from factors.domain.catalogue import Catalogue
from sharing.domain import pipeline, uscc
from sharing.domain.pipeline import CheckedImport
from sharing.domain.regions import RegionTable

TODAY = dt.date(2026, 11, 23)
HANGZHOU = ("330100", "330199")
VECTORS = Path(__file__).parents[1] / "vectors" / "imports"
_DAYS_TO_1904 = 1_462
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0x7F, 0xFFFE])
_LIST = Path(__file__).parents[2] / "factors" / "data" / "zj-qfce-1"


@dataclass(frozen=True)
class DaySerial:
    """A day as the bare number that a spreadsheet keeps for it."""

    day: dt.date

    @property
    def number(self) -> int:
        return (self.day - dt.date(1899, 12, 30)).days


@dataclass(frozen=True)
class Percent:
    """A fraction in a cell that is formatted as a percentage."""

    fraction: float


@dataclass(frozen=True)
class Formula:
    """A formula with the value that was stored when the workbook was saved."""

    value: str | float


Cell = str | float | bool | dt.date | DaySerial | Percent | Formula | None

FORMATS = ("xlsx", "xls", "ods", "csv", "gb18030.csv", "semicolon.csv", "tab.txt")
MORE_FORMATS = (*FORMATS, "xlsm", "et", "bom.csv", "gb18030.tab.txt", "bom.semicolon.txt")

_REGIONS = Path(__file__).parents[2] / "qfce" / "kernel" / "tenancy" / "regions.csv"


@lru_cache
def catalogue() -> Catalogue:
    tables = {name: (_LIST / name).read_bytes() for name in model_list.FILES}
    return Catalogue.from_document(json.loads(json.dumps(model_list.document(tables))))


@lru_cache
def regions() -> RegionTable:
    with _REGIONS.open(encoding="utf-8", newline="") as rows:
        return RegionTable(csv.DictReader(rows))


def code(number: int, start: str = "91330113") -> str:
    """Return the credit code of one of our enterprises."""
    return uscc.with_check_character(f"{start}{number:0{17 - len(start)}d}")


@dataclass
class ListFile:
    """
    Rows above a header, the header, and rows below; `merged` and sheets for workbooks.

    `second` is a second row of the header. `left` columns stand empty before the list. Text is
    written with `newline` at the ends of its lines, and with quotation marks around every cell
    if `quotes_all`; the workbooks of `is_1904` count days as an old Macintosh did.
    """

    header: list[str]
    rows: list[list[Cell]]
    above: list[list[Cell]] = field(default_factory=list)
    below: list[list[Cell]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    other_sheets: dict[str, list[list[Cell]]] = field(default_factory=dict)
    hidden_sheets: dict[str, list[list[Cell]]] = field(default_factory=dict)
    sheets_before: dict[str, list[list[Cell]]] = field(default_factory=dict)
    second: list[Cell] = field(default_factory=list)
    left: int = 0
    newline: str = "\r\n"
    quotes_all: bool = False
    is_1904: bool = False

    @property
    def lines(self) -> list[list[Cell]]:
        heads: list[list[Cell]] = [list(self.header)] + ([self.second] if self.second else [])
        lines = [*self.above, *heads, *self.rows, *self.below]
        return [[*[""] * self.left, *line] if line else [] for line in lines]

    @property
    def header_row(self) -> int:
        return len(self.above) + 1

    def row(self, place: int) -> int:
        """Return the file's number of one of the rows below the header, from 0."""
        return self.header_row + 1 + place + bool(self.second)

    def write(self, format_: str) -> tuple[bytes, str]:
        writer = WRITERS.get(format_)
        if writer:
            return writer(self), f"list.{format_}"
        *kinds, suffix = format_.split(".")
        delimiter = ";" if "semicolon" in kinds else "\t" if "tab" in kinds else ","
        text = io.StringIO(newline="")
        for line in self.lines:
            quoting = csv.QUOTE_ALL if self.quotes_all else csv.QUOTE_MINIMAL
            written = csv.writer(
                text, delimiter=delimiter, lineterminator=self.newline, quoting=quoting
            )
            written.writerow([_as_text(c) for c in line]) if line else text.write(self.newline)
        encoding = "utf-8-sig" if {"bom", "tab"} & set(kinds) else "utf-8"
        encoding = "gb18030" if "gb18030" in kinds else encoding
        return text.getvalue().encode(encoding), f"list.{suffix}"


def check(file: bytes | Path, name: str = "", **more: Any) -> CheckedImport:
    """Check a file as the Hangzhou bureau does on the day of the examples."""
    raw = file.read_bytes() if isinstance(file, Path) else file
    known = {
        "file_name": name or (file.name if isinstance(file, Path) else "list.csv"),
        "catalogue": catalogue(),
        "regions": regions(),
        "jurisdiction": HANGZHOU,
        "today": TODAY,
    }
    return pipeline.check_file(raw, **(known | more))


def check_rows(header: Sequence[str], *rows: Sequence[Cell], **more: Any) -> CheckedImport:
    """Check a list that is written down in a test, as a text file with the header in row 1."""
    file = ListFile(list(header), [list(row) for row in rows])
    return check(*file.write("csv"), **more)


def found(checked: CheckedImport, *leave_out: str) -> set[tuple[int | None, str | None, str]]:
    """Return row, column and code of all findings, but for some codes."""
    rows = checked.findings[["row", "column", "code"]].astype(object)
    return {
        (
            None if _is_missing(row) else int(row),
            None if _is_missing(column) else str(column),
            str(found_code),
        )
        for row, column, found_code in rows.itertuples(index=False)
        if found_code not in leave_out
    }


def _is_missing(value: object) -> bool:
    return value is None or str(value) == "<NA>"


def _as_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell >= 1e15:
        return f"{cell:.5E}"
    if isinstance(cell, DaySerial):
        return cell.day.isoformat()
    if isinstance(cell, Percent):
        return _as_text(cell.fraction)
    if isinstance(cell, Formula):
        return _as_text(cell.value)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _as_counted(cell: Cell, file: ListFile) -> Cell:
    """Return a bare number of a day as the file's own calendar counts it."""
    if isinstance(cell, DaySerial) and file.is_1904:
        return cell.number - _DAYS_TO_1904
    return cell


def _xlsx(file: ListFile) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_numbers": False, "date_1904": file.is_1904})
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    percents = book.add_format({"num_format": "0.00%"})

    def fill(name: str, lines: list[list[Cell]]) -> Any:
        sheet = book.add_worksheet(name)
        for row, line in enumerate(lines):
            for column, cell in enumerate(line):
                shifted = _as_counted(cell, file)
                _xlsx_cell(sheet, row, column, shifted, dates, percents)
        return sheet

    for name, lines in file.hidden_sheets.items():
        fill(name, lines).hide()
    for name, lines in file.sheets_before.items():
        fill(name, lines)
    first = fill("名单", file.lines)
    for top, left, bottom, right in file.merged:
        first.merge_range(top, left, bottom, right, str(file.lines[top][left] or ""))
    for name, lines in file.other_sheets.items():
        fill(name, lines)
    first.activate()
    book.close()
    return out.getvalue()


def _xlsx_cell(sheet: Any, row: int, column: int, cell: Cell, dates: Any, percents: Any) -> None:
    if isinstance(cell, dt.date):
        sheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), dates)
    elif isinstance(cell, DaySerial):
        sheet.write_number(row, column, cell.number)
    elif isinstance(cell, Percent):
        sheet.write_number(row, column, cell.fraction, percents)
    elif isinstance(cell, Formula):
        sheet.write_formula(row, column, "=A1&B1", None, cell.value)
    elif isinstance(cell, str) and cell.startswith("#"):
        sheet.write_formula(row, column, "=1/0", None, cell)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif cell is not None:
        sheet.write(row, column, cell)


def _xls(file: ListFile) -> bytes:
    book = xlwt.Workbook()
    book.dates_1904 = file.is_1904
    dates = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    percents = xlwt.easyxf(num_format_str="0.00%")

    def fill(name: str, lines: list[list[Cell]], covered: set[tuple[int, int]]) -> Any:
        sheet = book.add_sheet(name)
        for row, line in enumerate(lines):
            for column, cell in enumerate(line):
                if (row, column) not in covered and cell is not None and cell != "":
                    _xls_cell(sheet, row, column, _as_counted(cell, file), dates, percents)
        return sheet

    for name, lines in file.hidden_sheets.items():
        fill(name, lines, set()).visibility = 1
    for name, lines in file.sheets_before.items():
        fill(name, lines, set())
    covered = {
        (row, column)
        for top, left, bottom, right in file.merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }
    first = fill("名单", file.lines, covered)
    for top, left, bottom, right in file.merged:
        first.write_merge(top, bottom, left, right, _as_text(file.lines[top][left]))
    for name, lines in file.other_sheets.items():
        fill(name, lines, set())
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xls_cell(sheet: Any, row: int, column: int, cell: Cell, dates: Any, percents: Any) -> None:
    if isinstance(cell, str) and cell.startswith("#"):
        sheet.row(row).set_cell_error(column, 0x2A if cell == "#N/A" else cell)
    elif isinstance(cell, dt.date):
        sheet.write(row, column, cell, dates)
    elif isinstance(cell, DaySerial):
        sheet.write(row, column, cell.number)
    elif isinstance(cell, Percent):
        sheet.write(row, column, cell.fraction, percents)
    elif isinstance(cell, Formula):  # xlwt stores no value of a formula
        sheet.write(row, column, cell.value)
    else:
        sheet.write(row, column, cell)


def _ods(file: ListFile) -> bytes:
    document = OpenDocumentSpreadsheet()
    hidden = Style(name="hidden", family="table")
    hidden.addElement(TableProperties(display="false"))
    document.automaticstyles.addElement(hidden)
    spans = {(top, left): (bottom, right) for top, left, bottom, right in file.merged}
    for name, lines in file.hidden_sheets.items():
        document.spreadsheet.addElement(_ods_table(name, lines, {}, hidden))
    for name, lines in file.sheets_before.items():
        document.spreadsheet.addElement(_ods_table(name, lines, {}, None))
    document.spreadsheet.addElement(_ods_table("名单", file.lines, spans, None))
    for name, lines in file.other_sheets.items():
        document.spreadsheet.addElement(_ods_table(name, lines, {}, None))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _ods_table(
    name: str,
    lines: list[list[Cell]],
    spans: dict[tuple[int, int], tuple[int, int]],
    style: Any,
) -> Any:
    table = Table(name=name, stylename=style) if style else Table(name=name)
    covered = {
        (row, column)
        for (top, left), (bottom, right) in spans.items()
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    for row, line in enumerate(lines):
        written = TableRow()
        for column, cell in enumerate(line or [None]):
            if (row, column) in covered:
                written.addElement(CoveredTableCell())
                continue
            span = spans.get((row, column))
            more = {}
            if span:
                more = {
                    "numberrowsspanned": span[0] - row + 1,
                    "numbercolumnsspanned": span[1] - column + 1,
                }
            written.addElement(_ods_cell(cell, more))
        table.addElement(written)
    return table


def _ods_cell(cell: Cell, more: dict[str, Any]) -> Any:
    if cell is None or cell == "":
        return TableCell(**more)
    if isinstance(cell, bool):
        return TableCell(valuetype="boolean", booleanvalue=str(cell).lower(), **more)
    if isinstance(cell, int | float):
        return TableCell(valuetype="float", value=str(cell), **more)
    if isinstance(cell, DaySerial):
        return TableCell(valuetype="float", value=str(cell.number), **more)
    if isinstance(cell, Percent):
        return TableCell(valuetype="percentage", value=str(cell.fraction), **more)
    if isinstance(cell, Formula):
        more = {**more, "formula": "of:=[.A1]"}
        return _ods_cell(cell.value, more)
    if isinstance(cell, dt.date):
        return TableCell(valuetype="date", datevalue=cell.isoformat(), **more)
    written = TableCell(valuetype="string", **more)
    for paragraph in cell.translate(_NOT_IN_XML).split("\n"):
        written.addElement(P(text=paragraph))
    return written


WRITERS = {"xlsx": _xlsx, "xlsm": _xlsx, "xls": _xls, "et": _xls, "ods": _ods}
