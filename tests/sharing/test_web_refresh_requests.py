"""The pages of questions to bureaus: asked by a bank, answered by a county."""

import pytest

from qfce.kernel.tenancy.context import acting_as
from sharing.models import RefreshRequest
from tests.sharing.shared import A, agree, publish, row, see

pytestmark = pytest.mark.django_db
BASE = "/sharing/refresh-requests/"
NEW = f"{BASE}new/?uscc={A}&items=QC-17"


@pytest.fixture
def shared(universe):
    publish(universe.shen, row(name="临平安和精工", vals={"QC-05": 0, "QF-17": "VALID"}))
    agree(universe, "bank_a")
    return universe


@pytest.fixture
def question(shared, browser):
    def ask(*items, who="he"):
        answer = browser(getattr(shared, who)).post(NEW, {"items": items or ["QC-17"]})
        assert answer.status_code == 302, answer.content.decode()
        return answer.headers["Location"]

    return ask


def status_of(page, actor):
    with acting_as(actor.organization_id):
        return RefreshRequest.objects.get(pk=page.rstrip("/").rsplit("/", 1)[1]).status


def test_the_story_from_question_to_answer(shared, browser, question):
    visitor = browser(shared.he)
    form = visitor.get(NEW).content.decode()
    assert 'value="QC-17"' in form and "checked" in form and "QI-11" not in form
    page = question()
    assert "Waiting for an answer" in visitor.get(page).content.decode()
    bureau = browser(shared.wu)
    assert "Banks&#x27; questions, answer due" in bureau.get("/").content.decode()
    assert "Hefeng" in bureau.get(BASE).content.decode()
    asked = bureau.get(page).content.decode()
    assert "Your answer" in asked and 'name="QC-17-value"' in asked
    assert "The stored value still holds" not in asked, "nothing is stored"
    said = bureau.post(f"{page}answer/", {"QC-17-action": "value", "QC-17-value": "3"})
    assert said.status_code == 302
    assert status_of(page, shared.he) == "answered"
    text = visitor.get(page).content.decode()
    assert "A new value" in text and "Answered" in text
    assert "Answered within a week" in visitor.get("/").content.decode()
    assert see(shared.he)[A].items["QC-17"].value == 3


def test_what_replaces_a_value_says_that_it_waits(shared, browser, question):
    page = question("QF-17")
    bureau = browser(shared.wu)
    assert "Stored: Valid" in bureau.get(page).content.decode()
    bureau.post(f"{page}answer/", {"QF-17-action": "value", "QF-17-value": "REVOKED"})
    text = bureau.get(page).content.decode()
    assert "The answer waits for a second person." in text and "Open the change" in text
    assert "Open the change" not in browser(shared.he).get(page).content.decode()
    assert browser(shared.he).post(f"{page}cancel/").status_code == 409


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"QC-17-action": "value"},
        {"QC-17-action": "value", "QC-17-value": "9"},
        {"QC-17-action": "unknown"},
        {"QC-17-action": "unknown", "QC-17-reason": "档案不全"},
    ],
    ids=["nothing", "no value", "out of range", "no reason", "nothing can be said"],
)
def test_an_answer_that_does_not_fit_is_shown_again(shared, browser, question, given):
    page = question()
    answer = browser(shared.wu).post(f"{page}answer/", given)
    assert answer.status_code in {400, 422}
    assert "Your answer" in answer.content.decode()
    assert status_of(page, shared.he) == "requested"


def test_a_county_forwards_and_declines(shared, browser, question):
    bureau = browser(shared.wu)
    page = question()
    assert bureau.post(f"{page}decline/", {"reason": ""}).status_code == 422
    assert bureau.post(f"{page}forward/", {"to": str(shared.ningbo.pk)}).status_code == 422
    bureau.post(f"{page}forward/", {"to": str(shared.hangzhou.pk)})
    assert status_of(page, shared.he) == "forwarded"
    assert "Your answer" not in bureau.get(page).content.decode()
    assert "Your answer" in browser(shared.shen).get(page).content.decode()
    browser(shared.shen).post(f"{page}decline/", {"reason": "企业档案移交中"})
    assert "企业档案移交中" in browser(shared.he).get(page).content.decode()


def test_a_bank_takes_its_question_back(shared, browser, question):
    page = question()
    browser(shared.lin).post(f"{page}cancel/")
    assert status_of(page, shared.he) == "cancelled"


def test_a_second_question_about_the_same_is_refused_in_place(shared, browser, question):
    question()
    again = browser(shared.lin).post(NEW, {"items": ["QC-17"]})
    assert again.status_code == 409
    assert "asked on" in again.content.decode()


def test_others_find_no_page(shared, browser, question):
    page = question()
    agree(shared, "bank_b")
    assert browser(shared.bank_b_officer).get(page).status_code == 404
    assert browser(shared.lu).get(page).status_code == 404
    assert browser(shared.gao).get(NEW).status_code == 403
    assert "No agreement of yours" in browser(shared.bank_b_risk).get(
        f"{BASE}new/?uscc=91330206MA282K9Q7P"
    ).content.decode()  # fmt: skip


def test_every_word_is_chinese_for_a_chinese_reader(shared, browser, question):
    page = question()
    visitor = browser(shared.he, language="zh-hans")
    text = visitor.get(page).content.decode()
    assert "待答复" in text and "Waiting" not in text
    refused = browser(shared.lin, language="zh-hans").post(NEW, {"items": ["QC-17"]})
    assert "已提出询问" in refused.content.decode()


def test_pages_are_few_queries(shared, browser, question, django_assert_max_num_queries):
    page = question()
    for who, address in (("he", BASE), ("he", NEW), ("he", page), ("wu", BASE), ("wu", page)):
        visitor = browser(getattr(shared, who))
        with django_assert_max_num_queries(30):
            assert visitor.get(address).status_code == 200
