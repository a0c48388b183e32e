"""
Large files in pieces, so that a broken line costs a piece and not the file.

Begin with name and size; send each piece with its offset and digest, in order; take the whole
when every byte has arrived. Whoever lost the thread asks how far the upload is, and goes on
from there. A piece is at most 8 MB. What nobody took within a day is removed.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.unreadable import MAXIMUM_BYTES
from sharing.models import FileUpload
from sharing.services import stored_files
from sharing.services.stored_files import StoredFile

PIECE_BYTES = 8 * 1024 * 1024
KEPT = timedelta(days=1)
MOST_OPEN = 20


class WrongOffset(Conflict):
    code = "sharing.upload.wrong_offset"
    title = "The piece does not begin where the upload ends."


class PieceDamaged(Invalid):
    code = "sharing.upload.piece_damaged"
    title = "The piece is not what its digest says."


class PieceTooLarge(Invalid):
    code = "sharing.upload.piece_too_large"
    title = "The piece is larger than a piece may be, or goes beyond the file."


class NotWhole(Conflict):
    code = "sharing.upload.not_whole"
    title = "Not every byte of the file has arrived."


class TooManyUploads(Conflict):
    code = "sharing.upload.too_many"
    title = "Too many uploads are open at once."


def begin(*, file_name: str, file_size: int, actor: Actor, at: datetime) -> FileUpload:
    """
    Open an upload; the same person's upload of the same name and size is gone on with.

    :raises NotPermitted: if the actor brings no files in.
    :raises FileRefused: if name or size say already that it cannot be read.
    :raises TooManyUploads: if the organization has too many open.
    """
    permissions.check_can_upload(actor)
    stored_files.check_name(file_name)
    if file_size > MAXIMUM_BYTES:
        raise stored_files.refused(stored_files.FileTooLarge)
    if file_size == 0:
        raise stored_files.refused(stored_files.FileEmpty)
    own = FileUpload.objects.filter(owner_id=actor.organization_id)
    same = own.filter(
        file_name=file_name, file_size=file_size, begun_by=actor.account_id, sha256=""
    ).first()
    if same is not None:
        return same
    if own.filter(sha256="").count() >= MOST_OPEN:
        raise TooManyUploads(
            f"{MOST_OPEN} uploads are open already.", hint="Finish one of them first."
        )
    return FileUpload.objects.create(
        owner_id=actor.organization_id,
        file_name=file_name[-stored_files.NAME_CHARACTERS :],
        file_size=file_size,
        begun_at=at,
        begun_by_id=actor.account_id,
    )


def get(upload_id: UUID, *, actor: Actor) -> FileUpload:
    """
    Tell how far an upload is.

    :raises NoSuchRecord: if the actor's organization has no such upload.
    """
    permissions.check_can_upload(actor)
    return one(FileUpload.objects.filter(owner_id=actor.organization_id), pk=upload_id)


def put(
    upload_id: UUID, piece: bytes, *, offset: int, sha256: str, actor: Actor, at: datetime
) -> FileUpload:
    """
    Add a piece. One that has arrived already changes nothing.

    :raises NoSuchRecord: if the actor's organization has no such upload.
    :raises PieceDamaged: if the piece is not what its digest says.
    :raises PieceTooLarge: if it is larger than a piece may be, or than what is left.
    :raises WrongOffset: if bytes before it are missing.
    """
    if len(piece) > PIECE_BYTES:
        raise PieceTooLarge(f"A piece has at most {PIECE_BYTES} bytes.", most=PIECE_BYTES)
    if hashlib.sha256(piece).hexdigest() != sha256.lower():
        raise PieceDamaged("The bytes that arrived have another SHA-256.", hint="Send it again.")
    with _locked(upload_id, actor) as upload:
        end = offset + len(piece)
        if end > upload.file_size:
            raise PieceTooLarge(f"The file has {upload.file_size} bytes.", most=upload.file_size)
        if offset > upload.received or upload.sha256:
            raise WrongOffset(
                f"{upload.received} bytes have arrived; the next piece begins there.",
                hint="Go on from there.",
                received=upload.received,
            )
        if end > upload.received:
            _write(upload.pk, piece, offset)
            upload.received = end
            upload.save(update_fields=["received"])
        return upload


def take(upload_id: UUID, *, actor: Actor) -> StoredFile:
    """
    Store the whole file under its digest; taken twice, it is the same file.

    :raises NotWhole: if bytes are missing.
    :raises NoSuchRecord: if the actor's organization has no such upload.
    """
    with _locked(upload_id, actor) as upload:
        if upload.received < upload.file_size:
            raise NotWhole(
                f"{upload.received} of {upload.file_size} bytes have arrived.",
                hint="Send the rest first.",
                received=upload.received,
                size=upload.file_size,
            )
        if not upload.sha256:
            stored = stored_files.store(_pieces(upload.pk), name=upload.file_name)
            upload.sha256 = stored.sha256
            upload.save(update_fields=["sha256"])
        return StoredFile(upload.sha256, upload.file_name, upload.file_size)


def sweep(*, actor: Actor, at: datetime) -> int:
    """Remove the organization's uploads that were begun a day ago or more; how many."""
    old = FileUpload.objects.filter(owner_id=actor.organization_id, begun_at__lt=at - KEPT)
    ids = list(old.values_list("pk", flat=True))
    for upload_id in ids:
        path_of(upload_id).unlink(missing_ok=True)
    old.delete()
    return len(ids)


def path_of(upload_id: UUID) -> Path:
    """Return where an upload's bytes lie until it is whole."""
    return Path(settings.QFCE_DATA) / "files" / "uploads" / str(upload_id)


@contextmanager
def _locked(upload_id: UUID, actor: Actor) -> Iterator[FileUpload]:
    get(upload_id, actor=actor)
    yield one(FileUpload.objects.select_for_update(), pk=upload_id)


def _write(upload_id: UUID, piece: bytes, offset: int) -> None:
    path = path_of(upload_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("r+b" if path.exists() else "wb") as file:
        file.seek(offset)
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _pieces(upload_id: UUID) -> Iterator[bytes]:
    with path_of(upload_id).open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
