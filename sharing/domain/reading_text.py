"""
Text files: UTF-8 or GB18030, with comma, semicolon or tab between the cells.

Arrow reads them, whole columns at once. Rows are numbered as records: the header and blank
lines count, and a quoted cell with line breaks does not begin a new one.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from sharing.domain.normalization import CONTROL_BYTES, holds_controls
from sharing.domain.reading_uneven import Group, Uneven, joined
from sharing.domain.sheets import Header, HeaderFinder, Sheet
from sharing.domain.unreadable import HEADER_ROWS_SEARCHED, MAXIMUM_ROWS, UnreadableFile

_DELIMITERS = (",", ";", "\t")
_PIECE_BYTES = 4 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024
"""Arrow passes over records with more cells than the others the slower, the longer a block."""
_RECORD_BYTES = 16 * 1024 * 1024
_HEAD_CHARACTERS = 256 * 1024
_SAMPLE_RECORDS = 200
_BLANK_LINES_ALLOWED = 4 * MAXIMUM_ROWS
_LINES_SWALLOWED = 2
_FIELD_CHARACTERS = 16 * 1024 * 1024

Progress = Callable[[float], None]


def read(stream: BinaryIO, *, find_header: HeaderFinder, progress: Progress) -> Sheet:
    """
    Read a text file.

    :raises UnreadableFile: `file_damaged` if it is no text in either encoding or a quotation
        mark is never closed; `file_empty`, `header_not_found`, `file_too_many_rows`.
    """
    is_utf8 = _decodes(stream, "utf-8")
    with _as_utf8(stream, "utf-8" if is_utf8 else "gb18030") as text:
        head = _head(text)
        if not head.strip("\ufeff \t\r\n,;"):
            raise UnreadableFile("file_empty")
        try:
            delimiter, header, sample = _find_header(head, find_header)
        except UnreadableFile as exc:
            if is_utf8 or not _begins_as_utf8(stream):
                raise
            raise UnreadableFile("file_damaged") from exc  # and GB18030 makes something of it
        width = _width(sample, header)
        try:
            columns, numbers = _columns(text, delimiter, width, progress, _BLOCK_BYTES)
        except pa.ArrowInvalid:  # a record may be longer than a block
            columns, numbers = _long_records(text, delimiter, width, progress)
    below = numbers > header.last_row + 1
    first = int(np.argmax(below)) if below.any() else len(numbers)
    below_header = [column.slice(first) for column in columns]
    return Sheet(header, below_header, numbers[first:])


def _as_utf8(stream: BinaryIO, encoding: str) -> BinaryIO:
    """
    Return the same text as UTF-8 without control characters.

    A piece at a time, so that it never lies twice in memory.
    """
    if encoding == "utf-8" and not _holds_controls(stream):
        stream.seek(0)
        return cast(BinaryIO, _Borrowed(stream))
    if encoding != "utf-8" and not _decodes(stream, encoding):
        raise UnreadableFile("file_damaged")
    stream.seek(0)
    copy = SpooledTemporaryFile(max_size=64 * 1024 * 1024)  # noqa: SIM115 - the caller closes it
    decoder = codecs.getincrementaldecoder(encoding)()
    while piece := stream.read(_PIECE_BYTES):
        copy.write(decoder.decode(piece).encode("utf-8").translate(None, CONTROL_BYTES))
    copy.seek(0)
    return cast(BinaryIO, copy)


def _holds_controls(stream: BinaryIO) -> bool:
    stream.seek(0)
    return any(holds_controls(piece) for piece in iter(lambda: stream.read(_PIECE_BYTES), b""))


class _Borrowed(io.BufferedIOBase):
    """A stream of the caller's, which we read and leave open."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int | None = -1, /) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def _decodes(stream: BinaryIO, encoding: str) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := stream.read(_PIECE_BYTES):
            if b"\0" in piece:
                return False
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _begins_as_utf8(stream: BinaryIO) -> bool:
    """Say whether the first lines are UTF-8 with something beside ASCII in it."""
    stream.seek(0)
    lines = stream.read(_HEAD_CHARACTERS).split(b"\n")[:HEADER_ROWS_SEARCHED]
    try:
        return any(not line.decode("utf-8").isascii() for line in lines[: len(lines) - 1 or 1])
    except UnicodeDecodeError:
        return False


def _head(text: BinaryIO) -> str:
    text.seek(0)
    raw = text.read(_HEAD_CHARACTERS)
    return raw.decode("utf-8", errors="ignore").removeprefix("\ufeff")


def _find_header(head: str, find_header: HeaderFinder) -> tuple[str, Header, list[list[str]]]:
    partial: tuple[str, Header, list[list[str]]] | None = None
    for delimiter in _DELIMITERS:
        records = _records(head, delimiter)
        header = find_header(records[: HEADER_ROWS_SEARCHED + 1], ())
        if header is not None and header.complete:
            return delimiter, header, records
        if header is not None and partial is None:
            partial = delimiter, header, records
    if partial is None:
        raise UnreadableFile("header_not_found")
    return partial


