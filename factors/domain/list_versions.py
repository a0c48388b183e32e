"""The life of one version of a factor list."""

from datetime import date
from enum import StrEnum

from factors.domain.item_checks import PAIRS
from factors.domain.list_checks import problems
from factors.domain.problem_texts import Problem
from factors.domain.simplified import simplified
from qfce.kernel.lifecycle import Lifecycle

__all__ = [
    "IN_FORCE",
    "PAIRS",
    "PUBLIC",
    "VERSION",
    "Decision",
    "Problem",
    "VersionStatus",
    "is_in_force",
    "problems",
    "simplified",
]


class VersionStatus(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"  # the signers are looking at it
    SIGNED = "signed"  # every required signer has signed this very document
    PUBLISHED = "published"
    SUPERSEDED = "superseded"  # a newer version is published; in force until its first day
    WITHDRAWN = "withdrawn"  # found to be wrong after publication; no longer in force


S = VersionStatus

VERSION = Lifecycle(
    initial=S.DRAFT,
    transitions={
        "submit": (frozenset({S.DRAFT}), S.IN_REVIEW),
        "return": (frozenset({S.IN_REVIEW, S.SIGNED}), S.DRAFT),
        "sign_off": (frozenset({S.IN_REVIEW}), S.SIGNED),
        "publish": (frozenset({S.SIGNED}), S.PUBLISHED),
        "supersede": (frozenset({S.PUBLISHED}), S.SUPERSEDED),
        "withdraw": (frozenset({S.PUBLISHED, S.SUPERSEDED}), S.WITHDRAWN),
    },
)

PUBLIC = frozenset({S.PUBLISHED, S.SUPERSEDED, S.WITHDRAWN})
"""The states in which everybody may read a version, and nobody may change it."""

IN_FORCE = frozenset({S.PUBLISHED, S.SUPERSEDED})


class Decision(StrEnum):
    """What a signing organization answers; all but a signature say why."""

    SIGNED = "signed"
    REFUSED = "refused"
    CHANGES_ASKED = "changes_asked"
    COMMENTED = "commented"  # an answer is still awaited

    @property
    def settles(self) -> bool:
        """Whether the organization has answered, for or against."""
        return self != Decision.COMMENTED


def is_in_force(status: str, effective_from: date | None, on: date) -> bool:
    """Whether a version counts on a day, newer versions left aside."""
    return status in IN_FORCE and effective_from is not None and effective_from <= on
