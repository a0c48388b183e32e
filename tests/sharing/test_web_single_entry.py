"""One enterprise by form: an import of one row, with the same checks, release and receipt."""

import re
from html import unescape

import pytest

from qfce.kernel.tenancy.context import acting_as
from sharing.models import FactorProfile, ImportBatch
from tests.universe import USCC

pytestmark = pytest.mark.django_db
ENTRY = "/sharing/imports/entry/"
GIVEN = {
    "factor_list": "ZJ-QFCE",
    "uscc": USCC,
    "name": "临平安和精工汽车零部件股份有限公司",
    "region": "330113",
    "QF-17": "VALID",
    "QF-17|valid_to": "2027-05-10",
    "QC-05": "0",
}


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return unescape(response.content.decode())


def test_labels_are_in_the_readers_language(zj_list, browser, universe):
    labels = re.findall(r"<label[^>]*>([^<]*)", text_of(browser(universe.shen).get(ENTRY)))
    assert "Region" in labels
    assert [label for label in labels if re.search(r"[\u4e00-\u9fff]", label)] == []


def test_what_is_typed_is_checked_released_and_stored(zj_list, browser, universe, run_tasks):
    shen = browser(universe.shen)
    assert 'name="QF-17|valid_to"' in text_of(shen.get(ENTRY))
    answer = shen.post(ENTRY, GIVEN)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    run_tasks()
    page = answer.headers["Location"]
    assert browser(universe.zheng).post(f"{page}release/").status_code == 200
    run_tasks()
    with acting_as(universe.hangzhou.pk):
        assert ImportBatch.objects.get().status == "published"
        profile = FactorProfile.objects.get(uscc=USCC)
    assert profile.values == {"QF-17": "VALID", "QC-05": 0}
    assert profile.details["QF-17"]["valid_to"] == "2027-05-10"
    assert "Stored now: Valid" in text_of(browser(universe.shen).get(f"{ENTRY}?uscc={USCC}"))


def test_what_the_form_can_tell_is_said_at_the_field(zj_list, browser, universe):
    wrong = {**GIVEN, "uscc": "9133", "QC-05": "many"}
    page = text_of(browser(universe.shen, language="zh-hans").post(ENTRY, wrong), 422)
    assert 'id="f-uscc"' in page
    assert 'id="f-QC-05"' in page
    assert 'value="many"' in page, "nothing that was typed is lost"
    with acting_as(universe.hangzhou.pk):
        assert not ImportBatch.objects.exists()


def test_an_enterprise_of_another_region_is_an_error_of_the_import(
    zj_list, browser, universe, run_tasks
):
    page = browser(universe.shen).post(ENTRY, {**GIVEN, "region": "330203"}).headers["Location"]
    run_tasks()
    assert "Region outside the jurisdiction" in text_of(browser(universe.shen).get(page))
