"""What makes no schedule, and which field is named for it."""

from typing import Any

import pytest

from lending.domain.schedule_rules import SenselessSchedule
from lending.domain.schedules import quote
from tests.lending.schedule_requests import request_of

BASE = {
    "principal": "120000",
    "annual_rate": "0.06",
    "method": "equal_instalment",
    "start_date": "2026-01-15",
    "periods": 12,
    "day_count": "annual/12",
}
PREPAID = [{"date": "2026-03-15", "amount": "1000", "effect": "reduce_term"}]
CASES: list[tuple[str, dict[str, Any], str]] = [
    ("nothing lent", {"principal": "0"}, "/principal"),
    ("a rate in percent", {"annual_rate": "3.1"}, "/annual_rate"),
    ("a negative rate", {"annual_rate": "-0.01"}, "/annual_rate"),
    ("no periods", {"periods": 0}, "/periods"),
    ("too many periods", {"periods": 100000}, "/periods"),
    ("the term ends beyond the calendar", {"periods": 1200, "period_every": 9}, "/periods"),
    ("weeks by annual/12", {"period_unit": "week"}, "/day_count"),
    ("days by annual/12", {"period_unit": "day"}, "/day_count"),
    ("a day of the month in weeks", {"period_unit": "week", "repayment_day": 5}, "/repayment_day"),
    ("the 32nd", {"repayment_day": 32}, "/repayment_day"),
    ("due dates and another count", {"due_dates": ["2026-02-15"]}, "/periods"),
    ("due dates that fall", {"due_dates": ["2026-03-15", "2026-02-15"]}, "/due_dates/1"),
    ("a due date at the start", {"due_dates": ["2026-01-15"]}, "/due_dates/0"),
    ("less than a month by annual/12", {"due_dates": ["2026-02-01"], "periods": 1}, "/due_dates/0"),
    ("a rounding coarser than the loan", {"rounding_unit": "200000"}, "/rounding_unit"),
    ("grace throughout", {"principal_grace_periods": 12}, "/principal_grace_periods"),
    (
        "grace where nothing is repaid",
        {"method": "interest_only", "principal_grace_periods": 1},
        "/principal_grace_periods",
    ),
    ("interest put off for ever", {"interest_deferred_periods": 12}, "/interest_deferred_periods"),
    (
        "bullet with deferred interest",
        {"method": "bullet", "interest_deferred_periods": 1},
        "/interest_deferred_periods",
    ),
    (
        "no level instalment to round",
        {"method": "equal_principal", "instalment_rounding": {"mode": "ceiling", "unit": "1"}},
        "/instalment_rounding",
    ),
    ("interest not covered", {"fixed_instalment": "500"}, "/fixed_instalment"),
    (
        "fixed principal",
        {"method": "equal_principal", "fixed_instalment": "500"},
        "/fixed_instalment",
    ),
    ("all of it down", {"down_payment_rate": "1"}, "/down_payment_rate"),
    (
        "disbursements that do not add up",
        {"disbursements": [{"date": "2026-01-15", "amount": "100"}]},
        "/disbursements",
    ),
    (
        "nothing paid out at the start",
        {"disbursements": [{"date": "2026-02-15", "amount": "120000"}]},
        "/disbursements",
    ),
    (
        "flat at another rate later",
        {"method": "flat", "rate_changes": [{"date": "2026-03-01", "annual_rate": "0.05"}]},
        "/rate_changes",
    ),
    ("flat and prepaid", {"method": "flat", "prepayments": PREPAID}, "/prepayments"),
    (
        "a rate before the start",
        {"rate_changes": [{"date": "2026-01-15", "annual_rate": "0.05"}]},
        "/rate_changes/0/date",
    ),
    (
        "a shorter term where nothing is repaid before the end",
        {"method": "interest_only", "prepayments": PREPAID},
        "/prepayments/0/effect",
    ),
    (
        "a fixed instalment made smaller",
        {
            "fixed_instalment": "10000",
            "prepayments": [{**PREPAID[0], "effect": "reduce_instalment"}],
        },
        "/prepayments/0/effect",
    ),
    (
        "more prepaid than owed",
        {"prepayments": [{**PREPAID[0], "amount": "120001"}]},
        "/prepayments/0/amount",
    ),
    (
        "prepaid after the end",
        {"prepayments": [{**PREPAID[0], "date": "2028-01-01"}]},
        "/prepayments/0/date",
    ),
    (
        "prepaid when the loan is over",
        {
            "prepayments": [
                {**PREPAID[0], "amount": "60000"},
                {**PREPAID[0], "date": "2026-12-01"},
            ]
        },
        "/prepayments/1/date",
    ),
    (
        "more drawn after a shortened term",
        {
            "disbursements": [
                {"date": "2026-01-15", "amount": "60000"},
                {"date": "2026-06-15", "amount": "60000"},
            ],
            "prepayments": PREPAID,
        },
        "/prepayments/0/effect",
    ),
]


@pytest.mark.parametrize(("changes", "pointer"), [pytest.param(c, p, id=n) for n, c, p in CASES])
def test_a_combination_that_makes_no_sense_is_refused_by_name(
    changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(SenselessSchedule) as refused:
        quote(request_of({**BASE, **changes}))

    assert pointer in {error["pointer"] for error in refused.value.errors}
    assert refused.value.message


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(SenselessSchedule) as refused:
        quote(request_of({**BASE, "principal": "-1", "annual_rate": "31", "periods": 0}))

    pointers = [error["pointer"] for error in refused.value.errors]
    assert pointers == ["/principal", "/annual_rate", "/periods"]


def test_an_open_end_must_come_to_an_end() -> None:
    terms = {name: value for name, value in BASE.items() if name != "periods"}
    with pytest.raises(SenselessSchedule, match="within 600 periods"):
        quote(request_of({**terms, "fixed_instalment": "600.01"}))
