"""
Reading a file of any accepted kind into one sheet of texts.

The only place that decides what kind of file it is and refuses it for its size or form.
Nothing is judged here but where the header is, which the caller recognizes.
"""

import io
from collections.abc import Callable
from typing import BinaryIO

from sharing.domain import reading_text, reading_workbooks
from sharing.domain.sheets import HeaderFinder, Sheet
from sharing.domain.unreadable import MAXIMUM_BYTES, UnreadableFile

WORKBOOK_SUFFIXES = frozenset({"xlsx", "xlsm", "xls", "et", "ods"})
TEXT_SUFFIXES = frozenset({"csv", "txt"})

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(
    file: BinaryIO | bytes,
    *,
    file_name: str,
    find_header: HeaderFinder,
    progress: Callable[[float], None] | None = None,
) -> Sheet:
    """
    Read a file from its first byte.

    :param file: open for reading in binary, seekable; or its bytes.
    :param file_name: only its ending is looked at.
    :param progress: called with 0..1 now and then; what it raises ends the reading.
    :raises UnreadableFile: with the reason, if no sheet can be had from it.
    """
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    suffix = file_name.rpartition(".")[2].lower()
    if suffix not in WORKBOOK_SUFFIXES | TEXT_SUFFIXES:
        raise UnreadableFile("file_type")
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    start = stream.read(8)
    stream.seek(0)
    if size == 0:
        raise UnreadableFile("file_empty")
    if size > MAXIMUM_BYTES:
        raise UnreadableFile("file_too_large")
    tell = progress or (lambda share: None)
    if start.startswith(ZIP_MAGIC) or start == OLE_MAGIC:
        return reading_workbooks.read(stream, size=size, find_header=find_header, progress=tell)
    if suffix in WORKBOOK_SUFFIXES:
        raise UnreadableFile("file_damaged")
    return reading_text.read(stream, find_header=find_header, progress=tell)
