"""Contracts and loans: money goes out once, to whom was named, within what was approved."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections

from lending import policies
from lending.domain.schedule_terms import Drawdown, Method, ScheduleRequest
from lending.domain.schedules import quote
from lending.models import Contract, Disbursement, Loan, ScheduleRow
from lending.selectors import loans as selectors
from lending.services import applications, loans
from lending.services.contracts import NumberTaken, SignedInFuture
from lending.services.loans import NotFrozen, NothingUndrawn
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.canonical import digest
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission, service_actor
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO
from tests.lending.conftest import ACCOUNT, FORGINGS, FRIDAY, PAID_ON, Desk

JANUARY = date(2027, 1, 11)
DECEMBER = FRIDAY + timedelta(days=18)


def loan_of(desk: Desk, loan_id: Any) -> Loan:
    return desk.see(desk.universe.he, selectors.get, loan_id)


def test_the_contract_fixes_the_rate_of_its_day_and_opens_the_loan(desk: Desk) -> None:
    contract = desk.sign(desk.approved())

    assert contract.annual_rate == Decimal("0.0310")
    assert contract.digest == digest(contract.terms)
    assert contract.terms["annual_rate"] == "0.0310"
    assert contract.signed_on == PAID_ON
    with acting_as(contract.owner_id):
        assert (contract.loan.principal, contract.loan.status) == (
            Decimal("5000000.00"),
            "agreed",
        )


def test_a_contract_needs_an_approval_and_is_signed_once(desk: Desk) -> None:
    application = desk.under_review()
    with pytest.raises(policies.NotApproved):
        desk.sign(application)
    desk.approve(application)
    with pytest.raises(SignedInFuture):
        desk.sign(application, signed_on=date(2026, 12, 1))
    desk.sign(application)
    with pytest.raises(policies.NotApproved, match="signed on it already"):
        desk.sign(application)


def test_the_number_of_a_contract_is_taken_once(desk: Desk) -> None:
    desk.sign(desk.approved(), number="HF-1")
    with pytest.raises(NumberTaken):
        desk.sign(desk.approved(), number="HF-1")


def test_a_contract_never_changes(desk: Desk) -> None:
    contract = desk.sign(desk.approved())
    with pytest.raises(DatabaseError), acting_as(contract.owner_id):
        Contract.objects.filter(pk=contract.pk).update(principal=1)


def test_the_first_drawdown_stores_the_schedule_of_the_story(desk: Desk) -> None:
    loan_id = desk.loan()
    payment = desk.disburse(loan_id)

    loan = loan_of(desk, loan_id)
    assert (loan.status, loan.disbursed) == ("active", Decimal("3000000.00"))
    assert payment.matched_payee["account"] == ACCOUNT
    schedule, rows = desk.see(desk.universe.chen_min, selectors.schedule, loan_id)
    assert [row.total for row in rows] == [Decimal("254217.77")] * 11 + [Decimal("254217.81")]
    assert rows[0].interest == Decimal("7750.00")
    assert schedule.total_interest == Decimal("50613.28")
    assert schedule.effective_annual_rate == Decimal("0.031444")
    found = desk.see(desk.universe.he, selectors.exposure, [HERO])[HERO]
    assert (found.undrawn, found.outstanding) == (Decimal("2000000.00"), Decimal("3000000.00"))


def test_a_second_drawdown_makes_the_next_schedule_exactly_as_the_quote(desk: Desk) -> None:
    loan_id = desk.loan()
    desk.disburse(loan_id)
    desk.disburse(loan_id, "2000000.00", paid_on=JANUARY, payee_name=FORGINGS)

    schedule, rows = desk.see(desk.universe.chen_min, selectors.schedule, loan_id)
    quoted = quote(
        ScheduleRequest(
            Decimal("5000000.00"),
            Decimal("0.0310"),
            Method.EQUAL_INSTALMENT,
            PAID_ON,
            periods=12,
            disbursements=(
                Drawdown(PAID_ON, Decimal("3000000.00")),
                Drawdown(JANUARY, Decimal("2000000.00")),
            ),
        )
    )
    assert schedule.version == 2
    assert schedule.convention == quoted.convention
    names = ("number", "due_date", "opening_balance", "principal", "interest", "total", "balance")
    stored = [tuple(getattr(row, name) for name in names) for row in rows]
    assert stored == [tuple(getattr(row, name) for name in names) for row in quoted.rows]


@pytest.mark.parametrize(
    ("payment", "refusal", "says"),
    [
        pytest.param(
            {"amount": "5000000.01"}, policies.OverDrawn, "5,000,000.00 that is undrawn", id="more"
        ),
        pytest.param(
            {"payee_name": "安和精工"},
            policies.PayeeNotNamed,
            "not among the suppliers",
            id="payee",
        ),
        pytest.param(
            {"payee_account": "1"}, policies.PayeeNotNamed, "not among", id="another account"
        ),
        pytest.param(
            {"conditions_met": ()}, policies.ConditionsOpen, "insurance in force", id="conditions"
        ),
        pytest.param(
            {"paid_on": date(2026, 11, 26)},
            policies.PaymentOutOfOrder,
            "before the contract",
            id="before the contract",
        ),
        pytest.param(
            {"paid_on": date(2200, 1, 1)},
            policies.PaymentOutOfOrder,
            "later than the whole term",
            id="in another century",
        ),
    ],
)
def test_a_payment_that_does_not_fit_is_refused(
    desk: Desk, payment: dict[str, Any], refusal: Any, says: str
) -> None:
    loan_id = desk.loan()
    with pytest.raises(refusal, match=says):
        desk.disburse(loan_id, **payment)
    assert loan_of(desk, loan_id).disbursed == 0


def test_only_as_many_drawdowns_as_were_approved(desk: Desk) -> None:
    loan_id = desk.loan()
    desk.disburse(loan_id, "1000000.00")
    desk.disburse(loan_id, "1000000.00")
    with pytest.raises(policies.OverDrawn, match="2 drawdowns"):
        desk.disburse(loan_id, "1000000.00")


def test_of_two_payments_at_once_only_what_was_agreed_goes_out(desk: Desk) -> None:
    loan_id = desk.loan()

    def pay(_: int) -> str:
        try:
            desk.disburse(loan_id)
        except policies.OverDrawn as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "paid"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(pay, range(2))) == ["lending.loan.overdrawn", "paid"]
    assert loan_of(desk, loan_id).disbursed == Decimal("3000000.00")


def test_a_freeze_stops_payments_until_it_is_lifted(desk: Desk) -> None:
    loan_id = desk.loan()
    desk.disburse(loan_id)
    he = desk.universe.he
    with acting_as(he.organization_id):
        frozen = loans.freeze_undrawn(loan_id, "W14: QF-17 revoked", actor=he, at=DECEMBER)
    assert [loan.pk for loan in frozen] == [loan_id]

    with pytest.raises(policies.LoanFrozen, match="W14: QF-17 revoked"):
        desk.disburse(loan_id, "2000000.00", paid_on=JANUARY)
    with acting_as(he.organization_id):
        assert loans.freeze_undrawn(loan_id, "again", actor=he, at=DECEMBER) == []
        loans.unfreeze(loan_id, "New certificate seen.", actor=he, at=DECEMBER)
    desk.disburse(loan_id, "2000000.00", paid_on=JANUARY)
    with acting_as(he.organization_id):
        event = AuditEvent.objects.get(action="lending.loan.unfrozen")
        assert event.detail["frozen_for"] == "W14: QF-17 revoked"
        with pytest.raises(NothingUndrawn):
            loans.freeze_undrawn(loan_id, "late", actor=he, at=DECEMBER)
        with pytest.raises(NotFrozen):
            loans.unfreeze(loan_id, "what?", actor=he, at=DECEMBER)


def test_the_platform_freezes_every_loan_of_an_enterprise(desk: Desk) -> None:
    first, second = desk.loan(), desk.loan()
    he = desk.universe.he
    with acting_as(he.organization_id):
        platform = service_actor(he.organization_id, "signals")
        frozen = loans.freeze_undrawn(HERO, "W01", actor=platform, at=DECEMBER)
        assert {loan.pk for loan in frozen} == {first, second}
        assert loans.freeze_undrawn("91330113E2WM1XRKR3", "W01", actor=platform, at=DECEMBER) == []
        assert loans.unfreeze(HERO, "Repaired.", actor=he, at=DECEMBER)
    assert loan_of(desk, first).frozen_at is None


def test_who_may_do_what_with_a_loan(desk: Desk) -> None:
    loan_id = desk.loan()
    universe = desk.universe
    with pytest.raises(MissingPermission):
        desk.disburse(loan_id, actor=universe.lin)
    with pytest.raises(MissingPermission), acting_as(universe.lin.organization_id):
        loans.freeze_undrawn(loan_id, "no", actor=universe.lin, at=DECEMBER)
    with pytest.raises(NoSuchRecord):
        desk.see(universe.bank_b_officer, selectors.get, loan_id)
    with pytest.raises(NoSuchRecord):
        desk.disburse(loan_id, actor=universe.bank_b_officer)


def test_a_loan_is_given_up_only_before_money_went_out(desk: Desk) -> None:
    chen_min = desk.universe.chen_min
    paid, unpaid = desk.loan(), desk.loan()
    desk.disburse(paid)
    with acting_as(chen_min.organization_id):
        assert loans.cancel(unpaid, "Not needed.", actor=chen_min, at=FRIDAY).status == "cancelled"
    with pytest.raises(IllegalTransition), acting_as(chen_min.organization_id):
        loans.cancel(paid, "Too late.", actor=chen_min, at=FRIDAY)


def test_with_no_tenant_bound_there_is_nothing_to_see(desk: Desk) -> None:
    desk.disburse(desk.loan())
    for model in (Loan, Contract, Disbursement, ScheduleRow):
        assert not model.objects.exists()


def test_the_database_pays_out_no_more_than_agreed(desk: Desk) -> None:
    loan_id = desk.loan()
    owner = desk.universe.chen_min.organization_id
    with pytest.raises(IntegrityError, match="pays_out_what_was_agreed"), acting_as(owner):
        Loan.objects.filter(pk=loan_id).update(disbursed=Decimal("5000000.01"))


def test_a_declined_application_is_no_exposure(desk: Desk) -> None:
    desk.act(applications.decline, desk.under_review(), desk.universe.lin, reason="No.")
    found = desk.see(desk.universe.he, selectors.exposure, [HERO])[HERO]
    assert not any((found.applications_in_progress, found.undrawn, found.outstanding))
