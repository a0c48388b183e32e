"""What people do about a signal: report, claim, check, answer, release, dismiss, close."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from risk import permissions, policies
from risk.domain.lifecycle import SIGNAL, Level, LineKind, ReleaseCause
from risk.models import Signal
from risk.selectors import borrowers
from risk.selectors.rules import rules_on
from risk.services import raising


@transaction.atomic
def report(
    rule_code: str, uscc: str, *, fact: str, text: str, actor: Actor, at: datetime
) -> Signal:
    """
    Raise by hand what no record tells: evasion, enforcement, a confirmed misuse of funds.

    :param fact: what tells it from others, as a case number; the same fact is raised once.
    :raises NoSuchRule: if there is no such rule.
    :raises RaisedByItself: if the platform raises this rule itself.
    """
    actor.require(permissions.HANDLE_SIGNAL)
    rule = rules_on(business_day(at))[rule_code]
    policies.check_raised_by_hand(rule)
    told = raising.Fact(uscc=uscc, key=fact, told={"fact": fact, "text": text})
    return raising.raise_(rule, told, actor=actor, at=at).signal


@transaction.atomic
def claim(signal_id: UUID, *, actor: Actor, at: datetime) -> Signal:
    """
    Take a signal, so that everybody sees who looks into it.

    :raises NoSuchRecord: if the actor's organization has no such signal.
    :raises IllegalTransition: if somebody has it already, or it is over.
    """
    signal = _locked(signal_id)
    actor.require(permissions.HANDLE_SIGNAL)
    signal.status = SIGNAL.target("claim", state=signal.status)
    signal.claimed_at, signal.claimed_by_id = at, permissions.person(actor)
    return _keep(signal, "risk.signal.claimed", LineKind.CLAIMED, "", actor=actor, at=at)


@transaction.atomic
def check(signal_id: UUID, *, text: str, actor: Actor, at: datetime) -> Signal:
    """
    Say what looking into it has shown.

    :raises NotClaimedByYou: if another officer holds it.
    :raises IllegalTransition: if it is not claimed.
    """
    signal = _locked(signal_id)
    permissions.check_holds(actor, signal)
    signal.status = SIGNAL.target("check", state=signal.status)
    signal.checked_at, signal.checked_by_id = at, permissions.person(actor)
    return _keep(signal, "risk.signal.checked", LineKind.CHECKED, text, actor=actor, at=at)


@transaction.atomic
def answer(signal_id: UUID, *, text: str, actor: Actor, at: datetime) -> Signal:
    """
    Report what came of it, within the days the level allows.

    :raises NotClaimedByYou: if another officer holds it.
    :raises IllegalTransition: if it was never claimed, or is over.
    """
    signal = _locked(signal_id)
    permissions.check_holds(actor, signal)
    signal.status = SIGNAL.target("answer", state=signal.status)
    signal.answered_at, signal.answered_by_id = at, permissions.person(actor)
    return _keep(signal, "risk.signal.answered", LineKind.ANSWERED, text, actor=actor, at=at)


@transaction.atomic
def close(signal_id: UUID, *, text: str, actor: Actor, at: datetime) -> Signal:
    """
    Review an answered signal and close it.

    :raises SecondPersonNeeded: if the actor gave the answer.
    :raises IllegalTransition: if it is not answered.
    """
    signal = _locked(signal_id)
    permissions.check_reviews(actor, signal)
    signal.status = SIGNAL.target("close", state=signal.status)
    signal.closed_at, signal.closed_by_id = at, permissions.person(actor)
    _keep(signal, "risk.signal.closed", LineKind.CLOSED, text, actor=actor, at=at)
    raising.end_combinations(signal, actor=actor, at=at)
    return signal


@transaction.atomic
def dismiss(signal_id: UUID, *, reason: str, actor: Actor, at: datetime) -> Signal:
    """
    Close a signal as a false alarm, with the reason, so that a rule's precision can be told.

    :raises NotClaimedByYou: if another officer holds it.
    :raises IllegalTransition: if it was never claimed, or is over.
    """
    signal = _locked(signal_id)
    permissions.check_holds(actor, signal)
    signal.status = SIGNAL.target("dismiss", state=signal.status)
    signal.false_alarm = True
    signal.closed_at, signal.closed_by_id = at, permissions.person(actor)
    _keep(signal, "risk.signal.dismissed", LineKind.CLOSED, reason, actor=actor, at=at)
    raising.end_combinations(signal, actor=actor, at=at)
    return signal


@transaction.atomic
def release(signal_id: UUID, *, reason: str, actor: Actor, at: datetime) -> Signal:
    """
    Release a signal by decision: one person with a reason, or for red two.

    The first of two proposes, and the signal stays open until another one agrees.

    :raises IllegalTransition: if the signal is over.
    :raises ConditionNotMet: if a red rule's condition has not come about.
    :raises SecondPersonNeeded: if the person who proposed it tries to agree as well.
    """
    signal = _locked(signal_id)
    actor.require(permissions.HANDLE_SIGNAL)
    status = SIGNAL.target("release", state=signal.status)
    if signal.level == Level.RED:
        rule = rules_on(signal.raised_on)[signal.rule]
        still_lends = bool(borrowers.exposures([signal.uscc], actor=actor))
        policies.check_may_release_red(signal, rule, still_lends=still_lends)
        if signal.release_proposed_by_id is None:
            return _propose_release(signal, reason, actor=actor, at=at)
        permissions.check_agrees(actor, signal)
    red = signal.level == Level.RED
    cause = ReleaseCause.TWO_PEOPLE if red else ReleaseCause.PERSON
    signal.status, signal.release_cause = status, cause.value
    signal.released_at, signal.released_by_id = at, permissions.person(actor)
    _keep(signal, "risk.signal.released", LineKind.RELEASED, reason, actor=actor, at=at)
    raising.end_combinations(signal, actor=actor, at=at)
    return signal


@transaction.atomic
def note(signal_id: UUID, *, text: str, actor: Actor, at: datetime) -> Signal:
    """
    Leave a line in a signal's history.

    :raises SignalOver: if the signal is over.
    """
    signal = _locked(signal_id)
    actor.require(permissions.HANDLE_SIGNAL)
    policies.check_open(signal)
    return _keep(signal, "risk.signal.noted", LineKind.NOTE, text, actor=actor, at=at)


def take_into_case(signal: Signal, *, actor: Actor, at: datetime) -> None:
    """
    Mark a signal as being acted on; whoever opens the case claims it if nobody has.

    The signal must be locked by the caller.
    """
    if "claim" in SIGNAL.actions_from(signal.status):
        signal.status = SIGNAL.target("claim", state=signal.status)
        signal.claimed_at, signal.claimed_by_id = at, permissions.person(actor)
        raising.add_line(signal, LineKind.CLAIMED, actor=actor, at=at)
    if "act" in SIGNAL.actions_from(signal.status):
        signal.status = SIGNAL.target("act", state=signal.status)
    signal.save()
    raising.add_line(signal, LineKind.ACTED, actor=actor, at=at)


def _propose_release(signal: Signal, reason: str, *, actor: Actor, at: datetime) -> Signal:
    signal.release_proposed_at = at
    signal.release_proposed_by_id = permissions.person(actor)
    action = "risk.signal.release_proposed"
    return _keep(signal, action, LineKind.RELEASE_PROPOSED, reason, actor=actor, at=at)


def _keep(
    signal: Signal, action: str, line: LineKind, text: str, *, actor: Actor, at: datetime
) -> Signal:
    signal.save()
    raising.add_line(signal, line, text, actor=actor, at=at)
    # The words stay with the signal, so that they go with it if its record is repaired.
    audit.record(action, signal, actor=actor, at=at, status=signal.status)
    return signal


def _locked(signal_id: UUID) -> Signal:
    """Lock the row, so that of two officers claiming at once the second sees the first."""
    return one(Signal.objects.select_for_update(of=("self",)), pk=signal_id)
