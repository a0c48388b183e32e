"""What the beginning and the end of an agreement mean for the borrowers that a bank has."""

from dataclasses import replace
from datetime import datetime

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from risk.domain.watching import Move, Movement, to_document
from risk.models import WatchedState
from risk.selectors import borrowers, watched
from risk.selectors.rules import rules_on
from risk.services import changes
from sharing.domain.feed import FeedItem

BATCH = 200


def follow_agreement(
    item: FeedItem, states: dict[str, WatchedState], *, actor: Actor, at: datetime
) -> int:
    """
    Look at every borrower afresh, because what the bank may see of them has changed.

    The item names no enterprise and no values, so the profiles are read. What was never seen
    of a borrower before counts as becoming, where it is red or orange; what may no longer be
    seen is forgotten. Returns how many signals are new.

    :param states: what the page has loaded, so that nothing is written twice.
    """
    raised, exposures = 0, borrowers.page_of_exposures("", BATCH, actor=actor)
    while exposures:
        stored = {s.uscc: s for s in WatchedState.objects.filter(uscc__in=exposures)}
        # As it was known then: what came later comes with items of its own.
        then = watched.known_now(exposures, known_at=item.recorded_at, actor=actor, at=at)
        for uscc, now in then.items():
            state = states.get(uscc) or stored.get(uscc) or _unknown(uscc, actor=actor)
            states[uscc] = state
            raised += _look_afresh(item, state, now, actor=actor, at=at)
        exposures = borrowers.page_of_exposures(max(exposures), BATCH, actor=actor)
    return raised


def _look_afresh(
    item: FeedItem,
    state: WatchedState,
    now: watched.KnownNow,
    *,
    actor: Actor,
    at: datetime,
) -> int:
    position = (item.number, item.row)
    seen = watched.folded(state)
    new = {code: entry for code, entry in now.items.items() if code not in seen}
    moves = [Move(code, Movement.OPENED, None, entry) for code, entry in sorted(new.items())]
    on, raised = business_day(at), 0
    if item.kind == "access_opened":
        about = replace(item, uscc=state.uscc)
        items = changes.items_of(now.list_code, on)
        raised = changes.raise_changes(
            about, moves, rules_on(on).enabled, items, actor=actor, at=at
        )
    kept = {code: entry for code, entry in state.items.items() if code in now.items}
    state.items = {**kept, **{code: to_document(entry) for code, entry in new.items()}}
    state.list_code = now.list_code or state.list_code
    state.position_number, state.position_row = max(
        position, (state.position_number, state.position_row)
    )
    state.updated_at = at
    state.save()
    return raised


def _unknown(uscc: str, *, actor: Actor) -> WatchedState:
    return WatchedState(
        owner_id=actor.organization_id, uscc=uscc, items={}, position_number=0, position_row=0
    )
