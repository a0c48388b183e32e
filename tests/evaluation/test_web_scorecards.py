"""Scorecards on pages: written, tried, approved by a second person, taken out of use."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.models import ScorecardVersion
from evaluation.services import scorecards
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import document
from tests.universe import NOON

LIST = reverse("evaluation:scorecards")
NEW = reverse("evaluation:new-scorecard")


@pytest.fixture
def draft(universe, zj_list):
    liang = universe.liang
    with acting_as(liang.organization_id):
        return scorecards.create(document(), actor=liang, at=NOON)


@pytest.fixture
def submitted(universe, draft):
    liang = universe.liang
    with acting_as(liang.organization_id):
        return scorecards.submit(draft.pk, actor=liang, at=NOON)


def to(name, version):
    return reverse(f"evaluation:{name}", args=[version.pk])


def state(universe, version):
    with acting_as(universe.liang.organization_id):
        return ScorecardVersion.objects.get(pk=version.pk).status


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_version_shows_the_whole_model(universe, published_card, browser, language):
    person = browser(universe.xu, language=language)
    assert "HF-QF-01" in person.get(LIST).content.decode()
    answer = person.get(to("scorecard", published_card))
    page = answer.content.decode()
    assert answer.status_code == 200, page[:500]
    assert published_card.digest in page
    assert page.count('class="characteristic"') == 18
    assert "G01" in page and "hero-1-no-consent" in page
    assert ("disagrees" if language == "en" else "不一致") not in page


def test_a_version_asks_a_bounded_number_of_queries(universe, published_card, browser):
    person = browser(universe.xu)
    person.get(LIST)
    for address in (LIST, to("scorecard", published_card)):
        with CaptureQueriesContext(connection) as asked:
            person.get(address)
        assert len(asked) < 30


def test_the_document_is_what_the_digest_is_of(universe, published_card, browser):
    from hashlib import sha256

    answer = browser(universe.xu).get(to("scorecard-document", published_card))
    assert sha256(answer.content).hexdigest() == published_card.digest


@pytest.mark.parametrize("way", ["text", "file"])
def test_a_scorecard_is_created_from_a_document(universe, zj_list, browser, way):
    text = json.dumps(document(), ensure_ascii=False)
    file = SimpleUploadedFile("card.json", text.encode(), "application/json")
    given = {"document": text} if way == "text" else {"file": file, "document": ""}
    answer = browser(universe.liang).post(NEW, given)
    with acting_as(universe.liang.organization_id):
        made = ScorecardVersion.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == to("scorecard", made)
    assert made.status == "draft"


def test_what_is_wrong_stands_at_its_pointer(universe, zj_list, browser, htmx):
    spoiled = document()
    spoiled["gates"][2]["outcome"] = "perhaps"
    spoiled["characteristics"][4]["missing"] = "many"
    person = browser(universe.liang)
    answer = person.post(NEW, {"document": json.dumps(spoiled)}, headers=htmx("write"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "/gates/2/outcome" in page and "/characteristics/4/missing" in page
    assert "&quot;many&quot;" in page
    with acting_as(universe.liang.organization_id):
        assert not ScorecardVersion.objects.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"document": ""}, "Give a file or a text"),
        ({"document": '{"code": }'}, "line 1, column 10"),
        ({"document": "[1, NaN]"}, "not JSON"),
        ({"file": SimpleUploadedFile("x.json", b"\xff\xfe\x00")}, "UTF-8"),
    ],
)
def test_what_is_no_json_is_said(universe, zj_list, browser, given, words):
    answer = browser(universe.liang).post(NEW, given)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_file_that_was_refused_can_be_mended_as_text(universe, zj_list, browser):
    file = SimpleUploadedFile("card.json", b'{"code": "X-1"}')
    page = browser(universe.liang).post(NEW, {"file": file}).content.decode()
    assert "X-1" in page[page.index("<textarea") :]


def test_a_new_version_starts_from_another(universe, published_card, browser):
    page = browser(universe.liang).get(f"{NEW}?from={published_card.pk}").content.decode()
    assert "HF-QF-01" in page[page.index("<textarea") :]


def test_a_draft_is_revised(universe, draft, browser):
    changed = document() | {"name_en": "Another name"}
    address = to("revise-scorecard", draft)
    person = browser(universe.liang)
    assert person.get(address).status_code == 200
    assert person.post(address, {"document": json.dumps(changed)}).status_code == 302
    assert "Another name" in person.get(to("scorecard", draft)).content.decode()


def test_the_preparer_submits_and_finds_no_button_to_approve(universe, draft, browser, htmx):
    person = browser(universe.liang, roles=("model_developer", "model_approver"))
    part = person.post(to("submit-scorecard", draft), headers=htmx("state")).content.decode()
    assert part.strip() in person.get(to("scorecard", draft)).content.decode()
    assert "You prepared this version, so a colleague has to decide about it." in part
    assert to("approve-scorecard", draft) not in part
    assert state(universe, draft) == "under_review"
    refused = person.post(to("approve-scorecard", draft), {})
    assert refused.status_code == 403
    assert state(universe, draft) == "under_review"


def test_examples_that_disagree_stop_a_submission(universe, zj_list, browser):
    wrong = document()
    wrong["vectors"][0]["expected"]["score"] = 1
    liang = universe.liang
    with acting_as(liang.organization_id):
        version = scorecards.create(wrong, actor=liang, at=NOON)
    person = browser(universe.liang)
    assert "disagrees" in person.get(to("scorecard", version)).content.decode()
    answer = person.post(to("submit-scorecard", version))
    assert answer.status_code == 400
    assert "/vectors/0/expected/score" in answer.content.decode()


def test_a_second_person_approves(universe, submitted, browser, htmx):
    person = browser(universe.xu)
    assert (
        to("approve-scorecard", submitted)
        in person.get(to("scorecard", submitted)).content.decode()
    )
    answer = person.post(to("approve-scorecard", submitted), {}, headers=htmx("state"))
    assert answer.status_code == 200
    assert "Published" in answer.content.decode()
    assert state(universe, submitted) == "published"


def test_a_first_day_that_has_passed_is_refused_beside_the_form(universe, submitted, browser):
    given = {"effective_from": "2020-01-01"}
    answer = browser(universe.xu).post(to("approve-scorecard", submitted), given)
    assert answer.status_code == 400
    assert "is past" in answer.content.decode()


def test_a_version_is_given_back_with_a_reason(universe, submitted, browser):
    person = browser(universe.xu)
    assert person.post(to("return-scorecard", submitted), {"reason": ""}).status_code == 422
    person.post(to("return-scorecard", submitted), {"reason": "Explain C04"})
    assert state(universe, submitted) == "draft"
    page = browser(universe.liang).get(to("scorecard", submitted)).content.decode()
    assert "Explain C04" in page
    assert "Scorecards given back to you" in browser(universe.liang).get("/").content.decode()


def test_what_waits_for_approval_is_on_the_approvers_landing_page(universe, submitted, browser):
    assert "Scorecards to approve" in browser(universe.xu).get("/").content.decode()


def test_a_published_version_is_taken_out_of_use(universe, published_card, browser):
    person = browser(universe.xu)
    answer = person.post(to("withdraw-scorecard", published_card), {"reason": "Flawed"})
    assert "Taken out of use" in answer.content.decode()
    assert state(universe, published_card) == "withdrawn"


def test_another_bank_does_not_find_it(universe, published_card, browser):
    person = browser(universe.bank_b_officer, roles=("model_approver",))
    assert person.get(to("scorecard", published_card)).status_code == 404


def test_a_version_is_tried_on_a_list(universe, published_card, shared_list, browser):
    stricter = document() | {"vectors": []}
    stricter["grades"][1]["from"], stricter["grades"][2]["to"] = 69, 68
    liang = universe.liang
    with acting_as(liang.organization_id):
        version = scorecards.create(stricter, actor=liang, at=NOON)
    person, address = browser(liang), to("simulate-scorecard", version)
    assert "重点企业" in person.get(address).content.decode()
    answer = person.get(f"{address}?enterprise_list={shared_list.pk}&purpose=pre_loan")
    page = answer.content.decode()
    assert answer.status_code == 200, page[:500]
    assert 'data-chart="simulated"' in page
    assert "Worse grade" in page
    assert person.get(f"{address}?enterprise_list=x&purpose=pre_loan").status_code == 422


def test_the_version_in_force_is_tried_without_a_comparison(
    universe,
    published_card,
    shared_list,
    browser,
):
    address = to("simulate-scorecard", published_card)
    answer = browser(universe.liang).get(
        f"{address}?enterprise_list={shared_list.pk}&purpose=pre_loan"
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Version in force" not in page
    assert "Worse grade" not in page
