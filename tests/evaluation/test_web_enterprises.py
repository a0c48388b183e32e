"""The list of enterprises evaluated, and the page of one of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from evaluation.models import Evaluation
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO
from tests.evaluation.conftest import SECOND
from tests.universe import NOON

LIST = reverse("evaluation:enterprises")
PAGE = reverse("evaluation:enterprise", args=[HERO])


@pytest.fixture
def evaluated(world, published_card):
    """Both firms scored once, as lin asked."""
    world.evaluate(HERO)
    world.evaluate(SECOND)
    return world


def text(answer):
    assert answer.status_code == 200, answer.content.decode()[:800]
    return answer.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_list_names_enterprises_with_their_live_score_and_grade(
    universe, evaluated, browser, language
):
    page = text(browser(universe.lin, language=language).get(LIST))
    assert HERO in page and SECOND in page
    assert "临平安和精工汽车零部件股份有限公司" in page
    assert {"en": "HF-QF-01, version 1", "zh-hans": "HF-QF-01 第1版"}[language] in page
    assert 'data-chart="grades"' in page


def test_before_anything_was_evaluated_the_list_says_so(universe, world, browser):
    page = text(browser(universe.lin).get(LIST))
    assert "No enterprise was evaluated yet" in page
    assert 'data-chart="grades"' not in page


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("q=" + HERO[:12], HERO, SECOND),
        ("q=安和精工", HERO, SECOND),
        ("outcome=graded", HERO, SECOND),
        ("grade=none", SECOND, HERO),
        ("grade=B", HERO, SECOND),
        ("cause=feed", "", HERO),
        ("change=worse", "", HERO),
    ],
)
def test_search_and_filters_narrow_the_list(universe, evaluated, browser, query, shown, hidden):
    page = text(browser(universe.lin).get(f"{LIST}?{query}"))
    table = page[page.index('id="table-evaluation-enterprises"') :]
    assert shown in table
    rows = table[table.index("</form>") :]
    assert hidden not in rows


def test_a_renewal_that_lowers_the_score_is_found_by_cause_and_change(universe, evaluated, browser):
    evaluated.change(HERO, QF_17="REVOKED")
    evaluated.follow()
    page = text(browser(universe.lin).get(f"{LIST}?cause=feed&change=worse"))
    assert HERO in page
    assert SECOND not in page
    assert "A fact changed" in page


def test_htmx_gets_the_table_that_the_page_holds(universe, evaluated, browser, htmx):
    person = browser(universe.lin)
    whole = text(person.get(f"{LIST}?sort=-score"))
    part = text(person.get(f"{LIST}?sort=-score", headers=htmx("table-evaluation-enterprises")))
    assert part.strip() in whole


def test_the_list_is_exported_with_names(universe, evaluated, browser):
    answer = browser(universe.lin).get(f"{LIST}?export=csv")
    assert answer.status_code == 200
    assert "临平安和精工汽车零部件股份有限公司" in answer.content.decode("utf-8-sig")


def test_the_queries_of_the_list_do_not_grow_with_its_rows(universe, evaluated, browser):
    person = browser(universe.lin)
    person.get(LIST)
    with CaptureQueriesContext(connection) as few:
        person.get(f"{LIST}?q={HERO}")
    with CaptureQueriesContext(connection) as more:
        person.get(f"{LIST}?q=9133")
    assert len(more) == len(few) < 30


def test_whoever_may_ask_the_bureau_finds_the_way_beside_each_item(universe, evaluated, browser):
    way = f"/sharing/refresh-requests/new/?uscc={HERO}"
    page = text(browser(universe.he).get(PAGE))
    assert f"{way}&amp;items=QC-17" in page and f'href="{way}"' in page
    assert way not in text(browser(universe.gao).get(PAGE))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_of_an_enterprise_explains_its_score(universe, evaluated, browser, language):
    page = text(browser(universe.lin, language=language).get(PAGE))
    for chart in ("radar", "waterfall"):
        assert f'data-chart="{chart}"' in page
    words = {
        "en": ("Path to the next grade", "What is missing", "Computed again", "Gates", "G01"),
        "zh-hans": ("升至上一等级的途径", "缺失信息", "重新计算", "准入条件", "G01"),
    }
    for word in words[language]:
        assert word in page
    assert "QF-18" in page
    assert page.count("<details") >= 18


def test_the_page_of_an_enterprise_asks_a_bounded_number_of_queries(universe, evaluated, browser):
    person = browser(universe.lin)
    person.get(PAGE)
    with CaptureQueriesContext(connection) as once:
        person.get(PAGE)
    for day in range(1, 4):
        evaluated.evaluate(HERO, at=NOON + timedelta(minutes=day))
    with CaptureQueriesContext(connection) as later:
        person.get(PAGE)
    assert len(later) == len(once) < 30


def test_a_declined_enterprise_says_which_gate_and_who_may_allow_an_exception(
    universe, evaluated, browser
):
    page = text(browser(universe.lin).get(reverse("evaluation:enterprise", args=[SECOND])))
    assert "Declined by a gate" in page
    assert "No points help until these gates are cured" in page
    told = page.split("No points help until these gates are cured", 1)[1][:600]
    assert "<code>" in told and told.split("<li>", 1)[1].split("<code>")[0].strip(), "by name"
    assert "Head-office" in page or "Nobody" in page


def test_an_enterprise_that_was_not_evaluated_can_be(universe, world, published_card, browser):
    page = text(browser(universe.lin).get(PAGE))
    assert "Not evaluated yet" in page
    assert reverse("evaluation:new-evaluation") in page


def test_another_bank_learns_nothing(universe, evaluated, browser):
    assert "Not evaluated yet" in text(browser(universe.bank_b_officer).get(PAGE))
    with acting_as(universe.lin.organization_id):
        made = Evaluation.objects.filter(uscc=HERO).get()
    address = reverse("evaluation:evaluation", args=[made.pk])
    assert browser(universe.bank_b_officer).get(address).status_code == 404


def test_an_earlier_evaluation_opens_as_it_was(universe, evaluated, browser):
    with acting_as(universe.lin.organization_id):
        first = Evaluation.objects.filter(uscc=HERO).get()
    evaluated.change(HERO, QF_17="REVOKED", at=NOON + timedelta(minutes=1))
    evaluated.follow(at=NOON + timedelta(minutes=2))
    person = browser(universe.lin)
    assert reverse("evaluation:evaluation", args=[first.pk]) in text(person.get(PAGE))
    page = text(person.get(reverse("evaluation:evaluation", args=[first.pk])))
    assert "it came out the same" in page
    assert "A newer evaluation" in page
    assert 'data-chart="history-chart"' in text(person.get(PAGE))


def test_regulators_have_no_such_page(universe, evaluated, browser):
    assert browser(universe.shen).get(LIST).status_code == 403
    assert browser(universe.shen).get(PAGE).status_code == 403


def test_the_landing_page_counts_what_a_changed_fact_has_lowered(universe, evaluated, browser):
    evaluated.change(HERO, QF_17="REVOKED")
    evaluated.follow(at=max(NOON, timezone.now()) + timedelta(minutes=1))
    page = text(browser(universe.lin).get("/"))
    assert "Enterprises that a changed fact has lowered" in page
