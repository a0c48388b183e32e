"""Requests that mean no good, or were written by a program that went wrong: none is a fault."""

import base64
import json
from typing import Any

import pytest
from django.test import Client as Browser

from qfce.kernel.api import parsing
from tests.kernel.test_api_conventions import PROBLEM, QUOTE

FORM = "application/x-www-form-urlencoded"


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("body", "content_type", "authorization", "expected"),
    [
        pytest.param(b"grant_type=client_credentials&client_id=%00", FORM, "", 400, id="NUL"),
        pytest.param(
            b"&".join(b"a%d=1" % number for number in range(2_000)), FORM, "", 400, id="many fields"
        ),
        pytest.param(b"abc", "multipart/form-data", "", 400, id="multipart without a boundary"),
        pytest.param(
            b"grant_type=client_credentials", FORM, basic(b"a\0b:c"), 401, id="NUL in credentials"
        ),
        pytest.param(b"grant_type=client_credentials", FORM, "Basic !!!", 401, id="no base 64"),
        pytest.param(b'{"grant_type": "x"}', "application/json", "", 400, id="JSON"),
    ],
)
def test_the_token_endpoint_answers_as_oauth_defines_whatever_it_is_sent(
    db: None, body: bytes, content_type: str, authorization: str, expected: int
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    client = Browser(raise_request_exception=False)
    answer = client.post("/oauth/token/", body, content_type=content_type, headers=headers)

    assert answer.status_code == expected
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["error"] in {"invalid_request", "invalid_client", "unsupported_grant_type"}
    if expected == 401:
        assert answer["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("path", ["/oauth/token/", "/oauth/revoke/"])
def test_a_token_is_asked_for_by_post_alone(db: None, path: str) -> None:
    answer = Browser().get(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/scorecards/?status=%00",
        "/api/v1/scorecards/?code=a%00b",
        "/api/v1/evaluations/portfolio/?scorecard=%00",
        "/api/v1/evaluations/?cursor=%00",
        "/api/v1/enterprises/?q=ab&%00=1",
    ],
)
def test_a_parameter_with_a_nul_is_invalid(universe: Any, api: Any, path: str) -> None:
    answer = api(universe.client_bank_a).get(path)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/enterprises/91330113%00/?purpose=pre_loan",
        "/api/v1/factor-lists/ZJ%00/versions/1/",
        "/api/v1/register/%00/",
    ],
)
def test_nothing_has_a_name_with_a_nul(universe: Any, api: Any, path: str) -> None:
    answer = api(universe.shen).get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == PROBLEM


@pytest.mark.parametrize("cursor", ["zzz", "cD0x", "bz0tNSZwPWE=", "-1"])
def test_a_cursor_of_no_list_is_invalid(universe: Any, api: Any, cursor: str) -> None:
    answer = api(universe.client_bank_a).get("/api/v1/evaluations/", {"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


def test_a_body_beyond_all_need_is_413(universe: Any, api: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(parsing, "LARGEST_BODY_BYTES", 1_000)
    body = json.dumps({**QUOTE, "more": "x" * 1_000}).encode()
    answer = api(universe.client_bank_a).request("POST", "/api/v1/loan-schedules/quote/", body)
    assert answer.status_code == 413
    assert set(answer.json()) == PROBLEM


@pytest.mark.parametrize("instant", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_time_are_no_instants_to_ask_for(universe: Any, api: Any, instant: str) -> None:
    asked = {"purpose": "pre_loan", "known_at": instant}
    answer = api(universe.client_bank_a).get("/api/v1/enterprises/91330113ALN0KXMQ6E/", asked)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/known_at"


def test_a_member_that_is_invalid_is_an_answer_kept_under_its_key(universe: Any, api: Any) -> None:
    client = api(universe.client_bank_a)
    path, key = "/api/v1/loan-schedules/quote/", {"Idempotency-Key": "k3"}
    wrong = client.post(path, {**QUOTE, "method": "none"}, **key)
    again = client.post(path, {**QUOTE, "method": "none"}, **key)
    other = client.post(path, QUOTE, **key)

    assert wrong.status_code == again.status_code == 400
    assert again.json() == wrong.json()
    assert (again["Idempotency-Replayed"], again["Content-Type"]) == (
        "true",
        "application/problem+json",
    )
    assert other.status_code == 422


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize(
    ("caller", "path", "body", "member"),
    [
        ("client_bank_a", "consents/", {"uscc": "91330113ALN0KXMQ6E", "items": ["QI-11"],
         "purposes": ["pre_loan"]}, "starts_on"),
        ("client_province", "agreements/", {"recipient": "bank_b", "factor_list": "ZJ-QFCE",
         "categories": ["quality_credit"], "purposes": ["pre_loan"]}, "ends_on"),
        ("client_bank_a", "signals/arrears/", {"loans": [{"loan_id": "1", "days_past_due": 0,
         "uscc": "91330113ALN0KXMQ6E"}]}, "on"),
    ],
)  # fmt: skip
def test_the_ends_of_the_calendar_are_no_days_to_count_from(
    universe: Any, api: Any, caller: str, path: str, body: dict[str, Any], member: str, day: str
) -> None:
    answer = api(getattr(universe, caller)).post(f"/api/v1/{path}", {**body, member: day})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{member}"]


def test_a_form_of_thousands_of_fields_is_invalid(universe: Any, api: Any) -> None:
    fields = {f"field{number}": "1" for number in range(2_000)}
    answer = api(universe.client_county_uploader).post("/api/v1/imports/", fields, multipart=True)
    assert answer.status_code == 400
    assert set(answer.json()) == PROBLEM


def test_a_host_that_is_not_ours_is_a_problem_too(universe: Any, api: Any) -> None:
    client = api(universe.client_bank_a)
    answer = client.get("/api/v1/enterprises/", {"q": "ab"}, Host="evil.example")
    assert answer.status_code == 400
    assert set(answer.json()) == PROBLEM


def test_a_key_goes_with_a_path_of_any_length(universe: Any, api: Any) -> None:
    client, key = api(universe.shen), {"Idempotency-Key": "k4"}
    path = f"/api/v1/register/{'9' * 300}/state/"
    body = {"action": "nothing", "since": "2026-11-23", "reason": "a"}
    first, again = client.post(path, body, **key), client.post(path, body, **key)
    assert first.status_code == again.status_code == 400
    assert again["Idempotency-Replayed"] == "true"


def test_what_a_list_can_do_is_asked_without_harm(universe: Any, api: Any) -> None:
    answer = api(universe.client_bank_a).request("OPTIONS", "/api/v1/evaluations/")
    assert answer.status_code in {200, 405}


def test_a_body_reaches_an_address_written_without_its_slash(universe: Any, api: Any) -> None:
    caller = api(universe.client_bank_a)
    answer = caller.client.post(
        "/api/v1/loan-schedules/quote",
        QUOTE,
        content_type="application/json",
        headers=caller.headers,
        follow=True,
    )
    assert [status for _, status in answer.redirect_chain] == [308]
    assert answer.status_code == 200
    assert answer.json() == caller.post("/api/v1/loan-schedules/quote/", QUOTE).json()
