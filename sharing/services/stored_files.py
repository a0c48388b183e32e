"""
Uploaded files by their SHA-256, under DATA: written before any transaction, read by workers.

A file is stored whole or not at all, and the same content twice is one file. Whatever a
transaction that fails leaves behind is harmless: its name says what it holds.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from qfce.kernel.errors import Invalid
from sharing.domain.reading import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from sharing.domain.unreadable import MAXIMUM_BYTES, REASONS

NAME_CHARACTERS = 255


class FileRefused(Invalid):
    title = "The file cannot be read at all."


class FileEmpty(FileRefused):
    code = "file_empty"


class FileType(FileRefused):
    code = "file_type"


class FileTooLarge(FileRefused):
    code = "file_too_large"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored upload: its digest, the name it came with, and its size in bytes."""

    sha256: str
    name: str
    size: int


def path_of(sha256: str) -> Path:
    """Return where the file of a digest lies."""
    return Path(settings.QFCE_DATA) / "files" / sha256[:2] / sha256


def store(chunks: Iterable[bytes], *, name: str) -> StoredFile:
    """
    Write an upload under its digest.

    :raises FileRefused: if name or size say already that it cannot be read.
    """
    check_name(name)
    incoming = Path(settings.QFCE_DATA) / "files" / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=incoming, delete=False) as file:
        try:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                if size > MAXIMUM_BYTES:
                    raise refused(FileTooLarge)
                file.write(chunk)
            if size == 0:
                raise refused(FileEmpty)
            file.flush()
            os.fsync(file.fileno())
            _move(Path(file.name), path_of(digest.hexdigest()))
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return StoredFile(digest.hexdigest(), name[-NAME_CHARACTERS:], size)


def check_name(name: str) -> None:
    """
    :raises FileRefused: if a file of this name cannot be read.
    """
    if name.rpartition(".")[2].lower() not in TEXT_SUFFIXES | WORKBOOK_SUFFIXES:
        raise refused(FileType)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source.replace(target)


def refused(kind: type[FileRefused]) -> FileRefused:
    """Return a refusal in the words that say what to do."""
    message = REASONS[kind.code][1]
    return kind(message, errors=[{"pointer": "/file", "detail": message}])
