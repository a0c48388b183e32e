"""Cases: opening them from a signal, acting, freezing what is undrawn, and closing them."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from lending.selectors import loans as selectors
from lending.services import loans
from qfce.kernel.audit import events as audit
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from risk import permissions, policies
from risk.domain.lifecycle import CASE, CaseActionKind, CaseStatus
from risk.models import CaseAction, RiskCase, Signal
from risk.services import handling

NEEDS_TWO = frozenset({CaseActionKind.LIFT_FREEZE})


@transaction.atomic
def open_(
    signal_id: UUID, *, reason: str, loan_id: UUID | None = None, actor: Actor, at: datetime
) -> RiskCase:
    """
    Open a case from a signal, or add the signal to the enterprise's open case.

    :param loan_id: the loan that it is about, one of the enterprise's; all of them unless said.
    :raises NoSuchRecord: if the actor's organization has no such signal, or no such loan.
    :raises LoanOfAnother: if the loan is another enterprise's.
    :raises SignalOver: if the signal is over.
    """
    actor.require(permissions.WRITE_CASE)
    signal = _alone(signal_id)
    policies.check_open(signal)
    if loan_id is not None:
        policies.check_same_enterprise(selectors.get(loan_id, actor=actor).uscc, signal.uscc)
    if signal.case_id is not None:
        found = RiskCase.objects.open().filter(pk=signal.case_id).first()
        if found is not None:
            return found
    case = (
        RiskCase.objects.open()
        .select_for_update(of=("self",))
        .filter(uscc=signal.uscc, owner_id=actor.organization_id)
        .order_by("opened_at", "pk")
        .first()
    )
    if case is None:
        case = RiskCase.objects.create(
            owner_id=actor.organization_id,
            uscc=signal.uscc,
            reason=reason,
            loan_id=loan_id,
            answer_due_on=signal.answer_due_on,
            opened_at=at,
            opened_by_id=permissions.person(actor),
        )
        audit.record("risk.case.opened", case, actor=actor, at=at, uscc=case.uscc)
    signal.case = case
    handling.take_into_case(signal, actor=actor, at=at)
    return case


def _alone(signal_id: UUID) -> Signal:
    """
    Lock a signal with all others on its enterprise, in one order.

    Two officers who open cases from two signals on one enterprise then open one case.
    """
    uscc = one(Signal.objects.all(), pk=signal_id).uscc
    locked = Signal.objects.select_for_update(of=("self",)).filter(uscc=uscc).order_by("pk")
    return next(signal for signal in locked if signal.pk == signal_id)


@transaction.atomic
def act(
    case_id: UUID,
    *,
    kind: CaseActionKind,
    text: str,
    amount: Decimal | None = None,
    actor: Actor,
    at: datetime,
) -> CaseAction:
    """
    Take a step in a case. Freezing takes effect at once; lifting a freeze takes two people.

    :param amount: yuan, where the step has an amount, as a cut of the limit.
    :raises NoSuchRecord: if the actor's organization has no such case.
    :raises CaseOver: if the case is closed.
    :raises MissingPermission: if the actor may not freeze.
    """
    case = _locked(case_id)
    actor.require(permissions.WRITE_CASE)
    policies.check_case_open(case)
    if kind in (CaseActionKind.FREEZE_UNDRAWN, CaseActionKind.LIFT_FREEZE):
        actor.require(permissions.FREEZE)
    action = CaseAction.objects.create(
        owner_id=actor.organization_id,
        case=case,
        kind=kind.value,
        text=text,
        amount=amount,
        at=at,
        by_id=permissions.person(actor),
        by_name=actor.name,
        awaits_second=kind in NEEDS_TWO,
    )
    if kind == CaseActionKind.FREEZE_UNDRAWN:
        _freeze(case, text, actor=actor, at=at)
    _move(case, kind, at=at)
    audit.record("risk.case.acted", case, actor=actor, at=at, kind=kind.value, amount=amount)
    return action


@transaction.atomic
def confirm(case_id: UUID, action_id: UUID, *, actor: Actor, at: datetime) -> CaseAction:
    """
    Agree to a step that takes two people; it takes effect now.

    :raises NoSuchRecord: if the case has no such step waiting.
    :raises SecondPersonNeeded: if the actor proposed it.
    """
    case = _locked(case_id)
    policies.check_case_open(case)
    waiting = case.actions.select_for_update(of=("self",)).filter(awaits_second=True)
    action = one(waiting, pk=action_id)
    permissions.check_confirms(actor, action)
    actor.require(permissions.FREEZE)
    action.awaits_second = False
    action.confirmed_at, action.confirmed_by_id = at, permissions.person(actor)
    action.save()
    loans.unfreeze(case.loan_id or case.uscc, action.text, actor=actor, at=at)
    audit.record("risk.case.confirmed", case, actor=actor, at=at, kind=action.kind)
    return action


@transaction.atomic
def close(case_id: UUID, *, result: str, actor: Actor, at: datetime) -> RiskCase:
    """
    Close a case with its result.

    :raises NoSuchRecord: if the actor's organization has no such case.
    :raises IllegalTransition: if it is closed already.
    :raises CaseUnfinished: if a signal is open or a step waits for a second person.
    """
    case = _locked(case_id)
    actor.require(permissions.WRITE_CASE)
    status = CASE.target("close", state=case.status)
    open_signals = list(Signal.objects.open().filter(case=case))
    policies.check_may_close(open_signals, case.actions.filter(awaits_second=True).count())
    case.status, case.result = status, result
    case.closed_at, case.closed_by_id = at, permissions.person(actor)
    case.save()
    audit.record("risk.case.closed", case, actor=actor, at=at)
    return case


def _freeze(case: RiskCase, text: str, *, actor: Actor, at: datetime) -> None:
    """Freeze what is undrawn, and let the freeze name the signal that the case began with."""
    first = case.signals.order_by("raised_at", "pk").values_list("pk", flat=True).first()
    target = case.loan_id or case.uscc
    loans.freeze_undrawn(target, text, signal_id=first, actor=actor, at=at)


def _move(case: RiskCase, kind: CaseActionKind, *, at: datetime) -> None:
    if kind == CaseActionKind.NOTE:
        return
    step = "answer" if kind == CaseActionKind.ANSWER else "act"
    if step == "answer" and case.status == CaseStatus.ANSWERED:
        return
    case.status = CASE.target(step, state=case.status)
    if step == "answer":
        case.answered_at = at
    case.save()


def _locked(case_id: UUID) -> RiskCase:
    return one(RiskCase.objects.select_for_update(of=("self",)), pk=case_id)
