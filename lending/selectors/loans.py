"""All questions about contracts and loans: what is outstanding, what may be drawn, what is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, F, Sum

from lending import permissions
from lending.models import Contract, Loan, LoanApplication, LoanSchedule, ScheduleRow
from lending.models.loans import LoanQuerySet
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor


@dataclass(frozen=True, slots=True)
class Exposure:
    """
    What a bank has at stake with one enterprise.

    `applications_in_progress` counts applications; `undrawn` and `outstanding` are yuan.
    `undrawn` is also what is frozen.
    """

    applications_in_progress: int
    undrawn: Decimal
    outstanding: Decimal


NO_LOAN = (Decimal(0), Decimal(0))


def get(loan_id: UUID, *, actor: Actor) -> Loan:
    """
    :raises NoSuchRecord: if the actor's organization has no such loan.
    """
    actor.require(permissions.VIEW_LOAN)
    return one(_whole(), pk=loan_id)


def list_for(*, actor: Actor, status: str = "", uscc: str = "") -> LoanQuerySet:
    """Return the loans that the actor may see, narrowed; order and page as needed."""
    actor.require(permissions.VIEW_LOAN)
    wanted = {"status": status, "uscc": uscc}
    return _whole().filter(**{name: value for name, value in wanted.items() if value})


def counts(*, actor: Actor) -> dict[str, int]:
    """Count the own loans that may be drawn and those that are frozen; two queries."""
    actor.require(permissions.VIEW_LOAN)
    own = Loan.objects.filter(owner=actor.organization_id)
    return {"drawable": own.drawable().count(), "frozen": own.frozen().count()}


def of_contract(contract_id: UUID, *, actor: Actor) -> Loan | None:
    """Return the loan that was opened with a contract, if the actor may see it."""
    actor.require(permissions.VIEW_LOAN)
    return _whole().filter(contract=contract_id).first()


def contract(contract_id: UUID, *, actor: Actor) -> Contract:
    """
    :raises NoSuchRecord: if the actor's organization has no such contract.
    """
    actor.require(permissions.VIEW_LOAN)
    return one(Contract.objects.select_related("loan"), pk=contract_id)


def schedule(loan_id: UUID, *, actor: Actor) -> tuple[LoanSchedule, list[ScheduleRow]]:
    """
    Return the newest schedule of a loan with its rows in order.

    :raises NoSuchRecord: if there is no such loan, or nothing was paid out yet.
    """
    loan = get(loan_id, actor=actor)
    newest = loan.schedules.order_by("-version").first()
    if newest is None:
        raise NoSuchRecord(
            "Nothing was paid out yet, so nothing is due.",
            hint="Ask for a quote at /loan-schedules/quote/.",
        )
    return newest, list(newest.rows.order_by("number"))


def exposure(usccs: Iterable[str], *, actor: Actor) -> dict[str, Exposure]:
    """
    Return what the actor's organization has at stake with each of these enterprises.

    Two queries, whatever their number; an enterprise with nothing at stake has zeros.
    """
    actor.require(permissions.VIEW_LOAN)
    asked = sorted(set(usccs))
    own = {"owner": actor.organization_id, "uscc__in": asked}
    # An approval binds the bank before the contract is signed, so it is still in progress.
    applications = dict(
        LoanApplication.objects.filter(**own)
        .open_or_unsigned()
        .values_list("uscc")
        .annotate(number=Count("pk"))
    )
    loans = {
        uscc: (undrawn, outstanding)
        for uscc, undrawn, outstanding in Loan.objects.filter(**own)
        .with_exposure()
        .values_list("uscc")
        .annotate(
            undrawn=Sum(F("principal") - F("disbursed")),
            outstanding=Sum(F("disbursed") - F("repaid_principal")),
        )
    }
    return {
        uscc: Exposure(
            applications_in_progress=applications.get(uscc, 0),
            undrawn=loans.get(uscc, NO_LOAN)[0],
            outstanding=loans.get(uscc, NO_LOAN)[1],
        )
        for uscc in asked
    }


def _whole() -> LoanQuerySet:
    return Loan.objects.select_related("contract", "contract__application", "frozen_by")
