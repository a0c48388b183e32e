"""
What a workbook holds beside its cells: its true size, a password, error and merged cells.

One pass over the packed parts finds a file that would unpack without end before anything
trusts it, and what calamine does not tell: cells that hold an error or a formula that was never
worked out, which it gives as empty, and the merged cells of .ods.
"""

import posixpath
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
    MAXIMUM_UNPACKED_BYTES,
    MAXIMUM_UNPACKED_TIMES,
    UnreadableFile,
)

_PIECE_BYTES = 1024 * 1024
_OVERLAP_BYTES = 4 * 1024
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_SHEETS = "worksheets/"


@dataclass(frozen=True, slots=True)
class Marks:
    """
    What is hidden and merged, by the place of the sheet from 0; and the calendar.

    `errors` are the texts of cells that calamine gives as empty: errors, and formulas that were
    never worked out.
    """

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
    workbook = _element(package, _WORKBOOK)
    places = {} if workbook is None else _sheet_places(package, workbook)
    errors: dict[int, dict[tuple[int, int], str]] = {}
    for part in parts:
        name = part.filename.lower()
        found = _read_part(package, part, is_sheet=name in places or _SHEETS in name)
        if found and name in places:
            errors[places[name]] = found
    return Marks(errors=errors, is_1904=workbook is not None and _counts_from_1904(workbook))


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


def _element(package: zipfile.ZipFile, name: str) -> ElementTree.Element | None:
    """Return a part as XML; the names of parts do not differ by upper and lower case."""
    found = [part for part in package.infolist() if part.filename.lower() == name]
    # expat itself refuses entities that grow without end
    return ElementTree.fromstring(package.read(found[-1])) if found else None  # noqa: S314


def _sheet_places(package: zipfile.ZipFile, workbook: ElementTree.Element) -> dict[str, int]:
    """Return the place of each sheet in the workbook, by the name of its part in lower case."""
    relations = _element(package, _RELATIONS)
    targets = {} if relations is None else {e.get("Id"): e.get("Target", "") for e in relations}
    sheets = [entry for entry in workbook.iter() if entry.tag.endswith("}sheet")]
    places: dict[str, int] = {}
    for place, sheet in enumerate(sheets):  # strict and transitional files differ in namespaces
        relation = next((text for name, text in sheet.items() if name.endswith("}id")), None)
        path = posixpath.normpath(posixpath.join("/xl", targets.get(relation, "")))
        places[path.lstrip("/").lower()] = place
    return places


def _counts_from_1904(workbook: ElementTree.Element) -> bool:
    said = [entry.get("date1904") for entry in workbook if entry.tag.endswith("}workbookPr")]
    return any(word in ("1", "true", "on") for word in said)


def _read_part(
    package: zipfile.ZipFile, part: zipfile.ZipInfo, *, is_sheet: bool
) -> xlsx_marks.Hidden:
    """Unpack a part to its end, which proves its size and checksum, and look for its cells."""
    search = xlsx_marks.Search()
    with package.open(part) as unpacked:
        for piece in xlsx_marks.pieces(unpacked):
            if is_sheet and search.is_certain:
                search.look(piece)
    if search.is_certain:
        return search.hidden
    with package.open(part) as sheet:
        return xlsx_marks.walk(sheet)


def _pieces(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a part in pieces that overlap, so that no cell is cut in two."""
    tail = b""
    with package.open(part) as unpacked:
        while piece := unpacked.read(_PIECE_BYTES):
            yield tail + piece
            tail = piece[-_OVERLAP_BYTES:]
