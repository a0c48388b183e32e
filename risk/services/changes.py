"""What the moves of one feed item come to: signals raised, withdrawn and marked."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from factors.domain.catalogue import Item
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor
from risk.domain.daily_rules import daily_fact_key, end_of_validity, is_met_on
from risk.domain.signal_rules import Rule, concerns
from risk.domain.watching import Move, Movement, candidates
from risk.services import raising
from risk.services.raising import Fact
from sharing.domain.feed import FeedItem


def raise_changes(
    item: FeedItem,
    moves: Iterable[Move],
    rules: Iterable[Rule],
    items: Mapping[str, Item],
    *,
    actor: Actor,
    at: datetime,
) -> int:
    """Raise what the moves meet; returns how many signals are new."""
    raised = 0
    for candidate in candidates(moves, rules, items):
        fact = _fact(item, candidate.move, candidate.key)
        raised += raising.raise_(candidate.rule, fact, actor=actor, at=at).is_new
    return raised


def raise_ends(
    item: FeedItem,
    moves: Iterable[Move],
    rules: Iterable[Rule],
    items: Mapping[str, Item],
    *,
    actor: Actor,
    at: datetime,
) -> int:
    """An end that the feed announces is the same fact as the one that the daily run sees."""
    on, raised = business_day(at), 0
    for move in moves:
        if move.movement != Movement.ENDED:
            continue
        entry, listed = move.after, items.get(move.code)
        for rule in rules:
            for condition in rule.daily:
                if (
                    condition.get("ends_within_days", 0) < 0
                    and concerns(condition, move.code, listed)
                    and is_met_on(condition, entry, listed, on)
                ):
                    key = daily_fact_key(condition, move.code, entry, listed, on)
                    fact = _fact(item, move, key, end=end_of_validity(entry, listed))
                    raised += raising.raise_(rule, fact, actor=actor, at=at).is_new
    return raised


def vanish_or_dispute(item: FeedItem, move: Move, *, actor: Actor, at: datetime) -> None:
    """Withdraw the signals on a record that vanished; mark those on one that is disputed."""
    if move.movement == Movement.VANISHED:
        raising.withdraw_item(
            item.uscc, move.code, move.after.value, (item.number, item.row), actor=actor, at=at
        )
    elif move.movement in (Movement.DISPUTED, Movement.UNDISPUTED):
        raising.mark_disputed(
            item.uscc,
            move.code,
            disputed=move.movement == Movement.DISPUTED,
            actor=actor,
            at=at,
        )


def items_of(list_code: str, on: date) -> Mapping[str, Item]:
    """Return the items of the list in force; none where there is no list, and then conditions
    over ranks and kinds of validity meet nothing."""
    try:
        return factor_lists.in_force(list_code, on).items if list_code else {}
    except NoSuchRecord:
        return {}


def _fact(item: FeedItem, move: Move, key: str, *, end: date | None = None) -> Fact:
    told: dict[str, Any] = {
        "before": move.before.value if move.before else None,
        "after": move.after.value,
        "kind": item.kind,
    }
    if move.after.valid_from:
        told["valid_from"] = move.after.valid_from.isoformat()
    if end:
        told["end"] = end.isoformat()
    return Fact(
        uscc=item.uscc,
        key=key,
        item=move.code,
        told=told,
        flagged=move.after.flagged,
        cursor=item.cursor,
        position=(item.number, item.row),
        recorded_at=item.recorded_at,
    )