def _records(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(_FIELD_CHARACTERS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[list[str]] = []
    try:
        for record in reader:
            found.append(record)
            if len(found) >= _SAMPLE_RECORDS:
                break
    except csv.Error as exc:
        raise UnreadableFile("file_damaged") from exc
    return found


def _width(sample: list[list[str]], header: Header) -> int:
    """Return how many cells most records have: Arrow is quick with those."""
    below = [len(record) for record in sample[header.last_row + 1 : -1] if len(record) > 1]
    if not below:
        return max(len(header.texts), 1)
    return Counter(below).most_common(1)[0][0]


def _columns(
    text: BinaryIO, delimiter: str, width: int, progress: Progress, block: int
) -> tuple[tuple[pa.ChunkedArray, ...], np.ndarray]:
    """
    Read all records, a block of so many bytes at a time.

    :raises pyarrow.ArrowInvalid: if it is no such text, or a record is longer than a block.
    """
    text.seek(0)
    uneven = Uneven()
    batches: list[pa.RecordBatch] = []
    rows = 0
    reader = _open(pa.PythonFile(text, mode="r"), delimiter, width, block, uneven)
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        if rows + uneven.count > _BLANK_LINES_ALLOWED:
            raise UnreadableFile("file_too_many_rows")
        progress(min(rows / MAXIMUM_ROWS, 0.99))
    table = pa.Table.from_batches(batches, schema=reader.schema)
    groups = uneven.groups(lambda part, cells: _open(part, delimiter, cells, block).read_all())
    _refuse_if_swallowed(text, table, groups, delimiter)
    return joined(table, groups)


def _long_records(
    text: BinaryIO, delimiter: str, width: int, progress: Progress
) -> tuple[tuple[pa.ChunkedArray, ...], np.ndarray]:
    try:
        return _columns(text, delimiter, width, progress, _RECORD_BYTES)
    except pa.ArrowInvalid as exc:
        raise UnreadableFile("file_damaged") from exc


def _open(
    text: pa.NativeFile, delimiter: str, width: int, block: int, uneven: Uneven | None = None
) -> pv.CSVStreamingReader:
    names = [str(place) for place in range(width)]
    return pv.open_csv(
        text,
        read_options=pv.ReadOptions(use_threads=False, column_names=names, block_size=block),
        parse_options=pv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=uneven.keep if uneven else None,
        ),
        convert_options=pv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _refuse_if_swallowed(
    text: BinaryIO, table: pa.Table, groups: list[Group], delimiter: str
) -> None:
    """Refuse a file in which a quotation mark that is not closed has made one cell of many."""
    records = table.num_rows + sum(len(group.numbers) for group in groups)
    if _swallows_lines(table, groups, delimiter) and _count(text, b'"') % 2:
        raise UnreadableFile("file_damaged")
    if _lines(text) > records and _swallows_records(table, groups, delimiter):
        raise UnreadableFile("file_damaged")


def _swallows_lines(table: pa.Table, groups: list[Group], delimiter: str) -> bool:
    """
    Test whether the last cell looks as if a quotation mark before it were never closed.

    Such a cell is the last of the last record, and has line breaks and delimiters in it. So
    may one that is well closed: only then the file's marks are even in number.
    """
    total = table.num_rows + sum(len(group.numbers) for group in groups)
    ends = [group.table for group in groups if group.numbers[-1] == total]
    holder = ends[0] if ends else table
    if holder.num_rows == 0:
        return False
    cells = [column[-1].as_py() or "" for column in holder.columns]
    last = next((cell for cell in reversed(cells) if cell), "")
    return bool(last.count("\n") >= _LINES_SWALLOWED and last.count(delimiter) > last.count("\n"))


def _swallows_records(table: pa.Table, groups: list[Group], delimiter: str) -> bool:
    """Say whether a cell holds a line in which a credit code stands in a cell of its own."""
    mark = re.escape(delimiter)
    record = rf'\n(?:[^\n]*{mark})?[\s"]*[0-9A-HJ-NPQRTUWXY]{{18}}[\s"]*{mark}'
    return any(
        pc.any(pc.match_substring_regex(column, record)).as_py()
        for part in (table, *(group.table for group in groups))
        for column in part.columns
        if pc.any(pc.match_substring(column, "\n")).as_py()
    )


def _count(text: BinaryIO, mark: bytes) -> int:
    """Count a character of ASCII in a file; in UTF-8 no other has this byte."""
    text.seek(0)
    return sum(block.count(mark) for block in iter(lambda: text.read(_PIECE_BYTES), b""))


def _lines(text: BinaryIO) -> int:
    """Count the lines of a file; the last may end without a break."""
    breaks = _count(text, b"\n")
    text.seek(-1, io.SEEK_END)
    return breaks + (text.read(1) != b"\n")
