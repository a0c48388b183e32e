"""Evaluations and scorecards over HTTP: status, body, and another bank gets 404."""

import pytest

from evaluation.models import Evaluation
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO, document
from tests.evaluation.conftest import CARD, SECOND

EVALUATIONS = "/api/v1/evaluations/"
SCORECARDS = "/api/v1/scorecards/"
ASKED = {"uscc": HERO, "scorecard": CARD, "purpose": "pre_loan"}


@pytest.fixture
def officer(universe, api):
    return api(universe.lin)


@pytest.fixture
def evaluated(officer, world, published_card):
    return officer.post(EVALUATIONS, ASKED)


def test_an_evaluation_answers_with_score_grade_cap_and_reasons(evaluated):
    body = evaluated.json()

    assert evaluated.status_code == 201
    assert (body["score"], body["grade"], body["cap"]) == (66, "B", "6000000.00")
    assert (body["outcome"], body["gates"], body["cause"]) == ("graded", [], "request")
    assert body["category_points"]["quality_foundation"] == 27
    assert (body["scorecard"], body["scorecard_version"]) == (CARD, 1)
    assert body["reasons"][0] == {
        "code": "C04.low",
        "zh": "政府质量奖（60个月内）：得分偏低",
        "en": "Government quality award, not older than 60 months: few points",
        "lost": None,
    }


def test_an_evaluation_can_be_read_again_and_explained(officer, evaluated):
    path = f"{EVALUATIONS}{evaluated.json()['id']}/"
    again = officer.get(path)
    explained = officer.get(f"{path}explanation/").json()

    assert again.json() == evaluated.json()
    assert explained["reproduced"] is True
    assert (explained["score"], explained["cap"]) == (66, "6000000.00")
    assert sum(line["points"] for line in explained["contributions"]) == 66
    assert {"C18": "not_authorised"}.items() <= {
        line["code"]: line["state"] for line in explained["contributions"]
    }.items()
    assert (explained["path"]["next_grade"], explained["path"]["needed"]) == ("A", 4)
    certificate = next(c for c in explained["contributions"] if c["code"] == "C09")
    assert certificate["sources"][0]["value"] == "VALID"
    assert certificate["sources"][0]["source"] == "杭州市市场监督管理局"


def test_another_bank_gets_404(universe, api, evaluated):
    other = api(universe.bank_b_officer)
    path = f"{EVALUATIONS}{evaluated.json()['id']}/"

    assert other.get(path).status_code == 404
    assert other.get(f"{path}explanation/").status_code == 404
    assert other.get(EVALUATIONS).json()["results"] == []


def test_the_list_narrows_and_pages(officer, evaluated):
    officer.post(EVALUATIONS, ASKED | {"uscc": SECOND})
    every = officer.get(EVALUATIONS).json()
    declined = officer.get(EVALUATIONS, {"outcome": "declined"}).json()
    first = officer.get(EVALUATIONS, {"limit": 1}).json()

    assert [row["uscc"] for row in every["results"]] == [SECOND, HERO]
    assert [row["uscc"] for row in declined["results"]] == [SECOND]
    assert len(first["results"]) == 1
    assert officer.get(first["next"]).json()["results"][0]["uscc"] == HERO


def test_only_the_newest_are_live(officer, evaluated):
    newest = officer.post(EVALUATIONS, ASKED).json()
    live = officer.get(EVALUATIONS, {"live": "true"}).json()["results"]

    assert [row["id"] for row in live] == [newest["id"]]


def test_facts_of_ones_own_travel_in_the_request(officer, world, published_card):
    body = officer.post(EVALUATIONS, ASKED | {"own_facts": {"QC-17": 3}}).json()

    assert (body["score"], body["own_facts"]) == (69, {"QC-17": 3})


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"uscc": "short"}, 400, "invalid"),
        ({"purpose": "curiosity"}, 400, "invalid"),
        ({"purpose": "supervision"}, 400, "invalid"),
        ({"scorecard": "NONE"}, 404, "not_found"),
        ({"uscc": "91330000XXXXXXXXX0"}, 404, "not_found"),
        ({"purpose": "recommendation"}, 403, "evaluation.enterprise.not_shared"),
        ({"own_facts": {"QC-17": 9}}, 400, "evaluation.own_facts.not_a_value"),
        ({"own_facts": {"nonsense": 9}}, 400, "evaluation.own_facts.unknown_item"),
    ],
)
def test_a_request_that_cannot_be_met_says_why(
    officer, world, published_card, changed, status, code
):
    response = officer.post(EVALUATIONS, ASKED | changed)

    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_repeated_key_evaluates_once(universe, officer, world, published_card):
    key = {"Idempotency-Key": "7d0c"}
    first, second = (officer.post(EVALUATIONS, ASKED, **key) for _ in range(2))

    assert first.json() == second.json()
    with acting_as(universe.lin.organization_id):
        assert Evaluation.objects.count() == 1


