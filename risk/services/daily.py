"""What a new day brings without any change: ends of validity, age, conditions met."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from factors.domain.catalogue import Item
from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.domain.daily_rules import daily_fact_key, end_of_validity, is_met_on
from risk.domain.signal_rules import Known, Rule, concerns
from risk.models import WatchedState
from risk.selectors import borrowers, watched
from risk.selectors.rules import rules_on
from risk.services import raising
from risk.services.changes import items_of
from risk.services.raising import Fact

BATCH = 200
NOTHING: frozenset[str] = frozenset()


@transaction.atomic
def sweep(on: date, *, after: str = "", actor: Actor, at: datetime) -> str | None:
    """
    Look at the next borrowers on a business day; twice for a day changes nothing more.

    :param after: the credit code at which the last call stopped, "" for the first.
    :returns: where the next call goes on, None if everybody has been looked at.
    """
    actor.require(permissions.HANDLE_SIGNAL)
    exposures = borrowers.page_of_exposures(after, BATCH, actor=actor)
    rules = rules_on(on).enabled
    used = watched.items_evaluated(exposures, actor=actor)
    for uscc, now in watched.known_now(exposures, actor=actor, at=at).items():
        items, known = items_of(now.list_code, on), _with_positions(uscc, now.items)
        for rule in rules:
            for fact in _facts_of_day(rule, uscc, known, items, used.get(uscc, NOTHING), on):
                raising.raise_once(rule, fact, actor=actor, at=at)
        raising.settle(uscc, known, items, actor=actor, at=at)
    return max(exposures) if exposures and len(exposures) == BATCH else None


def _facts_of_day(
    rule: Rule,
    uscc: str,
    known: Mapping[str, Known],
    items: Mapping[str, Item],
    used: frozenset[str],
    on: date,
) -> list[Fact]:
    """Return what meets a rule's daily conditions; age counts only where a score leans on it."""
    return [
        _fact(uscc, code, entry, items.get(code), condition, on)
        for condition in rule.daily
        for code, entry in sorted(known.items())
        if (code in used or not condition.get("older_than_promised"))
        and concerns(condition, code, items.get(code))
        and is_met_on(condition, entry, items.get(code), on)
    ]


def _fact(
    uscc: str,
    code: str,
    entry: Known,
    item: Item | None,
    condition: Mapping[str, object],
    on: date,
) -> Fact:
    told: dict[str, object] = {
        "before": entry.value,
        "after": entry.value,
        "recorded_on": entry.recorded_on.isoformat(),
    }
    end = end_of_validity(entry, item)
    if end and "ends_within_days" in condition:
        told["end"] = end.isoformat()
    return Fact(
        uscc=uscc,
        key=daily_fact_key(condition, code, entry, item, on),
        item=code,
        told=told,
        flagged=entry.flagged,
        position=entry.position,
    )


def _with_positions(uscc: str, known: Mapping[str, Known]) -> Mapping[str, Known]:
    """Prefer what the feed has folded: it knows where in the feed each value stands."""
    state = WatchedState.objects.filter(uscc=uscc).first()
    return {**known, **watched.folded(state)} if state else known
