"""
Raising signals, and ending them when their condition does or when their record vanishes.

What the platform does by itself. What people do about a signal is in `handling`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from factors.domain.catalogue import Item
from lending.services import loans
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from risk.domain.combinations import Member, pair_key, partners
from risk.domain.deadlines import deadlines
from risk.domain.lifecycle import SIGNAL, Level, LineKind, ReleaseCause
from risk.domain.releases import OpenSignal, is_released
from risk.domain.signal_rules import Known, Rule, raised_level
from risk.domain.watching import vanished_fact
from risk.models import RiskCase, Signal, SignalOccurrence
from risk.selectors import borrowers
from risk.selectors.rules import handling_days_on, rules_on

KEY_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Fact:
    """What a signal is raised on; `key` tells this fact from others under the same rule."""

    uscc: str
    key: str
    item: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)
    flagged: bool = False
    cursor: str = ""
    position: tuple[int, int] = (0, 0)
    recorded_at: datetime | None = None
    built_from: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    signal: Signal
    is_new: bool


@transaction.atomic
def raise_(rule: Rule, fact: Fact, *, actor: Actor, at: datetime) -> Raised:
    """
    Raise a signal on a fact, or add a line to the one that this fact has raised before.

    A new red signal stops what is undrawn; a new signal may combine with others that are
    open. A fact whose record vanished does not come back.
    """
    lock_enterprise(fact.uscc, actor=actor)
    known = _on_the_same(rule, fact, actor=actor)
    if known is not None:
        if not known.is_withdrawn:
            add_line(known, LineKind.REPEATED, actor=actor, at=at, cursor=fact.cursor)
        return Raised(known, is_new=False)
    signal = _create(rule, fact, actor=actor, at=at)
    add_line(signal, LineKind.FACT, actor=actor, at=at, cursor=fact.cursor)
    audit.record(
        "risk.signal.raised",
        signal,
        actor=actor,
        at=at,
        rule=rule.code,
        level=signal.level,
        uscc=signal.uscc,
        cursor=fact.cursor,
    )
    if signal.level == Level.RED:
        _stop_drawdown(signal, rule, actor=actor, at=at)
    _combine(signal, actor=actor, at=at)
    return Raised(signal, is_new=True)


def raise_once(rule: Rule, fact: Fact, *, actor: Actor, at: datetime) -> Signal | None:
    """Raise on a fact that stays true; that it is true on another day is no news."""
    if _on_the_same(rule, fact, actor=actor) is not None:
        return None
    return raise_(rule, fact, actor=actor, at=at).signal


def settle(
    uscc: str,
    known: Mapping[str, Known],
    items: Mapping[str, Item],
    *,
    actor: Actor,
    at: datetime,
) -> int:
    """
    End the open signals of an enterprise whose release condition has come about.

    Red ones only learn that it has: people release them. Returns how many ended.
    """
    on, ended = business_day(at), 0
    for signal in Signal.objects.open().filter(uscc=uscc).order_by("raised_at", "pk"):
        rule = rules_on(signal.raised_on)[signal.rule]
        if is_released(rule, _as_open(signal), known, items, on):
            ended += condition_met(signal, actor=actor, at=at)
    return ended


def condition_met(signal: Signal, *, actor: Actor, at: datetime) -> bool:
    """Release a signal whose condition has come about; a red one waits for two people."""
    if signal.level == Level.RED:
        if signal.condition_met_at is None:
            signal.condition_met_at = at
            signal.save(update_fields=["condition_met_at"])
            add_line(signal, LineKind.CONDITION_MET, actor=actor, at=at)
        return False
    signal.status = SIGNAL.target("release", state=signal.status)
    signal.condition_met_at = signal.released_at = at
    signal.release_cause = ReleaseCause.CONDITION.value
    signal.save()
    add_line(signal, LineKind.RELEASED, actor=actor, at=at)
    audit.record(
        "risk.signal.released", signal, actor=actor, at=at, cause=ReleaseCause.CONDITION.value
    )
    end_combinations(signal, actor=actor, at=at)
    return True


def end_combinations(member: Signal, *, actor: Actor, at: datetime) -> None:
    """Let the combinations that a signal is part of end with it."""
    for combination in Signal.objects.open().filter(built_from__contains=[member.pk]):
        condition_met(combination, actor=actor, at=at)


def withdraw_item(
    uscc: str, code: str, remaining: Any, position: tuple[int, int], *, actor: Actor, at: datetime
) -> int:
    """
    Withdraw the signals built on records of one item that vanished, open or over.

    :param remaining: what is left of the item, None if nothing is.
    :param position: where in the feed it vanished; later facts stay.
    """
    found = [
        signal
        for signal in Signal.objects.filter(uscc=uscc, item=code, withdrawn_at__isnull=True)
        if (signal.position_number, signal.position_row) < position
        and vanished_fact(signal.facts.get("after"), remaining)
    ]
    for signal in found:
        _withdraw(signal, actor=actor, at=at)
    return len(found)


def mark_disputed(uscc: str, code: str, *, disputed: bool, actor: Actor, at: datetime) -> None:
    """Mark the open signals on an item whose value is now, or no longer, disputed."""
    line = LineKind.DISPUTED if disputed else LineKind.UNDISPUTED
    for signal in Signal.objects.open().filter(uscc=uscc, item=code).exclude(flagged=disputed):
        signal.flagged = disputed
        signal.save(update_fields=["flagged"])
        add_line(signal, line, actor=actor, at=at)


def add_line(
    signal: Signal,
    kind: LineKind,
    text: str = "",
    *,
    actor: Actor,
    at: datetime,
    cursor: str = "",
) -> SignalOccurrence:
    """Write one line of a signal's history."""
    return SignalOccurrence.objects.create(
        owner_id=signal.owner_id,
        signal=signal,
        kind=kind.value,
        text=text,
        cursor=cursor,
        at=at,
        by_id=actor.user_id,
        by_name=actor.name,
    )


