"""Mending an import in the browser: cells, suggestions, conflicts, columns, and many rows."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership
from sharing.domain import uscc
from sharing.models import ImportBatch
from tests.sharing.test_api_imports import FAULTY, GOOD, HEADER, csv

MEND = {"HX-Request": "true", "HX-Target": "mend"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def checked(zj_list, browser, universe, run_tasks):
    """Upload a file and have it checked; the address of its page."""

    def send(*lines, header=HEADER):
        file = SimpleUploadedFile("list.csv", csv(*lines, header=header))
        data = {"file": file, "factor_list": "ZJ-QFCE", "mode": "delta"}
        response = browser(universe.shen).post("/sharing/imports/new/", data)
        assert response.status_code == 302, response.content.decode()[:3000]
        run_tasks()
        return response.headers["Location"]

    return send


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return unescape(response.content.decode())


def test_the_grid_shows_the_cell_the_message_and_the_way_on(checked, browser, universe):
    address = checked(GOOD, FAULTY)
    page = text_of(browser(universe.shen, language="zh-hans").get(f"{address}mend/"))
    assert "请用阿拉伯数字填写整数" in page
    assert 'id="cell-3-4"' in page
    heads, row = page.split('id="row-3"')
    assert "有问题的单元格" in heads
    assert "<strong>QC-05</strong>" in row, "a cell names its column, so no other row needs it"
    assert 'id="row-2"' not in page, "rows without errors are not in the way"


def test_a_cell_is_stored_in_place_and_counts_follow(checked, browser, universe, run_tasks):
    address = checked(GOOD, FAULTY)
    shen = browser(universe.shen)
    given = {"row": 3, "place": 4, "was": "很多", "value": "4"}
    part = text_of(shen.post(f"{address}mend/cell/", given, headers=MEND))
    assert part.lstrip().startswith('<div id="mend"')
    assert "1 cell corrected." in part
    assert "No row has an error any more." in part
    reloaded = text_of(shen.get(f"{address}mend/"))
    assert "Cells were corrected since the whole file was checked." in reloaded

    answer = shen.post(f"{address}mend/check/")
    assert answer.status_code == 302
    run_tasks()
    with acting_as(universe.hangzhou.pk):
        batch = ImportBatch.objects.get()
    assert (batch.status, batch.is_settled, batch.rows_valid) == ("ready", True, 2)
    assert "很多" in text_of(shen.get(f"{address}mend/row-3/")), "the correction is remembered"


def test_without_htmx_the_page_comes_back_by_its_address(checked, browser, universe):
    address = checked(GOOD, FAULTY)
    given = {"row": 3, "place": 4, "was": "很多", "value": "4"}
    answer = browser(universe.shen).post(f"{address}mend/cell/?severity=all", given)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{address}mend/?severity=all")


def test_the_second_person_sees_the_conflict(checked, browser, universe):
    address = checked(GOOD, FAULTY)
    given = {"row": 3, "place": 4, "was": "很多", "value": "4"}
    browser(universe.shen).post(f"{address}mend/cell/", given)
    late = browser(universe.shen, language="zh-hans")
    part = text_of(late.post(f"{address}mend/cell/", {**given, "value": "5"}, headers=MEND), 409)
    assert "现为“4”" in part


def test_one_text_is_replaced_wherever_the_column_holds_it(checked, browser, universe):
    codes = [uscc.with_check_character(f"91330110MA2B{n:05d}") for n in range(30)]
    lines = [f"{code},杭州第{n}有限公司,330110,VALID,没有" for n, code in enumerate(codes)]
    address = checked(GOOD, *lines)
    shen = browser(universe.shen)
    assert "and in 29 more rows" in text_of(shen.get(f"{address}mend/"))
    given = {"row": 3, "place": 4, "was": "没有", "value": "0", "alike": "1"}
    part = text_of(shen.post(f"{address}mend/cell/", given, headers=MEND))
    assert "30 cells corrected." in part


def test_a_row_is_left_out_on_the_page_and_taken_in_again(checked, browser, universe):
    address = checked(GOOD, FAULTY)
    shen = browser(universe.shen)
    out = {"row": 3, "out": 1}
    assert "No row has an error" in text_of(
        shen.post(f"{address}mend/leave-out/", out, headers=MEND)
    )
    assert "This row is left out." in text_of(shen.get(f"{address}mend/row-3/"))
    shen.post(f"{address}mend/leave-out/", {"row": 3, "out": 0})
    changed = {"c4": "2", "was4": "很多", "c2": "330105", "was2": "330105"}
    assert shen.post(f"{address}mend/row-3/", changed).status_code == 302
    with acting_as(universe.hangzhou.pk):
        assert ImportBatch.objects.get().status == "ready"


def test_who_has_corrected_a_cell_does_not_release(checked, browser, universe, api):
    address = checked(GOOD, FAULTY)
    both = browser(universe.zheng, roles=("uploader", "releaser"))
    given = {"row": 3, "place": 4, "was": "很多", "value": "4"}
    assert both.post(f"{address}mend/cell/", given).status_code == 302
    assert both.post(f"{address}release/").status_code == 403


def test_one_cell_and_then_all_of_five_thousand_faulty_rows(checked, browser, universe):
    codes = [uscc.with_check_character(f"91330110MA2{n:06d}") for n in range(5000)]
    lines = [f"{code},杭州第{n}有限公司,330110,有效期内的,没有" for n, code in enumerate(codes)]
    address = checked(GOOD, *lines)
    shen = browser(universe.shen)
    for row in (4000, 4001, 4002):
        given = {"row": row, "place": 4, "was": "没有", "value": "0"}
        text_of(shen.post(f"{address}mend/cell/", given, headers=MEND))
    part = text_of(
        shen.post(
            f"{address}mend/accept/", {"code": "not_allowed", "column": "QF-17"}, headers=MEND
        )
    )
    assert "5,000 cells corrected." in part
    assert re.search(r"4,997 rows, page 1 of", part)


def test_an_unknown_column_is_proposed_mapped_and_remembered(
    checked, browser, universe, run_tasks, zj_list
):
    header = "统一社会信用代码,企业名称,行政区划代码,质量管理体系认证情况,QC-05"
    address = checked(GOOD, header=header)
    shen = browser(universe.shen, language="zh-hans")
    assert "有1列不认识" in text_of(shen.get(address))
    page = text_of(shen.get(f"{address}columns/"))
    proposed = re.search(r'name="f3" value="([^"]*)"', page)
    assert proposed
    assert proposed[1].startswith("QF-17 "), proposed[1]
    assert "VALID" in page, "sample values stand beside it"

    names = dict(re.findall(r'name="(f\d)" value="([^"]*)"', page))
    assert shen.post(f"{address}columns/", {**names, "f3": "QX-99"}).status_code == 400
    assert shen.post(f"{address}columns/", {**names, "f3": names["f4"]}).status_code == 422
    assert shen.post(f"{address}columns/", names).status_code == 302
    run_tasks()
    with acting_as(universe.hangzhou.pk):
        batch = ImportBatch.objects.get()
        assert "unknown_column" not in batch.finding_counts
        assert batch.mapping["质量管理体系认证情况"] == "QF-17"
    again = checked(GOOD.replace("VALID", "NONE"), header=header)
    assert "不认识" not in text_of(shen.get(again)), "the mapping is remembered"


def test_the_city_releases_for_a_county_that_has_nobody(zj_list, browser, universe, run_tasks):
    Membership.objects.filter(organization=universe.linping).update(roles=["uploader"])
    data = {"factor_list": "ZJ-QFCE", "mode": "delta", "pasted": csv(GOOD).decode()}
    wu = browser(universe.wu)
    address = wu.post("/sharing/imports/new/", data).headers["Location"]
    run_tasks()
    assert "Nobody else of this bureau can release it." in text_of(wu.get(address))
    zheng = browser(universe.zheng)
    assert "You release by delegation." in text_of(zheng.get(address))
    assert zheng.post(f"{address}release/").status_code == 200
    run_tasks()
    receipt = text_of(wu.get(f"{address}receipt/"))
    assert "by delegation" in receipt
    assert universe.zheng.name in receipt


def test_a_nul_in_what_was_typed_is_refused_in_words(checked, browser, universe):
    address = checked(GOOD, FAULTY)
    shen = browser(universe.shen)
    given = {"row": 3, "place": 4, "was": "很多", "value": "4\x00"}
    answer = shen.post(f"{address}mend/cell/", given, headers=MEND)
    assert answer.status_code == 400
    assert "null character" in answer.content.decode()
    assert shen.post(f"{address}mend/row-3/", {"c1": "甲\x00厂"}).status_code == 400
