"""
The workbook of faulty rows: each bad cell marked and explained, to be mended and sent in again.

Its first column holds the row numbers of the file that it comes from, and a hidden sheet
which import that is and which corrections it knew.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import python_calamine
import xlsxwriter

from sharing.domain import reading
from sharing.domain.columns import visible
from sharing.domain.sheets import Header, MergedRange
from sharing.domain.unreadable import UnreadableFile

NUMBERS = ("原文件行号（请勿改动）", "Row in the file (leave as it is)")
WORDS = ("需改正之处", "What to mend")
STAMPS = "QFCE"
_WIDTH = 22
_ROWS_AT_MOST = 1_048_575


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row for the workbook: its cells, and what is wrong with those at some places."""

    number: int
    cells: Sequence[str]
    errors: Mapping[int, str]
    warnings: Mapping[int, str]
    said: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back: header texts in order, cells by row, and what the workbook had known."""

    import_id: str
    known_to: int
    headers: tuple[str, ...]
    rows: Mapping[int, tuple[str, ...]]


def write(
    headers: Sequence[str],
    rows: Sequence[MarkedRow],
    *,
    import_id: str,
    known_to: int,
    chinese: bool,
) -> bytes:
    """Return the workbook; all its cells are text, so that no code becomes a number."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet("改正" if chinese else "Mend")
        plain = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        tones = {
            "bad": book.add_format({"num_format": "@", "bg_color": "#FBD5D2", "border": 1}),
            "warn": book.add_format({"num_format": "@", "bg_color": "#FDF1DC", "border": 1}),
        }
        words = book.add_format({"text_wrap": True, "font_color": "#B3261E"})
        index = 0 if chinese else 1
        for place, text in enumerate([NUMBERS[index], *headers, WORDS[index]]):
            sheet.write_string(0, place, text, head)
        sheet.set_column(0, len(headers), _WIDTH, plain)
        sheet.set_column(len(headers) + 1, len(headers) + 1, 60)
        sheet.freeze_panes(1, 1)
        for line, row in enumerate(rows[:_ROWS_AT_MOST], 1):
            sheet.write_number(line, 0, row.number)
            for place, text in enumerate(row.cells):
                tone = "bad" if place in row.errors else "warn" if place in row.warnings else ""
                sheet.write_string(line, place + 1, text, tones.get(tone, plain))
                said = [w for w in (row.errors.get(place), row.warnings.get(place)) if w]
                if said:
                    sheet.write_comment(line, place + 1, "\n".join(said), {"x_scale": 2})
            sheet.write_string(line, len(headers) + 1, row.said, words)
        stamps = book.add_worksheet(STAMPS)
        stamps.write_string(0, 0, import_id)
        stamps.write_string(1, 0, str(known_to))
        stamps.hide()
    return buffer.getvalue()


def read(content: bytes) -> Returned:
    """
    Read a workbook that came back.

    :raises UnreadableFile: if it cannot be read, or is not one of ours.
    """
    import_id, known_to = _stamps(content)
    sheet = reading.read(content, file_name="faulty.xlsx", find_header=_find_header)
    texts = [visible(text) for text in sheet.header.texts]
    end = next((n for n, text in enumerate(texts) if text in WORDS), len(texts))
    columns = [[text or "" for text in column.to_pylist()] for column in sheet.columns[:end]]
    rows = {}
    for line in zip(*columns, strict=True):
        number = line[0].strip().removesuffix(".0")
        if number.isdecimal():
            rows[int(number)] = tuple(line[1:])
    return Returned(import_id, known_to, tuple(texts[1:end]), rows)


def _find_header(rows: Sequence[Sequence[str]], merged: Sequence[MergedRange]) -> Header | None:
    for place, row in enumerate(rows):
        if row and visible(row[0]) in NUMBERS:
            return Header(place, place, tuple(row))
    return None


def _stamps(content: bytes) -> tuple[str, int]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        lines = book.get_sheet_by_name(STAMPS).to_python()
        return str(lines[0][0]), int(str(lines[1][0]))
    except Exception as exc:  # calamine's own kinds, and whatever a foreign sheet holds
        raise UnreadableFile("header_not_found") from exc
