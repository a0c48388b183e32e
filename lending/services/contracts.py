"""Contracts: an approval becomes a document that both sides sign, and a loan to draw on."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from lending import permissions, policies
from lending.domain.day_counts import DayCount
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Method
from lending.domain.terms import Repayment
from lending.models import Contract, Loan, LoanApplication
from qfce.kernel.audit import events
from qfce.kernel.calendar import business_day
from qfce.kernel.canonical import digest
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


class NumberTaken(Conflict):
    code = "lending.contract.number_taken"
    title = "Another contract has this number."


class SignedInFuture(Invalid):
    code = "lending.contract.signed_in_future"
    title = "A contract cannot be signed on a day to come."


@transaction.atomic
def sign(
    application_id: UUID,
    *,
    number: str,
    base_rate: Decimal,
    base_rate_on: date,
    signed_for_enterprise_by: str,
    signed_on: date | None = None,
    repayment_day: int | None = None,
    actor: Actor,
    at: datetime,
) -> Contract:
    """
    Record the signed contract on an approved application, and open the loan.

    The rate is the base rate of the day of the contract plus the spread approved.

    :param base_rate: the loan prime rate last published by then, as a fraction.
    :param signed_on: today, unless it was signed before.
    :raises NoSuchRecord: if the actor's organization has no such application.
    :raises NotApproved: if it is not approved, or has its contract already.
    :raises NumberTaken: if the bank has a contract of this number.
    """
    application = _locked(application_id, actor)
    actor.require(permissions.SIGN)
    day = signed_on or business_day(at)
    policies.check_signable(application, base_rate_on=base_rate_on, signed_on=day)
    _check_new(number, day, actor=actor, today=business_day(at))
    contract = _contract(application, base_rate)
    contract.number = number
    contract.base_rate_on = base_rate_on
    contract.signed_on, contract.signed_at = day, at
    contract.signed_by_id = permissions.person(actor)
    contract.signed_for_enterprise_by = signed_for_enterprise_by
    contract.terms = _document(contract, application, repayment_day)
    contract.digest = digest(contract.terms)
    contract.save(force_insert=True)
    _open_loan(contract, application, at=at)
    events.record(
        "lending.contract.signed",
        contract,
        actor=actor,
        at=at,
        number=number,
        digest=contract.digest,
        annual_rate=contract.annual_rate,
    )
    return contract


def _locked(application_id: UUID, actor: Actor) -> LoanApplication:
    actor.require(permissions.VIEW)
    own = LoanApplication.objects.filter(owner=actor.organization_id).select_related("product")
    return one(own.select_for_update(of=("self",)), pk=application_id)


def _check_new(number: str, day: date, *, actor: Actor, today: date) -> None:
    if day > today:
        raise SignedInFuture(
            f"{day} is after today.", errors=[{"pointer": "/signed_on", "detail": "In the future."}]
        )
    if Contract.objects.filter(owner=actor.organization_id, number=number).exists():
        raise NumberTaken(f"{number} is there already.", hint="Choose another number.")


def _contract(application: LoanApplication, base_rate: Decimal) -> Contract:
    """Return a contract with what the approval settled, priced on the day's base rate."""
    spread = application.offered_spread_bp
    principal, months = application.offered_principal, application.offered_months
    assert spread is not None
    assert principal is not None
    assert months is not None  # approved applications have an offer
    return Contract(
        owner_id=application.owner_id,
        application=application,
        uscc=application.uscc,
        principal=principal,
        months=months,
        base_rate=base_rate,
        spread_bp=spread,
        annual_rate=policies.priced(base_rate, spread),
    )


def _document(
    contract: Contract, application: LoanApplication, repayment_day: int | None
) -> dict[str, Any]:
    """Return the whole contract; its digest is what is signed."""
    product = application.product
    repayment = Repayment(
        Method(product.method),
        DayCount(product.day_count),
        Rounding(product.rounding),
        product.rounding_unit.normalize(),
        repayment_day,
    )
    return {
        "number": contract.number,
        "application": str(application.pk),
        "snapshot_digest": application.snapshot_digest,
        "lender": str(application.owner_id),
        "borrower": application.uscc,
        "product": product.code,
        "regime": product.regime,
        "purpose": application.purpose,
        "payees": application.payees,
        "currency": "CNY",
        "principal": str(contract.principal),
        "months": contract.months,
        "drawdowns": application.offered_drawdowns,
        "base_rate": str(contract.base_rate),
        "base_rate_on": contract.base_rate_on.isoformat(),
        "spread_bp": contract.spread_bp,
        "annual_rate": str(contract.annual_rate),
        "repayment": repayment.to_document(),
        "conditions": product.conditions,
        "signed_on": contract.signed_on.isoformat(),
    }


def _open_loan(contract: Contract, application: LoanApplication, *, at: datetime) -> Loan:
    return Loan.objects.create(
        owner_id=contract.owner_id,
        contract=contract,
        uscc=contract.uscc,
        principal=contract.principal,
        drawdowns_allowed=application.offered_drawdowns or 1,
        conditions=application.product.conditions,
        created_at=at,
    )
