"""
What calamine does not tell of an .ods file: its true size, merged cells, and some cells.

Those are error cells, and formulas without a value.

A cell or a row may say that it stands there a million times: a few bytes then fill the memory.
"""

import re
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from sharing.domain.sheets import MergedRange
from sharing.domain.unreadable import MAXIMUM_CELLS, MAXIMUM_UNPACKED_TIMES, UnreadableFile

_CELL = rb"<table:(?:covered-)?table-cell\b[^>]*"
WORTH_A_LOOK = re.compile(
    rb'number-(?:rows|columns)-spanned="(?:[2-9]|1\d)|calcext:value-type="error"'
    # a repeated cell that holds something, or behind which something stands; a repeated row
    # that is not empty, as the last one of most sheets is
    rb'|number-columns-repeated="\d{3,}"[^>]*(?:(?<!/)>|(?<=/)>\s*' + _CELL + rb"office:value-type)"
    rb'|number-rows-repeated="\d{3,}"[^>]*>(?!(?:' + _CELL + rb"/>)*</table:table-row>)"
    rb"|<table:table-cell\b(?![^>]*office:value-type=)[^>]*\btable:formula="
)
"""Only a sheet with one of these needs the slow way through its XML."""

_REPEATS_FOLLOWED = 2_000_000
_REPEATED_ANYWAY = 1_000_000
"""So many cells may come of repeats in a file of any size."""

Errors = dict[int, dict[tuple[int, int], str]]
Merged = dict[int, list[MergedRange]]


@dataclass
class _Walk:
    """Where we are in the sheets, and what was found so far."""

    most_cells: int
    sheet: int = -1
    row: int = 0
    column: int = 0
    row_repeats: int = 1
    in_error: bool = False
    filled: int = 0
    wide: int = 0
    cells: int = 0
    text: list[str] = field(default_factory=list)
    errors: Errors = field(default_factory=dict)
    merged: Merged = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.sheet, self.row, self.wide = self.sheet + 1, 0, 0
        elif name == "table:table-row":
            self.column = self.filled = 0
            self.row_repeats = int(attributes.get("table:number-rows-repeated", 1))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        rows = int(attributes.get("table:number-rows-spanned", 1))
        columns = int(attributes.get("table:number-columns-spanned", 1))
        if rows > 1 or columns > 1:
            last = (self.row + rows - 1, self.column + columns - 1)
            self.merged.setdefault(self.sheet, []).append(((self.row, self.column), last))
        self.in_error = attributes.get("calcext:value-type") == "error"
        self.text = []
        repeats = min(int(attributes.get("table:number-columns-repeated", 1)), _REPEATS_FOLLOWED)
        formula = attributes.get("table:formula")
        if formula and "office:value-type" not in attributes:
            text = "=" + formula.partition("=")[2]
            self.errors.setdefault(self.sheet, {})[self.row, self.column] = text
        self.column += repeats
        if "office:value-type" in attributes or "calcext:value-type" in attributes:
            self.filled += repeats
            self.wide = max(self.wide, self.column)

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self.row += min(self.row_repeats, _REPEATS_FOLLOWED)
            self.cells += self.filled * self.row_repeats
            if self.cells > self.most_cells:
                raise UnreadableFile("file_damaged")
            if self.filled and self.wide * self.row > MAXIMUM_CELLS:
                raise UnreadableFile("file_too_large")
        elif name == "table:table-cell" and self.in_error:
            text = "".join(self.text).strip() or "#ERROR!"
            self.errors.setdefault(self.sheet, {})[self.row, self.column - 1] = text
            self.in_error = False

    def data(self, text: str) -> None:
        if self.in_error:
            self.text.append(text)


def read(content: IO[bytes], *, size: int) -> tuple[Errors, Merged]:
    """
    Return error cells and merged ranges by the place of their sheet, counted from 0.

    Repeated rows are followed for merged cells only where they begin.

    :raises UnreadableFile: `file_damaged` if repeats make 100 times the file's size of it,
        `file_too_large` if a sheet has more cells than anything may hold.
    """
    walk = _Walk(max(MAXIMUM_UNPACKED_TIMES * size, _REPEATED_ANYWAY))
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.data
    parser.ParseFile(content)
    return walk.errors, walk.merged
