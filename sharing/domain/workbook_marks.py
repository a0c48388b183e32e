"""
What a workbook holds beside its cells: its true size, a password, error and merged cells.

One pass over the packed parts finds a file that would unpack without end before anything
trusts it, and what calamine does not tell: cells that hold an error, which it gives as
empty, and the merged cells of .ods.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.etree import ElementTree

from sharing.domain import biff, ods_marks
from sharing.domain.sheets import MergedRange
from sharing.domain.unreadable import (
    MAXIMUM_UNPACKED_BYTES,
    MAXIMUM_UNPACKED_TIMES,
    UnreadableFile,
)

_PIECE_BYTES = 1024 * 1024
_OVERLAP_BYTES = 4 * 1024
_MAXIMUM_CELLS = 64_000_000
"""Calamine keeps a sheet as a full rectangle: one stray cell far out must not fill the memory."""

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERROR_CELL = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb"(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>([^<]{1,20})</v>"
)
_FAR_COLUMN = re.compile(rb'<c r="([A-Z]{2,3})\d')
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d{1,7})"')


@dataclass(frozen=True, slots=True)
class Marks:
    """Error cells and merged ranges by the place of their sheet, counted from 0."""

    errors: dict[int, dict[tuple[int, int], str]] = field(default_factory=dict)
    merged: dict[int, list[MergedRange]] = field(default_factory=dict)


def inspect(stream: BinaryIO, *, size: int) -> Marks:
    """
    Look through a workbook before it is read.

    :raises UnreadableFile: `file_encrypted`, `file_damaged` (also if it unpacks to more than
        100 times its size), `file_too_large`.
    """
    stream.seek(0)
    if stream.read(2) != b"PK":
        stream.seek(0)
        return Marks(errors=biff.error_cells(stream.read()))
    try:
        with zipfile.ZipFile(stream) as package:
            return _inspect_package(package, size)
    except (zipfile.BadZipFile, zlib.error, EOFError, ElementTree.ParseError, KeyError) as exc:
        raise UnreadableFile("file_damaged") from exc
    except (NotImplementedError, RuntimeError) as exc:  # an unknown method, or a password
        raise UnreadableFile("file_damaged") from exc


def _inspect_package(package: zipfile.ZipFile, size: int) -> Marks:
    parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAXIMUM_UNPACKED_TIMES * size:
        raise UnreadableFile("file_damaged")
    if unpacked > MAXIMUM_UNPACKED_BYTES:
        raise UnreadableFile("file_too_large")
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableFile("file_encrypted")
    names = {part.filename for part in parts}
    if "content.xml" in names:
        if "META-INF/manifest.xml" in names and b"encryption-data" in package.read(
            "META-INF/manifest.xml"
        ):
            raise UnreadableFile("file_encrypted")
        return _inspect_ods(package, parts)
    places = _sheet_places(package) if "xl/workbook.xml" in names else {}
    errors: dict[int, dict[tuple[int, int], str]] = {}
    for part in parts:
        found = _read_part(package, part, is_sheet=part.filename in places)
        if found:
            errors[places[part.filename]] = found
    return Marks(errors=errors)


def _inspect_ods(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> Marks:
    needed = False
    for part in parts:
        for piece in _pieces(package, part):
            needed = needed or bool(ods_marks.WORTH_A_LOOK.search(piece))
    if not needed:
        return Marks()
    with package.open("content.xml") as content:
        errors, merged = ods_marks.read(content)
    return Marks(errors=errors, merged=merged)


def _sheet_places(package: zipfile.ZipFile) -> dict[str, int]:
    """Return the place of each sheet in the workbook, by the name of its part."""
    # expat itself refuses entities that grow without end
    relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {entry.get("Id"): entry.get("Target", "") for entry in relations}
    workbook = ElementTree.fromstring(package.read("xl/workbook.xml"))  # noqa: S314
    sheets = [entry for entry in workbook.iter() if entry.tag.endswith("}sheet")]
    places: dict[str, int] = {}
    for place, sheet in enumerate(sheets):
        target = targets.get(sheet.get(_RELATION), "")
        places[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = place
    return places


def _read_part(
    package: zipfile.ZipFile, part: zipfile.ZipInfo, *, is_sheet: bool
) -> dict[tuple[int, int], str]:
    """Unpack a part to its end, which proves its size and checksum, and find error cells."""
    errors: dict[tuple[int, int], str] = {}
    columns, rows = 26, 0
    for piece in _pieces(package, part):
        if not is_sheet:
            continue
        columns = max([columns, *(_column(found) for found in set(_FAR_COLUMN.findall(piece)))])
        last = piece.rfind(b"<row ")
        row = _ROW.match(piece, last) if last >= 0 else None
        rows = max(rows, int(row[1]) if row else 0)
        if columns * rows > _MAXIMUM_CELLS:
            raise UnreadableFile("file_too_large")
        if b't="e"' in piece:
            for column, number, text in _ERROR_CELL.findall(piece):
                errors[int(number) - 1, _column(column) - 1] = text.decode("utf-8")
    return errors


def _pieces(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part in pieces that overlap, so that no cell is cut in two."""
    tail = b""
    with package.open(part) as unpacked:
        while piece := unpacked.read(_PIECE_BYTES):
            yield tail + piece
            tail = piece[-_OVERLAP_BYTES:]


def _column(letters: bytes) -> int:
    """Return the number of a column, from 1: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
