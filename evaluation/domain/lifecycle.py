"""The life of one version of a scorecard, and what an evaluation comes from."""

from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle


class ScorecardStatus(StrEnum):
    DRAFT = "draft"
    UNDER_REVIEW = "under_review"  # waiting for a second person
    PUBLISHED = "published"
    SUPERSEDED = "superseded"  # counts until the first day of the version that follows
    WITHDRAWN = "withdrawn"


S = ScorecardStatus

SCORECARD = Lifecycle(
    initial=S.DRAFT,
    transitions={
        "revise": (frozenset({S.DRAFT}), S.DRAFT),
        "submit": (frozenset({S.DRAFT}), S.UNDER_REVIEW),
        "return": (frozenset({S.UNDER_REVIEW}), S.DRAFT),
        "approve": (frozenset({S.UNDER_REVIEW}), S.PUBLISHED),
        "supersede": (frozenset({S.PUBLISHED}), S.SUPERSEDED),
        "withdraw": (frozenset({S.PUBLISHED, S.SUPERSEDED}), S.WITHDRAWN),
    },
)

IMMUTABLE = frozenset({S.PUBLISHED, S.SUPERSEDED, S.WITHDRAWN})
"""Once published, what a version says never changes, whatever becomes of it."""

IN_FORCE = frozenset({S.PUBLISHED, S.SUPERSEDED})
"""Versions that count from their first day on, until a newer one does."""


class Cause(StrEnum):
    """What made an evaluation happen."""

    REQUEST = "request"
    FEED = "feed"  # a value that it was built on has changed
    BATCH = "batch"
