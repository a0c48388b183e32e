"""Signals on arrears, from what a bank's own servicing reports of a day."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.domain.arrears import Arrears, arrears_key, rule_of
from risk.domain.lifecycle import SIGNAL, LineKind
from risk.domain.signal_rules import Rule
from risk.models import Signal
from risk.selectors.rules import rules_on
from risk.services import raising
from risk.services.raising import Fact

SUPERSEDES = {"W15": ("W27",), "W04": ("W27", "W15")}


@transaction.atomic
def report(found: Sequence[Arrears], *, on: date, actor: Actor, at: datetime) -> list[Signal]:
    """
    Raise what the arrears of loans meet on a business day; end what they no longer meet.

    Only loans that are named are looked at; one that is paid up is named with 0 days.
    Reporting a day twice changes nothing more. Returns the new signals.

    :raises MissingPermission: if the actor handles no signals.
    """
    actor.require(permissions.HANDLE_SIGNAL)
    rules, raised = rules_on(on).enabled, []
    for arrears in found:
        raising.lock_enterprise(arrears.uscc, actor=actor)
        rule = rule_of(arrears, rules)
        if rule is not None:
            signal = _raise(rule, arrears, actor=actor, at=at)
            raised += [signal] if signal else []
        _end_paid(arrears, actor=actor, at=at)
    return raised


def _raise(rule: Rule, arrears: Arrears, *, actor: Actor, at: datetime) -> Signal | None:
    told = {
        "loan": arrears.loan_id,
        "days_past_due": arrears.days_past_due,
        "first_unpaid_due_on": str(arrears.first_unpaid_due_on),
        "interest_unpaid": arrears.interest_unpaid,
    }
    fact = Fact(uscc=arrears.uscc, key=arrears_key(arrears), told=told)
    signal = raising.raise_once(rule, fact, actor=actor, at=at)
    if signal is not None:
        _supersede(signal, actor=actor, at=at)
    return signal


def _supersede(signal: Signal, *, actor: Actor, at: datetime) -> None:
    """Longer arrears take the place of the shorter ones on the same instalment."""
    shorter = Signal.objects.open().filter(
        uscc=signal.uscc, rule__in=SUPERSEDES.get(signal.rule, ()), fact_key=signal.fact_key
    )
    for older in shorter:
        older.status = SIGNAL.target("upgrade", state=older.status)
        older.upgraded_to = signal
        older.save()
        raising.add_line(older, LineKind.UPGRADED, actor=actor, at=at)
        raising.end_combinations(older, actor=actor, at=at)


def _end_paid(arrears: Arrears, *, actor: Actor, at: datetime) -> None:
    open_now = Signal.objects.open().filter(
        uscc=arrears.uscc, source="servicing", facts__loan=arrears.loan_id
    )
    for signal in open_now:
        if arrears.days_past_due == 0 or signal.fact_key != arrears_key(arrears):
            raising.condition_met(signal, actor=actor, at=at)
