"""Following one enterprise through the feed: what was known, what moved, which rules that meets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from factors.domain.catalogue import Item
from risk.domain.lifecycle import Level
from risk.domain.signal_rules import (
    Known,
    Rule,
    concerns,
    fact_key,
    is_met_by_change,
    is_state,
)
from sharing.domain.feed import FeedItem
from sharing.domain.folding import IDENTITY

EARLIER_KEPT = 12


class Movement(StrEnum):
    """What a feed item did to one item."""

    RECORDED = "recorded"
    OPENED = "opened"  # became visible with a new access
    ENDED = "ended"
    VANISHED = "vanished"  # its record was repaired or mistaken
    DISPUTED = "disputed"
    UNDISPUTED = "undisputed"


MOVEMENTS = {
    "observed": Movement.RECORDED,
    "corrected": Movement.RECORDED,
    "reverified": Movement.RECORDED,
    "cleared": Movement.RECORDED,
    "expired": Movement.ENDED,
    "lapsed": Movement.ENDED,
    "withdrawn": Movement.VANISHED,
    "flagged": Movement.DISPUTED,
    "unflagged": Movement.UNDISPUTED,
    "access_opened": Movement.OPENED,
}


@dataclass(frozen=True, slots=True)
class Move:
    """One item's move; `before` None: it was never seen."""

    code: str
    movement: Movement
    before: Known | None
    after: Known


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that a move meets, and the fact by which the signal is told from others."""

    rule: Rule
    move: Move
    key: str


def moves_of(feed_item: FeedItem, known: Mapping[str, Known], on: date) -> list[Move]:
    """
    Return what one feed item does to what is known, in the order of the item codes.

    :param on: the business day on which it was recorded.
    """
    movement = MOVEMENTS.get(feed_item.kind)
    if movement is None:
        return []
    return [
        Move(code, movement, known.get(code), after)
        for code in sorted(set(feed_item.changes) - set(IDENTITY))
        if (after := _after(feed_item, code, known.get(code), movement, on)) is not None
    ]


def candidates(
    moves: Iterable[Move], rules: Iterable[Rule], items: Mapping[str, Item]
) -> list[Candidate]:
    """
    Return the rules that the moves meet, the most urgent first.

    With a new access, red and orange states count as becoming: the bank already lends and
    learns of them only now. Ends of validity are met by the day's own conditions.
    """
    found = [
        Candidate(rule, move, fact_key(move.code, move.after, move.before))
        for move in moves
        for rule in rules
        if any(
            concerns(condition, move.code, items.get(move.code))
            and _meets(condition, rule, move, items.get(move.code))
            for condition in rule.on_change
        )
    ]
    return sorted(found, key=lambda one: (list(Level).index(one.rule.level), one.rule.code))


def to_document(known: Known) -> dict[str, Any]:
    """Write what is known as JSON, leaving out what is empty."""
    document: dict[str, Any] = {
        "value": known.value,
        "since": known.since.isoformat(),
        "recorded_on": known.recorded_on.isoformat(),
        "position": list(known.position),
        "valid_from": known.valid_from.isoformat() if known.valid_from else None,
        "valid_to": known.valid_to.isoformat() if known.valid_to else None,
        "evidence": list(known.evidence),
        "flagged": known.flagged,
        "ended": known.ended,
        "earlier": [[day.isoformat(), value] for day, value in known.earlier],
    }
    kept = {"value", "since", "recorded_on"}
    return {name: value for name, value in document.items() if value or name in kept}


def from_document(document: Mapping[str, Any]) -> Known:
    """Read what `to_document` wrote."""
    number, row = document.get("position", (0, 0))
    return Known(
        value=document["value"],
        since=date.fromisoformat(document["since"]),
        recorded_on=date.fromisoformat(document["recorded_on"]),
        position=(number, row),
        valid_from=_day(document.get("valid_from")),
        valid_to=_day(document.get("valid_to")),
        evidence=tuple(document.get("evidence", ())),
        flagged=document.get("flagged", False),
        ended=document.get("ended", False),
        earlier=tuple(
            (date.fromisoformat(day), value) for day, value in document.get("earlier", ())
        ),
    )


def vanished_fact(after_fact: Any, remaining: Any) -> bool:
    """
    Test whether the fact behind a signal is among what vanished.

    Of several penalties one may be repaired: then the count that remains still stands for
    the earlier ones, and only what was raised above it is gone.
    """
    if remaining is None or isinstance(remaining, bool) or isinstance(after_fact, bool):
        return bool(after_fact != remaining)
    if isinstance(remaining, int) and isinstance(after_fact, int):
        return after_fact > remaining
    return bool(after_fact != remaining)


def _meets(condition: Mapping[str, Any], rule: Rule, move: Move, item: Item | None) -> bool:
    if move.movement == Movement.RECORDED:
        return is_met_by_change(condition, move.before, move.after, item)
    urgent = rule.level in (Level.RED, Level.ORANGE)
    first_seen = move.before is None or move.before.value is None
    return (
        move.movement == Movement.OPENED
        and urgent
        and first_seen
        and (is_state(condition, move.after) or _counts_something(condition, move.after))
    )


def _counts_something(condition: Mapping[str, Any], after: Known) -> bool:
    """A count that rises from nothing is a state too: there is a penalty, an accident."""
    return condition.get("moves") == "rises" and isinstance(after.value, int) and after.value > 0


def _after(
    feed_item: FeedItem, code: str, before: Known | None, movement: Movement, on: date
) -> Known | None:
    """Return what is known of one item after one feed item; None if that changes nothing."""
    position = (feed_item.number, feed_item.row)
    if movement in (Movement.DISPUTED, Movement.UNDISPUTED):
        return before and replace(before, flagged=movement == Movement.DISPUTED)
    if movement == Movement.ENDED:
        return before and replace(before, ended=True, position=position)
    value = feed_item.changes[code]
    details = feed_item.details.get(code) or {}
    valid_from = _day(details.get("valid_from"))
    if _is_older(feed_item, valid_from, before):
        return None
    same = before is not None and before.value == value and value is not None
    confirms = feed_item.kind == "reverified" and same and before is not None
    return Known(
        value=value,
        since=before.since if same and before else on,
        recorded_on=on,
        position=position,
        valid_from=valid_from or (before.valid_from if confirms and before else None),
        valid_to=_day(details.get("valid_to"))
        or (before.valid_to if confirms and before else None),
        evidence=_evidence(details) or (before.evidence if confirms and before else ()),
        flagged=bool(before and before.flagged),
        earlier=_earlier(before, same=same),
    )


def _is_older(feed_item: FeedItem, valid_from: date | None, before: Known | None) -> bool:
    """A fact recorded late, about a time before the one that holds, does not replace it."""
    return bool(
        feed_item.kind == "observed"
        and valid_from
        and before
        and before.valid_from
        and valid_from < before.valid_from
    )


def _earlier(before: Known | None, *, same: bool) -> tuple[tuple[date, Any], ...]:
    if before is None or same or before.value is None:
        return before.earlier if before else ()
    return (*before.earlier, (before.since, before.value))[-EARLIER_KEPT:]


def _evidence(details: Mapping[str, Any]) -> tuple[str, ...]:
    """Evidence is text, or objects with a number or a name; what tells one from another counts."""
    given = details.get("evidence") or ()
    if isinstance(given, str):
        return (given,)
    return tuple(
        str(entry.get("number") or entry.get("sha256") or entry.get("name") or entry)
        if isinstance(entry, Mapping)
        else str(entry)
        for entry in given
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
