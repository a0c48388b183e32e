"""Asking for evaluations on pages: one, one again, a whole list."""

import pytest
from django.urls import reverse

from evaluation.models import Evaluation
from evaluation.services import batches
from qfce.kernel.jobs.models import Job
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO
from tests.evaluation.conftest import CARD, SECOND
from tests.universe import NOON

ONE = reverse("evaluation:new-evaluation")
BATCH = reverse("evaluation:new-batch")


def count(universe, uscc=HERO):
    with acting_as(universe.lin.organization_id):
        return Evaluation.objects.filter(uscc=uscc).count()


def test_one_enterprise_is_evaluated_by_its_code(universe, world, published_card, browser):
    person = browser(universe.lin)
    assert CARD in person.get(f"{ONE}?uscc={HERO}").content.decode()
    asked = {"uscc": f" {HERO.lower()} ", "scorecard": CARD, "purpose": "pre_loan"}
    answer = person.post(ONE, asked)
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("evaluation:enterprise", args=[HERO])
    assert count(universe) == 1


def test_htmx_is_sent_to_the_enterprise(universe, world, published_card, browser, htmx):
    asked = {"uscc": HERO, "scorecard": CARD, "purpose": "pre_loan"}
    answer = browser(universe.lin).post(ONE, asked, headers=htmx("evaluate"))
    assert answer.headers["HX-Redirect"] == reverse("evaluation:enterprise", args=[HERO])


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"uscc": "123"}, 422, "18"),
        ({"scorecard": "NONE"}, 422, "valid choice"),
        ({"purpose": "supervision"}, 422, "valid choice"),
        ({"uscc": "91330113XXXXXXXXXX"}, 404, "No enterprise has the code"),
        ({"purpose": "model_development"}, 403, "is not shared with your organization"),
    ],
)
def test_what_cannot_be_evaluated_comes_back_with_the_reason(
    universe, world, published_card, browser, changed, status, words
):
    asked = {"uscc": HERO, "scorecard": CARD, "purpose": "pre_loan"} | changed
    answer = browser(universe.lin).post(ONE, asked)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert count(universe) == 0


def test_without_a_scorecard_in_force_the_page_says_so(universe, world, browser):
    assert "No scorecard is in force" in browser(universe.lin).get(ONE).content.decode()


def test_an_enterprise_is_evaluated_again(universe, world, published_card, browser):
    world.evaluate(HERO)
    address = reverse("evaluation:evaluate-again", args=[HERO])
    answer = browser(universe.lin).post(address, follow=True)
    assert "nothing changed" in answer.content.decode()
    assert count(universe) == 2


def test_again_without_a_first_time_asks_for_the_card(universe, world, published_card, browser):
    answer = browser(universe.lin).post(reverse("evaluation:evaluate-again", args=[HERO]))
    assert answer.headers["Location"] == f"{ONE}?uscc={HERO}"


def test_a_shared_list_is_evaluated_with_progress(
    universe, published_card, shared_list, browser, htmx
):
    person = browser(universe.lin)
    page = person.get(BATCH).content.decode()
    assert "重点企业" in page and "2 enterprises" in page
    asked = {"enterprise_list": shared_list.pk, "scorecard": CARD, "purpose": "pre_loan"}
    answer = person.post(BATCH, asked)
    assert answer.status_code == 302
    with acting_as(universe.lin.organization_id):
        job = Job.objects.get(kind="evaluation.batch")
    address = reverse("evaluation:batch", args=[job.pk])
    assert answer.headers["Location"] == address
    assert 'hx-trigger="every 1s"' in person.get(address).content.decode()
    batches.run(job.pk, organization_id=universe.lin.organization_id, at=NOON)
    whole = person.get(address).content.decode()
    part = person.get(address, headers=htmx("batch")).content.decode()
    assert "every 1s" not in part
    assert part.strip() in whole
    assert 'data-chart="batch-grades"' in part
    assert count(universe) == count(universe, SECOND) == 1


def test_a_list_that_was_not_shown_cannot_be_chosen(universe, published_card, shared_list, browser):
    page = browser(universe.bank_b_officer, roles=("credit_officer",)).get(BATCH)
    assert "重点企业" not in page.content.decode()


def test_the_batch_of_another_bank_is_not_found(universe, published_card, shared_list, browser):
    asked = {"enterprise_list": shared_list.pk, "scorecard": CARD, "purpose": "pre_loan"}
    browser(universe.lin).post(BATCH, asked)
    with acting_as(universe.lin.organization_id):
        job = Job.objects.get(kind="evaluation.batch")
    address = reverse("evaluation:batch", args=[job.pk])
    assert browser(universe.bank_b_officer).get(address).status_code == 404


def test_approvers_of_models_evaluate_nothing(universe, world, published_card, browser):
    person = browser(universe.xu)
    assert person.get(ONE).status_code == 403
    assert person.post(BATCH).status_code == 403


def test_what_the_bank_established_fills_a_gap(universe, world, published_card, browser):
    person = browser(universe.lin)
    page = person.get(ONE).content.decode()
    assert 'name="own-QI-11"' in page and 'name="own-QC-05"' in page
    asked = {"uscc": HERO, "scorecard": CARD, "purpose": "pre_loan", "own-QI-11": "5.2"}
    assert person.post(ONE, asked).status_code == 302
    with acting_as(universe.lin.organization_id):
        assert Evaluation.objects.get().own_facts == {"QI-11": "5.2"}


def test_an_own_fact_that_is_no_value_is_refused_at_its_field(
    universe, world, published_card, browser
):
    asked = {"uscc": HERO, "scorecard": CARD, "purpose": "pre_loan", "own-QI-11": "much"}
    answer = browser(universe.lin).post(ONE, asked)
    assert answer.status_code == 400
    assert 'id="id_own-QI-11-error"' in answer.content.decode()
    assert count(universe) == 0
