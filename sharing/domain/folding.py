"""
What the ledger's rows of one enterprise and one list add up to.

The only place that says which of several facts about an item holds. The publishing of whole
files does the same set by set in SQL, and a test holds the two together.

Two times: `valid_from` (missing: the business day of recording) is when a fact was true,
the publication's number is when we knew. Of the facts true by a day, the one with the
greatest (valid_from, number, row) holds. Beside that rule

- `cleared` ends what was known so far from its own day on: asked for an earlier day, the
  value is still there;
- `corrected` removes the fact that held, and puts its own in its place, true since the same
  day unless it says otherwise;
- `withdrawn` removes every earlier fact of the item, for whatever day one asks;
- `reverified` says that the fact that held still does;
- an import or a migration that was undone, and the publication that undid it, never happened;
- a `migration` carries facts over to items of a new list version, as they are but for the
  value: on days before it the old item is read, from its day on the new one;
- `expired` and `lapsed` announce what follows from dates and change no fact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

IDENTITY = (
    "name",
    "region",
    "industry",
    "size",
    "established_on",
    "registered_capital",
    "successor_uscc",
)
ANNOUNCEMENTS = frozenset({"expired", "lapsed", "access_opened", "access_closed"})
MIGRATION = "migration"
MOVED_FROM = "moved_from"
"""Beside a migrated value in the ledger's details: the item whose fact it was, if another."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of the ledger with what its publication says; `day` is the business day of it."""

    publication_id: int
    number: int
    row: int
    day: date
    cause: str
    import_id: UUID | None
    list_version: int
    kind: str
    changes: Mapping[str, Any]
    details: Mapping[str, Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One value of one item, since when it is true, and where it stands in the ledger.

    `version` is the list version whose item it is a value of; a value that a migration
    carried over, or that followed it, is read from the migration's day on, `not_before`.
    """

    value: Any
    details: Mapping[str, Any]
    since: date
    publication_id: int
    number: int
    row: int
    ended_on: date | None = None
    not_before: date | None = None
    version: int = 0

    @property
    def rank(self) -> tuple[date, int, int]:
        return (self.since, self.number, self.row)

    def held_on(self, day: date) -> bool:
        begun = self.since if self.not_before is None else max(self.since, self.not_before)
        return begun <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(slots=True)
class Fold:
    """The state after some rows: every fact that still counts, identity, flags and listing."""

    facts: dict[str, list[Fact]] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)
    flags: dict[str, Any] = field(default_factory=dict)
    migrated_on: dict[str, date] = field(default_factory=dict)
    listed: bool = False
    list_version: int = 0
    publication_id: int = 0
    row: int = 0

    def on(self, day: date) -> dict[str, Fact]:
        """Return the fact that holds on a day, by item code; items without one are absent."""
        held = {}
        for code, facts in self.facts.items():
            candidates = [fact for fact in facts if fact.held_on(day)]
            if candidates:
                held[code] = max(candidates, key=lambda fact: fact.rank)
        return held


def fold(rows: Iterable[LedgerRow], *, without: frozenset[UUID] = frozenset()) -> Fold:
    """
    Add up the rows of one enterprise on one list, in the order of (number, row).

    `without` names imports to leave out as if they had been undone already.

    >>> day = date(2026, 5, 6)
    >>> rows = [
    ...     LedgerRow(1, 1, 1, day, "import", None, 1, "observed", {"QF-17": "VALID"}),
    ...     LedgerRow(2, 2, 1, day, "correction", None, 1, "corrected", {"QF-17": "REVOKED"}),
    ... ]
    >>> fold(rows).on(day)["QF-17"].value
    'REVOKED'
    """
    known = sorted(rows, key=lambda row: (row.number, row.row))
    undone = {row.import_id for row in known if row.cause == "undo"} | without
    state = Fold()
    for row in known:
        if row.kind not in ANNOUNCEMENTS and (row.import_id is None or row.import_id not in undone):
            _apply(state, row)
    return state


def _apply(state: Fold, row: LedgerRow) -> None:
    state.publication_id, state.row = row.publication_id, row.row
    state.list_version = max(state.list_version, row.list_version)
    if row.kind in {"listed", "observed"}:
        state.listed = True
    elif row.kind == "delisted":
        state.listed = False
    if row.cause == MIGRATION and row.kind in {"observed", "cleared"}:
        _migrate(state, row)
        return
    for code, value in row.changes.items():
        if code in IDENTITY:
            state.identity[code] = value
        elif row.kind in {"flagged", "unflagged"}:
            _flag(state, code, value if row.kind == "flagged" else None)
        else:
            floor = state.migrated_on.get(code)
            state.facts[code] = _after(state.facts.get(code, []), row, code, value, floor)


def _flag(state: Fold, code: str, value: Any) -> None:
    if value is None:
        state.flags.pop(code, None)
    else:
        state.flags[code] = value


def _migrate(state: Fold, row: LedgerRow) -> None:
    """Carry facts over to the items of the row's list version, and end those left behind."""
    before = dict(state.facts)
    for code, value in row.changes.items():
        stays = [f for f in before.get(code, []) if f.version >= row.list_version]
        old = [f for f in before.get(code, []) if f.version < row.list_version]
        state.facts[code] = [*(_ended(fact, row.day) for fact in old), *stays]
        if value is not None:
            details = dict((row.details or {}).get(code, {}))
            source = details.pop(MOVED_FROM, code)
            fact = _moved(before.get(source, []), row, value, details)
            state.facts[code].append(fact)
            state.migrated_on[code] = row.day


def _moved(facts: list[Fact], row: LedgerRow, value: Any, details: Mapping[str, Any]) -> Fact:
    """Return the new item's fact: the old one's but for the value, if the old one is known."""
    stated = details.get("valid_from")
    since = date.fromisoformat(stated) if stated else None
    ahead = [f for f in facts if since and since > row.day and f.since == since]
    held = max(
        ahead or [f for f in facts if f.version < row.list_version and f.held_on(row.day)],
        key=lambda fact: fact.rank,
        default=None,
    )
    if held is None:
        held = Fact(value, details, since or row.day, row.publication_id, row.number, row.row)
    return replace(
        held,
        value=value,
        details=details,
        ended_on=None,
        not_before=row.day,
        version=row.list_version,
    )


def _after(
    facts: list[Fact], row: LedgerRow, code: str, value: Any, not_before: date | None
) -> list[Fact]:
    """Return the facts of one item after one row about it."""
    held = max((f for f in facts if f.held_on(row.day)), key=lambda f: f.rank, default=None)
    details = dict((row.details or {}).get(code, {}))
    if row.kind == "withdrawn":
        facts = []
    elif row.kind == "corrected":
        facts = [fact for fact in facts if fact is not held]
    elif row.kind == "reverified" and held is not None:
        details = {**held.details, **details}
    if value is None:
        return [_ended(fact, row.day) for fact in facts]
    stated = details.get("valid_from")
    since = date.fromisoformat(stated) if stated else row.day
    if not stated and held is not None and row.kind in {"corrected", "reverified"}:
        since = held.since
    where = (row.publication_id, row.number, row.row)
    fact = Fact(value, details, since, *where, not_before=not_before, version=row.list_version)
    return [*facts, fact]


def _ended(fact: Fact, day: date) -> Fact:
    ends = min(fact.ended_on, day) if fact.ended_on else day
    return replace(fact, ended_on=ends)