def test_a_batch_is_a_job(officer, world, published_card, run_tasks):
    ordered = officer.post(
        f"{EVALUATIONS}batch/",
        {"scorecard": CARD, "purpose": "pre_loan", "uscc": [HERO, SECOND]},
    )
    run_tasks()
    job = officer.get(f"/api/v1/jobs/{ordered.json()['id']}/").json()

    assert ordered.status_code == 202
    assert (job["status"], job["result"]["scored"]) == ("succeeded", 2)
    counts = officer.get(f"{EVALUATIONS}portfolio/").json()["counts"]
    assert {(c["grade"], c["outcome"]): c["enterprises"] for c in counts} == {
        ("B", "graded"): 1,
        ("none", "declined"): 1,
    }


def test_a_batch_names_enterprises_in_one_way(officer, world, published_card):
    response = officer.post(f"{EVALUATIONS}batch/", {"scorecard": CARD, "purpose": "pre_loan"})

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/uscc"


def test_the_feed_reaches_the_evaluation_through_the_worker(
    universe, officer, world, evaluated, run_tasks
):
    from evaluation.tasks import follow_feeds

    run_tasks()
    world.change(HERO, QF_17="REVOKED")
    follow_feeds()
    run_tasks()
    live = officer.get(EVALUATIONS, {"live": "true"}).json()["results"]

    assert [(row["score"], row["grade"], row["cause"]) for row in live] == [(57, "C", "feed")]
    assert live[0]["replaces"] == evaluated.json()["id"]


def test_a_scorecard_goes_from_document_to_use(universe, api, world):
    developer, approver, officer = api(universe.liang), api(universe.xu), api(universe.lin)
    created = developer.post(SCORECARDS, {"document": document()})
    path = f"{SCORECARDS}{created.json()['id']}/"

    assert (created.status_code, created.json()["status"]) == (201, "draft")
    assert developer.post(f"{path}submit/").json()["status"] == "under_review"
    refused = developer.post(f"{path}approve/")
    assert refused.status_code == 403
    assert approver.post(f"{path}approve/").json()["status"] == "published"
    assert approver.post(f"{path}approve/").status_code == 409
    assert officer.post(EVALUATIONS, ASKED).json()["grade"] == "B"
    assert officer.get(path).json()["document"]["code"] == CARD
    assert "document" not in officer.get(SCORECARDS).json()["results"][0]
    assert api(universe.bank_b_officer).get(path).status_code == 404


def test_a_document_may_come_by_itself(universe, api, zj_list):
    assert api(universe.liang).post(SCORECARDS, document()).status_code == 201


def test_a_wrong_document_is_refused_with_every_place(universe, api, zj_list):
    spoiled = document()
    spoiled["grades"][0]["to"] = 99
    spoiled["characteristics"][0]["bins"][0]["points"] = 1.5
    response = api(universe.liang).post(SCORECARDS, {"document": spoiled})

    assert response.status_code == 400
    assert response.json()["code"] == "evaluation.scorecard.invalid"
    assert response.json()["errors"][0]["pointer"] == "/characteristics/0/bins/0/points"


def test_a_simulation_stores_nothing_and_compares(universe, api, world, published_card):
    developer = api(universe.liang)
    changed = document()
    changed["grades"][1]["from"], changed["grades"][2]["to"] = 67, 66
    changed.pop("vectors")
    draft = developer.post(SCORECARDS, {"document": changed}).json()
    found = developer.post(
        f"{SCORECARDS}{draft['id']}/simulate/", {"uscc": [HERO, SECOND, "91330000XXXXXXXXX0"]}
    ).json()

    assert (found["scored"], found["left_out"]) == (2, {"unknown": 1})
    assert found["grades"] == {"A": 0, "B": 0, "C": 1, "D": 0, "E": 0}
    assert found["outcomes"] == {"graded": 1, "referred": 0, "declined": 1}
    assert found["gates"] == {"G05": 1}
    assert found["lines"][0] == {
        "uscc": HERO,
        "score": 66,
        "grade": "C",
        "outcome": "graded",
        "was": "B",
    }
    with acting_as(universe.liang.organization_id):
        assert not Evaluation.objects.exists()


def test_nobody_without_the_role_writes_or_evaluates(universe, api, world, published_card):
    assert api(universe.lin).post(SCORECARDS, {"document": document()}).status_code == 403
    assert api(universe.zheng).post(EVALUATIONS, ASKED).status_code == 403
    assert api(universe.zheng).get(EVALUATIONS).status_code == 403


def test_a_program_evaluates_with_its_scope(universe, api, world, published_card):
    assert api(universe.client_bank_a).post(EVALUATIONS, ASKED).status_code == 201
