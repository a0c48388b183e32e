"""What the kernel gives every operation, tried on real ones."""

import base64
import json
import os
import threading
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client as Browser

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Client

PROBLEM = {"type", "title", "status", "detail", "code", "hint", "errors"}


def _secret(name: str) -> tuple[str, str]:
    """Give a client a known secret and return its credentials."""
    client = Client.objects.get(name=name)
    client.client_secret = "known-secret-of-the-test"
    client.save()
    return client.client_id, "known-secret-of-the-test"


def _token(name: str, **form: str) -> Any:
    client_id, secret = _secret(name)
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return Browser().post(
        "/oauth/token/",
        {"grant_type": "client_credentials", **form},
        headers={"Authorization": f"Basic {basic}"},
    )


def test_without_a_token_nobody_is_let_in(db: None) -> None:
    response = Browser().get("/api/v1/factor-lists/")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert set(response.json()) == PROBLEM


def test_a_client_gets_its_own_scopes_if_it_asks_for_none(universe: Any) -> None:
    response = _token("bank_b")

    assert response.status_code == 200
    granted = set(response.json()["scope"].split())
    assert "loans:write" in granted
    assert "imports:write" not in granted


def test_a_request_may_narrow_but_never_widen(universe: Any) -> None:
    assert _token("bank_b", scope="profiles:read").json()["scope"] == "profiles:read"
    refused = _token("bank_b", scope="imports:release")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


def test_a_token_speaks_for_the_clients_service_account(universe: Any) -> None:
    token = _token("county_uploader").json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    assert Browser().get("/api/v1/factor-lists/", headers=headers).status_code == 200
    for broken in ("Bearer nothing", f"Bearer {token}x", "Bearer "):
        answer = Browser().get("/api/v1/factor-lists/", headers={"Authorization": broken})
        assert answer.status_code == 401


def test_a_narrowed_token_cannot_do_what_the_role_could(universe: Any) -> None:
    token = _token("county_uploader", scope="profiles:read").json()["access_token"]
    answer = Browser().get("/api/v1/factor-lists/", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 403
    assert answer.json()["code"] == "tenancy.permission.missing"
    assert "lists:read" in answer.json()["hint"]


def test_a_closed_client_is_let_in_no_more(universe: Any) -> None:
    token = _token("bank_b").json()["access_token"]
    Client.objects.filter(name="bank_b").update(is_active=False)
    answer = Browser().get("/api/v1/factor-lists/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_secrets_are_stored_hashed(universe: Any) -> None:
    _, secret = _secret("bank_b")
    stored = Client.objects.get(name="bank_b").client_secret
    assert secret not in stored
    assert stored.startswith("pbkdf2_")


def test_an_address_that_does_not_exist_is_a_problem_too(db: None) -> None:
    response = Browser().get("/api/v1/nothing/here/")
    assert response.status_code == 404
    assert set(response.json()) == PROBLEM


def test_a_method_that_does_not_exist_is_a_problem_too(universe: Any, api: Any) -> None:
    response = api(universe.zhou).request("DELETE", "/api/v1/factor-lists/")
    assert response.status_code == 405
    assert set(response.json()) == PROBLEM
    assert "GET" in response["Allow"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b'{"a": 1, "a": 2}', id="a member twice"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b'{"a": "\\u0000"}', id="NUL"),
        pytest.param(b"[" * 100_000, id="nested without end"),
        pytest.param(b"1", id="no object"),
        pytest.param(b'{"a": 1e999}', id="a number without end"),
        pytest.param(b'{"a": 9007199254740993}', id="a number that doubles cannot hold"),
    ],
)
def test_a_body_that_two_readers_could_understand_differently_is_400(
    universe: Any, api: Any, body: bytes
) -> None:
    response = api(universe.client_bank_a).request("POST", "/api/v1/evaluations/", body)
    assert response.status_code == 400
    assert set(response.json()) == PROBLEM


def test_a_body_of_another_kind_is_415(universe: Any, api: Any) -> None:
    client = api(universe.client_bank_a)
    response = client.client.post(
        "/api/v1/evaluations/", "<a/>", content_type="application/xml", headers=client.headers
    )
    assert response.status_code == 415


