"""What a sandbox lets a client make happen, received as it will be one day."""

import os
import subprocess
import sys
import time

import pytest

from tests.sharing.shared import A, agree, publish, row

SANDBOX = "/api/v1/sandbox"
CHANGES = "/api/v1/changes/"


@pytest.fixture
def bank(universe, api):
    values = {"QF-17": "VALID", "QC-05": 2, "QI-11": "4.5"}
    publish(universe.zheng, row(vals=values))
    agree(universe, "bank_a")
    return api(universe.client_bank_a)


@pytest.fixture
def news(bank):
    """Return what the feed brings after this moment."""
    position = bank.get(CHANGES).json()["next"]
    return lambda: bank.get(CHANGES, {"after": position}).json()["items"]


def test_a_certificate_falls_and_the_feed_brings_it(bank, news):
    answer = bank.post(f"{SANDBOX}/revoke/", {"uscc": A})

    assert answer.status_code == 201
    (item,) = news()
    assert (item["kind"], item["changes"]) == ("observed", {"QF-17": "REVOKED"})
    assert item["cursor"].startswith(f"{answer.json()['number']}.")


def test_the_same_request_twice_falls_once(bank, news):
    first, again = (
        bank.post(f"{SANDBOX}/revoke/", {"uscc": A}, **{"Idempotency-Key": "fall"})
        for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert len(news()) == 1


def test_a_recall_reaches_whoever_received_the_record(bank, news):
    answer = bank.post(f"{SANDBOX}/recall/", {"uscc": A, "items": ["QC-05"]})

    assert answer.status_code == 201
    assert [item["kind"] for item in news()] == ["withdrawn"]
    assert [recall["uscc"] for recall in bank.get("/api/v1/recalls/").json()["results"]] == [A]
    shown = bank.get(f"/api/v1/enterprises/{A}/", {"purpose": "pre_loan"}).json()
    assert shown["items"]["QC-05"]["answer"] == "no_data"


def test_what_nobody_holds_is_not_recalled(bank):
    answer = bank.post(f"{SANDBOX}/recall/", {"uscc": A, "items": ["QC-06"]})

    assert (answer.status_code, answer.json()["code"]) == (404, "sandbox.record.nothing")


def test_an_enterprise_that_nobody_registered_is_refused(bank):
    answer = bank.post(f"{SANDBOX}/revoke/", {"uscc": "91330110MA00000000"})

    assert (answer.status_code, answer.json()["code"]) == (404, "sandbox.enterprise.nobody")


def test_a_consent_is_given_and_ended(bank, news):
    asked = {"uscc": A, "items": ["QI-11"], "purposes": ["pre_loan"]}
    consent = bank.post("/api/v1/consents/", asked).json()["id"]
    decisions = [
        bank.post(f"{SANDBOX}/consents/", {"consent": consent, "decision": decision}).json()
        for decision in ("grant", "withdraw")
    ]

    assert [answer["status"] for answer in decisions] == ["active", "withdrawn"]
    assert [item["kind"] for item in news()] == ["access_opened", "access_closed"]


def test_nobody_decides_a_consent_of_others(bank, api, universe):
    asked = {"uscc": A, "items": ["QI-11"], "purposes": ["pre_loan"]}
    consent = bank.post("/api/v1/consents/", asked).json()["id"]
    other = api(universe.bank_b_officer)

    answer = other.post(f"{SANDBOX}/consents/", {"consent": consent, "decision": "grant"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("kind", "status"), [("gone", 410), ("throttled", 429), ("unavailable", 503)]
)
def test_calls_are_answered_as_planned_and_no_others(bank, api, universe, kind, status):
    planned = {"kind": kind, "path": CHANGES, "times": 2, "seconds": 7}
    assert bank.post(f"{SANDBOX}/answers/", planned).json() == planned

    assert bank.get("/api/v1/factor-lists/").status_code == 200
    assert api(universe.client_county_uploader).get(CHANGES).status_code == 200
    answers = [bank.get(CHANGES) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0]["Content-Type"] == "application/problem+json"
    assert answers[0].get("Retry-After") == (None if kind == "gone" else "7")


def test_a_late_answer_is_late_and_right(bank):
    bank.post(f"{SANDBOX}/answers/", {"kind": "late", "seconds": 1})
    begun = time.monotonic()

    assert bank.get("/api/v1/factor-lists/").status_code == 200
    assert time.monotonic() - begun >= 1


def test_production_has_no_such_address():
    code = (
        "import django; django.setup();"
        "from django.conf import settings; from django.urls import get_resolver;"
        "print([str(p.pattern) for p in get_resolver().url_patterns].count('api/v1/'),"
        " 'qfce.demo.planned_answers.PlannedAnswers' in settings.MIDDLEWARE)"
    )
    said = {}
    for sandbox in ("0", "1"):
        environment = os.environ | {"QFCE_SANDBOX": sandbox, "QFCE_SECURE_COOKIES": "0"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
        said[sandbox] = done.stdout.split()
    assert int(said["1"][0]) == int(said["0"][0]) + 1
    assert (said["0"][1], said["1"][1]) == ("False", "True")
