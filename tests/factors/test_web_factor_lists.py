"""Pages of factor lists: which there are, what one says, and who has signed it."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factors.models import FactorListVersion
from qfce.kernel.tenancy.context import acting_as
from tests.factors import lists

VERSION = "/factors/lists/ZJ-QFCE/versions/1/"
pytestmark = pytest.mark.django_db


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def queries_of(client, address):
    client.get(address)  # the session's and the content types' first time
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_lists_say_which_version_counts(universe, zj_list, browser):
    page = text_of(browser(universe.lin).get("/factors/lists/"))

    assert VERSION in page
    assert "Zhejiang market regulator" in page
    assert "Published" in page


def test_a_draft_is_its_owners_alone(universe, desk, browser):
    desk.draft()

    assert "HZ-SMALL" in text_of(browser(universe.zhou).get("/factors/lists/"))
    assert "HZ-SMALL" not in text_of(browser(universe.lin).get("/factors/lists/"))
    client = browser(universe.lin)
    assert client.get("/factors/lists/HZ-SMALL/versions/1/").status_code == 404


def test_a_version_shows_its_items_by_category(universe, zj_list, browser):
    client = browser(universe.shen)
    page = text_of(client.get(VERSION))

    assert page.count("/items/Q") == 90
    assert "Quality credit" in page
    narrowed = text_of(client.get(VERSION, {"category": "quality_credit", "kind": "honour"}))
    expected = [
        item
        for item in zj_list.items.values()
        if (item.category, item.kind) == ("quality_credit", "honour")
    ]
    assert narrowed.count("/items/Q") == len(expected) > 0


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"q": "QF-17"}, "QF-17"),
        ({"consent": "always"}, "QI-11"),
        ({"consent": "sometimes"}, "QC-15"),
        ({"collected_by_level": "province"}, "QC-01"),
    ],
)
def test_items_are_found_and_filtered(universe, zj_list, browser, asked, wanted):
    page = text_of(browser(universe.shen).get(VERSION, asked))

    assert f"/items/{wanted}/" in page
    assert page.count("/items/Q") < 90


def test_the_table_htmx_swaps_in_is_the_one_the_page_shows(universe, zj_list, browser, htmx):
    client = browser(universe.shen)
    asked = {"category": "quality_innovation"}

    swapped = text_of(client.get(VERSION, asked, headers=htmx("table-factors-items")))
    reloaded = text_of(client.get(VERSION, asked))

    assert swapped.strip().splitlines()[-1] in reloaded
    assert "<html" not in swapped
    rows = re.compile(r"<tbody>.*?</tbody>", re.DOTALL)
    assert rows.search(swapped)[0] == rows.search(reloaded)[0]


def test_an_item_explains_itself_to_both_readers(universe, zj_list, browser):
    item = zj_list.items["QF-17"]
    page = text_of(browser(universe.lin).get(f"{VERSION}items/QF-17/"))

    for said in (item.fill_en, item.bank_en, item.values[0].label_en, item.evidence_en):
        assert said.replace("'", "&#x27;").replace('"', "&quot;") in page
    chinese = text_of(browser(universe.lin, language="zh-hans").get(f"{VERSION}items/QF-17/"))
    for said in (item.fill_zh, item.bank_zh, item.values[0].label_zh):
        assert said in chinese


def test_an_item_names_its_gate_and_the_rules_about_it(universe, zj_list, browser):
    client = browser(universe.lin)

    assert "Decline" in text_of(client.get(f"{VERSION}items/QC-05/"))
    award = text_of(client.get(f"{VERSION}items/QM-02/"))
    assert "X01" in award
    assert "X02" in award


def test_every_item_has_a_page_in_both_languages(universe, zj_list, browser):
    for language in ("en", "zh-hans"):
        client = browser(universe.lin, language=language)
        for code in zj_list.items:
            text_of(client.get(f"{VERSION}items/{code}/"))


def test_what_is_not_there_is_not_found(universe, zj_list, browser):
    client = browser(universe.lin)

    assert client.get(f"{VERSION}items/QX-99/").status_code == 404
    assert client.get("/factors/lists/ZJ-QFCE/versions/7/").status_code == 404


def test_the_rules_stand_in_a_table(universe, zj_list, browser):
    page = text_of(browser(universe.wu).get(f"{VERSION}rules/", {"severity": "error"}))

    assert "X01" in page
    assert "X02" not in page


def test_the_signed_version_shows_who_signed_when_and_what(universe, zj_list, browser):
    with acting_as(universe.zhou.organization_id):
        digest = FactorListVersion.objects.get(factor_list__code="ZJ-QFCE", number=1).digest

    page = text_of(browser(universe.an).get(f"{VERSION}signatures/"))

    assert digest in page
    assert page.count(f"{digest[:12]}…") == 6
    assert "6 of 6 organizations" in page
    assert "戚楠" in page


def test_downloads_are_the_workbook_and_the_schema(universe, zj_list, browser):
    client = browser(universe.shen, language="zh-hans")

    book = client.get(f"{VERSION}template.xlsx")
    assert book.headers["Content-Disposition"] == 'attachment; filename="ZJ-QFCE-1.xlsx"'
    assert book.content.startswith(b"PK")
    schema = json.loads(client.get(f"{VERSION}schema.json").content)
    assert schema["$id"].endswith("/api/v1/factor-lists/ZJ-QFCE/versions/1/schema.json")


@pytest.fixture
def version(desk, universe):
    return desk.in_review(universe.pboc_signer, universe.nfra_signer)


SMALL = "/factors/lists/HZ-SMALL/versions/1/"


def test_a_signer_signs_what_was_looked_at(universe, version, browser):
    client = browser(universe.pboc_signer)
    assert "Your answer is awaited" in text_of(client.get(f"{SMALL}signatures/"))

    response = client.post(f"{SMALL}sign/", {"digest": version.digest, "read": "on"})

    assert response.status_code == 302
    page = text_of(client.get(f"{SMALL}signatures/"))
    assert "1 of 2 organizations" in page
    assert "Your answer is awaited" not in page


@pytest.mark.parametrize(
    ("what", "data", "status"),
    [
        pytest.param("sign", {"read": "on"}, 409, id="another document"),
        pytest.param("sign", {}, 422, id="not read"),
        pytest.param("refuse", {"reason": "  "}, 422, id="no reason"),
    ],
)
def test_an_answer_that_does_not_count_is_said_at_the_form(
    universe, version, browser, htmx, what, data, status
):
    client = browser(universe.pboc_signer)

    given = {"digest": "0" * 64, **data}
    response = client.post(f"{SMALL}{what}/", given, headers=htmx("answer"))

    page = text_of(response, status)
    assert page.count('id="answer"') == 1
    assert "notice-refusal" in page or "field-error" in page


def test_a_refusal_stands_with_its_reason(universe, version, browser):
    client = browser(universe.nfra_signer)

    given = {"digest": version.digest, "reason": "QC-05 counts twice."}
    assert client.post(f"{SMALL}refuse/", given).status_code == 302

    assert "QC-05 counts twice." in text_of(browser(universe.zhou).get(f"{SMALL}signatures/"))


def test_nobody_else_signs(universe, version, browser):
    client = browser(universe.zhou)

    response = client.post(f"{SMALL}sign/", {"digest": version.digest, "read": "on"})

    assert response.status_code == 403


@pytest.mark.parametrize("page", ["/factors/lists/", VERSION, f"{VERSION}items/QF-17/",
                                  f"{VERSION}rules/", f"{VERSION}signatures/"])  # fmt: skip
def test_pages_ask_few_questions(universe, zj_list, browser, page):
    assert queries_of(browser(universe.zhou), page) < 20


def test_the_list_of_lists_asks_no_more_for_more_lists(universe, zj_list, desk, browser):
    client = browser(universe.zhou)
    before = queries_of(client, "/factors/lists/")

    for number in range(3):
        desk.published(lists.small(f"HZ-SMALL-{number}"))

    assert queries_of(client, "/factors/lists/") == before
