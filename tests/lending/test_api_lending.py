"""From product to schedule over the API, as the programs of a bank would do it."""

from typing import Any

import pytest
from django.utils import timezone

from lending.models import LoanApplication
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO
from tests.lending.conftest import ACCOUNT, CASTINGS, Desk

BASE = "/api/v1"
REQUEST = {
    "uscc": HERO,
    "requested_principal": "5000000.00",
    "requested_months": 12,
    "purpose": "Castings for the season.",
    "payees": [{"name": CASTINGS, "account": ACCOUNT}],
    "documents": ["orders of the season"],
}
OFFER = {"principal": "5000000.00", "months": 12, "base_rate": "0.0300", "reason": "Sound."}
LIMITS = {"limits": [{"role": "head_office_approver", "up_to": "6000000.00", "grades": ["A", "B"]}]}


@pytest.fixture
def fresh(desk: Desk, world: Any) -> str:
    """An evaluation of today, since the API reads the true clock."""
    return str(world.evaluate(at=timezone.now()).pk)


def draft(desk: Desk, api: Any, fresh: str, **changes: Any) -> dict[str, Any]:
    asked = {**REQUEST, "product": str(desk.product.pk), "evaluation": fresh, **changes}
    response = api(desk.universe.chen_min).post(f"{BASE}/loan-applications/", asked)
    assert response.status_code == 201, response.json()
    return response.json()


def step(api: Any, actor: Any, application: dict[str, Any], name: str, body: Any = None) -> Any:
    return api(actor).post(f"{BASE}/loan-applications/{application['id']}/{name}/", body)


def test_from_draft_to_schedule(desk: Desk, api: Any, fresh: str) -> None:
    universe = desk.universe
    application = draft(desk, api, fresh)
    assert step(api, universe.chen_min, application, "submit").json()["status"] == "submitted"
    assert step(api, universe.lin, application, "start-review").json()["status"] == "under_review"
    approved = step(api, universe.gao, application, "approve", {**OFFER, "drawdowns": 2})
    assert approved.status_code == 200
    assert approved.json()["offered_annual_rate"] == "0.031000"

    today = business_day(timezone.now()).isoformat()
    settled = {
        "number": "HF-2026-0001",
        "base_rate": "0.0300",
        "base_rate_on": today,
        "signed_for_enterprise_by": "安工",
    }
    contract = step(api, universe.chen_min, application, "contract", settled)
    assert contract.status_code == 201
    loan = f"{BASE}/loans/{contract.json()['loan']}"
    assert api(universe.chen_min).get(f"{loan}/schedule/").status_code == 404

    payment = {
        "amount": "3000000.00",
        "paid_on": today,
        "payee_name": CASTINGS,
        "payee_account": ACCOUNT,
        "conditions_met": list(desk.product.conditions),
    }
    assert api(universe.chen_min).post(f"{loan}/disburse/", payment).status_code == 201
    schedule = api(universe.chen_min).get(f"{loan}/schedule/").json()
    assert [row["total"] for row in schedule["rows"]] == ["254217.77"] * 11 + ["254217.81"]
    quoted = api(universe.chen_min).post(f"{BASE}/loan-schedules/quote/", schedule["request"])
    assert quoted.json()["rows"] == schedule["rows"]

    frozen = api(universe.he).post(f"{loan}/freeze/", {"reason": "W14"}).json()
    assert (frozen["undrawn"], frozen["freeze_reason"]) == ("2000000.00", "W14")
    refused = api(universe.chen_min).post(f"{loan}/disburse/", {**payment, "amount": "1.00"})
    assert (refused.status_code, refused.json()["code"]) == (409, "lending.loan.frozen")
    assert api(universe.he).post(f"{loan}/unfreeze/", {"reason": "Valid."}).status_code == 200
    listed = api(universe.he).get(f"{BASE}/loans/", {"uscc": HERO}).json()
    assert [each["frozen_at"] for each in listed["results"]] == [None]
    assert api(universe.he).get(f"{BASE}/contracts/{contract.json()['id']}/").status_code == 200


def test_authority_says_who_and_why_not(desk: Desk, api: Any, fresh: str) -> None:
    universe = desk.universe
    application = draft(desk, api, fresh)
    step(api, universe.chen_min, application, "submit")
    step(api, universe.lin, application, "start-review")
    url = f"{BASE}/loan-applications/{application['id']}/authority/"

    mine = api(universe.lin).get(url).json()
    assert (mine["amount"], mine["bound_by"], mine["may"]) == ("5000000.00", "requested", False)
    assert [a["role"] for a in mine["approvers"]] == ["head_office_approver", "credit_committee"]
    assert mine["reasons"]
    assert api(universe.gao).get(url, {"amount": "6000000.00"}).json()["may"] is False
    assert api(universe.gao).get(url, {"amount": "5000000.00"}).json()["may"] is True
    refused = step(api, universe.lin, application, "approve", OFFER)
    assert (refused.status_code, refused.json()["code"]) == (403, "lending.application.own")