def test_reads_carry_an_etag_that_answers_304(universe: Any, api: Any) -> None:
    client = api(universe.client_bank_a)
    first = client.get("/api/v1/factor-lists/")
    again = client.get("/api/v1/factor-lists/", **{"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_past_the_quota_the_answer_is_429_with_the_time_to_wait(
    universe: Any, api: Any, settings: Any
) -> None:
    settings.API_RATE_PER_MINUTE = 2
    client = api(universe.client_bank_a)
    answers = [client.get("/api/v1/factor-lists/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 61
    assert answers[2]["RateLimit"].startswith('"default";r=0;t=')
    assert set(answers[2].json()) == PROBLEM


def test_a_person_with_another_organisation_is_refused(universe: Any, api: Any) -> None:
    client = api(universe.shen)
    answer = client.get("/api/v1/factor-lists/", **{"Qfce-Organization": str(universe.province.pk)})
    assert answer.status_code == 403


def test_a_session_needs_the_csrf_token_to_change_anything(universe: Any) -> None:
    client = Browser(enforce_csrf_checks=True)
    from qfce.kernel.tenancy.models import User

    client.force_login(User.objects.get(username="chen_min"))
    answer = client.post("/api/v1/evaluations/", {}, content_type="application/json")
    assert answer.status_code == 403
    assert set(answer.json()) == PROBLEM


QUOTE = {
    "principal": "120000.00",
    "annual_rate": "0.06",
    "method": "equal_instalment",
    "start_date": "2026-01-01",
    "periods": 12,
    "period_unit": "month",
    "day_count": "annual/12",
}


class TestIdempotency:
    """One key, one effect, one answer; on a calculation, and on a consent request."""

    path = "/api/v1/loan-schedules/quote/"

    def test_the_same_key_and_body_give_the_stored_answer(self, universe: Any, api: Any) -> None:
        client = api(universe.client_bank_a)
        first = client.post(self.path, QUOTE, **{"Idempotency-Key": "k1"})
        again = client.post(self.path, QUOTE, **{"Idempotency-Key": "k1"})

        assert first.status_code == again.status_code == 200
        assert first.content == again.content
        assert again["Idempotency-Replayed"] == "true"

    def test_another_body_with_the_key_is_422(self, universe: Any, api: Any) -> None:
        client = api(universe.client_bank_a)
        client.post(self.path, QUOTE, **{"Idempotency-Key": "k1"})
        other = client.post(self.path, {**QUOTE, "periods": 6}, **{"Idempotency-Key": "k1"})
        assert other.status_code == 422
        assert other.json()["code"] == "idempotency.body_differs"

    def test_a_refusal_is_the_stored_answer_too(self, universe: Any, api: Any) -> None:
        client = api(universe.client_bank_a)
        wrong = {**QUOTE, "periods": 0}
        first = client.post(self.path, wrong, **{"Idempotency-Key": "k2"})
        again = client.post(self.path, wrong, **{"Idempotency-Key": "k2"})
        assert first.status_code == again.status_code == 400
        assert first.json() == again.json()

    def test_keys_belong_to_one_caller(self, universe: Any, api: Any) -> None:
        api(universe.client_bank_a).post(self.path, QUOTE, **{"Idempotency-Key": "k1"})
        other = api(universe.client_bank_b).post(
            self.path, {**QUOTE, "periods": 6}, **{"Idempotency-Key": "k1"}
        )
        assert other.status_code == 200

    def test_while_the_first_is_at_work_the_second_gets_409(self, universe: Any, api: Any) -> None:
        """The lock of the first is held here by hand; the second asks meanwhile."""
        from django.db import connection, transaction

        actor = universe.client_bank_a
        client_id = Client.objects.get(name="bank_a").client_id
        name = f"{actor.organization_id}|{client_id}|{self.path}|k9"
        answers: list[Any] = []

        def ask() -> None:
            try:
                answers.append(api(actor).post(self.path, QUOTE, **{"Idempotency-Key": "k9"}))
            finally:
                connections.close_all()

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [name])
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join(30)
        assert [answer.status_code for answer in answers] == [409]
        assert answers[0].json()["code"] == "idempotency.running"

    @pytest.mark.parametrize("key", ["", "x" * 201])
    def test_a_key_of_no_use_is_refused(self, universe: Any, api: Any, key: str) -> None:
        answer = api(universe.client_bank_a).post(self.path, QUOTE, **{"Idempotency-Key": key})
        assert answer.status_code == 400


def test_a_refusal_of_permission_is_written_down(universe: Any, api: Any) -> None:
    actor = universe.client_bank_a
    answer = api(actor).post("/api/v1/agreements/", {})
    assert answer.status_code == 403
    with acting_as(actor.organization_id):
        event = AuditEvent.objects.get(action="api.request.refused")
    assert event.detail["code"] == "tenancy.permission.missing"
    assert event.client_id == Client.objects.get(name="bank_a").client_id


def test_the_description_is_openapi_3_1_and_names_problems(db: None) -> None:
    schema = json.loads(Browser().get("/api/v1/openapi.json").content)
    assert schema["openapi"].startswith("3.1")
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert {"401", "403", "404", "429"} <= set(operation["responses"]), (method, path)


def test_the_api_pages_load_nothing_from_elsewhere(db: None) -> None:
    response = Browser().get("/api/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "https://" not in page
    assert "//cdn" not in page
    assert "default-src 'self'" in response["Content-Security-Policy"]


def test_health_names_what_does_not_answer(db: None) -> None:
    assert Browser().get("/health/").json() == {"ok": True, "database": "ok", "redis": "ok"}


def test_the_tests_themselves_use_real_services() -> None:
    assert os.environ["REDIS_URL"].startswith("redis://")
    assert settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"


def test_an_error_speaks_the_language_that_was_asked_for(universe: Any, api: Any) -> None:
    asked = {"purpose": "pre_loan"}
    path = "/api/v1/enterprises/91330106MA00000000/"
    plain = api(universe.client_bank_a).get(path, asked).json()
    chinese = api(universe.client_bank_a).get(path, asked, **{"Accept-Language": "zh-CN"}).json()

    assert plain["title"] == chinese["title"]
    assert plain["hint"] == "Check the code."
    assert chinese["detail"] != plain["detail"]
    invalid = api(universe.client_bank_a).get(path, **{"Accept-Language": "zh"}).json()
    assert invalid["detail"] == "部分成员无效。"


def test_instants_are_written_in_utc(universe: Any, api: Any) -> None:
    found = api(universe.client_bank_a).get("/api/v1/factor-lists/").json()

    assert found["results"][0]["versions"][0]["published_at"].endswith("Z")
