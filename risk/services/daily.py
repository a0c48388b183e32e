"""What a new day brings without any change: ends of validity, age, arrears, conditions met."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from factors.domain.catalogue import Item
from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.domain.arrears import arrears_key, rule_of
from risk.domain.daily_rules import daily_fact_key, end_of_validity, is_met_on
from risk.domain.lifecycle import SIGNAL, LineKind
from risk.domain.signal_rules import Known, Rule, concerns
from risk.models import Signal, WatchedState
from risk.selectors import borrowers, watched
from risk.selectors.rules import rules_on
from risk.services import raising
from risk.services.raising import Fact
from risk.services.signals import items_of

BATCH = 200
NOTHING: frozenset[str] = frozenset()
SUPERSEDES = {"W15": ("W27",), "W04": ("W27", "W15")}


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
                _raise_once(rule, fact, actor=actor, at=at)
        raising.settle(uscc, known, items, actor=actor, at=at)
    for uscc in exposures:
        _raise_arrears(uscc, rules, on, actor=actor, at=at)
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


def _raise_arrears(
    uscc: str, rules: tuple[Rule, ...], on: date, *, actor: Actor, at: datetime
) -> None:
    """Raise what the arrears of each loan meet, release what they no longer meet."""
    found = borrowers.arrears(uscc, on, actor=actor)
    owed = {arrears_key(arrears) for arrears in found if arrears.first_unpaid_due_on}
    for arrears in found:
        rule = rule_of(arrears, rules)
        if rule is None:
            continue
        told = {
            "loan": arrears.loan_id,
            "days_past_due": arrears.days_past_due,
            "first_unpaid_due_on": str(arrears.first_unpaid_due_on),
        }
        fact = Fact(uscc=uscc, key=arrears_key(arrears), told=told)
        signal = _raise_once(rule, fact, actor=actor, at=at)
        if signal is not None:
            _supersede(rule, signal, actor=actor, at=at)
    for signal in Signal.objects.open().filter(uscc=uscc, source="servicing"):
        if signal.fact_key not in owed:
            raising.condition_met(signal, actor=actor, at=at)


def _raise_once(rule: Rule, fact: Fact, *, actor: Actor, at: datetime) -> Signal | None:
    """Raise on a fact that is still true; that it is true on another day is no news."""
    if raising.is_known(rule, fact, actor=actor):
        return None
    return raising.raise_(rule, fact, actor=actor, at=at).signal


def _supersede(rule: Rule, signal: Signal, *, actor: Actor, at: datetime) -> None:
    """Longer arrears take the place of the shorter ones on the same instalment."""
    before = Signal.objects.open().filter(
        uscc=signal.uscc, rule__in=SUPERSEDES.get(rule.code, ()), fact_key=signal.fact_key
    )
    for older in before:
        older.status = SIGNAL.target("upgrade", state=older.status)
        older.upgraded_to = signal
        older.save()
        raising.add_line(older, LineKind.UPGRADED, actor=actor, at=at)
        raising.end_combinations(older, actor=actor, at=at)


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
