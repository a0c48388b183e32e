"""The life of a list version's migration, from its preview to its publication, or its undoing."""

from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle


class MigrationStatus(StrEnum):
    PREVIEWING = "previewing"  # a worker counts what the steps would do to stored profiles
    PREVIEWED = "previewed"  # waiting for a second person; nothing of it is in the ledger
    RELEASING = "releasing"  # released; a worker is writing the ledger
    PUBLISHED = "published"
    UNDOING = "undoing"  # a worker is writing the publication that takes it back
    UNDONE = "undone"
    DISCARDED = "discarded"  # never released; it has left no trace in the ledger


S = MigrationStatus

OPEN = frozenset({S.PREVIEWING, S.PREVIEWED, S.RELEASING, S.PUBLISHED, S.UNDOING})
"""Of these a version has at most one."""

MIGRATION = Lifecycle(
    initial=S.PREVIEWING,
    transitions={
        "show": (frozenset({S.PREVIEWING}), S.PREVIEWED),
        "release": (frozenset({S.PREVIEWED}), S.RELEASING),
        "publish": (frozenset({S.RELEASING}), S.PUBLISHED),
        # What was previewed and released no longer holds when the worker comes to it.
        "return": (frozenset({S.RELEASING}), S.PREVIEWED),
        "discard": (frozenset({S.PREVIEWING, S.PREVIEWED}), S.DISCARDED),
        "undo": (frozenset({S.PUBLISHED}), S.UNDOING),
        "take_back": (frozenset({S.UNDOING}), S.UNDONE),
        "keep": (frozenset({S.UNDOING}), S.PUBLISHED),
    },
)
