"""
Worksheet parts of .xlsx: how far their cells reach, and cells that calamine gives as empty.

Those are error cells, and formulas that were never worked out. Most programs write cells in one
way, which a search finds at the speed of the file. Other ways are as good (another order of the
attributes, no reference, the other quotation mark): a part that has one of them is walked
through as XML.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat
from xml.sax.saxutils import unescape

import numpy as np

from sharing.domain.unreadable import MAXIMUM_CELLS, MAXIMUM_COLUMNS, check_extent

_PIECE_BYTES = 1024 * 1024

_PREFIXED_TAG = re.compile(rb"<[\w.-]+:c[\s/>]")
_TAGS = tuple(b"<c" + end for end in (b" ", b">", b"/", b"\n", b"\r", b"\t"))

_FORMULA = rb"<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>"
_ERROR = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*(?:' + _FORMULA + rb")?\s*"
    rb"<v\b[^>]*>([^<]{1,20})</v>"
)
_ERROR_TAG = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*\bt\s*=\s*["']e["'][^>]*>""")
_NO_VALUE = rb"\s*(<v\b[^>]*/>|<v\b[^>]*>\s*</v>)?\s*</c>"
_LACKING = re.compile(rb"(?:</f>|<f\b[^>]*/>)" + _NO_VALUE)
_LACKING_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"([^>]*)>\s*(?:<f\b[^>]*/>|<f\b[^>]*>([^<]*)</f>)' + _NO_VALUE
)
_TEXT = b't="str"'
_LONGEST_PLACE = 32
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_ENTITIES = {"&quot;": '"', "&apos;": "'"}

Hidden = dict[tuple[int, int], str]
"""What stands in cells that calamine gives as empty, by row and column from 0."""


def pieces(part: IO[bytes]) -> Iterator[bytes]:
    """Yield a part in pieces, of which none ends within a cell or a tag if that can be."""
    held = b""
    while read := part.read(_PIECE_BYTES):
        held += read
        end = max(held.rfind(b"</c>") + 4, held.rfind(b":c>") + 3)
        end = end if end > 3 else held.rfind(b">") + 1 or len(held)
        yield held[:end]
        held = held[end:]
    yield held


@dataclass(slots=True)
class Search:
    """
    What a search through the pieces of a part has found so far.

    It gives up, and is no longer `is_certain`, where a cell is written in another way, or where
    the cells reach too far: some of them may be empty.
    """

    hidden: Hidden = field(default_factory=dict)
    columns: int = 0
    rows: int = 0
    is_certain: bool = True

    def look(self, piece: bytes) -> None:
        tags = sum(map(piece.count, _TAGS))
        if b":c" in piece:
            tags += len(_PREFIXED_TAG.findall(piece))
        cells, columns, rows = _extent(piece)
        self.is_certain = cells == tags and b"\0" not in piece  # in UTF-16 nothing is found
        if not self.is_certain or not cells:
            return
        self.columns, self.rows = max(self.columns, columns), max(self.rows, rows)
        if self.columns > MAXIMUM_COLUMNS or self.columns * self.rows > MAXIMUM_CELLS:
            self.is_certain = False
            return
        self._errors(piece)
        self._formulas(piece)

    def _errors(self, piece: bytes) -> None:
        if b'"e"' not in piece and b"'e'" not in piece:
            return
        found = _ERROR.findall(piece)
        self.is_certain = len(found) == len(_ERROR_TAG.findall(piece))
        for column, number, text in found:
            self._keep(column, number, text.decode())

    def _formulas(self, piece: bytes) -> None:
        """Find formulas without a value; a text that is empty is one."""
        self.is_certain &= b":f>" not in piece and b":f " not in piece
        if b"<f" not in piece or not _LACKING.search(piece):
            return
        for column, number, attributes, formula, value in _LACKING_CELL.findall(piece):
            if b't="e"' not in attributes and not (value and _TEXT in attributes):
                self._keep(column, number, "=" + unescape(formula.decode(), _ENTITIES))

    def _keep(self, column: bytes, number: bytes, text: str) -> None:
        self.hidden[int(number) - 1, column_number(column) - 1] = text


