"""
What a reader gets to see of an enterprise: every item with its value or the reason for none.

The database decides what is shown; here the answer is put together, item by item. Empty,
not shared, not authorised, expired and lapsed are different things and stay different.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sharing.domain.folding import Fact, Fold, LedgerRow, fold

NOT_APPLICABLE = "not_applicable"
IDENTITY = ("name", "region", "industry", "size", "established_on", "registered_capital")


class Answer(StrEnum):
    OK = "ok"
    NO_DATA = "no_data"
    NOT_SHARED = "not_shared"  # no agreement covers it for this purpose
    NOT_AUTHORISED = "not_authorised"  # the enterprise has not consented
    FORMER_CODE = "former_code"  # the enterprise goes by another code now


class ItemStatus(StrEnum):
    IN_FORCE = "in_force"
    EXPIRED = "expired"  # its end of validity has passed
    LAPSED = "lapsed"  # nobody has confirmed it for longer than the list allows
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class DisclosedItem:
    """One item: its value in canonical form with all that qualifies it, or why there is none."""

    value: Any
    answer: str
    status: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str | None = None
    recorded_at: datetime | None = None
    flags: tuple[str, ...] = ()
    basis: str | None = None


NOTHING = {answer: DisclosedItem(None, answer) for answer in Answer}
"""The item without a value, for every reason that there can be."""


@dataclass(frozen=True, slots=True)
class DisclosedProfile:
    """
    One enterprise as one reader may see it for one purpose.

    `read_at` is the instant of the read in the read log. Whoever stores it can have the same
    read repeated to the byte, whatever has changed since.
    """

    uscc: str
    answer: str
    name: str | None = None
    region: str | None = None
    industry: str | None = None
    size: str | None = None
    established_on: date | None = None
    registered_capital: str | None = None
    listed: bool | None = None
    successor_uscc: str | None = None
    list_code: str | None = None
    list_version: int | None = None
    position: tuple[int, int] = (0, 0)
    items: Mapping[str, DisclosedItem] = field(default_factory=dict)
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisclosedRow:
    """One row of `qfce_disclose`, its JSON parsed: what the reader may see and nothing else."""

    uscc: str
    answer: str
    name: str | None
    region: str | None
    industry: str | None
    size: str | None
    established_on: date | None
    registered_capital: Decimal | None
    successor_uscc: str | None
    listed: bool | None
    list_code: str | None
    list_version: int | None
    number: int | None
    row: int | None
    values: Mapping[str, Any]
    details: Mapping[str, Any]
    flags: Mapping[str, Any]
    source: str | None
    recorded_at: datetime | None
    origins: Mapping[str, Any]
    lapsed: Mapping[str, Any] | None
    history: list[dict[str, Any]] | None
    grounds: tuple[str, ...]
    consents: Mapping[str, str] | None
    answers: Mapping[str, str] | None
    read_at: datetime
    read_number: int
    as_of: date | None
    day: date


Members = dict[str, Any]
"""The members of a `DisclosedItem` by name: a plain object is built in a tenth of the time."""


def items_of(row: DisclosedRow) -> dict[str, Members]:
    """Return the items of a row that have a value, those of a profile and not of a history."""
    basis = ", ".join(row.grounds)
    common = {
        "answer": "ok",
        "status": "in_force",
        "valid_from": None,
        "valid_to": None,
        "source": row.source,
        "recorded_at": row.recorded_at,
        "flags": (),
        "basis": basis,
    }
    items = {code: {"value": value, **common} for code, value in row.values.items()}
    for code, (source, stated) in row.origins.items():
        items[code] |= {"source": source, "recorded_at": datetime.fromisoformat(stated)}
    for code, flag in row.flags.items():
        items[code]["flags"] = _flags(flag)
    for code in items.keys() & (row.consents or {}).keys():
        items[code]["basis"] = f"consent:{(row.consents or {})[code]}"
    _mark(items, row)
    return items


def _mark(items: dict[str, Members], row: DisclosedRow) -> None:
    """Give the items that are not simply in force their status and their days."""
    for code, mark in (row.lapsed or {}).items():
        if datetime.fromisoformat(mark) > items[code]["recorded_at"]:
            items[code]["status"] = "lapsed"
    for code, detail in row.details.items():
        valid_from, valid_to = _validity(detail)
        items[code] |= {"valid_from": valid_from, "valid_to": valid_to}
        if valid_to is not None and valid_to < row.day:
            items[code]["status"] = "expired"
    for item in items.values():
        if item["value"] == NOT_APPLICABLE:
            item["status"] = "not_applicable"


def from_history(row: DisclosedRow) -> tuple[DisclosedRow, dict[str, Members]]:
    """
    Fold the ledger's rows that came with a read of another time.

    Without an `as_of` a fact that names no first day holds from any day on, as it does in
    the profile. Returns the row with the identity of that time, and the items with a value.
    """
    history = row.history or []
    entries = [_ledger_row(entry, row) for entry in history]
    state = fold(entries)
    by_publication = {entry["publication"]: entry for entry in history}
    lapses = [entry for entry in entries if entry.kind == "lapsed"]
    basis = ", ".join(row.grounds)
    consents = row.consents or {}
    items = {}
    for code, fact in state.on(row.day).items():
        origin = by_publication[fact.publication_id]
        valid_from, valid_to = _validity(fact.details)
        items[code] = {
            "value": fact.value,
            "answer": "ok",
            "status": _status(fact.value, valid_to, row.day, _is_lapsed(code, fact, lapses)),
            "valid_from": valid_from,
            "valid_to": valid_to,
            "source": origin["source"],
            "recorded_at": datetime.fromisoformat(origin["recorded_at"]),
            "flags": _flags(state.flags[code]) if code in state.flags else (),
            "basis": f"consent:{consents[code]}" if code in consents else basis,
        }
    last = max(entries, key=lambda entry: (entry.number, entry.row), default=None)
    known = _identity(state, row)
    then = replace(
        row,
        answer="ok" if items else "no_data",
        number=last.number if last else None,
        row=last.row if last else None,
        list_version=state.list_version or row.list_version,
        listed=state.listed if last else None,
        **known,
    )
    return then, items


def profile_of(
    row: DisclosedRow, items: Mapping[str, Members], nothing: Mapping[str, str]
) -> DisclosedProfile:
    """
    Return a row as a profile.

    :param items: those with a value.
    :param nothing: the answer for each item of the list, should it have no value.
    """
    every = {code: NOTHING[Answer(answer)] for code, answer in nothing.items()}
    for code in row.consents or ():
        every[code] = NOTHING[Answer.NO_DATA]
    every.update((code, DisclosedItem(**members)) for code, members in items.items())
    capital = row.registered_capital
    return DisclosedProfile(
        uscc=row.uscc,
        answer=row.answer,
        name=row.name,
        region=row.region,
        industry=row.industry,
        size=row.size,
        established_on=row.established_on,
        registered_capital=None if capital is None else plain(capital),
        listed=row.listed,
        successor_uscc=row.successor_uscc,
        list_code=row.list_code,
        list_version=row.list_version,
        position=(row.number or 0, row.row or 0),
        items=every,
        read_at=row.read_at,
    )


def plain(amount: Decimal) -> str:
    """
    Return a decimal in canonical form.

    >>> plain(Decimal("5000000.00")), plain(Decimal("0.00")), plain(Decimal("4.110"))
    ('5000000', '0', '4.11')
    """
    text = f"{amount:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _ledger_row(entry: Mapping[str, Any], row: DisclosedRow) -> LedgerRow:
    recorded_on = date.fromisoformat(entry["recorded_on"])
    return LedgerRow(
        publication_id=entry["publication"],
        number=entry["number"],
        row=entry["row"],
        day=recorded_on if row.as_of else min(recorded_on, row.day),
        cause=entry["cause"],
        import_id=entry["import"],
        list_version=entry["list_version"],
        kind=entry["kind"],
        changes=entry["changes"],
        details=entry["details"],
    )


def _identity(state: Fold, row: DisclosedRow) -> dict[str, Any]:
    known = {name: state.identity[name] for name in IDENTITY if name in state.identity}
    if known.get("established_on"):
        known["established_on"] = date.fromisoformat(known["established_on"])
    if known.get("registered_capital"):
        known["registered_capital"] = Decimal(known["registered_capital"])
    return known


def _is_lapsed(code: str, fact: Fact, lapses: Iterable[LedgerRow]) -> bool:
    return any(
        code in lapse.changes and (lapse.number, lapse.row) > (fact.number, fact.row)
        for lapse in lapses
    )


def _validity(detail: Mapping[str, Any]) -> tuple[date | None, date | None]:
    first, last = detail.get("valid_from"), detail.get("valid_to")
    return (
        date.fromisoformat(first) if first else None,
        date.fromisoformat(last) if last else None,
    )


def _status(value: Any, valid_to: date | None, day: date, has_lapsed: bool) -> str:
    if value == NOT_APPLICABLE:
        return "not_applicable"
    if valid_to is not None and valid_to < day:
        return "expired"
    return "lapsed" if has_lapsed else "in_force"


def _flags(stated: Any) -> tuple[str, ...]:
    """A flag is kept as one word, several, or an object about it that names its word."""
    if isinstance(stated, list):
        return tuple(str(flag) for flag in stated)
    if isinstance(stated, Mapping):
        return (str(stated.get("flag", "disputed")),)
    return (stated,) if isinstance(stated, str) else ("disputed",)
