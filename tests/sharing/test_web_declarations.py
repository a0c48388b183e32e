"""The pages of declarations: the officer's, the enterprise's, and the one behind the link."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from qfce.kernel.tenancy.context import acting_as
from sharing.models import Declaration, ImportBatch
from sharing.services import collection_rounds, declaration_answers
from tests.sharing.declaring import (
    BASE,
    FORM,
    LINK,
    SAID,
    TYPED,
    act,
    ask,
    declared,
    in_days,
    link_to,
    seen,
)
from tests.sharing.shared import LIST, A, B, publish, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(universe, zj_list):
    publish(universe.shen, row(name="临平安和精工", vals={"QC-05": 0, "QI-11": "3"}))
    publish(universe.shen, row(B, "330110", vals={"QC-05": 1}))
    return universe


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return unescape(response.content.decode())


def page(asked):
    return f"{BASE}{asked.pk}/"


def test_from_an_enterprises_page_it_is_asked_for_chosen_items(known, browser):
    officer = browser(known.wu, language="zh-hans")
    here = f"{BASE}new/?uscc={A}"
    assert here in text_of(officer.get(f"/sharing/enterprises/{A}/?purpose=supervision"))
    form = text_of(officer.get(here))
    assert 'value="QI-11"' in form and 'value="QC-05"' not in form
    assert "请企业填报" in form and "授权" not in form.split('id="main"')[1]
    assert officer.post(here, {}).status_code == 422
    given = {"items": ["QI-11"], "due_on": in_days(9).isoformat(), "note": "年度归集"}
    answer = officer.post(here, given)
    text = text_of(officer.get(answer.headers["Location"]))
    assert "临平安和精工" in text and "年度归集" in text
    again = text_of(officer.post(here, given), 409)
    assert A in again
    assert officer.get(f"{BASE}new/?uscc={B}").status_code == 404


def test_from_a_round_all_that_lack_are_asked(known, browser, django_assert_max_num_queries):
    asked = act(
        known.zhou, collection_rounds.open_, name="十二月", factor_list=LIST,
        items=["QC-05", "QI-11", "QM-13"], due_on=in_days(20),
    )  # fmt: skip
    officer = browser(known.shen)
    here, there = f"/sharing/collection-rounds/{asked.pk}/", f"{BASE}for-round/{asked.pk}/"
    assert there in text_of(officer.get(here))
    shown = text_of(officer.get(f"{here}missing/?item=QI-11"))
    assert f"{there}?item=QI-11" in shown
    form = text_of(officer.get(f"{there}?item=QI-11"))
    assert "QC-05" in form, "what is not an enterprise's to send is said"
    with django_assert_max_num_queries(45):
        done = officer.post(f"{there}?item=QI-11", {"due_on": in_days(9).isoformat()})
    assert "1 enterprise is asked" in text_of(officer.get(done.headers["Location"]))
    assert "2 were asked" not in text_of(officer.get(there))
    with acting_as(known.hangzhou.pk):
        assert Declaration.objects.get().uscc == B
    assert there not in text_of(browser(known.zheng).get(here)), "only who brings files in"


def test_the_link_is_shown_once_to_hand_over(known, browser):
    asked = ask(known.wu)
    officer = browser(known.wu)
    answer = officer.post(f"{page(asked)}link/")
    text = text_of(answer)
    token = re.search(r"by-link/#([\w-]{43})", text)[1]
    assert "data:image/svg+xml" in text and "no-store" in answer.headers["Cache-Control"]
    assert token not in text_of(officer.get(page(asked)))
    assert "QI-11" in text_of(Client().post(LINK, {"token": token}))


def test_a_fault_is_said_at_its_field_and_nothing_typed_is_lost(known):
    asked = ask(known.wu, note="年度归集")
    token = link_to(known.wu, asked)
    visitor = Client(headers={"Accept-Language": "zh-CN"})
    assert visitor.get(LINK).status_code == 200
    form = text_of(visitor.post(LINK, {"token": token}))
    for said in ("临平区市场监督管理局", "年度归集", A, in_days(10).isoformat(), "研发投入强度"):
        assert said in form, said
    wrong = {**FORM, "QI-11": "many", "QM-13": "98.5", "token": token, "declarer_name": ""}
    again = text_of(visitor.post(f"{LINK}declare/", wrong), 422)
    assert 'id="f-QI-11"' in again
    assert 'value="many"' in again and 'value="98.5"' in again
    assert FORM["declarer_phone"] in again
    assert seen(known.wu, asked).status == "asked"
    right = {**wrong, **FORM, "QI-11": "4.2"}
    done = text_of(visitor.post(f"{LINK}declare/", right))
    assert "临平区市场监督管理局" in done
    assert seen(known.wu, asked).answers == TYPED
    for address in (LINK, f"{LINK}declare/"):
        twice = text_of(visitor.post(address, right), 409)
        assert "已" in twice and 'value="4.2"' not in twice


def test_without_the_tick_nothing_is_sent(known):
    asked = ask(known.wu)
    token = link_to(known.wu, asked)
    given = {k: v for k, v in {**FORM, **TYPED, "token": token}.items() if k != "agrees"}
    assert 'value="4.2"' in text_of(Client().post(f"{LINK}declare/", given), 422)
    empty = {**FORM, "token": token}
    assert "请至少填写一项" in text_of(Client().post(f"{LINK}declare/", empty), 422)


@pytest.mark.parametrize("address", [LINK, f"{LINK}declare/"])
def test_a_code_that_was_never_ours_opens_nothing(known, address):
    assert Client().post(address, {"token": "nothing", **FORM}).status_code == 404
    assert Client().post(LINK, {"token": ""}).status_code == 422
    assert Client().post(f"{LINK}declare/", {}).status_code == 404


def test_the_enterprise_sees_what_is_asked_of_it_and_declares(known, browser):
    asked = ask(known.wu)
    ask(known.shen, B)
    firm = browser(known.an)
    assert "Declarations asked of you" in text_of(firm.get("/"))
    listed = text_of(firm.get(BASE))
    assert page(asked) in listed and B not in listed and 'name="chosen"' not in listed
    assert 'name="QI-11"' in text_of(firm.get(page(asked)))
    assert 'value="x"' in text_of(firm.post(f"{page(asked)}declare/", {"QI-11": "x", **FORM}), 422)
    done = firm.post(f"{page(asked)}declare/", {**TYPED, **FORM})
    text = text_of(firm.get(done.headers["Location"]))
    assert "4.2" in text and 'name="QI-11"' not in text
    assert firm.post(f"{page(asked)}declare/", {**TYPED, **FORM}).status_code == 409
    assert firm.get(f"{BASE}5b5e7b1e-0000-4000-8000-000000000000/").status_code == 404


def test_what_was_chosen_is_shown_in_words(known, browser):
    asked = ask(known.wu, items=["QM-05"])
    firm = browser(known.an)
    form = text_of(firm.get(page(asked)))
    sent, name = re.search(
        r'<select[^>]*name="QM-05".*?<option value="(\w+)">([^<]+)', form
    ).groups()
    firm.post(f"{page(asked)}declare/", {"QM-05": sent, **FORM})
    text = text_of(firm.get(page(asked)))
    assert name in text and sent not in text
    assert name in text_of(browser(known.wu).get(page(asked)))


def test_the_officer_compares_sends_back_and_takes(known, browser, run_tasks):
    asked = declared(known.shen)
    officer = browser(known.shen)
    assert "Declarations to be taken" in text_of(officer.get("/"))
    text = text_of(officer.get(page(asked)))
    assert "4.2" in text and "Differs" in text and FORM["declarer_name"] in text
    assert officer.post(f"{page(asked)}return/", {"reason": ""}).status_code == 422
    assert officer.post(f"{page(asked)}return/", {"reason": "请附年报"}).status_code == 302
    firm = browser(known.an)
    back = text_of(firm.get(page(asked)))
    assert "请附年报" in back and 'value="4.2"' in back
    firm.post(f"{page(asked)}declare/", {**TYPED, **FORM, "QI-11": "4"})
    listed = text_of(officer.get(BASE))
    assert f'value="{asked.pk}" form="table-sharing-declarations-chosen"' in listed
    assert 'id="table-sharing-declarations-chosen"' in listed
    assert officer.post(f"{BASE}take/", {}).status_code == 409
    went = officer.post(f"{BASE}take/", {"chosen": [str(asked.pk), "nonsense"]})
    imported = went.headers["Location"]
    run_tasks()
    assert f"{BASE}?import=" in text_of(officer.get(imported))
    assert imported in text_of(officer.get(page(asked)))
    found = text_of(officer.get(f"{BASE}?import={imported.split('/')[-2]}"))
    assert page(asked) in found
    assert page(asked) not in text_of(officer.get(f"{BASE}?import=nothing"))


def test_all_that_wait_are_taken_by_one_button(known, browser):
    declared(known.shen), declared(known.shen, B)
    officer = browser(known.shen)
    assert "Take all that wait: 2 of ZJ-QFCE" in text_of(officer.get(BASE))
    assert officer.post(f"{BASE}take/", {"all": LIST}).status_code == 302
    with acting_as(known.hangzhou.pk):
        assert ImportBatch.objects.count() == 1
    assert "Take all that wait" not in text_of(officer.get(BASE))


def test_the_list_is_searched_filtered_and_exported(known, browser):
    asked, other = declared(known.shen), ask(known.shen, B, due_on=in_days(0))
    officer = browser(known.shen)
    assert page(other) not in text_of(officer.get(f"{BASE}?status=sent"))
    assert page(asked) not in text_of(officer.get(f"{BASE}?q={B}"))
    assert page(asked) not in text_of(officer.get(f"{BASE}?reached=nobody"))
    file = officer.get(f"{BASE}?export=csv").content.decode("utf-8-sig")
    assert A in file and str(asked.pk) not in file
    with acting_as(known.hangzhou.pk):
        Declaration.objects.filter(pk=other.pk)
    assert "Nothing fits" in text_of(officer.get(f"{BASE}?status=late"))


def test_cancelled_it_leads_nowhere(known, browser):
    asked = ask(known.wu)
    token = link_to(known.wu, asked)
    officer = browser(known.wu, language="zh-hans")
    assert officer.post(f"{page(asked)}send/", {"address": "no"}).status_code == 422
    assert officer.post(f"{page(asked)}send/", {"address": "a@b.example"}).status_code == 302
    assert officer.post(f"{page(asked)}cancel/").status_code == 302
    assert "submit" not in text_of(officer.get(page(asked))).split('id="main"')[1].split("<h2")[0]
    assert Client().post(LINK, {"token": token}).status_code == 409
    assert "asked of you no longer" in text_of(browser(known.an).get(page(asked)))


def test_an_empty_list_says_where_to_begin(known, browser):
    assert (
        "/sharing/collection-rounds/"
        in text_of(browser(known.shen).get(BASE)).split("empty-actions")[1]
    )


def test_sent_back_where_no_address_is_known_the_officer_is_told(known, browser, settings):
    asked = declared(known.shen, B)
    settings.SANDBOX = False
    back = browser(known.shen).post(f"{page(asked)}return/", {"reason": "请附年报"}, follow=True)
    assert "hand it over" in text_of(back)
    assert "No link has gone out" in text_of(back)


def test_by_rest(known, api):
    path = "/api/v1/declarations/"
    body = {"uscc": A, "factor_list": LIST, "items": ["QI-11"], "due_on": in_days(9).isoformat()}
    made = api(known.shen).post(path, body)
    assert made.status_code == 201, made.content
    here = f"{path}{made.json()['id']}/"
    assert (made.json()["status"], made.json()["asked_by"]) == ("asked", "hangzhou")
    assert api(known.shen).post(path, body).status_code == 409
    assert api(known.shen).post(path, {**body, "items": ["QC-05"]}).status_code == 400
    assert api(known.lu).get(here).status_code == 404
    assert api(known.lin).get(here).status_code == 403
    act(known.an, declaration_answers.submit, made.json()["id"], typed=TYPED, declarer=SAID)
    assert api(known.an).get(here).json()["answers"] == {"QI-11": "4.2"}
    back = api(known.shen).post(f"{here}return/", {"reason": "请附年报"}).json()
    assert (back["status"], back["return_reason"]) == ("returned", "请附年报")
    assert api(known.shen).post(f"{path}take/", {"ids": [back["id"]]}).status_code == 409
    act(known.an, declaration_answers.submit, back["id"], typed=TYPED, declarer=SAID)
    taken = api(known.shen).post(f"{path}take/", {"ids": [back["id"]]})
    assert taken.status_code == 202
    (one,) = api(known.shen).get(path, {"status": "taken"}).json()["results"]
    assert one["import_id"] == taken.json()["import_id"]
    assert api(known.shen).post(f"{here}cancel/").status_code == 409


def test_pages_are_few_queries(known, browser, django_assert_max_num_queries):
    asked = declared(known.shen)
    officer = browser(known.shen)
    for address in (BASE, page(asked), f"{BASE}new/?uscc={B}"):
        with django_assert_max_num_queries(30):
            assert officer.get(address).status_code == 200
    assert timezone.now()
