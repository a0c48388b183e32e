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
_CHARACTERS_AT_MOST = 32_767
CUT = "…（过长，未列全 / cut, too long）"
"""The end of a text that a cell has no room for."""


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


class ColumnsUnclear(Exception):
    """A column came back that cannot be told from another; `header` is its text."""

    def __init__(self, header: str) -> None:
        super().__init__(header)
        self.header = header


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
                sheet.write_string(line, place + 1, shown(text), tones.get(tone, plain))
                said = [w for w in (row.errors.get(place), row.warnings.get(place)) if w]
                if said:
                    sheet.write_comment(line, place + 1, "\n".join(said), {"x_scale": 2})
            sheet.write_string(line, len(headers) + 1, row.said, words)
        stamps = book.add_worksheet(STAMPS)
        stamps.write_string(0, 0, import_id)
        stamps.write_string(1, 0, str(known_to))
        stamps.hide()
    return buffer.getvalue()


def shown(text: str) -> str:
    """Return a text as the workbook holds it, whose cells have room for so many characters."""
    if len(text) <= _CHARACTERS_AT_MOST:
        return text
    return text[: _CHARACTERS_AT_MOST - len(CUT)] + CUT


def is_as_it_was(text: str, held: str) -> bool:
    """Say whether a cell came back as it went out; a text that was cut, with its mark."""
    was_cut = len(held) > _CHARACTERS_AT_MOST
    return text.strip() == held.strip() or (was_cut and text.rstrip().endswith(CUT))


def places(returned: Sequence[str], headers: Sequence[str]) -> dict[int, int]:
    """
    Return where each column that came back stood in the file: its place now to its place then.

    Columns may have been moved, added or taken away. Equal headers keep their order; columns
    without a header, of which nothing is read, are passed over unless all are there.

    :raises ColumnsUnclear: if one was renamed, or some of several equal ones are gone.
    """
    now, then = _by_text(returned), _by_text(headers)
    found: dict[int, int] = {}
    for text, at in then.items():
        if len(now.get(text, at)) == len(at):
            found |= zip(now.get(text, ()), at, strict=False)
        elif text:
            raise ColumnsUnclear(text)
    added = [text for text in now if text and text not in then]
    if added and any(text not in now for text in then):
        raise ColumnsUnclear(added[0])
    return found


def _by_text(headers: Sequence[str]) -> dict[str, list[int]]:
    by_text: dict[str, list[int]] = {}
    for place, text in enumerate(headers):
        by_text.setdefault(" ".join(visible(text).split()), []).append(place)
    return by_text


def read(content: bytes) -> Returned:
    """
    Read a workbook that came back.

    :raises UnreadableFile: if it cannot be read, or is not one of ours.
    """
    import_id, known_to = _stamps(content)
    sheet = reading.read(content, file_name="faulty.xlsx", find_header=_find_header)
    texts = [visible(text) for text in sheet.header.texts[: len(sheet.columns)]]
    ours = [place for place, text in enumerate(texts) if place == 0 or text not in WORDS]
    columns = [[text or "" for text in sheet.columns[place].to_pylist()] for place in ours]
    rows = {}
    for line in zip(*columns, strict=True):
        number = line[0].strip().removesuffix(".0")
        if number.isdecimal():
            rows[int(number)] = tuple(line[1:])
    return Returned(import_id, known_to, tuple(texts[place] for place in ours[1:]), rows)


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
