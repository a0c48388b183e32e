"""Facts that are due to be looked at again, and checks of them against a register."""

from enum import StrEnum


class DueKind(StrEnum):
    """Why a fact is on a bureau's work list."""

    ENDED = "ended"  # its last day has passed
    ENDING = "ending"  # its last day is near
    OLD = "old"  # nobody confirmed it for longer than the list allows
    AGING = "aging"  # soon so


CONFIRMABLE = frozenset({DueKind.OLD, DueKind.AGING})
"""What an officer's word settles. A fact that ends needs its new days instead."""


class RunStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RunFailure(StrEnum):
    """Why a run ended where the source is not to blame; the source's own reasons are its codes."""

    CANCELLED = "cancelled"  # somebody stopped its work
    BROKEN = "broken"  # by a mistake of ours, or too many attempts that ended without a word
