"""Contracts: an approval becomes a document that both sides sign, and a loan to draw on."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from lending import permissions, policies
from lending.domain.day_counts import DayCount
from lending.domain.pricing import annual_rate
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
    own = LoanApplication.objects.filter(owner=actor.organization_id).select_related("product")
    actor.require(permissions.VIEW)
    application = one(own.select_for_update(of=("self",)), pk=application_id)
    actor.require(permissions.SIGN)
    day = signed_on or business_day(at)
    policies.check_signable(application, base_rate_on=base_rate_on, signed_on=day)
    if day > business_day(at):
        raise SignedInFuture(
            f"{day} is after today.", errors=[{"pointer": "/signed_on", "detail": "In the future."}]
        )
    if Contract.objects.filter(owner=actor.organization_id, number=number).exists():
        raise NumberTaken(f"{number} is there already.", hint="Choose another number.")

    spread = application.offered_spread_bp
    principal, months = application.offered_principal, application.offered_months
    assert spread is not None
    assert principal is not None
    assert months is not None  # approved applications have an offer
    rate = annual_rate(base_rate, spread)
    terms = _document(application, number, rate, base_rate, base_rate_on, day, repayment_day)
    contract = Contract.objects.create(
        owner_id=actor.organization_id,
        application=application,
        number=number,
        uscc=application.uscc,
        principal=principal,
        months=months,
        base_rate=base_rate,
        base_rate_on=base_rate_on,
        spread_bp=spread,
        annual_rate=rate,
        terms=terms,
        digest=digest(terms),
        signed_on=day,
        signed_at=at,
        signed_by_id=permissions.person(actor),
        signed_for_enterprise_by=signed_for_enterprise_by,
    )
    _open_loan(contract, application, at=at)
    events.record(
        "lending.contract.signed",
        contract,
        actor=actor,
        at=at,
        number=number,
        digest=contract.digest,
        annual_rate=rate,
    )
    return contract


def _document(
    application: LoanApplication,
    number: str,
    rate: Decimal,
    base_rate: Decimal,
    base_rate_on: date,
    signed_on: date,
    repayment_day: int | None,
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
        "number": number,
        "application": str(application.pk),
        "snapshot_digest": application.snapshot_digest,
        "lender": str(application.owner_id),
        "borrower": application.uscc,
        "product": product.code,
        "regime": product.regime,
        "purpose": application.purpose,
        "payees": application.payees,
        "currency": "CNY",
        "principal": str(application.offered_principal),
        "months": application.offered_months,
        "drawdowns": application.offered_drawdowns,
        "base_rate": str(base_rate),
        "base_rate_on": base_rate_on.isoformat(),
        "spread_bp": application.offered_spread_bp,
        "annual_rate": str(rate),
        "repayment": repayment.to_document(),
        "conditions": product.conditions,
        "signed_on": signed_on.isoformat(),
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
