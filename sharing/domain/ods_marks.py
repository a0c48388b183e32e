"""Error cells and merged cells of an .ods file, which calamine does not tell."""

import re
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from sharing.domain.sheets import MergedRange

WORTH_A_LOOK = re.compile(
    rb'number-(?:rows|columns)-spanned="(?:[2-9]|1\d)|calcext:value-type="error"'
)
"""Only a sheet with one of these needs the slow way through its XML."""

_REPEATS_FOLLOWED = 2_000_000

Errors = dict[int, dict[tuple[int, int], str]]
Merged = dict[int, list[MergedRange]]


@dataclass
class _Walk:
    """Where we are in the sheets, and what was found so far."""

    sheet: int = -1
    row: int = 0
    column: int = 0
    row_repeats: int = 1
    in_error: bool = False
    text: list[str] = field(default_factory=list)
    errors: Errors = field(default_factory=dict)
    merged: Merged = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.sheet, self.row = self.sheet + 1, 0
        elif name == "table:table-row":
            self.column = 0
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
        self.column += min(
            int(attributes.get("table:number-columns-repeated", 1)), _REPEATS_FOLLOWED
        )

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self.row += min(self.row_repeats, _REPEATS_FOLLOWED)
        elif name == "table:table-cell" and self.in_error:
            text = "".join(self.text).strip() or "#ERROR!"
            self.errors.setdefault(self.sheet, {})[self.row, self.column - 1] = text
            self.in_error = False

    def data(self, text: str) -> None:
        if self.in_error:
            self.text.append(text)


def read(content: IO[bytes]) -> tuple[Errors, Merged]:
    """
    Return error cells and merged ranges by the place of their sheet, counted from 0.

    Repeated rows are followed for merged cells only where they begin.
    """
    walk = _Walk()
    parser = expat.ParserCreate()
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.data
    parser.ParseFile(content)
    return walk.errors, walk.merged
