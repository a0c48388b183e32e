"""The words of a comparison: kinds of change, and what a change means for what exists."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"  # another name, or another code for the same thing
    RETYPED = "retyped"  # another type of value, or another unit that is stored
    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    MOVED = "moved"  # to another category
    CHANGED = "changed"  # neither stricter nor looser
    WORDED = "worded"  # a text that people read


class Subject(StrEnum):
    LIST = "list"
    CATEGORY = "category"
    ITEM = "item"
    RULE = "rule"


class Records(StrEnum):
    """What a change means for the records that exist."""

    NONE = "none"
    LACK = "lack"  # none has a value yet
    DROPPED = "dropped"  # their values are no longer part of the list
    CARRIED = "carried"  # they go on under the new code
    CONVERTED = "converted"  # they hold only once they are converted
    RECHECKED = "rechecked"  # some may no longer be allowed
    SHARED = "shared"  # others may see them, or may no longer


class Imports(StrEnum):
    """What a change means for a file that is on its way in."""

    NONE = "none"
    NEW_COLUMN = "new_column"
    UNKNOWN_COLUMN = "unknown_column"
    HEADER = "header"  # the column is headed anew; the old header stays known
    RECHECKED = "rechecked"


class Scorecards(StrEnum):
    """What a change means for a scorecard that uses the item."""

    NONE = "none"
    MAY_ADD = "may_add"
    LOSE = "lose"  # a characteristic without its item
    REVIEW = "review"  # its attributes have to be looked at


@dataclass(frozen=True, slots=True)
class Consequence:
    records: Records = Records.NONE
    imports: Imports = Imports.NONE
    scorecards: Scorecards = Scorecards.NONE


@dataclass(frozen=True, slots=True)
class Change:
    """
    One difference. `before` and `after` are as the document says them; None: not there.

    `field` is the document's member, as `maximum`, or `values.NONE` for one allowed value;
    empty where the whole subject came or went.
    """

    kind: ChangeKind
    subject: Subject
    code: str
    field: str
    before: Any
    after: Any
    consequence: Consequence
    name_zh: str = ""
    name_en: str = ""
