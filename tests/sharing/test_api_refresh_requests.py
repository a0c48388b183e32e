"""Questions to bureaus over REST: each party's part, and what nobody else is told."""

import pytest

from tests.sharing.shared import A, agree, publish, row

pytestmark = pytest.mark.django_db
PATH = "/api/v1/refresh-requests/"


@pytest.fixture
def shared(universe, zj_list):
    publish(universe.shen, row(name="临平安和精工", vals={"QC-05": 0, "QF-17": "VALID"}))
    agree(universe, "bank_a")
    return universe


@pytest.fixture
def asked(shared, api):
    def send(*items, who="he"):
        body = {"uscc": A, "items": list(items or ["QC-17"]), "question": "年报三年？"}
        response = api(getattr(shared, who)).post(PATH, body)
        assert response.status_code == 201, response.content
        return response.json()

    return send


def reply(api, actor, question, **answers):
    said = {code.replace("_", "-"): each for code, each in answers.items()}
    return api(actor).post(f"{PATH}{question['id']}/answer/", {"answers": said})


def test_a_question_and_its_answer(shared, asked, api):
    question = asked("QC-17", "QC-05")
    assert (question["status"], question["asked_by"], question["addressee"]) == (
        "requested", "bank_a", "linping",
    )  # fmt: skip
    assert (question["name"], question["items"]) == ("临平安和精工", ["QC-05", "QC-17"])
    assert question["answers"] == [] and question["publication"] is None
    said = reply(
        api,
        shared.wu,
        question,
        QC_17={"answer": "value", "value": 3},
        QC_05={"answer": "confirmed"},
    )
    assert said.status_code == 200, said.content
    seen = api(shared.he).get(f"{PATH}{question['id']}/").json()
    assert seen["status"] == "answered"
    assert seen["answers"] == [
        {"item": "QC-05", "answer": "confirmed", "reason": ""},
        {"item": "QC-17", "answer": "value", "reason": ""},
    ]
    record = api(shared.he).get(f"/api/v1/enterprises/{A}/", {"purpose": "post_loan"}).json()
    assert record["items"]["QC-17"]["value"] == 3


def test_a_program_asks_and_a_program_answers(shared, api):
    body = {"uscc": A, "items": ["QC-17"]}
    question = api(shared.client_bank_a).post(PATH, body).json()
    said = reply(
        api, shared.client_county_uploader, question, QC_17={"answer": "value", "value": 2}
    )
    assert said.json()["status"] == "answered"


def test_no_answer_is_told_before_a_second_person_released_it(shared, asked, api):
    question = asked("QF-17")
    reply(api, shared.wu, question, QF_17={"answer": "value", "value": "REVOKED"})
    seen = api(shared.he).get(f"{PATH}{question['id']}/").json()
    assert (seen["status"], seen["answers"]) == ("prepared", [])


def test_nobody_else_finds_it(shared, asked, api):
    agree(shared, "bank_b")
    question = asked()
    for stranger in (shared.bank_b_officer, shared.lu):
        assert api(stranger).get(f"{PATH}{question['id']}/").status_code == 404
        assert api(stranger).get(PATH).json()["results"] == []
    answer = reply(api, shared.lu, question, QC_17={"answer": "value", "value": 3})
    assert answer.status_code == 404
    cancel = api(shared.bank_b_officer).post(f"{PATH}{question['id']}/cancel/")
    assert cancel.status_code == 404


def test_forwarding_declining_and_taking_back(shared, asked, api):
    question = asked()
    to = {"to": str(shared.province.pk)}
    assert (
        api(shared.wu).post(f"{PATH}{question['id']}/forward/", to).json()["status"] == "forwarded"
    )
    refused = api(shared.wu).post(f"{PATH}{question['id']}/decline/", {"reason": "无"})
    assert (refused.status_code, refused.json()["code"]) == (
        403,
        "sharing.refresh.not_the_addressee",
    )
    assert api(shared.he).post(f"{PATH}{question['id']}/cancel/").json()["status"] == "cancelled"
    second = asked()
    declined = api(shared.wu).post(f"{PATH}{second['id']}/decline/", {"reason": "档案移交中"})
    assert declined.json()["status"] == "declined"
    seen = api(shared.he).get(f"{PATH}{second['id']}/").json()
    assert seen["reason"] == "档案移交中"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"uscc": "91330206MA282K9Q7P", "items": ["QC-17"]}, 404, "sharing.refresh.not_shared"),
        ({"uscc": A, "items": ["QI-11"]}, 400, "sharing.refresh.items"),
        ({"uscc": A, "items": []}, 400, "invalid"),
    ],
)
def test_what_cannot_be_asked(shared, api, body, status, code):
    response = api(shared.he).post(PATH, body)
    assert response.status_code == status
    assert response.json()["code"] == code or code == "invalid"


def test_the_same_twice(shared, asked, api):
    asked()
    again = api(shared.lin).post(PATH, {"uscc": A, "items": ["QC-17"]})
    assert (again.status_code, again.json()["code"]) == (409, "sharing.refresh.already_asked")


def test_an_answer_that_does_not_fit_points_at_what(shared, asked, api):
    question = asked()
    wrong = reply(api, shared.wu, question, QC_17={"answer": "value", "value": 9})
    assert wrong.json()["errors"] == [{"pointer": "/answers/QC-17", "detail": "out_of_range"}]


def test_lists_are_narrowed(shared, asked, api):
    first, second = asked("QC-17"), asked("QC-05")
    reply(api, shared.wu, first, QC_17={"answer": "value", "value": 3})
    client = api(shared.he)

    def found(**filters):
        return [one["id"] for one in client.get(PATH, filters).json()["results"]]

    assert found() == [second["id"], first["id"]]
    assert found(status="answered") == [first["id"]]
    assert found(late="true") == []
    assert found(uscc="91330206MA282K9Q7P") == []
