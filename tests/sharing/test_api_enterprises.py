"""Enterprises, lists, agreements and consents over HTTP."""

import re

import pytest
from django.core import mail
from django.test import Client

from tests.sharing.shared import ALL, LIST, A, B, agree, publish, row

PATH = "/api/v1/enterprises"


@pytest.fixture
def published(universe):
    publish(
        universe.zheng,
        row(
            name="临平安和精工",
            vals={"QF-17": "VALID", "QC-04": "A", "QI-11": "4.11"},
            details={"QF-17": {"valid_to": "2029-05-01", "evidence": ["CN-1"]}},
            established_on="2014-10-07",
            registered_capital="5000000",
        ),
    )
    agree(universe, "bank_a")
    return universe


def test_one_enterprise_with_every_item_and_its_answer(published, api):
    response = api(published.lin).get(f"{PATH}/{A}/", {"purpose": "pre_loan"})

    assert response.status_code == 200
    assert response.headers["ETag"]
    body = response.json()
    items = body.pop("items")
    assert len(items) == 90
    read_at, recorded_at = body.pop("read_at"), items["QF-17"].pop("recorded_at")
    assert read_at > recorded_at
    assert body == {
        "uscc": A,
        "answer": "ok",
        "name": "临平安和精工",
        "region": "330113",
        "industry": None,
        "size": None,
        "established_on": "2014-10-07",
        "registered_capital": "5000000",
        "listed": True,
        "successor_uscc": None,
        "factor_list": LIST,
        "list_version": 1,
        "position": "1.1",
    }
    basis = items["QF-17"].pop("basis")
    assert basis.startswith("agreement:")
    assert items["QF-17"] == {
        "value": "VALID",
        "answer": "ok",
        "status": "in_force",
        "valid_from": None,
        "valid_to": "2029-05-01",
        "source": "杭州市市场监督管理局",
        "flags": [],
    }
    assert items["QC-04"] == {"value": None, "answer": "not_shared", "status": None}
    assert items["QI-11"]["answer"] == "not_authorised"
    assert items["QF-18"]["answer"] == "no_data"


def test_a_code_never_known_is_404_and_one_that_is_not_shared_is_not(published, api):
    bank_b = api(published.bank_b_officer)

    unknown = bank_b.get(f"{PATH}/91330100XXXXXXXXX0/", {"purpose": "pre_loan"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "sharing.enterprise.unknown")
    hidden = bank_b.get(f"{PATH}/{A}/", {"purpose": "pre_loan"}).json()
    assert (hidden["answer"], hidden["name"], hidden["items"]) == ("not_shared", None, {})


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"purpose": "curiosity"},
        {"purpose": "pre_loan", "as_of": "yesterday"},
        {"purpose": "pre_loan", "known_at": "noon"},
        {"purpose": "pre_loan", "known_at": "2026-11-23T09:20:00"},
    ],
)
def test_a_bank_says_why_and_of_when(published, api, query):
    response = api(published.lin).get(f"{PATH}/{A}/", query)

    assert response.status_code == 400
    assert response.json()["errors"]


def test_regulators_and_enterprises_need_not_say_why(published, api):
    assert api(published.wu).get(f"{PATH}/{A}/").json()["items"]["QC-04"]["value"] == "A"
    assert api(published.an).get(f"{PATH}/{A}/").json()["items"]["QI-11"]["value"] == "4.11"


def test_other_times_by_query(published, api):
    lin = api(published.lin)
    now = lin.get(f"{PATH}/{A}/", {"purpose": "pre_loan"}).json()

    then = lin.get(f"{PATH}/{A}/", {"purpose": "pre_loan", "known_at": now["read_at"]}).json()
    assert then["items"] == now["items"]
    early = lin.get(f"{PATH}/{A}/", {"purpose": "pre_loan", "as_of": "2020-01-01"}).json()
    assert early["answer"] == "no_data"


def test_many_at_once_in_the_order_asked(published, api):
    publish(published.zheng, row(B, "330110", vals={"QF-17": "EXPIRED"}))

    body = (
        api(published.lin)
        .post(f"{PATH}/lookup/", {"purpose": "pre_loan", "uscc": [B, "X" * 18, A.lower(), B]})
        .json()
    )

    assert [found["uscc"] for found in body["results"]] == [B, A]
    assert body["unknown"] == ["X" * 18]
    assert body["results"][0]["items"]["QF-17"]["value"] == "EXPIRED"


@pytest.mark.parametrize("codes", [[], [A] * 1001, ["x" * 19], [1], "text", None])
def test_what_is_no_list_of_codes_is_refused(published, api, codes):
    response = api(published.lin).post(f"{PATH}/lookup/", {"purpose": "pre_loan", "uscc": codes})

    assert response.status_code == 400


def test_search_finds_within_what_one_may_see(published, api):
    found = api(published.lin).get(f"{PATH}/", {"q": "安和"}).json()
    assert [(e["uscc"], e["name"]) for e in found["results"]] == [(A, "临平安和精工")]
    assert "items" not in found["results"][0]
    assert api(published.bank_b_officer).get(f"{PATH}/", {"q": "安和"}).json()["results"] == []
    assert api(published.lin).get(f"{PATH}/", {"q": "安"}).status_code == 400


