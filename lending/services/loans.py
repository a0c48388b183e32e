"""Loans: money out to whom the application named, its schedule, and the freeze of the rest."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from lending import permissions, policies
from lending.domain.due_dates import add_months
from lending.domain.lifecycle import LOAN
from lending.domain.schedule_terms import Schedule, ScheduleRequest
from lending.domain.schedules import quote
from lending.domain.terms import Repayment, schedule_request
from lending.models import Disbursement, Loan, LoanSchedule, ScheduleRow
from lending.models.loans import LoanQuerySet
from qfce.kernel.audit import events
from qfce.kernel.canonical import digest
from qfce.kernel.errors import Conflict
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


class NotFrozen(Conflict):
    code = "lending.loan.not_frozen"
    title = "Nothing is frozen."


class NothingUndrawn(Conflict):
    code = "lending.loan.nothing_undrawn"
    title = "Nothing is undrawn that could be frozen."


@transaction.atomic
def disburse(
    loan_id: UUID,
    *,
    amount: Decimal,
    paid_on: date,
    payee_name: str,
    payee_account: str,
    payee_uscc: str | None = None,
    conditions_met: Sequence[str] = (),
    actor: Actor,
    at: datetime,
) -> Disbursement:
    """
    Pay out a part of a loan to a supplier, and store the schedule that follows.

    :param amount: in yuan, within what is undrawn.
    :param paid_on: the value date; interest runs from it.
    :raises NoSuchRecord: if the actor's organization has no such loan.
    :raises LoanFrozen, OverDrawn: if that much may not be drawn.
    :raises PayeeNotNamed, ConditionsOpen, PaymentOutOfOrder: if the payment does not fit.
    """
    loan = _locked(loan_id, actor)
    actor.require(permissions.DISBURSE)
    status = LOAN.target("disburse", state=loan.status)
    before = list(loan.disbursements.order_by("number"))
    policies.check_drawable(loan, amount, drawdowns=len(before))
    _check_day(loan, before, paid_on)
    payee = policies.check_payee(
        loan.contract.application, name=payee_name, account=payee_account, uscc=payee_uscc
    )
    policies.check_conditions(loan, list(conditions_met))

    payment = Disbursement.objects.create(
        owner_id=loan.owner_id,
        loan=loan,
        number=len(before) + 1,
        paid_on=paid_on,
        amount=amount,
        payee_name=payee_name,
        payee_account=payee_account,
        payee_uscc=payee_uscc,
        matched_payee=payee.to_document(),
        conditions_met=list(conditions_met),
        recorded_at=at,
        recorded_by_id=permissions.person(actor),
    )
    loan.status = status.value
    loan.disbursed += amount
    loan.save(update_fields=["status", "disbursed"])
    schedule = _store_schedule(loan, [*before, payment], at=at)
    events.record(
        "lending.loan.disbursed",
        loan,
        actor=actor,
        at=at,
        amount=amount,
        paid_on=paid_on,
        payee=payee_name,
        number=payment.number,
        schedule=schedule.digest,
    )
    return payment


def _check_day(loan: Loan, before: Sequence[Disbursement], paid_on: date) -> None:
    first = before[0].paid_on if before else None
    policies.check_payment_date(
        paid_on,
        signed_on=loan.contract.signed_on,
        first=first,
        last=before[-1].paid_on if before else None,
        months_end=add_months(first or loan.contract.signed_on, loan.contract.months),
    )


@transaction.atomic
def freeze_undrawn(
    loan: UUID | str,
    reason: str,
    *,
    signal_id: UUID | None = None,
    actor: Actor,
    at: datetime,
) -> list[Loan]:
    """
    Stop further payments of one loan, or of all loans of an enterprise.

    What is frozen already stays frozen for its first reason.

    :param loan: a loan's id, or an enterprise's credit code.
    :returns: the loans that are frozen now and were not before.
    :raises NothingUndrawn: if the loan named has nothing left to draw.
    """
    chosen = _chosen(loan, actor)
    actor.require(permissions.FREEZE)
    if isinstance(loan, UUID) and chosen[0].disbursed == chosen[0].principal:
        raise NothingUndrawn(f"All {chosen[0].principal:,} are paid out.")
    frozen = [o for o in chosen if o.frozen_at is None and o.disbursed < o.principal]
    for each in frozen:
        each.frozen_at = at
        each.frozen_by_id = actor.user_id
        each.freeze_reason = reason
        each.freeze_signal_id = signal_id
        each.save(update_fields=["frozen_at", "frozen_by", "freeze_reason", "freeze_signal_id"])
        events.record(
            "lending.loan.frozen",
            each,
            actor=actor,
            at=at,
            undrawn=each.principal - each.disbursed,
            reason=reason,
            signal=signal_id,
        )
    return frozen


@transaction.atomic
def unfreeze(loan: UUID | str, reason: str, *, actor: Actor, at: datetime) -> list[Loan]:
    """
    Let further payments be made again.

    :raises NotFrozen: if the loan named is not frozen.
    """
    chosen = _chosen(loan, actor)
    actor.require(permissions.FREEZE)
    if isinstance(loan, UUID) and chosen[0].frozen_at is None:
        raise NotFrozen("The loan is not frozen.")
    thawed = [each for each in chosen if each.frozen_at is not None]
    for each in thawed:
        events.record(
            "lending.loan.unfrozen",
            each,
            actor=actor,
            at=at,
            reason=reason,
            frozen_at=each.frozen_at,
            frozen_for=each.freeze_reason,
            signal=each.freeze_signal_id,
        )
        each.frozen_at = each.frozen_by = each.freeze_reason = each.freeze_signal_id = None
        each.save(update_fields=["frozen_at", "frozen_by", "freeze_reason", "freeze_signal_id"])
    return thawed


@transaction.atomic
def cancel(loan_id: UUID, reason: str, *, actor: Actor, at: datetime) -> Loan:
    """
    Give up a loan of which nothing was paid out.

    :raises IllegalTransition: if something was.
    """
    loan = _locked(loan_id, actor)
    actor.require(permissions.DISBURSE)
    loan.status = LOAN.target("cancel", state=loan.status).value
    loan.save(update_fields=["status"])
    events.record("lending.loan.cancelled", loan, actor=actor, at=at, reason=reason)
    return loan


def _store_schedule(loan: Loan, payments: Sequence[Disbursement], *, at: datetime) -> LoanSchedule:
    """Keep the very schedule that a quote on these drawdowns gives."""
    request = schedule_request(
        Repayment.from_document(loan.contract.terms["repayment"]),
        annual_rate=loan.contract.annual_rate,
        months=loan.contract.months,
        paid_out=[(payment.paid_on, payment.amount) for payment in payments],
    )
    schedule = quote(request)
    asked = _asked(request)
    rows = [_columns(schedule, number) for number in range(len(schedule.rows))]
    stored = LoanSchedule.objects.create(
        owner_id=loan.owner_id,
        loan=loan,
        version=len(payments),
        request=asked,
        instalment=schedule.instalment,
        total_interest=schedule.total_interest,
        effective_annual_rate=schedule.effective_annual_rate,
        convention=schedule.convention,
        digest=digest(
            {"request": asked, "rows": [{k: str(v) for k, v in row.items()} for row in rows]}
        ),
        created_at=at,
    )
    ScheduleRow.objects.bulk_create(
        ScheduleRow(owner_id=loan.owner_id, schedule=stored, **row) for row in rows
    )
    return stored


def _columns(schedule: Schedule, number: int) -> dict[str, Any]:
    row = schedule.rows[number]
    return {
        "number": row.number,
        "kind": row.kind.value,
        "due_date": row.due_date,
        "days": row.days,
        "opening_balance": row.opening_balance,
        "principal": row.principal,
        "interest": row.interest,
        "fee": row.fee,
        "total": row.total,
        "balance": row.balance,
    }


def _asked(request: ScheduleRequest) -> dict[str, Any]:
    """Return the request as the quote's API would be asked."""
    return {
        "principal": str(request.principal),
        "annual_rate": str(request.annual_rate),
        "method": str(request.method),
        "start_date": request.start_date.isoformat(),
        "periods": request.periods,
        "period_unit": str(request.period_unit),
        "repayment_day": request.repayment_day,
        "day_count": str(request.day_count),
        "rounding": str(request.rounding),
        "rounding_unit": str(request.rounding_unit),
        "disbursements": [
            {"date": each.on.isoformat(), "amount": str(each.amount)}
            for each in request.disbursements
        ],
    }


def _chosen(loan: UUID | str, actor: Actor) -> list[Loan]:
    if isinstance(loan, UUID):
        return [_locked(loan, actor)]
    actor.require(permissions.VIEW_LOAN)
    return list(_own(actor).with_exposure().filter(uscc=loan).order_by("pk"))


def _locked(loan_id: UUID, actor: Actor) -> Loan:
    actor.require(permissions.VIEW_LOAN)
    return one(_own(actor), pk=loan_id)


def _own(actor: Actor) -> LoanQuerySet:
    own = Loan.objects.filter(owner=actor.organization_id)
    return own.select_related("contract__application").select_for_update(of=("self",))
