"""
Error cells of a worksheet part of .xlsx, which calamine gives as empty.

Most programs write such a cell in one way, which a search finds at the speed of the file. Other
ways are as good (a prefix of the namespace, no reference, the other quotation mark): a part
that has one of them is walked through as XML.
"""

import re
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

_PLAIN = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]{1,20})</v>"
)
_ANY = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*\bt\s*=\s*["']e["'][^>]*>""")
_PLAIN_TAG = re.compile(rb"""<c\s(?=[^>]*\bt="e")[^>]*\br="[A-Z]{1,3}\d{1,7}"[^>]*>""")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

Errors = dict[tuple[int, int], str]


def find(piece: bytes) -> Errors | None:
    """Return the error cells in a piece of a part; None if it has to be walked through."""
    if b'"e"' not in piece and b"'e'" not in piece:
        return {}
    tags = _ANY.findall(piece)
    if not all(_PLAIN_TAG.fullmatch(tag) for tag in tags):
        return None
    return {
        (int(number) - 1, column_number(column) - 1): text.decode("utf-8")
        for column, number, text in _PLAIN.findall(piece)
    }


def walk(part: IO[bytes]) -> Errors:
    """Return the error cells of a whole part, however it is written."""
    state = _Walk()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = state.start
    parser.EndElementHandler = state.end
    parser.CharacterDataHandler = state.data
    parser.ParseFile(part)
    return state.errors


@dataclass
class _Walk:
    """The cell we are in, by row and column from 0, and the errors so far."""

    row: int = -1
    column: int = -1
    in_error: bool = False
    in_value: bool = False
    text: list[str] = field(default_factory=list)
    errors: Errors = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "row":
            stated = attributes.get("r", "")
            self.row = int(stated) - 1 if stated.isdecimal() else self.row + 1
            self.column = -1
        elif local == "c":
            place = _REFERENCE.fullmatch(attributes.get("r", ""))
            self.column = column_number(place[1].encode()) - 1 if place else self.column + 1
            self.in_error = attributes.get("t") == "e"
            self.text = []
        elif local == "v":
            self.in_value = self.in_error

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local == "v":
            self.in_value = False
        elif local == "c" and self.in_error:
            self.errors[self.row, self.column] = "".join(self.text).strip() or "#ERROR!"
            self.in_error = False

    def data(self, text: str) -> None:
        if self.in_value:
            self.text.append(text)


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
