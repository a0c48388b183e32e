"""Where the rows of a table come from: a queryset, a sequence, or whatever answers a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.db.models import Q, QuerySet


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asked a table for; `order` are lookups, or attribute names, `-` is down."""

    search: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()


class Source(Protocol):
    """Whatever can answer a page of rows and how many there are in all."""

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[Any], int]: ...


Narrow = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """How a table searches and filters: lookups to search in, and a lookup for each filter."""

    search: tuple[str, ...]
    lookups: dict[str, str | Narrow]
    ordering: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuerySetSource:
    """
    Rows of a queryset: two queries a page, however many rows there are.

    :param total: how many are left when narrowed, where somebody has counted them already.
    """

    rows: QuerySet[Any]
    narrowing: Narrowing
    total: int | None = None

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[Any], int]:
        rows = self.rows
        for key, value in wanted.filters.items():
            lookup = self.narrowing.lookups[key]
            rows = lookup(rows, value) if callable(lookup) else rows.filter(**{lookup: value})
        if wanted.search and self.narrowing.search:
            words = [Q(**{f"{name}__icontains": wanted.search}) for name in self.narrowing.search]
            rows = rows.filter(reduce(or_, words))
        total = rows.count() if self.total is None else self.total
        ordered = rows.order_by(*wanted.order, *self.narrowing.ordering, "pk")
        return list(ordered[offset : offset + limit]), total


@dataclass(frozen=True, slots=True)
class SequenceSource:
    """Rows that are already in memory, in the order that they came unless asked otherwise."""

    rows: Sequence[Any]
    narrowing: Narrowing

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[Any], int]:
        rows = list(self.rows)
        for key, value in wanted.filters.items():
            lookup = self.narrowing.lookups[key]
            if callable(lookup):
                rows = list(lookup(rows, value))
            else:
                rows = [row for row in rows if str(member(row, lookup)) == value]
        if wanted.search:
            sought = wanted.search.casefold()
            rows = [row for row in rows if self._says(row, sought)]
        for name in reversed(wanted.order):
            rows.sort(key=_rank(name.lstrip("-")), reverse=name.startswith("-"))
        return rows[offset : offset + limit], len(rows)

    def _says(self, row: Any, sought: str) -> bool:
        texts = (member(row, name) for name in self.narrowing.search)
        return any(sought in str(text).casefold() for text in texts if text is not None)


def source_of(rows: Any, narrowing: Narrowing) -> Source:
    """Return rows as a source: whatever has a `page` of its own is taken as it is."""
    if isinstance(rows, QuerySet):
        return QuerySetSource(rows, narrowing)
    if hasattr(rows, "page"):
        source: Source = rows
        return source
    return SequenceSource(list(rows), narrowing)


def member(row: Any, path: str) -> Any:
    """
    Return what a row says at a path such as `version__number`; None where it ends early.

    >>> member({"a": {"b": 1}}, "a__b"), member({"a": None}, "a__b")
    (1, None)
    """
    found = row
    for name in path.split("__"):
        if found is None:
            return None
        found = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
    return found


def _rank(path: str) -> Callable[[Any], tuple[bool, Any]]:
    def rank(row: Any) -> tuple[bool, Any]:
        value = member(row, path)
        return (value is not None, "" if value is None else value)

    return rank
