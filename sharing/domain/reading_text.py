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
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from sharing.domain.sheets import Header, HeaderFinder, Sheet
from sharing.domain.unreadable import HEADER_ROWS_SEARCHED, MAXIMUM_ROWS, UnreadableFile

_DELIMITERS = (",", ";", "\t")
_PIECE_BYTES = 4 * 1024 * 1024
_BLOCK_BYTES = 16 * 1024 * 1024
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
    with _as_utf8(stream) as text:
        head = _head(text)
        if not head.strip("\ufeff \t\r\n,;"):
            raise UnreadableFile("file_empty")
        try:
            delimiter, header, sample = _find_header(head, find_header)
        except UnreadableFile as exc:
            if isinstance(text, _Borrowed) or not _begins_as_utf8(stream):
                raise
            raise UnreadableFile("file_damaged") from exc  # and GB18030 makes something of it
        width = _width(sample, header)
        text.seek(0)
        columns, numbers = _columns(text, delimiter, width, progress)
    below = numbers > header.last_row + 1
    first = int(np.argmax(below)) if below.any() else len(numbers)
    below_header = [column.slice(first) for column in columns]
    return Sheet(header, below_header, numbers[first:])


def _as_utf8(stream: BinaryIO) -> BinaryIO:
    """Return the same text as UTF-8, a piece at a time, so that it never lies twice in memory."""
    if _decodes(stream, "utf-8"):
        stream.seek(0)
        return cast(BinaryIO, _Borrowed(stream))
    if not _decodes(stream, "gb18030"):
        raise UnreadableFile("file_damaged")
    stream.seek(0)
    copy = SpooledTemporaryFile(max_size=64 * 1024 * 1024)  # noqa: SIM115 - the caller closes it
    decoder = codecs.getincrementaldecoder("gb18030")()
    while piece := stream.read(_PIECE_BYTES):
        copy.write(decoder.decode(piece).encode("utf-8"))
    copy.seek(0)
    return cast(BinaryIO, copy)


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
    text: BinaryIO, delimiter: str, width: int, progress: Progress
) -> tuple[tuple[pa.ChunkedArray, ...], np.ndarray]:
    names = [str(place) for place in range(width)]
    uneven: dict[int, list[str]] = {}

    def keep_uneven(row: pv.InvalidRow) -> str:
        record = _records(row.text, delimiter)
        uneven[row.number] = record[0] if record else []
        return "skip"

    reader = pv.open_csv(
        pa.PythonFile(text, mode="r"),
        read_options=pv.ReadOptions(use_threads=False, column_names=names, block_size=_BLOCK_BYTES),
        parse_options=pv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=keep_uneven,
        ),
        convert_options=pv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    batches: list[pa.RecordBatch] = []
    rows = 0
    for batch in _batches(reader):
        batches.append(batch)
        rows += batch.num_rows
        if rows > _BLANK_LINES_ALLOWED:
            raise UnreadableFile("file_too_many_rows")
        progress(min(rows / MAXIMUM_ROWS, 0.99))
    table = pa.Table.from_batches(batches, schema=reader.schema)
    if _swallows_lines(table, uneven, delimiter) and _count(text, b'"') % 2:
        raise UnreadableFile("file_damaged")
    if _count(text, b"\n") > table.num_rows + len(uneven) and _swallows_records(
        table, uneven, delimiter
    ):
        raise UnreadableFile("file_damaged")
    return _with_uneven(table, uneven)


def _batches(reader: pv.CSVStreamingReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except pa.ArrowInvalid as exc:
        raise UnreadableFile("file_damaged") from exc


def _swallows_lines(table: pa.Table, uneven: dict[int, list[str]], delimiter: str) -> bool:
    """
    Test whether the last cell looks as if a quotation mark before it were never closed.

    Such a cell is the last of the last record, and has line breaks and delimiters in it. So
    may one that is well closed: only then the file's marks are even in number.
    """
    total = table.num_rows + len(uneven)
    if total in uneven:
        last = uneven[total][-1] if uneven[total] else ""
    elif table.num_rows:
        cells = [column[-1].as_py() or "" for column in table.columns]
        last = next((cell for cell in reversed(cells) if cell), "")
    else:
        return False
    return bool(last.count("\n") >= _LINES_SWALLOWED and last.count(delimiter) > last.count("\n"))


def _swallows_records(table: pa.Table, uneven: dict[int, list[str]], delimiter: str) -> bool:
    """Say whether a cell holds a line in which a credit code stands in a cell of its own."""
    mark = re.escape(delimiter)
    record = rf'\n(?:[^\n]*{mark})?[\s"]*[0-9A-HJ-NPQRTUWXY]{{18}}[\s"]*{mark}'
    return any(re.search(record, cell) for cells in uneven.values() for cell in cells) or any(
        pc.any(pc.match_substring_regex(column, record)).as_py()
        for column in table.columns
        if pc.any(pc.match_substring(column, "\n")).as_py()
    )


def _count(text: BinaryIO, mark: bytes) -> int:
    """Count a character of ASCII in a file; in UTF-8 no other has this byte."""
    text.seek(0)
    return sum(block.count(mark) for block in iter(lambda: text.read(_BLOCK_BYTES), b""))


def _with_uneven(
    table: pa.Table, uneven: dict[int, list[str]]
) -> tuple[tuple[pa.ChunkedArray, ...], np.ndarray]:
    """Put the records with fewer or more cells than most back in their places."""
    total = table.num_rows + len(uneven)
    if not uneven:
        return tuple(table.columns), np.arange(1, total + 1, dtype=np.int64)
    places = np.array(sorted(uneven), dtype=np.int64)
    regular = np.setdiff1d(np.arange(1, total + 1, dtype=np.int64), places, assume_unique=True)
    widest = max(table.num_columns, *(_used(record) for record in uneven.values()))
    order = pa.array(np.argsort(np.concatenate([regular, places]), kind="stable"))
    columns = []
    for column in range(widest):
        most = (
            table.column(column)
            if column < table.num_columns
            else pa.chunked_array([pa.repeat(pa.scalar(""), table.num_rows)])
        )
        few = [uneven[place][column : column + 1] for place in places.tolist()]
        extra = pa.array([cell[0] if cell else "" for cell in few], pa.string())
        columns.append(pa.chunked_array([*most.chunks, extra], pa.string()).take(order))
    return tuple(columns), np.arange(1, total + 1, dtype=np.int64)


def _used(record: list[str]) -> int:
    used = [place for place, cell in enumerate(record) if cell.strip()]
    return used[-1] + 1 if used else 0
