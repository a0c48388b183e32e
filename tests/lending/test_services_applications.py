"""Applications by outcome and refusal: who may, when, and up to which amount."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connections

from lending import permissions, policies
from lending.domain.lifecycle import ApplicationStatus
from lending.domain.terms import Offer
from lending.models import LoanApplication, LoanApplicationUserObjectPermission
from lending.selectors import applications as selectors
from lending.selectors import loans as loan_selectors
from lending.services import applications, products
from lending.services.applications import NoSuchCode, ReasonMissing
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.canonical import digest
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO
from tests.lending.conftest import OFFER, THURSDAY, TUESDAY, Desk, product_terms
from tests.universe import NOON

S = ApplicationStatus


def test_submitting_freezes_what_the_evaluation_says(desk: Desk) -> None:
    application = desk.submitted()

    assert application.status == S.SUBMITTED
    assert application.submitted_by_id == desk.universe.chen_min.user_id
    assert application.snapshot["score"] == 66
    assert application.snapshot["grade"] == "B"
    assert application.snapshot["cap"] == "6000000.00"
    assert application.snapshot["outcome"] == "graded"
    assert application.snapshot_digest == digest(application.snapshot)


def test_a_draft_may_wait_for_its_evaluation_but_not_be_submitted_without(desk: Desk) -> None:
    draft = desk.draft(evaluation_id=None)
    chen_min = desk.universe.chen_min

    with pytest.raises(policies.EvaluationMissing):
        desk.act(applications.submit, draft, chen_min)
    submitted = desk.act(applications.submit, draft, chen_min, evaluation_id=desk.evaluation.pk)
    assert submitted.evaluation_id == desk.evaluation.pk


@pytest.mark.parametrize(
    ("days", "refusal"),
    [
        pytest.param(30, None, id="on the thirtieth day"),
        pytest.param(31, policies.EvaluationStale, id="a day later"),
    ],
)
def test_the_evaluation_is_fresh(desk: Desk, days: int, refusal: Any) -> None:
    draft = desk.draft()
    at = NOON + timedelta(days=days)
    if refusal is None:
        assert desk.act(applications.submit, draft, desk.universe.chen_min, at).submitted_at == at
        return
    with pytest.raises(refusal, match="31 days ago; at most 30 days"):
        desk.act(applications.submit, draft, desk.universe.chen_min, at)


def test_a_declined_enterprise_has_no_application(desk: Desk, world: Any) -> None:
    world.change(HERO, QC_03="LISTED", at=NOON)
    declined = world.evaluate(at=NOON + timedelta(minutes=1))
    assert declined.outcome == "declined"

    with pytest.raises(policies.EvaluationDeclined):
        desk.draft(evaluation_id=declined.pk)


def test_an_evaluation_of_another_enterprise_does_not_do(desk: Desk) -> None:
    with pytest.raises(policies.EvaluationUnfit, match="not of 91330113E2WM1XRKR3"):
        desk.draft(uscc="91330113E2WM1XRKR3")


def test_another_banks_evaluation_is_none(desk: Desk) -> None:
    officer = desk.universe.bank_b_officer
    with acting_as(officer.organization_id):
        product = products.create(product_terms(), actor=officer, at=NOON)
        products.publish(product.pk, actor=officer, at=NOON)

    with pytest.raises(NoSuchRecord):
        desk.draft(actor=officer, product_id=product.pk)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        pytest.param({"uscc": "91330113ALN0KXMQ6F"}, NoSuchCode, id="no credit code"),
        pytest.param(
            {"principal": Decimal("10000000.01")},
            policies.RequestOutsideProduct,
            id="more than the product lends",
        ),
        pytest.param({"months": 37}, policies.RequestOutsideProduct, id="longer than it lends"),
    ],
)
def test_a_request_fits_its_product(desk: Desk, asked: dict[str, Any], refusal: Any) -> None:
    with pytest.raises(refusal) as refused:
        desk.draft(**asked)
    assert refused.value.errors


def test_a_retired_product_takes_nothing_new(desk: Desk) -> None:
    draft = desk.draft()
    desk.act(products.retire, desk.product, desk.universe.lin)

    with pytest.raises(policies.ProductNotOnSale):
        desk.act(applications.submit, draft, desk.universe.chen_min)


def test_taking_an_application_assigns_it(desk: Desk) -> None:
    application = desk.under_review()
    lin, chen_min = desk.universe.lin, desk.universe.chen_min

    with acting_as(lin.organization_id):
        held = LoanApplicationUserObjectPermission.objects.get(content_object=application)
        assert (held.user_id, held.owner_id) == (lin.user_id, lin.organization_id)
        assert permissions.holds(lin, application)
        assert not permissions.holds(chen_min, application)


def test_returned_and_submitted_again(desk: Desk) -> None:
    application = desk.under_review()
    universe = desk.universe

    with pytest.raises(permissions.NotAssigned):
        desk.act(applications.return_, application, universe.gao, reason="Orders?")
    with pytest.raises(ReasonMissing):
        desk.act(applications.return_, application, universe.lin, reason="  ")
    returned = desk.act(applications.return_, application, universe.lin, reason="Orders?")
    assert (returned.status, returned.return_reason) == (S.RETURNED, "Orders?")
    with acting_as(universe.lin.organization_id):
        assert not LoanApplicationUserObjectPermission.objects.exists()

    again = desk.act(applications.submit, application, universe.chen_min, THURSDAY)
    assert (again.status, again.submitted_at) == (S.SUBMITTED, THURSDAY)


def test_approve_records_the_terms_the_decider_and_the_event(desk: Desk) -> None:
    approved = desk.approve(desk.under_review())

    gao = desk.universe.gao
    assert approved.status == S.APPROVED
    assert (approved.offered_principal, approved.offered_drawdowns) == (OFFER.principal, 2)
    assert approved.offered_spread_bp == 10  # the scorecard's, for grade B
    assert approved.offered_annual_rate == Decimal("0.0310")
    assert approved.decision_authority["role"] == "head_office_approver"
    assert (approved.decided_at, approved.decided_by_id) == (THURSDAY, gao.user_id)
    with acting_as(gao.organization_id):
        event = AuditEvent.objects.get(action="lending.application.approved")
        assert not LoanApplicationUserObjectPermission.objects.exists()
    assert event.target_id == str(approved.pk)
    assert event.detail["annual_rate"] == "0.0310"


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        pytest.param("chen_min", MissingPermission, id="a relationship manager decides nothing"),
        pytest.param("lin", permissions.OwnApplication, id="the reviewer decides not his own"),
        pytest.param("he", MissingPermission, id="nor does a risk manager"),
        pytest.param("bank_b_officer", NoSuchRecord, id="another bank knows of nothing"),
    ],
)
def test_approve_refuses_people_who_may_not(desk: Desk, who: str, refusal: Any) -> None:
    application = desk.under_review()
    with pytest.raises(refusal):
        desk.approve(application, getattr(desk.universe, who))


@pytest.mark.parametrize(
    ("offer", "refusal", "says"),
    [
        pytest.param(
            Offer(Decimal("5000000.01"), 12, Decimal("0.03")),
            policies.TermsTooHigh,
            "5,000,000.01 is more than 5,000,000.00, which is set by requested",
            id="more than asked for",
        ),
        pytest.param(
            Offer(Decimal("5000000"), 13, Decimal("0.03")),
            policies.TermsTooHigh,
            "13 months is more than the 12",
            id="longer than asked for",
        ),
    ],
)
def test_approve_refuses_too_much(desk: Desk, offer: Offer, refusal: Any, says: str) -> None:
    with pytest.raises(refusal, match=says):
        desk.approve(desk.under_review(), offer=offer)


def test_the_cap_of_the_grade_binds_rounded_down(desk: Desk) -> None:
    application = desk.under_review(principal=Decimal("6500000.00"))
    with pytest.raises(policies.TermsTooHigh, match=r"6,000,000\.00, which is set by cap by grade"):
        desk.approve(application, offer=Offer(Decimal("6010000"), 12, Decimal("0.03")))


def test_an_authority_ends_to_the_yuan(desk: Desk) -> None:
    application = desk.under_review(principal=Decimal("6000000.00"))
    gao = desk.universe.gao
    president = replace(gao, roles=frozenset({"branch_president"}))

    with pytest.raises(permissions.NoAuthority, match=r"ends at 3,000,000\.00; this is 3,000,001"):
        desk.approve(application, president, Offer(Decimal("3000001"), 12, Decimal("0.03")))
    committee = replace(gao, roles=frozenset({"credit_committee"}))
    with pytest.raises(policies.VotesMissing, match="3 of 5 votes, and 2"):
        desk.approve(application, committee, votes_for=2)
    approved = desk.approve(application, committee, votes_for=3)
    assert approved.decision_authority["votes_for"] == 3


def test_the_reviewer_sees_why_he_may_not(desk: Desk) -> None:
    application = desk.under_review()
    universe = desk.universe
    on = NOON.date()
    with acting_as(universe.lin.organization_id):
        mine = selectors.decision_rights(application, actor=universe.lin, on=on)
        gaos = selectors.decision_rights(application, actor=universe.gao, on=on)

    assert not mine.may
    assert mine.reasons == (
        "You reviewed this application, so somebody else has to decide it.",
        "None of your roles has authority to approve loans.",
    )
    assert gaos.may
    assert (gaos.largest_amount, gaos.bound_by) == (Decimal("5000000.00"), "requested")
    assert [a.role for a in gaos.answer.approvers] == ["head_office_approver", "credit_committee"]


def test_a_referred_evaluation_needs_an_exception(desk: Desk) -> None:
    application = desk.under_review()
    with acting_as(desk.universe.gao.organization_id):
        row = LoanApplication.objects.get(pk=application.pk)
        row.snapshot = {**row.snapshot, "outcome": "referred"}
        row.save()

    with pytest.raises(policies.ExceptionNeeded):
        desk.approve(application)
    approved = desk.approve(application, gate_exception="Audited accounts seen.")
    assert approved.gate_exception == "Audited accounts seen."


def test_decline_and_withdraw(desk: Desk) -> None:
    declined = desk.act(
        applications.decline, desk.under_review(), desk.universe.lin, reason="Thin orders."
    )
    assert (declined.status, declined.decision_reason) == (S.DECLINED, "Thin orders.")

    withdrawn = desk.act(
        applications.withdraw, desk.submitted(), desk.universe.chen_min, reason="Sold the plant."
    )
    assert withdrawn.status == S.WITHDRAWN
    with pytest.raises(IllegalTransition):
        desk.act(applications.start_review, withdrawn, desk.universe.lin)


def test_nothing_is_kept_if_the_event_cannot_be_recorded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = desk.under_review()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(AuditEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        desk.approve(application)
    with acting_as(desk.universe.gao.organization_id):
        application.refresh_from_db()
    assert application.status == S.UNDER_REVIEW


@pytest.mark.parametrize(
    ("who", "constraint"),
    [
        pytest.param("chen_min", "four_eyes", id="whoever submitted"),
        pytest.param("lin", "approver_did_not_review", id="whoever reviewed"),
    ],
)
def test_the_database_holds_four_eyes_too(desk: Desk, who: str, constraint: str) -> None:
    application = desk.approved()
    person = getattr(desk.universe, who)
    with (
        pytest.raises(IntegrityError, match=constraint),
        acting_as(person.organization_id),
    ):
        LoanApplication.objects.filter(pk=application.pk).update(decided_by_id=person.user_id)


def test_of_two_who_decide_at_once_the_second_sees_the_first(desk: Desk) -> None:
    application = desk.under_review()
    gao = desk.universe.gao
    committee = replace(gao, roles=frozenset({"credit_committee"}))

    def decide(actor: Any) -> str:
        try:
            return str(desk.approve(application, actor, votes_for=5).status)
        except IllegalTransition as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(decide, [gao, committee]))
    assert outcomes == ["approved", "lifecycle.illegal_transition"]


def test_the_queue_has_the_longest_wait_first(desk: Desk) -> None:
    second = desk.draft()
    first = desk.submitted()
    desk.act(applications.submit, second, desk.universe.chen_min, TUESDAY + timedelta(hours=1))

    queue = desk.see(desk.universe.lin, selectors.queue, at=THURSDAY)
    assert [entry.application_id for entry in queue] == [first.pk, second.pk]
    assert [(entry.grade, entry.waiting_days) for entry in queue] == [("B", 2), ("B", 1)]


def test_an_application_is_exposure_until_its_contract(desk: Desk) -> None:
    chen_min = desk.universe.chen_min

    def in_progress() -> int:
        found = desk.see(chen_min, loan_selectors.exposure, [HERO])
        return int(found[HERO].applications_in_progress)

    assert in_progress() == 0
    approved = desk.approved()
    assert in_progress() == 1
    desk.sign(approved)
    assert in_progress() == 0
