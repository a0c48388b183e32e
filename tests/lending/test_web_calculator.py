"""The schedule calculator: open to everybody who is signed in, in the address alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from lending.domain.day_counts import DayCount
from lending.domain.due_dates import PeriodUnit
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import (
    Drawdown,
    Effect,
    InstalmentRounding,
    Method,
    Prepayment,
    RateChange,
    ScheduleRequest,
)
from lending.domain.schedules import quote
from lending.web.conventions import sentences

PATH = "/lending/calculator/"
STORY = {
    "principal": "3000000",
    "annual_rate": "3.10",
    "method": "equal_instalment",
    "start_date": "2026-11-27",
    "periods": "12",
    "period_unit": "month",
}
IN_FIVES = InstalmentRounding(Rounding.CEILING, Decimal(5))
TWICE = (
    Drawdown(date(2026, 1, 15), Decimal(100000)),
    Drawdown(date(2026, 3, 1), Decimal(20000)),
)
PLAIN = ScheduleRequest(
    principal=Decimal(120000),
    annual_rate=Decimal("0.06"),
    method=Method.EQUAL_INSTALMENT,
    start_date=date(2026, 1, 15),
    periods=12,
)


def test_everybody_signed_in_gets_the_schedule_of_the_story(universe, browser):
    for actor in (universe.shen, universe.an, universe.analyst, universe.chen_min):
        answer = browser(actor).get(PATH, STORY)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert page.count("254,217.77") >= 11
        for figure in ("254,217.81", "7,750.00", "50,613.28", "3.14%"):
            assert figure in page


@pytest.mark.parametrize("method", [method.value for method in Method])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_method_has_its_schedule(universe, browser, method, language):
    client = browser(universe.an, language=language)
    answer = client.get(PATH, {**STORY, "method": method})
    assert answer.status_code == 200
    assert 'id="schedule-chart"' in answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "status"),
    [
        ({"principal": ""}, "principal", 422),
        ({"annual_rate": "101"}, "annual_rate", 422),
        ({"disbursements": "2026-11-27 many"}, "disbursements", 422),
        ({"disbursements": "2026-11-27 1000000"}, "disbursements", 400),
        ({"periods": ""}, "periods", 400),
        ({"period_unit": "week", "repayment_day": "5"}, "repayment_day", 400),
        ({"period_unit": "day", "day_count": "annual/12"}, "day_count", 400),
        ({"principal_grace_periods": "12"}, "principal_grace_periods", 400),
        ({"instalment_rounding_mode": "ceiling"}, "instalment_rounding_unit", 422),
        (
            {
                "method": "bullet",
                "instalment_rounding_mode": "ceiling",
                "instalment_rounding_unit": "5",
            },
            "instalment_rounding_unit",
            400,
        ),
        ({"method": "flat", "prepayments": "2027-03-27 1000 term"}, "prepayments", 400),
        ({"rate_changes": "2026-11-27 3"}, "rate_changes", 400),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_terms_that_make_no_sense_say_so_at_the_field(
    universe, browser, changed, field, status, language
):
    client = browser(universe.an, language=language)
    answer = client.get(PATH, {**STORY, **changed})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'id="id_{field}-error"' in page
    assert 'id="schedule"' not in page


def test_rarer_terms_are_taken(universe, browser):
    terms = {
        "disbursements": "2026-11-27 2,000,000\n2027-01-15 1000000",
        "rate_changes": "2027-03-01 3.0%",
        "prepayments": "2027-05-27 100000 期限",
        "rounding": "half_even",
        "day_count": "actual/365",
    }
    page = browser(universe.an).get(PATH, {**STORY, **terms}).content.decode()
    assert "Prepayment" in page
    assert "<details" in page
    assert "open>" in page


def test_quote_is_exported(universe, browser):
    answer = browser(universe.an).get(PATH, {**STORY, "export": "csv"})
    assert len(answer.content.decode("utf-8-sig").splitlines()) == 14
    assert browser(universe.an).get(PATH, {**STORY, "export": "xlsx"}).content.startswith(b"PK")


def test_visitor_is_sent_to_sign_in(db, client):
    assert client.get(PATH).status_code == 302


CASES = [
    PLAIN,
    replace(PLAIN, repayment_day=31),
    replace(PLAIN, day_count=DayCount.ACTUAL_ACTUAL, repayment_day=20, period_every=3),
    replace(PLAIN, method=Method.FLAT, instalment_rounding=IN_FIVES),
    replace(
        PLAIN,
        method=Method.BULLET,
        day_count=DayCount.ACTUAL_360,
        period_unit=PeriodUnit.WEEK,
    ),
    replace(PLAIN, method=Method.INTEREST_ONLY, interest_deferred_periods=2),
    replace(PLAIN, principal_grace_periods=3, down_payment_rate=Decimal("0.2")),
    replace(PLAIN, fixed_instalment=Decimal(11000), periods=None),
    replace(
        PLAIN,
        method=Method.EQUAL_PRINCIPAL,
        day_count=DayCount.THIRTY_360,
        disbursements=TWICE,
        rate_changes=(RateChange(date(2026, 6, 1), Decimal("0.05")),),
        prepayments=(Prepayment(date(2026, 8, 15), Decimal(5000), Effect.REDUCE_TERM),),
    ),
]  # fmt: skip


@pytest.mark.parametrize("request_", CASES)
def test_convention_says_on_the_page_what_the_domain_says(request_):
    """As many sentences, and the same ones but for how figures and rates are written."""
    with translation.override("en"):
        shown = sentences(request_)
    said = quote(request_).convention.rstrip(".").split(". ")
    assert len(shown) == len(said)
    for ours, theirs in zip(shown, said, strict=True):
        assert ours.split()[:4] == theirs.split()[:4]


@pytest.mark.parametrize("request_", CASES)
def test_convention_is_said_in_chinese(request_):
    with translation.override("zh-hans"):
        assert all(sentence.endswith("。") for sentence in sentences(request_))