def test_programs_of_a_bank_share_the_work(desk: Desk, api: Any, fresh: str) -> None:
    """Two accounts suffice: one brings and reviews, the other decides."""
    bank, approver = desk.universe.client_bank_a, desk.universe.client_bank_a_approver
    asked = {**REQUEST, "product": str(desk.product.pk), "evaluation": fresh}
    application = api(bank).post(f"{BASE}/loan-applications/", asked).json()
    step(api, bank, application, "submit")
    step(api, bank, application, "start-review")

    refused = step(api, bank, application, "approve", OFFER)
    assert refused.status_code == 403
    assert step(api, approver, application, "approve", OFFER).json()["status"] == "approved"


def test_a_refusal_is_a_problem_that_says_what_to_do(desk: Desk, api: Any, fresh: str) -> None:
    universe = desk.universe
    application = draft(desk, api, fresh)
    step(api, universe.chen_min, application, "submit")
    step(api, universe.lin, application, "start-review")

    response = step(api, universe.gao, application, "approve", {**OFFER, "principal": "5000001"})
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["code"] == "lending.terms.too_high"
    assert body["errors"][0]["pointer"] == "/principal"
    assert "5,000,000.00" in body["detail"]
    again = step(api, universe.chen_min, application, "withdraw", {"reason": "Late."})
    assert again.status_code == 409


def test_returned_declined_and_withdrawn(desk: Desk, api: Any, fresh: str) -> None:
    universe = desk.universe
    application = draft(desk, api, fresh)
    step(api, universe.chen_min, application, "submit")
    step(api, universe.lin, application, "start-review")
    assert step(api, universe.lin, application, "return").status_code == 400
    returned = step(api, universe.lin, application, "return", {"reason": "Orders?"})
    assert returned.json()["status"] == "returned"
    step(api, universe.chen_min, application, "submit", {"evaluation": fresh})
    step(api, universe.lin, application, "start-review")
    declined = step(api, universe.lin, application, "decline", {"reason": "Thin."})
    assert declined.json()["status"] == "declined"
    other = draft(desk, api, fresh)
    withdrawn = step(api, universe.chen_min, other, "withdraw", {"reason": "Sold."})
    assert withdrawn.json()["status"] == "withdrawn"
    found = api(universe.lin).get(f"{BASE}/loan-applications/", {"status": "declined"}).json()
    assert [each["id"] for each in found["results"]] == [application["id"]]


def test_another_bank_gets_404(desk: Desk, api: Any, fresh: str) -> None:
    application = draft(desk, api, fresh)
    other = desk.universe.bank_b_officer
    url = f"{BASE}/loan-applications/{application['id']}/"

    assert api(other).get(url).status_code == 404
    assert api(other).get(f"{BASE}/loan-products/{desk.product.pk}/").status_code == 404
    for name in ("submit", "start-review"):
        assert step(api, other, application, name).status_code == 404
    assert api(other).get(f"{BASE}/loan-applications/").json()["results"] == []
    with acting_as(other.organization_id):
        assert not LoanApplication.objects.exists()


def test_products_and_limits(universe: Any, api: Any) -> None:
    lin = api(universe.lin)
    product = {
        "code": "ZHD",
        "name_zh": "质惠贷",
        "name_en": "Quality loan",
        "max_principal": "10000000.00",
        "max_months": 36,
        "spreads_bp": {"A": -15, "B": 10, "E": None},
    }
    created = lin.post(f"{BASE}/loan-products/", product)
    assert (created.status_code, created.json()["status"]) == (201, "draft")
    assert lin.post(f"{BASE}/loan-products/", product).status_code == 409
    address = f"{BASE}/loan-products/{created.json()['id']}/"
    assert lin.post(f"{address}publish/").json()["status"] == "published"
    assert lin.post(f"{address}publish/").status_code == 409
    assert lin.post(f"{address}retire/").json()["status"] == "retired"
    assert len(lin.get(f"{BASE}/loan-products/").json()["results"]) == 1
    assert api(universe.chen_min).post(f"{BASE}/loan-products/", product).status_code == 403

    assert lin.post(f"{BASE}/authority-limits/", LIMITS).status_code == 201
    assert lin.post(f"{BASE}/authority-limits/", LIMITS).status_code == 400
    limits = api(universe.gao).get(f"{BASE}/authority-limits/").json()["results"]
    assert [(each["role"], each["up_to"]) for each in limits] == [
        ("head_office_approver", "6000000.00")
    ]