def _extent(piece: bytes) -> tuple[int, int, int]:
    """
    Return how many cells begin with their reference, and the farthest column and row, from 1.

    Whole pieces at once: a search for each of many million cells takes as long as reading them.
    """
    text = np.frombuffer(piece + bytes(_LONGEST_PLACE), dtype=np.uint8)
    begins = (text == ord("<")) | (text == ord(":"))
    for step, character in enumerate(b'c r="', 1):
        begins[:-step] &= text[step:] == character
    at = np.flatnonzero(begins) + len('<c r="')
    columns = np.zeros(len(at), dtype=np.int64)
    rows = np.zeros(len(at), dtype=np.int64)
    for number, length, first, last, base in ((columns, 3, "A", "Z", 26), (rows, 7, "0", "9", 10)):
        for _ in range(length):
            goes_on = (text[at] >= ord(first)) & (text[at] <= ord(last))
            figures = text[at[goes_on]].astype(np.int64) - ord(first) + (first == "A")
            number[goes_on] = number[goes_on] * base + figures
            at += goes_on
    sound = (text[at] == ord('"')) & (columns > 0) & (rows > 0)
    return int(sound.sum()), int(columns.max(initial=0)), int(rows.max(initial=0))


def walk(part: IO[bytes]) -> Hidden:
    """
    Return what calamine hides of a whole part, however it is written.

    :raises UnreadableFile: `file_damaged`, `file_too_large` if cells that hold something reach
        too far.
    """
    state = _Walk()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = state.start
    parser.EndElementHandler = state.end
    parser.CharacterDataHandler = state.data
    parser.ParseFile(part)
    return state.hidden


@dataclass(slots=True)
class _Walk:
    """The cell we are in, by row and column from 0, how far cells reach, what is hidden so far."""

    row: int = -1
    place: tuple[int, int] = (-1, -1)
    kind: str = ""
    inside: str = ""
    formula: list[str] | None = None
    value: list[str] | None = None
    columns: int = 0
    rows: int = 0
    hidden: Hidden = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "row":
            stated = attributes.get("r", "")
            self.row = int(stated) - 1 if stated.isdecimal() else self.row + 1
            self.place = self.row, -1
        elif local == "c":
            stands = _REFERENCE.fullmatch(attributes.get("r", ""))
            self.place = (
                (int(stands[2]) - 1, column_number(stands[1].upper().encode()) - 1)
                if stands
                else (self.row, self.place[1] + 1)
            )
            self.kind, self.formula, self.value = attributes.get("t", ""), None, None
        elif local == "f":
            self.inside, self.formula = local, []
        elif local in ("v", "is"):
            self.inside, self.value = local, []

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == self.inside:
            self.inside = ""
        elif local == "c":
            self._cell()

    def _cell(self) -> None:
        value = "".join(self.value or ()).strip()
        is_text = self.value is not None and self.kind in ("str", "inlineStr")
        row, column = self.place
        if (value or is_text) and (row >= self.rows or column >= self.columns):
            self.rows, self.columns = max(self.rows, row + 1), max(self.columns, column + 1)
            check_extent(columns=self.columns, rows=self.rows)
        if self.kind == "e":
            self.hidden[self.place] = value or "#ERROR!"
        elif self.formula is not None and not value and not is_text:
            self.hidden[self.place] = "=" + "".join(self.formula)

    def data(self, text: str) -> None:
        if self.inside == "f" and self.formula is not None:
            self.formula.append(text)
        elif self.inside and self.value is not None:
            self.value.append(text)


def column_number(letters: bytes) -> int:
    """
    Return the number of a column, from 1.

    >>> column_number(b"A"), column_number(b"AA")
    (1, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
