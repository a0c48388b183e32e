"""Mending an import through the API: cells, suggestions, rows left out, conflicts, the release."""

import io
import json
import random
import zipfile
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy.context import acting_as
from sharing.domain import faulty_workbook, uscc
from sharing.domain.faulty_workbook import MarkedRow
from sharing.models import FactorProfile, ImportBatch, ImportCorrection, ImportFinding
from tests.sharing.test_api_imports import FAULTY, GOOD, HEADER, OTHER, B, C, csv, post, shown
from tests.universe import USCC

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(zj_list, api, universe, run_tasks):
    """Upload and check a file; its id."""

    def send(content, *, name="list.csv"):
        data = {
            "file": SimpleUploadedFile(name, content),
            "factor_list": "ZJ-QFCE",
            "mode": "delta",
        }
        response = api(universe.shen).post("/api/v1/imports/", data, multipart=True)
        assert response.status_code == 202, response.content
        run_tasks()
        return response.json()["id"]

    return send


def rows_of(api, actor, import_id, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    response = api(actor).get(f"/api/v1/imports/{import_id}/rows/?{asked}")
    assert response.status_code == 200, response.content
    return response.json()["results"]


def correct(api, actor, import_id, row, *cells, **further):
    body = {"cells": [dict(zip(("column", "value", "was"), cell, strict=False)) for cell in cells]}
    path = f"/api/v1/imports/{import_id}/rows/{row}/"
    return api(actor).request("PATCH", path, json.dumps({**body, **further}))


def test_a_corrected_cell_is_judged_at_once_and_published(imported, api, universe, run_tasks):
    import_id = imported(csv(GOOD, FAULTY))
    (row,) = rows_of(api, universe.shen, import_id)
    assert (row["row"], row["cells"]["QC-05"]) == (3, "很多")
    assert "not_integer" in [finding["code"] for finding in row["findings"]]

    answer = correct(api, universe.shen, import_id, 3, ("QC-05", "4", "很多"))
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["cells"], told["status"], told["is_settled"]) == (1, "ready", False)
    assert told["rows"] == {
        "total": 2, "valid": 2, "invalid": 0, "new": 2, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    assert told["findings"]["errors"] == 0

    assert post(api, universe.zheng, import_id, "publish").status_code == 202
    run_tasks()
    assert shown(api, universe.shen, import_id)["status"] == "published"
    with acting_as(universe.hangzhou.pk):
        assert FactorProfile.objects.get(uscc=C).values["QC-05"] == 4
        event = AuditEvent.objects.get(action="sharing.import.corrected")
    assert event.detail["first"] == [{"row": 3, "column": "QC-05", "was": "很多", "became": "4"}]


def test_who_changed_what_stays_beside_the_import(imported, api, universe):
    import_id = imported(csv(GOOD, FAULTY))
    correct(api, universe.shen, import_id, 3, ("QC-05", "十", "很多"))
    correct(api, universe.shen, import_id, 3, ("QC-05", "10", "十"))
    lines = api(universe.zheng).get(f"/api/v1/imports/{import_id}/corrections/").json()["results"]
    assert [(line["was"], line["became"], line["way"]) for line in lines] == [
        ("十", "10", "typed"), ("很多", "十", "typed"),
    ]  # fmt: skip
    assert {line["corrected_by"] for line in lines} == {str(universe.shen.user_id)}


def test_the_later_of_two_sees_what_the_first_has_put_there(imported, api, universe):
    import_id = imported(csv(GOOD, FAULTY))
    assert correct(api, universe.shen, import_id, 3, ("QC-05", "4", "很多")).status_code == 200
    late = correct(api, universe.shen, import_id, 3, ("QC-05", "5", "很多"))
    assert late.status_code == 409
    assert late.json()["code"] == "sharing.import.cell_moved"
    assert "“4”" in late.json()["detail"]
    with acting_as(universe.hangzhou.pk):
        assert ImportCorrection.objects.count() == 1


def test_a_corrected_code_makes_and_unmakes_duplicates(imported, api, universe, run_tasks):
    twice = f"{USCC},临平安和精工汽车零部件股份有限公司,330113,VALID,3"
    import_id = imported(csv(GOOD, OTHER, twice))
    (row,) = rows_of(api, universe.shen, import_id, code="duplicate_uscc")
    assert (row["row"], row["findings"][0]["code"]) == (4, "duplicate_uscc")

    # The first of the two takes another code, and the second is alone.
    told = correct(api, universe.shen, import_id, 2, (HEADER.split(",")[0], C)).json()
    assert (told["status"], told["judged"]) == ("ready", [2, 4])
    # Row 2 takes the code of row 3, which had no finding until now.
    told = correct(api, universe.shen, import_id, 2, (HEADER.split(",")[0], B)).json()
    assert (told["status"], told["judged"], told["rows"]["invalid"]) == (
        "needs_attention", [2, 3], 1,
    )  # fmt: skip
    assert [row["row"] for row in rows_of(api, universe.shen, import_id, severity="error")] == [3]


def test_a_row_is_left_out_and_taken_in_again(imported, api, universe, run_tasks):
    import_id = imported(csv(GOOD, FAULTY))
    told = correct(api, universe.shen, import_id, 3, left_out=True).json()
    assert (told["status"], told["rows"]["total"]) == ("ready", 1)
    again = correct(api, universe.shen, import_id, 3, left_out=False).json()
    assert (again["status"], again["rows"]["total"]) == ("needs_attention", 2)
    correct(api, universe.shen, import_id, 3, left_out=True)
    assert post(api, universe.shen, import_id, "check").status_code == 202
    run_tasks()
    assert shown(api, universe.shen, import_id)["rows"]["total"] == 1


def test_all_suggestions_of_a_kind_are_accepted_at_once(imported, api, universe):
    codes = [uscc.with_check_character(f"91330110MA2B{n:05d}") for n in range(40)]
    lines = [f"{code},杭州第{n}有限公司,330110,有效期内的,1" for n, code in enumerate(codes)]
    import_id = imported(csv(GOOD, *lines))
    row = rows_of(api, universe.shen, import_id, limit=1)[0]
    assert row["findings"][0]["suggestion"]
    body = {"code": "not_allowed", "column": "QF-17"}
    told = post(api, universe.shen, import_id, "accept-suggestions", body).json()
    assert (told["cells"], told["status"], told["rows"]["valid"]) == (40, "ready", 41)


def test_nothing_is_mended_by_others_or_after_the_release(imported, api, universe, run_tasks):
    import_id = imported(csv(GOOD, OTHER))
    assert correct(api, universe.zheng, import_id, 2, ("QC-05", "1")).status_code == 403
    assert correct(api, universe.wu, import_id, 2, ("QC-05", "1")).status_code in {403, 404}
    assert correct(api, universe.shen, import_id, 99, ("QC-05", "1")).status_code == 400
    assert correct(api, universe.shen, import_id, 2, ("QX-99", "1")).status_code == 400
    post(api, universe.zheng, import_id, "publish")
    assert correct(api, universe.shen, import_id, 2, ("QC-05", "1")).status_code == 409


def test_judging_some_rows_comes_to_what_judging_the_whole_does(imported, api, universe, run_tasks):
    """Random corrections; after each, counts and findings are those of a whole check."""
    chance = random.Random(5)
    codes = [uscc.with_check_character(f"91330110MA2B{n:05d}") for n in range(12)]
    texts = {
        0: [*codes, "9133", ""],
        1: ["杭州甲有限公司", ""],
        2: ["330110", "330105", "999999", ""],
        3: ["VALID", "没有的", "NONE", ""],
        4: ["1", "很多", "-5", ""],
    }
    lines = [",".join(chance.choice(texts[n]) for n in range(5)) for _ in range(25)]
    import_id = imported(csv(GOOD, *lines))
    header = HEADER.split(",")
    for _ in range(25):
        place = chance.randrange(5)
        cell = (header[place], chance.choice(texts[place]))
        answer = correct(api, universe.shen, import_id, chance.randrange(2, 27), cell)
        assert answer.status_code == 200, answer.content
    now = state(universe, import_id)
    assert post(api, universe.shen, import_id, "check").status_code == 202
    run_tasks()
    assert state(universe, import_id) == now


def state(universe, import_id):
    with acting_as(universe.hangzhou.pk):
        batch = ImportBatch.objects.get(pk=import_id)
        found = ImportFinding.objects.filter(batch=batch).values_list(
            "row", "column", "code", "value", "suggestion"
        )
        counts = (batch.rows_total, batch.rows_valid, batch.rows_invalid, batch.error_count)
        return batch.status, counts, sorted(map(str, found)), dict(batch.finding_counts)


def test_the_workbook_of_faulty_rows_goes_out_and_comes_in_again(imported, api, universe):
    import_id = imported(csv(GOOD, FAULTY, OTHER))
    path = f"/api/v1/imports/{import_id}/faulty-rows/"
    answer = api(universe.shen).get(path)
    assert answer.status_code == 200
    book = faulty_workbook.read(answer.content)
    assert book.import_id == import_id
    assert book.rows[3][4] == "很多"

    # Somebody mends the name meanwhile; the workbook mends the figure, and another name.
    name = HEADER.split(",")[1]
    correct(api, universe.shen, import_id, 3, (name, "杭州另一家有限责任公司"))
    mended = [*book.rows[3]]
    mended[1], mended[4] = "杭州别的公司", "7"
    content = faulty_workbook.write(
        book.headers,
        [MarkedRow(3, mended, {}, {})],
        import_id=import_id,
        known_to=book.known_to,
        chinese=True,
    )
    told = api(universe.shen).post(path, {"file": named(content)}, multipart=True).json()
    assert (told["cells"], told["status"]) == (1, "ready")
    assert told["conflicts"] == [{"row": 3, "column": name, "now": "杭州另一家有限责任公司"}]
    lines = api(universe.shen).get(f"/api/v1/imports/{import_id}/corrections/").json()["results"]
    assert (lines[0]["way"], lines[0]["became"]) == ("workbook", "7")


def test_a_workbook_of_another_import_or_none_is_refused(imported, api, universe):
    import_id = imported(csv(GOOD, FAULTY))
    path = f"/api/v1/imports/{import_id}/faulty-rows/"
    other = faulty_workbook.write(["QC-05"], [], import_id=str(uuid4()), known_to=0, chinese=False)
    for content in (other, b"no workbook"):
        answer = api(universe.shen).post(path, {"file": named(content)}, multipart=True)
        assert answer.json()["code"] == "sharing.import.another_workbook"


def test_each_bad_cell_of_the_workbook_is_marked_and_explained(imported, api, universe):
    import_id = imported(csv(GOOD, FAULTY))
    content = api(universe.shen).get(f"/api/v1/imports/{import_id}/faulty-rows/").content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        comments = parts.read("xl/comments1.xml").decode()
    assert "请用阿拉伯数字填写整数" in comments


def named(content):
    return SimpleUploadedFile("mended.xlsx", content)


def test_the_workbook_may_come_back_without_a_column_or_in_another_order(imported, api, universe):
    import_id = imported(csv(GOOD, FAULTY, OTHER))
    path = f"/api/v1/imports/{import_id}/faulty-rows/"
    book = faulty_workbook.read(api(universe.shen).get(path).content)
    cells = dict(zip(book.headers, book.rows[3], strict=True)) | {"QC-05": "7"}

    def sent(headers):
        content = faulty_workbook.write(
            headers,
            [MarkedRow(3, [cells.get(text, "x") for text in headers], {}, {})],
            import_id=import_id,
            known_to=book.known_to,
            chinese=True,
        )
        return api(universe.shen).post(path, {"file": named(content)}, multipart=True)

    renamed = sent(["统一社会信用代码", "名称", "QC-05"])
    assert renamed.status_code == 400
    assert renamed.json()["code"] == "sharing.import.another_workbook"
    doubled = sent(["统一社会信用代码", "QC-05", "QC-05"])
    assert doubled.json()["code"] == "sharing.import.another_workbook"
    told = sent(["QC-05", "统一社会信用代码"]).json()
    assert (told["cells"], told["status"]) == (1, "ready")
    lines = api(universe.shen).get(f"/api/v1/imports/{import_id}/corrections/").json()["results"]
    assert [(line["column"], line["became"]) for line in lines] == [("QC-05", "7")]
