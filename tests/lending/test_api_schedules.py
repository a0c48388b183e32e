"""The schedule quote on the wire: the fixed contract, and refusals with pointers."""

from typing import Any

import pytest

URL = "/api/v1/loan-schedules/quote/"
DEMO = {
    "principal": "3000000.00",
    "annual_rate": "0.0310",
    "method": "equal_instalment",
    "start_date": "2026-11-27",
    "periods": 12,
    "period_unit": "month",
    "day_count": "annual/12",
    "rounding": "half_up",
    "rounding_unit": "0.01",
}


def test_the_demo_loan(universe: Any, api: Any) -> None:
    response = api(universe.chen_min).post(URL, DEMO)

    assert response.status_code == 200
    body = response.json()
    assert [row["total"] for row in body["rows"]] == ["254217.77"] * 11 + ["254217.81"]
    assert body["rows"][0] == {
        "number": 1,
        "kind": "instalment",
        "due_date": "2026-12-27",
        "is_working_day": False,  # a Sunday, and it says so
        "days": 30,
        "opening_balance": "3000000.00",
        "principal": "246467.77",
        "interest": "7750.00",
        "fee": "0.00",
        "total": "254217.77",
        "balance": "2753532.23",
    }
    assert body["instalment"] == "254217.77"
    assert body["total_interest"] == "50613.28"
    assert body["effective_annual_rate"] == "0.031444"
    assert "annual/12" in body["convention"]


def test_numbers_do_as_well_as_strings(universe: Any, api: Any) -> None:
    asked = {**DEMO, "principal": 3000000, "annual_rate": 0.031, "rounding_unit": 0.01}
    client = api(universe.an)  # an enterprise may quote too
    assert client.post(URL, asked).json() == client.post(URL, DEMO).json()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"method": "balloon"}, "/method"),
        ({"principal": "much"}, "/principal"),
        ({"principal": None}, "/principal"),
        ({"annual_rate": "3.10"}, "/annual_rate"),
        ({"start_date": "27.11.2026"}, "/start_date"),
        ({"period_unit": "week"}, "/day_count"),
        ({"periods": 0}, "/periods"),
        ({"rounding": "ceiling"}, "/rounding"),
        ({"instalment_rounding": {"mode": "ceiling", "unit": "0"}}, "/instalment_rounding/unit"),
        (
            {"disbursements": [{"date": "2026-11-27", "amount": "1.00"}]},
            "/disbursements",
        ),
    ],
)
def test_what_makes_no_sense_is_a_400_that_says_why(
    universe: Any, api: Any, changes: dict[str, Any], pointer: str
) -> None:
    response = api(universe.chen_min).post(URL, {**DEMO, **changes})

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert pointer in [error["pointer"] for error in body["errors"]]
    assert all(error["detail"] for error in body["errors"])


def test_weeks_count_actual_days_unless_told(universe: Any, api: Any) -> None:
    asked = {name: value for name, value in DEMO.items() if name != "day_count"}
    body = api(universe.chen_min).post(URL, {**asked, "period_unit": "week"}).json()
    assert "actual/365" in body["convention"]


def test_nobody_quotes_without_signing_in(db: None, client: Any) -> None:
    assert client.post(URL, DEMO, content_type="application/json").status_code == 401


def test_events_in_lists(universe: Any, api: Any) -> None:
    asked = {
        **DEMO,
        "disbursements": [
            {"date": "2026-11-27", "amount": "2000000"},
            {"date": "2027-01-11", "amount": 1000000},
        ],
        "rate_changes": [{"date": "2027-05-20", "annual_rate": "0.03"}],
        "prepayments": [{"date": "2027-03-27", "amount": "500000", "effect": "reduce_instalment"}],
    }
    body = api(universe.chen_min).post(URL, asked).json()
    assert body["total_principal"] == "3000000.00"
    assert body["rows"][-1]["balance"] == "0.00"
    assert body["rows"][-1]["due_date"] == "2027-11-27"
