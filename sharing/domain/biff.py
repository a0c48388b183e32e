"""
The legacy workbook format (.xls, .et): what calamine does not tell about such a file.

Whether it needs a password, how large its sheets are, and which cells hold an error. The
layouts are those of [MS-CFB] (the container) and [MS-XLS] (the records).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sharing.domain.unreadable import UnreadableFile, check_extent

_END_OF_CHAIN = 0xFFFFFFFA
_ENTRY_BYTES = 128

_FORMULA, _EOF, _DATEMODE, _FILEPASS = 0x06, 0x0A, 0x22, 0x2F
_BOUNDSHEET, _BOOLERR, _BOF = 0x85, 0x205, 0x809
_MULRK, _DIMENSIONS = 0xBD, 0x200
_LABELSST, _RSTRING, _NUMBER, _LABEL, _RK = 0xFD, 0xD6, 0x203, 0x204, 0x27E
_CELLS = frozenset({_FORMULA, _BOOLERR, _MULRK, _LABELSST, _RSTRING, _NUMBER, _LABEL, _RK})
_SHORT_DIMENSIONS_BYTES = 10

Errors = dict[int, dict[tuple[int, int], str]]

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def marks(file: bytes) -> tuple[Errors, bool]:
    """
    Return the error cells of each sheet, and whether the workbook counts days from 1904.

    Error cells by the sheet's place and then by row and column.

    :raises UnreadableFile: `file_encrypted` if the file needs a password, `file_damaged` if
        it is no workbook, `file_too_large` if a sheet is.
    """
    try:
        container = _Container.open(file)
        if "EncryptedPackage" in container.streams:
            raise UnreadableFile("file_encrypted")
        name = next(name for name in ("Workbook", "Book") if name in container.streams)
        return _marks(container.read(name))
    except (struct.error, IndexError, StopIteration, ValueError) as exc:
        raise UnreadableFile("file_damaged") from exc


@dataclass(frozen=True, slots=True)
class _Container:
    """A compound file: streams in chains of sectors, small ones in sectors of their own."""

    file: bytes
    sector_bytes: int
    small_bytes: int
    small_below: int
    table: tuple[int, ...]
    small_table: tuple[int, ...]
    small_stream: bytes
    streams: dict[str, tuple[int, int]]

    @classmethod
    def open(cls, file: bytes) -> "_Container":
        shift, small_shift = struct.unpack_from("<HH", file, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise ValueError("No compound file has sectors of this size.")
        directory, small_below, small_first = struct.unpack_from("<I4xII", file, 48)
        sector_bytes = 1 << shift
        table = _sector_table(file, sector_bytes)
        small_table = _integers(_chain(file, sector_bytes, table, small_first))
        streams: dict[str, tuple[int, int]] = {}
        root = (0, 0)
        entries = _chain(file, sector_bytes, table, directory)
        for start in range(0, len(entries) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            name_bytes, kind = struct.unpack_from("<HB", entries, start + 64)
            first, size = struct.unpack_from("<II", entries, start + 116)
            name = entries[start : start + max(name_bytes - 2, 0)].decode("utf-16-le", "replace")
            if kind == 5:
                root = first, size
            elif kind == 2:
                streams[name] = first, size
        small = _chain(file, sector_bytes, table, root[0])[: root[1]]
        return cls(
            file, sector_bytes, 1 << small_shift, small_below, table, small_table, small, streams
        )

    def read(self, name: str) -> bytes:
        first, size = self.streams[name]
        if size < self.small_below:
            parts = []
            for sector in _sectors(self.small_table, first):
                begin = sector * self.small_bytes
                parts.append(self.small_stream[begin : begin + self.small_bytes])
            return b"".join(parts)[:size]
        return _chain(self.file, self.sector_bytes, self.table, first)[:size]


def _sector_table(file: bytes, sector_bytes: int) -> tuple[int, ...]:
    sectors = [entry for entry in struct.unpack_from("<109I", file, 76) if entry < _END_OF_CHAIN]
    (more, count) = struct.unpack_from("<II", file, 68)
    for _ in range(count):
        if more >= _END_OF_CHAIN:
            break
        entries = _integers(_sector(file, sector_bytes, more))
        sectors += [entry for entry in entries[:-1] if entry < _END_OF_CHAIN]
        more = entries[-1]
    return _integers(b"".join(_sector(file, sector_bytes, sector) for sector in sectors))


def _sector(file: bytes, sector_bytes: int, sector: int) -> bytes:
    begin = (sector + 1) * sector_bytes
    if begin >= len(file):
        raise ValueError("The file ends before one of its sectors.")
    return file[begin : begin + sector_bytes]


def _sectors(table: tuple[int, ...], first: int) -> Iterator[int]:
    sector, steps = first, 0
    while sector < _END_OF_CHAIN:
        yield sector
        steps += 1
        if steps > len(table):
            raise ValueError("A chain of sectors runs in a circle.")
        sector = table[sector]


def _chain(file: bytes, sector_bytes: int, table: tuple[int, ...], first: int) -> bytes:
    return b"".join(_sector(file, sector_bytes, sector) for sector in _sectors(table, first))


def _integers(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])


def _marks(book: bytes) -> tuple[Errors, bool]:
    errors: Errors = {}
    is_1904 = False
    sheets: list[int] = []
    for kind, begin, size in _records(book, 0):
        if kind == _FILEPASS:
            raise UnreadableFile("file_encrypted")
        if kind == _BOUNDSHEET:
            sheets.append(struct.unpack_from("<I", book, begin)[0])
        if kind == _DATEMODE and size >= 2:
            is_1904 = struct.unpack_from("<H", book, begin)[0] == 1
    for place, start in enumerate(sheets):
        _check_extent(book, start)
        for kind, begin, size in _records(book, start):
            if kind == _BOOLERR and size >= 8 and book[begin + 7] == 1:
                code = book[begin + 6]
            elif kind == _FORMULA and book[begin + 12 : begin + 14] == b"\xff\xff":
                if book[begin + 6] != 2:
                    continue
                code = book[begin + 8]
            else:
                continue
            cell = struct.unpack_from("<HH", book, begin)
            errors.setdefault(place, {})[cell[0], cell[1]] = _ERRORS.get(code, "#ERROR!")
    return errors, is_1904


def _check_extent(book: bytes, start: int) -> None:
    """Refuse a sheet whose cells, or what it says of itself, stand too far out."""
    rows, columns = 0, 0
    for kind, begin, size in _records(book, start):
        if kind in _CELLS:
            row, column = struct.unpack_from("<HH", book, begin)
            if kind == _MULRK:
                column = struct.unpack_from("<H", book, begin + size - 2)[0]
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _DIMENSIONS:
            form = "<2xH2xH" if size <= _SHORT_DIMENSIONS_BYTES else "<4xI2xH"
            bottom, right = struct.unpack_from(form, book, begin)
            check_extent(columns=right, rows=bottom)
    check_extent(columns=columns, rows=rows)


def _records(book: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, place of the content and its size of each record of one substream."""
    depth, place = 0, start
    while place + 4 <= len(book):
        kind, size = struct.unpack_from("<HH", book, place)
        yield kind, place + 4, size
        depth += (kind == _BOF) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return
        place += 4 + size
