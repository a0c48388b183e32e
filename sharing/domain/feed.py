"""Positions in the change feed, and what the feed says at them."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import total_ordering
from typing import Any

CURSOR = re.compile(r"(\d{1,18})\.(\d{1,9})")


@total_ordering
@dataclass(frozen=True, slots=True)
class Position:
    """
    A place in the feed: the publication's number and the row within it.

    A reader at a position has seen everything up to and including it. Numbers follow the
    order of commits, so nothing ever appears before a position that was handed out.

    >>> Position.parse("17.3") < Position.parse("18.1")
    True
    """

    number: int
    row: int

    def __str__(self) -> str:
        return f"{self.number}.{self.row}"

    def __lt__(self, other: "Position") -> bool:
        return (self.number, self.row) < (other.number, other.row)

    @classmethod
    def parse(cls, cursor: str) -> "Position":
        """
        Read a cursor; the empty one is the beginning of the feed.

        :raises ValueError: if it is no cursor that the feed ever gave.
        """
        if not cursor:
            return START
        parts = CURSOR.fullmatch(cursor)
        if parts is None:
            raise ValueError(f"{cursor!r} is no cursor of this feed.")
        return cls(int(parts[1]), int(parts[2]))


START = Position(0, 0)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One change, holding only what its reader may see at the time of reading."""

    cursor: str
    number: int
    row: int
    uscc: str
    kind: str
    changes: Mapping[str, Any]
    details: Mapping[str, Any]
    recorded_at: datetime

    @property
    def position(self) -> Position:
        return Position(self.number, self.row)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some items, and the position behind everything that was examined for them."""

    items: list[FeedItem]
    next: Position


def digest_of_cursors(cursors: Iterable[str]) -> str:
    """
    Return the digest of a group of feed items, as both sides of a reconciliation compute it.

    SHA-256, in hexadecimal, over the cursors in the order of the feed, joined by line feeds.

    >>> digest_of_cursors(["2.1", "1.10"]) == digest_of_cursors(["1.10", "2.1"])
    True
    """
    ordered = sorted(Position.parse(cursor) for cursor in cursors)
    return hashlib.sha256("\n".join(map(str, ordered)).encode()).hexdigest()
