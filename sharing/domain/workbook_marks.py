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
from xml.parsers import expat

from sharing.domain import biff, ods_marks, xlsx_marks
from sharing.domain.sheets import MergedRange
from sharing.domain.unreadable import (
    MAXIMUM_CELLS,
    MAXIMUM_UNPACKED_BYTES,
    MAXIMUM_UNPACKED_TIMES,
    UnreadableFile,
)

_PIECE_BYTES = 1024 * 1024
_OVERLAP_BYTES = 4 * 1024
_PREFIX_BYTES = 8
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FAR_COLUMN = re.compile(rb'<(?:[\w.-]+:)?c r="([A-Z]{2,3})\d')
_ROW = re.compile(rb'<(?:[\w.-]+:)?row\b[^>]*?\br="(\d{1,7})"')


@dataclass(frozen=True, slots=True)
class Marks:
    """Error cells and merged ranges by the place of their sheet, from 0; and the calendar."""

    errors: dict[int, dict[tuple[int, int], str]] = field(default_factory=dict)
    merged: dict[int, list[MergedRange]] = field(default_factory=dict)
    is_1904: bool = False


def inspect(stream: BinaryIO, *, size: int) -> Marks:
    """
    Look through a workbook before it is read.

    :raises UnreadableFile: `file_encrypted`, `file_damaged` (also if it unpacks to more than
        100 times its size), `file_too_large`.
    """
    stream.seek(0)
    if stream.read(2) != b"PK":
        stream.seek(0)
        errors, is_1904 = biff.marks(stream.read())
        return Marks(errors=errors, is_1904=is_1904)
    try:
        with zipfile.ZipFile(stream) as package:
            return _inspect_package(package, size)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as exc:
        raise UnreadableFile("file_damaged") from exc
    except (ElementTree.ParseError, expat.ExpatError, ValueError) as exc:
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
        return _inspect_ods(package, parts, size)
    places = _sheet_places(package) if "xl/workbook.xml" in names else {}
    errors: dict[int, dict[tuple[int, int], str]] = {}
    for part in parts:
        found = _read_part(package, part, is_sheet=part.filename in places)
        if found:
            errors[places[part.filename]] = found
    return Marks(errors=errors, is_1904=bool(places) and _counts_from_1904(package))


def _inspect_ods(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo], size: int) -> Marks:
    needed = False
    for part in parts:
        for piece in _pieces(package, part):
            needed = needed or bool(ods_marks.WORTH_A_LOOK.search(piece))
    if not needed:
        return Marks()
    with package.open("content.xml") as content:
        errors, merged = ods_marks.read(content, size=size)
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


def _counts_from_1904(package: zipfile.ZipFile) -> bool:
    workbook = ElementTree.fromstring(package.read("xl/workbook.xml"))  # noqa: S314
    said = [entry.get("date1904") for entry in workbook if entry.tag.endswith("}workbookPr")]
    return any(word in ("1", "true", "on") for word in said)


def _read_part(
    package: zipfile.ZipFile, part: zipfile.ZipInfo, *, is_sheet: bool
) -> dict[tuple[int, int], str]:
    """Unpack a part to its end, which proves its size and checksum, and find error cells."""
    errors: xlsx_marks.Errors | None = {}
    columns, rows = 26, 0
    for piece in _pieces(package, part):
        if not is_sheet:
            continue
        far = (xlsx_marks.column_number(found) for found in set(_FAR_COLUMN.findall(piece)))
        columns = max([columns, *far])
        last = max(piece.rfind(b"<row "), piece.rfind(b":row ") - _PREFIX_BYTES)
        row = _ROW.search(piece, last) if last >= 0 else None
        rows = max(rows, int(row[1]) if row else 0)
        if columns * rows > MAXIMUM_CELLS:
            raise UnreadableFile("file_too_large")
        found = xlsx_marks.find(piece)
        errors = None if errors is None or found is None else errors | found
    if errors is not None:
        return errors
    with package.open(part) as sheet:
        return xlsx_marks.walk(sheet)


def _pieces(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part in pieces that overlap, so that no cell is cut in two."""
    tail = b""
    with package.open(part) as unpacked:
        while piece := unpacked.read(_PIECE_BYTES):
            yield tail + piece
            tail = piece[-_OVERLAP_BYTES:]