def lock_enterprise(uscc: str, *, actor: Actor) -> None:
    """Let one transaction at a time raise signals of a bank on an enterprise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))",
            [f"risk.signals:{actor.organization_id}:{uscc}"],
        )


def _on_the_same(rule: Rule, fact: Fact, *, actor: Actor) -> Signal | None:
    key = _bounded(fact.key)
    return Signal.objects.filter(
        owner_id=actor.organization_id,
        rule=rule.code,
        uscc=fact.uscc,
        fact_key__in=[key, _anonymous(key)],
    ).first()


def _create(rule: Rule, fact: Fact, *, actor: Actor, at: datetime) -> Signal:
    level = raised_level(rule.level, flagged=fact.flagged)
    raised_on = business_day(at)
    due = deadlines(level, raised_on, handling_days_on(raised_on))
    return Signal.objects.create(
        owner_id=actor.organization_id,
        uscc=fact.uscc,
        rule=rule.code,
        level=level.value,
        source=rule.source.value,
        item=fact.item,
        fact_key=_bounded(fact.key),
        facts=dict(fact.told),
        flagged=fact.flagged,
        built_from=list(fact.built_from),
        cursor=fact.cursor,
        position_number=fact.position[0],
        position_row=fact.position[1],
        recorded_at=fact.recorded_at,
        raised_at=at,
        raised_on=raised_on,
        claim_due_on=due.claim_due_on,
        answer_due_on=due.answer_due_on,
        due_by_holiday_table=due.by_holiday_table,
    )


def _stop_drawdown(signal: Signal, rule: Rule, *, actor: Actor, at: datetime) -> None:
    exposure = borrowers.exposures([signal.uscc], actor=actor).get(signal.uscc)
    if exposure is not None and exposure.undrawn:
        reason = f"{rule.code} {rule.name_zh} / {rule.name_en}"
        loans.freeze_undrawn(signal.uscc, reason, signal_id=signal.pk, actor=actor, at=at)


def _combine(signal: Signal, *, actor: Actor, at: datetime) -> None:
    rules = [rule for rule in rules_on(signal.raised_on).enabled if rule.combines]
    others = [_member(other) for other in Signal.objects.open().filter(uscc=signal.uscc)]
    for rule in rules:
        for partner in partners(rule.combines, _member(signal), others):
            names = [
                {"signal": str(partner.signal_id), "rule": partner.rule},
                {"signal": str(signal.pk), "rule": signal.rule},
            ]
            pair = Fact(
                uscc=signal.uscc,
                key=pair_key(partner.signal_id, signal.pk),
                told={"built_from": names},
                built_from=(partner.signal_id, signal.pk),
            )
            raise_(rule, pair, actor=actor, at=at)


def _member(signal: Signal) -> Member:
    return Member(signal.pk, signal.rule, Level(signal.level), signal.source, signal.raised_on)


def _as_open(signal: Signal) -> OpenSignal:
    end = signal.facts.get("end")
    return OpenSignal(
        item=signal.item,
        before=signal.facts.get("before"),
        position=(signal.position_number, signal.position_row),
        raised_on=signal.raised_on,
        end=date.fromisoformat(end) if end else None,
    )


def _withdraw(signal: Signal, *, actor: Actor, at: datetime) -> None:
    """Take a signal back and leave nothing on it that says what it was about."""
    for combination in Signal.objects.filter(
        built_from__contains=[signal.pk], withdrawn_at__isnull=True
    ):
        _withdraw(combination, actor=actor, at=at)
    signal.status = SIGNAL.target("withdraw", state=signal.status)
    signal.withdrawn_at = at
    signal.facts, signal.flagged = {}, False
    signal.fact_key = _anonymous(signal.fact_key)
    signal.save()
    # What people wrote about the record goes as well; the audit trail keeps the sealed trace.
    signal.occurrences.exclude(text="").update(text="")
    _clear_case(signal.case)
    add_line(signal, LineKind.WITHDRAWN, actor=actor, at=at)
    audit.record("risk.signal.withdrawn", signal, actor=actor, at=at)


def _clear_case(case: RiskCase | None) -> None:
    """Clear the words of a case that was about nothing but what vanished."""
    if case is None or case.signals.filter(withdrawn_at__isnull=True).exists():
        return
    RiskCase.objects.filter(pk=case.pk).update(reason="")
    RiskCase.objects.filter(pk=case.pk, result__isnull=False).update(result="")
    case.actions.exclude(text="").update(text="")


def _bounded(key: str) -> str:
    return key if len(key) <= KEY_LENGTH else _anonymous(key)


def _anonymous(key: str) -> str:
    return sha256(key.encode()).hexdigest()
