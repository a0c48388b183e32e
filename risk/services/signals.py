"""Following the change feed: what happens to a borrower becomes a signal within a minute."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from lending.selectors.loans import Exposure
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from risk.domain.lifecycle import LineKind
from risk.domain.watching import (
    Move,
    from_document,
    moves_of,
    to_document,
)
from risk.models import Signal, WatchedState
from risk.selectors import borrowers, watched
from risk.selectors.rules import rules_on
from risk.services import accesses, changes, raising
from sharing.domain.feed import FeedItem
from sharing.selectors import disclosures as feed
from sharing.services import disclosures as cursors

CONSUMER = "risk.signals"
PAGE = 1_000
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Followed:
    """What one page of the feed came to; `is_done` when there was nothing left to read."""

    read: int
    raised: int
    is_done: bool


@dataclass(slots=True)
class _Page:
    """What the items of one page share, so that each enterprise is looked up once."""

    exposures: Mapping[str, Exposure]
    states: dict[str, WatchedState]
    touched: set[str]
    raised: int = 0


@transaction.atomic
def follow_feed(*, actor: Actor, at: datetime, limit: int = PAGE) -> Followed:
    """
    Read one page of what changed since last time, and raise and end signals by it.

    The cursor moves in the same transaction: a page is done wholly or not at all. Of two
    that follow the feed of one bank at once, the second finds nothing to do.
    """
    actor.require("sharing.feed.read")
    if not _only_follower(actor):
        return Followed(0, 0, is_done=True)
    items = feed.changed_since(CONSUMER, actor=actor, limit=limit)
    if not items:
        return Followed(0, 0, is_done=True)
    usccs = {item.uscc for item in items if item.uscc}
    states = WatchedState.objects.select_for_update(of=("self",)).filter(uscc__in=usccs)
    page = _Page(
        exposures=borrowers.exposures(usccs, actor=actor),
        states={state.uscc: state for state in states.order_by("uscc")},
        touched=set(),
    )
    for item in items:
        if item.uscc:
            _follow(item, page, actor=actor, at=at)
        else:
            page.raised += accesses.follow_agreement(item, page.states, actor=actor, at=at)
    for uscc in sorted(page.touched):
        page.states[uscc].save()
        _settle(page.states[uscc], actor=actor, at=at)
    cursors.advance(CONSUMER, items[-1], actor=actor, at=at)
    return Followed(len(items), page.raised, is_done=False)


def _follow(item: FeedItem, page: _Page, *, actor: Actor, at: datetime) -> None:
    exposure, state = page.exposures.get(item.uscc), page.states.get(item.uscc)
    if state is None:
        if exposure is None:
            return
        state = _baseline(item, exposure, actor=actor, at=at)
        page.states[item.uscc] = state
    position = (item.number, item.row)
    if position <= (state.position_number, state.position_row):
        _repeat(item, actor=actor, at=at)
        return
    on = business_day(item.recorded_at)
    known = {code: from_document(entry) for code, entry in state.items.items()}
    moves = moves_of(item, known, on)
    items = changes.items_of(state.list_code, on)
    for move in moves:
        changes.vanish_or_dispute(item, move, actor=actor, at=at)
    if exposure is not None:
        rules = rules_on(business_day(at)).enabled
        page.raised += changes.raise_changes(item, moves, rules, items, actor=actor, at=at)
        page.raised += changes.raise_ends(item, moves, rules, items, actor=actor, at=at)
    _fold(state, item, moves, at=at)
    page.touched.add(item.uscc)


def _repeat(item: FeedItem, *, actor: Actor, at: datetime) -> None:
    """The same item delivered again: the signals it raised get another line, and no more."""
    for signal in Signal.objects.filter(uscc=item.uscc, cursor=item.cursor):
        if not signal.is_withdrawn:
            raising.add_line(signal, LineKind.REPEATED, actor=actor, at=at, cursor=item.cursor)


def _fold(state: WatchedState, item: FeedItem, moves: Iterable[Move], *, at: datetime) -> None:
    items = dict(state.items)
    if item.kind == "access_closed":
        # What may no longer be seen may no longer be kept.
        closed = {*item.changes, *item.details.get("items", ())}
        items = {code: entry for code, entry in items.items() if code not in closed}
    for move in moves:
        items[move.code] = to_document(move.after)
    state.items = items
    state.position_number, state.position_row = item.number, item.row
    state.updated_at = at


def _settle(state: WatchedState, *, actor: Actor, at: datetime) -> None:
    known = {code: from_document(entry) for code, entry in state.items.items()}
    items = changes.items_of(state.list_code, business_day(at))
    raising.settle(state.uscc, known, items, actor=actor, at=at)


def _baseline(item: FeedItem, exposure: Exposure, *, actor: Actor, at: datetime) -> WatchedState:
    """
    Start watching a borrower with what the bank knew just before this change.

    Loaded when its first change arrives and not for every enterprise in the feed: a bank
    watches the few hundred that it lends to, not the million that it could lend to.
    """
    known, list_code = watched.known_before(
        item.uscc,
        purpose=borrowers.purpose_of(exposure),
        known_at=item.recorded_at - A_MOMENT,
        actor=actor,
        at=at,
    )
    if item.kind == "access_opened":
        # The rights are those of now, so what has just been opened is in there too.
        known = {code: entry for code, entry in known.items() if code not in item.changes}
    return WatchedState(
        owner_id=actor.organization_id,
        uscc=item.uscc,
        items={code: to_document(entry) for code, entry in known.items()},
        list_code=list_code,
        position_number=item.number,
        position_row=item.row - 1,
        updated_at=at,
    )


def _only_follower(actor: Actor) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext(%s))",
            [f"{CONSUMER}:{actor.organization_id}"],
        )
        return bool(cursor.fetchone()[0])
