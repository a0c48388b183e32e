"""The register, doubts, mergers and rules of lists over HTTP."""

from typing import Any

import pytest

from tests.sharing.shared import LIST, A, N, agree, publish, row
from tests.sharing.test_merges import TWIN

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def known(universe: Any) -> Any:
    publish(
        universe.shen,
        row(A, name="杭州精工", vals={"QC-01": "ACTIVE", "QC-04": "A"}),
        row(TWIN, name="杭州精工厂", vals={"QF-17": "VALID"}),
    )
    publish(universe.lu, row(N, "330206", name="北仑某厂"))
    return universe


def test_an_entry_with_state_size_name_and_tag(known: Any, api: Any) -> None:
    client, other = api(known.shen), api(known.zheng)
    made = [
        client.post(f"{V1}/register/{A}/state/", {"action": "suspend", "since": "2026-11-01",
                                                  "until": "2027-11-01", "reason": "备案"}),
        client.post(f"{V1}/register/{A}/size/", {"industry": "C34", "day": "2025-12-31",
                                                 "employees": 300, "revenue": "20000000",
                                                 "reason": "年报"}),
        client.post(f"{V1}/register/{A}/identity/", {"name": "杭州新名", "reason": "更名"}),
        client.post(f"{V1}/register/{A}/tag/", {"kind": "chain", "name": "轴承"}),
    ]  # fmt: skip
    assert [one.status_code for one in made] == [201] * 4
    changes = [made[0].json()["id"], made[1].json()["change"], made[2].json()["id"]]
    for change in changes:
        path = f"{V1}/record-changes/{change}/release/"
        assert client.post(path).json()["code"] in {"sharing.record.own", "forbidden"}
        assert other.post(path).status_code == 200
    body = client.get(f"{V1}/register/{A}/").json()
    assert (body["name"], body["size"], body["industry"]) == ("杭州新名", "medium", "C34")
    assert [one["value"] for one in body["past"]["name"]] == ["杭州精工", "杭州新名"]
    assert (body["state"]["value"], body["state"]["until"]) == ("SUSPENDED", "2027-11-01")
    assert body["sizings"][0]["employees"] == 300 and body["code_region"] == A[2:8]
    tag = body["tags"][0]["id"]
    assert client.post(f"{V1}/register/{A}/untag/", {"id": tag}).status_code == 204
    assert client.post(f"{V1}/register/{A}/untag/", {"id": tag}).status_code == 404


def test_refusals_name_the_field(known: Any, api: Any) -> None:
    client = api(known.shen)
    answer = client.post(f"{V1}/register/{A}/size/",
                         {"industry": "J66", "day": "2025-12-31", "reason": "?"})  # fmt: skip
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/industry"
    answer = client.post(f"{V1}/register/{A}/state/",
                         {"action": "resume", "since": "2026-11-01", "reason": "?"})  # fmt: skip
    assert answer.status_code == 409
    assert client.get(f"{V1}/register/{N}/").status_code == 404
    assert api(known.lin).get(f"{V1}/register/{A}/").status_code == 404


def test_a_merged_code_answers_with_its_successor(known: Any, api: Any, run_tasks: Any) -> None:
    agree(known, "bank_a")
    client, other, bank = api(known.shen), api(known.zheng), api(known.lin)
    assert client.post(f"{V1}/duplicates/find/").status_code == 202
    run_tasks()
    (doubt,) = client.get(f"{V1}/duplicates/", {"status": "open"}).json()["results"]
    assert (doubt["reason"], {doubt["first"], doubt["second"]}) == ("same_organization", {A, TWIN})
    merge = client.post(f"{V1}/merges/", {"kept": A, "former": TWIN, "reason": "换证"}).json()
    path = f"{V1}/merges/{merge['id']}"
    assert client.post(f"{path}/release/").status_code == 403
    assert other.post(f"{path}/release/").json()["status"] == "released"
    answer = bank.get(f"{V1}/enterprises/{TWIN}/", {"purpose": "pre_loan"}).json()
    assert (answer["answer"], answer["successor_uscc"]) == ("former_code", A)
    assert client.post(f"{path}/release/").status_code in {403, 409}
    assert client.post(f"{path}/prepare-undo/").json()["status"] == "undo_prepared"
    assert other.post(f"{path}/undo/").json()["status"] == "undone"
    answer = bank.get(f"{V1}/enterprises/{TWIN}/", {"purpose": "pre_loan"}).json()
    assert (answer["answer"], answer["successor_uscc"]) == ("ok", None)
    assert [one["status"] for one in client.get(f"{V1}/merges/").json()["results"]] == ["undone"]
    answer = client.post(f"{V1}/duplicates/{doubt['id']}/dismiss/", {"note": "两家"}).json()
    assert answer["status"] == "dismissed"


def test_a_list_by_rule(known: Any, api: Any, run_tasks: Any) -> None:
    client = api(known.zhou)
    kept = client.post(f"{V1}/enterprise-lists/", {"name": "名单", "kind": "programme"}).json()
    rule = {"list": kept["id"], "factor_list": LIST, "condition": {"item": "QC-04", "equals": "A"}}
    assert client.post(f"{V1}/list-rules/", rule | {"condition": {}}).status_code == 400
    assert client.post(f"{V1}/list-rules/", rule).status_code == 201
    assert client.get(f"{V1}/list-rules/{kept['id']}/").json()["condition"] == rule["condition"]
    run = client.post(f"{V1}/list-runs/", {"list": kept["id"]}).json()
    assert run["status"] == "running"
    run_tasks()
    shown = client.get(f"{V1}/list-runs/{run['id']}/").json()
    assert (shown["status"], shown["coming"], shown["going"]) == ("ready", [A], [])
    assert client.post(f"{V1}/list-runs/{run['id']}/adopt/").json()["status"] == "adopted"
    assert client.post(f"{V1}/list-runs/{run['id']}/discard/").status_code == 409
    members = client.get(f"{V1}/enterprise-lists/{kept['id']}/members/").json()["results"]
    assert [one["uscc"] for one in members] == [A]


def test_a_search_by_initials(known: Any, api: Any) -> None:
    found = api(known.shen).get(f"{V1}/enterprises/", {"q": "hzjg"}).json()["results"]
    assert {one["uscc"] for one in found} == {A, TWIN}