def test_lists_are_kept_shared_and_read(published, api):
    zhou = api(published.client_province)
    made = zhou.post("/api/v1/enterprise-lists/", {"name": "重点企业", "uscc": [A]})
    assert made.status_code == 201
    path = f"/api/v1/enterprise-lists/{made.json()['id']}"

    bank = api(published.client_bank_a)
    assert bank.get(f"{path}/members/").status_code == 404
    assert zhou.post(f"{path}/share/", {"recipient": "bank_a"}).status_code == 204
    (shown,) = bank.get("/api/v1/enterprise-lists/").json()["results"]
    assert (shown["name"], shown["members"], shown["owner"]) == ("重点企业", 1, "province")
    (member,) = bank.get(f"{path}/members/").json()["results"]
    assert member["name"] == "临平安和精工"
    assert bank.post(f"{path}/share/", {"recipient": "bank_b"}).status_code == 403


def test_an_agreement_from_draft_to_end(published, api):
    zhou, bank = api(published.client_province), api(published.client_bank_b)
    made = zhou.post(
        "/api/v1/agreements/",
        {
            "recipient": "bank_b",
            "factor_list": LIST,
            "categories": ["quality_foundation"],
            "purposes": ["pre_loan"],
            "regions": ["330100"],
            "starts_on": "2026-01-01",
        },
    )
    assert made.status_code == 201, made.content
    assert made.json()["status"] == "draft"
    path = f"/api/v1/agreements/{made.json()['id']}"

    def answer():
        return bank.get(f"{PATH}/{A}/", {"purpose": "pre_loan"}).json()["answer"]

    assert answer() == "not_shared"
    assert zhou.post(f"{path}/activate/").json()["list_version"] == 1
    assert answer() == "ok"
    assert bank.get(f"{path}/").json()["recipient"] == "bank_b"
    assert bank.post(f"{path}/end/").status_code == 403
    assert api(published.client_bank_a).get(f"{path}/").status_code == 404
    assert zhou.post(f"{path}/suspend/").json()["status"] == "suspended"
    assert answer() == "not_shared"
    assert zhou.post(f"{path}/end/").json()["status"] == "ended"
    assert zhou.post(f"{path}/activate/").status_code == 409


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"recipient": "nobody"}, "/recipient"),
        ({"categories": ["x"]}, "/categories"),
        ({"purposes": ["supervision"]}, "/purposes"),
        ({"regions": ["320000"]}, "/regions"),
    ],
)
def test_an_impossible_agreement_says_where(published, api, change, pointer):
    terms = {
        "recipient": "bank_b",
        "factor_list": LIST,
        "categories": list(ALL),
        "purposes": ["pre_loan"],
    }
    response = api(published.client_province).post("/api/v1/agreements/", {**terms, **change})

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == pointer


def consent_of(api, actor):
    return api(actor).post(
        "/api/v1/consents/", {"uscc": A, "items": ["QI-11"], "purposes": ["pre_loan"]}
    )


def test_a_consent_by_the_enterprises_own_person_and_back(published, api):
    asked = consent_of(api, published.client_bank_a)
    assert asked.status_code == 201, asked.content
    path = f"/api/v1/consents/{asked.json()['id']}"
    lin, an = api(published.lin), api(published.client_enterprise)

    def answer():
        found = lin.get(f"{PATH}/{A}/", {"purpose": "pre_loan"}).json()
        return found["items"]["QI-11"]["answer"]

    assert answer() == "not_authorised"
    assert lin.post(f"{path}/grant/").status_code == 403
    assert an.get("/api/v1/consents/").json()["results"][0]["recipient"] == "bank_a"
    assert an.post(f"{path}/grant/").json()["status"] == "active"
    assert answer() == "ok"
    assert an.post(f"{path}/withdraw/").json()["status"] == "withdrawn"
    assert answer() == "not_authorised"
    assert "token" not in str(an.get(f"{path}/").json())


def test_a_consent_by_the_link(published, api):
    assert consent_of(api, published.lin).status_code == 201
    token = re.search(r"#(\S+)", mail.outbox[-1].body)[1]
    send = {"token": token}
    path = "/api/v1/consents/grant-by-token/"

    granted = Client().post(path, send, content_type="application/json")
    assert (granted.status_code, granted.json()["status"]) == (200, "active")
    again = Client().post(path, send, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (404, "sharing.consent.link_used_up")


def test_programs_without_the_scope_are_refused(published, api):
    response = api(published.client_county_uploader).post(
        "/api/v1/agreements/",
        {
            "recipient": "bank_b",
            "factor_list": LIST,
            "categories": list(ALL),
            "purposes": ["pre_loan"],
        },
    )
    assert response.status_code == 403
    assert consent_of(api, published.client_county_uploader).status_code == 403
