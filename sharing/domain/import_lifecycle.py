"""The life of an import, from the file's arrival to the publication of its rows, or its undoing."""

from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle


class ImportStatus(StrEnum):
    """Where an import stands; the words of `GET /imports/{id}/`."""

    RECEIVED = "received"  # the file is stored, nobody has opened it yet
    VALIDATING = "validating"  # a worker is reading and checking it
    NEEDS_ATTENTION = "needs_attention"  # checked; some rows can't be let in as they are
    READY = "ready"  # checked, every row may go in; waiting for a second person
    PUBLISHING = "publishing"  # released; a worker is writing the ledger
    PUBLISHED = "published"
    UNDONE = "undone"  # a later publication took everything back
    FAILED = "failed"  # the file can't be read at all
    CANCELLED = "cancelled"


class ImportMode(StrEnum):
    """What a file says about the enterprises that it does not name."""

    DELTA = "delta"  # nothing
    FULL = "full"  # that they are no longer on the list


S = ImportStatus
CHECKED = frozenset({S.READY, S.NEEDS_ATTENTION})

IMPORT = Lifecycle(
    initial=S.RECEIVED,
    transitions={
        # From `validating` too: a worker that died while checking is replaced by another.
        "check": (frozenset({S.RECEIVED, S.VALIDATING}), S.VALIDATING),
        "pass": (frozenset({S.VALIDATING}), S.READY),
        "object": (frozenset({S.VALIDATING}), S.NEEDS_ATTENTION),
        # Corrected by hand: what is known at once, until the whole file is looked at again.
        "correct_leaving_errors": (CHECKED, S.NEEDS_ATTENTION),
        "correct_all": (CHECKED, S.READY),
        "check_again": (CHECKED, S.VALIDATING),
        "refuse": (frozenset({S.RECEIVED, S.VALIDATING}), S.FAILED),
        "release": (CHECKED, S.PUBLISHING),
        "publish": (frozenset({S.PUBLISHING}), S.PUBLISHED),
        # What the releaser agreed to no longer holds when the worker comes to it.
        "return_as_ready": (frozenset({S.PUBLISHING}), S.READY),
        "return_with_errors": (frozenset({S.PUBLISHING}), S.NEEDS_ATTENTION),
        "undo": (frozenset({S.PUBLISHED}), S.UNDONE),
        "cancel": (frozenset({S.RECEIVED, S.VALIDATING}) | CHECKED, S.CANCELLED),
    },
)


class RecordChangeStatus(StrEnum):
    """Where a single change stands that one person prepared for another to release."""

    PREPARED = "prepared"
    RELEASED = "released"
    CANCELLED = "cancelled"


RECORD_CHANGE = Lifecycle(
    initial=RecordChangeStatus.PREPARED,
    transitions={
        "release": (frozenset({RecordChangeStatus.PREPARED}), RecordChangeStatus.RELEASED),
        "cancel": (frozenset({RecordChangeStatus.PREPARED}), RecordChangeStatus.CANCELLED),
    },
)


class Cause(StrEnum):
    """Why a set of changes was published."""

    IMPORT = "import"
    CORRECTION = "correction"
    REVERIFICATION = "reverification"
    EXPIRY = "expiry"
    WITHDRAWAL = "withdrawal"
    DISPUTE = "dispute"
    UNDO = "undo"
    MIGRATION = "migration"
    MERGE = "merge"
    LISTING = "listing"
    ACCESS = "access"


class ChangeKind(StrEnum):
    """What one row of the ledger says about one enterprise."""

    OBSERVED = "observed"
    CORRECTED = "corrected"
    REVERIFIED = "reverified"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"
    FLAGGED = "flagged"
    UNFLAGGED = "unflagged"
    LISTED = "listed"
    DELISTED = "delisted"
    ACCESS_OPENED = "access_opened"
    ACCESS_CLOSED = "access_closed"
