"""Drafts, signatures and consultations over the API: bodies, and what is refused."""

import pytest

from tests.factors import lists

pytestmark = pytest.mark.django_db
V = "/api/v1/factor-lists/HZ-SMALL/versions/1/"


@pytest.fixture
def draft(desk):
    return desk.draft()


@pytest.fixture
def zhou(api, universe):
    return api(universe.zhou)


def test_steps_are_taken_merged_and_refused(zhou, draft):
    read = zhou.get(f"{V}draft/").json()
    assert (read["steps"], read["problems"]) == (0, [])
    given = {"steps": 0, "members": {"QC-05": {"maximum": "5"}}}
    assert zhou.post(f"{V}draft/members/", given).json()["steps"] == 1
    other = {"steps": 0, "members": {"QC-05": {"minimum": "1"}}}
    merged = zhou.post(f"{V}draft/members/", other).json()
    assert lists.item(merged["document"], "QC-05")["maximum"] == "5"

    met = zhou.post(f"{V}draft/members/", {"steps": 0, "members": {"QC-05": {"maximum": "7"}}})
    assert met.status_code == 409
    assert met.json()["code"] == "factors.draft.edits_collide"
    assert met.json()["errors"][0]["pointer"] == "/items/QC-05/maximum"
    wrong = zhou.post(f"{V}draft/members/", {"steps": 2, "members": {"QC-05": {"maximum": "x"}}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "factors.draft.member_invalid")


def test_items_rules_and_undo(zhou, draft, zj_list):
    copied = {"steps": 0, "codes": ["QC-08"], "source_code": "ZJ-QFCE", "source_number": 1}
    assert zhou.post(f"{V}draft/items/copy/", copied).status_code == 200
    moved = zhou.post(f"{V}draft/items/move/", {"steps": 1, "code": "QC-08", "beside": ""})
    assert moved.json()["document"]["items"][0]["code"] == "QC-08"
    removed = zhou.post(f"{V}draft/items/remove/", {"steps": 2, "codes": ["QC-08"]}).json()
    item = lists.item(zj_list.to_document(), "QC-08")
    added = zhou.post(f"{V}draft/items/", {"steps": removed["steps"], "item": item})
    assert added.status_code == 200
    rule = zj_list.to_document()["rules"][0]
    ruled = zhou.post(f"{V}draft/rules/", {"steps": 4, "code": rule["code"], "rule": rule})
    assert len(ruled.json()["document"]["rules"]) == 1
    assert zhou.post(f"{V}draft/undo/", {}).json()["document"]["rules"] == []
    steps = zhou.get(f"{V}draft/steps/").json()["results"]
    assert [step["number"] for step in steps] == [6, 5, 4, 3, 2, 1]
    assert (steps[0]["undoes"], steps[1]["undone_by"]) == (5, 6)


def test_the_first_day_is_a_step_too(zhou, draft):
    told = zhou.post(f"{V}draft/first-day/", {"steps": 0, "effective_from": "2027-07-01"}).json()
    assert (told["steps"], told["document"]["effective_from"]) == (1, "2027-07-01")
    assert zhou.post(f"{V}draft/undo/", {}).json()["document"]["effective_from"] != "2027-07-01"


def test_a_draft_is_nobody_elses(api, universe, draft):
    assert api(universe.shen).get(f"{V}draft/").status_code == 403
    assert api(universe.lin).get(V).status_code == 404


def test_a_list_from_its_beginning_to_its_next_version(zhou, api, universe, zj_list):
    new = {
        "code": "ZJ-API", "name_zh": "清单", "name_en": "List", "region": "330000",
        "effective_from": "2030-01-01", "source": "ZJ-QFCE/1",
    }  # fmt: skip
    started = zhou.post("/api/v1/factor-lists/", new)
    assert (started.status_code, started.json()["number"]) == (201, 1)
    signers = {"signer_ids": [str(universe.pboc_signer.organization_id)], "signing_days": 5}
    assert (
        zhou.request("PUT", "/api/v1/factor-lists/ZJ-API/signers/", _json(signers)).status_code
        == 200
    )
    place = "/api/v1/factor-lists/ZJ-API/versions/1/"
    submitted = zhou.post(f"{place}submit/", {}).json()
    assert submitted["status"] == "in_review"

    signer = api(universe.pboc_signer)
    asked = {"decision": "changes_asked", "digest": submitted["digest"], "reason": "Bound QC-05."}
    assert signer.post(f"{place}signatures/", asked).json()["decision"] == "changes_asked"
    assert zhou.post(f"{place}return/", {"reason": "Bounding it."}).json()["status"] == "draft"
    members = {"steps": 0, "members": {"QC-05": {"maximum": "12"}}}
    zhou.post(f"{place}draft/members/", members)
    again = zhou.post(f"{place}submit/", {}).json()

    stale = {"decision": "signed", "digest": submitted["digest"]}
    refused = signer.post(f"{place}signatures/", stale)
    assert (refused.status_code, refused.json()["code"]) == (409, "factors.sign_off.digest_changed")
    since = signer.get(f"{place}signatures/changes/?digest={submitted['digest']}").json()
    assert [(c["code"], c["field"], c["after"]) for c in since["changes"]] == [
        ("QC-05", "maximum", "12")
    ]
    assert signer.get(f"{place}signatures/changes/?digest=none").status_code == 404
    signed = {"decision": "signed", "digest": again["digest"]}
    assert signer.post(f"{place}signatures/", signed).status_code == 201
    assert zhou.post(f"{place}publish/", {}).json()["status"] == "published"
    assert zhou.post("/api/v1/factor-lists/ZJ-API/versions/", {}).json()["number"] == 2
    compared = zhou.get("/api/v1/factor-lists/ZJ-API/comparison/?old=1&new=2").json()
    assert compared["changes"] == []
    assert (
        zhou.request("DELETE", "/api/v1/factor-lists/ZJ-API/versions/2/draft/").status_code == 204
    )
    withdrawn = zhou.post(f"{place}withdraw/", {"reason": "Wrong."}).json()
    assert withdrawn["status"] == "withdrawn"


def test_a_consultation_over_the_api(zhou, api, universe, draft):
    given = {"invited_ids": [str(universe.lin.organization_id)], "closes_on": "2099-01-01"}
    opened = zhou.post(f"{V}consultations/", given)
    assert opened.status_code == 201
    address = f"/api/v1/consultations/{opened.json()['id']}/"
    bank = api(universe.lin)
    assert bank.get(address).json()["document"]["code"] == "HZ-SMALL"
    assert [row["list_code"] for row in bank.get("/api/v1/consultations/").json()["results"]] == [
        "HZ-SMALL"
    ]
    assert api(universe.bank_b_officer).get(address).status_code == 404
    said = bank.post(f"{address}comments/", {"item": "QC-05", "text": "Why?"}).json()
    answer = {"outcome": "noted", "text": "Because."}
    answered = zhou.post(f"{address}comments/{said['id']}/answer/", answer)
    assert answered.json()["outcome"] == "noted"
    [row] = bank.get(f"{address}comments/").json()["results"]
    assert row["answer"] == "Because."
    moved = zhou.post(f"{address}extend/", {"closes_on": "2099-02-01"}).json()
    assert moved["closes_on"] == "2099-02-01"
    assert zhou.post(f"{address}close/", {}).json()["closed_at"]
    late = bank.post(f"{address}comments/", {"text": "More."})
    assert (late.status_code, late.json()["code"]) == (409, "factors.consultation.closed")


def _json(body):
    import json

    return json.dumps(body).encode()
