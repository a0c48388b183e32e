"""Imports in the browser: a file from the drop to the receipt, and back."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.jobs.models import Job
from qfce.kernel.tenancy.context import acting_as
from sharing.models import FactorProfile, ImportBatch
from sharing.services import import_comparisons
from sharing.web import import_panels
from tests.sharing.shared import N, agree, publish, row
from tests.universe import NOON, USCC

B, C = "91330110MA2B0C8X3K", "91330105MA27XG5T1D"
HEADER = "统一社会信用代码,企业名称,行政区划代码,QF-17,QC-05,QF-07"
FIRST = f"{USCC},临平安和精工汽车零部件股份有限公司,330113,VALID,0,2"
OTHER = f"{B},杭州某某精密机械有限公司,330110,VALID,1,"
FAULTY = f"{C},杭州另一家有限公司,330105,VALID,很多,"
pytestmark = pytest.mark.django_db


def csv(*lines, header=HEADER):
    return "\n".join((header, *lines)).encode()


def text_of(response, status=200):
    assert response.status_code == status, response.content.decode()[:3000]
    return unescape(response.content.decode())


@pytest.fixture
def upload(zj_list, browser, universe):
    """Drop a file on the page; the answer."""

    def send(content, *, name="list.csv", who="shen", mode="delta"):
        file = SimpleUploadedFile(name, content)
        data = {"file": file, "factor_list": "ZJ-QFCE", "mode": mode}
        return browser(getattr(universe, who)).post("/sharing/imports/new/", data)

    return send


@pytest.fixture
def checked(upload, run_tasks):
    """Upload a file and have it checked; the address of its page."""

    def send(*lines, **how):
        response = upload(csv(*lines), **how)
        assert response.status_code == 302, response.content.decode()[:3000]
        run_tasks()
        return response.headers["Location"]

    return send


@pytest.fixture
def published(checked, browser, universe, run_tasks):
    """Upload, check and release a file; the address of its page."""

    def send(*lines, release=None, **how):
        page = checked(*lines, **how)
        response = browser(universe.zheng).post(f"{page}release/", release or {})
        assert response.status_code == 200, response.content.decode()[:3000]
        run_tasks()
        return page

    return send


def test_a_file_goes_from_the_drop_to_the_receipt(upload, browser, universe, run_tasks, zj_list):
    shen, zheng = browser(universe.shen), browser(universe.zheng)
    page = upload(csv(FIRST, OTHER)).headers["Location"]
    assert 'hx-trigger="every 1s"' in text_of(shen.get(page))

    run_tasks()
    own = text_of(shen.get(page))
    assert "every 1s" not in own
    assert "You uploaded this file, so somebody else releases it." in own
    assert f'action="{page}release/"' not in own

    answer = text_of(zheng.post(f"{page}release/"))
    assert "Writing ledger and profiles" in answer
    run_tasks()
    receipt = text_of(zheng.get(f"{page}receipt/"))
    with acting_as(universe.zheng.organization_id):
        batch = ImportBatch.objects.select_related("publication").get()
        assert FactorProfile.objects.filter(uscc=USCC).exists()
    assert batch.publication.digest in receipt
    assert f"Receipt of publication {batch.publication.number}" in receipt
    assert "沈洁" in receipt
    assert "郑锋" in receipt


def test_what_htmx_swaps_in_is_what_the_page_shows(checked, browser, universe, htmx):
    page = checked(FIRST, FAULTY)
    client = browser(universe.zheng)

    swapped = text_of(client.get(page, headers=htmx("import")))
    reloaded = text_of(client.get(page))

    def plain(html):
        return re.sub(r'value="[a-zA-Z0-9]{64}"', "", html).strip()

    part = plain(swapped)
    assert part.startswith('<div id="import"')
    assert part in plain(reloaded)


def test_findings_stand_by_cell_and_can_be_narrowed(checked, browser, universe):
    page = checked(FIRST, FAULTY)
    client = browser(universe.shen)

    overview = text_of(client.get(page))
    assert "Needs attention" in overview
    assert "Not a whole number" in overview
    findings = text_of(client.get(f"{page}findings/", {"severity": "error"}))
    assert "很多" in findings
    assert "Give a whole number here, in figures." in findings
    chinese = text_of(browser(universe.shen, language="zh-hans").get(f"{page}findings/"))
    assert "请用阿拉伯数字填写整数。" in chinese
    assert "很多" not in text_of(client.get(f"{page}findings/", {"severity": "warning"}))
    exported = client.get(f"{page}findings/", {"code": "not_integer", "export": "csv"})
    assert "很多" in exported.content.decode("utf-8-sig")


def test_the_comparison_shows_old_and_new_side_by_side(published, checked, browser, universe):
    published(FIRST, OTHER)
    page = checked(f"{USCC},,330113,REVOKED,0,", f"{C},杭州另一家有限公司,330105,VALID,1,3")

    compared = text_of(browser(universe.zheng).get(f"{page}comparison/"))

    rows = re.findall(r"<tr>\s*<td.*?</tr>", compared, re.DOTALL)
    changed = next(row for row in rows if USCC in row and "QF-17" in row)
    valid, revoked = (changed.index(word) for word in ("Valid", "Revoked"))
    assert valid < revoked
    assert any(C in row and "New enterprise" in row for row in rows)
    assert "Already on the list" in compared
    assert "Gates suggested to banks that would be met" in compared
    assert "/items/QC-05/" in compared
    only_new = text_of(browser(universe.zheng).get(f"{page}comparison/", {"what": "new"}))
    assert C in only_new
    assert USCC not in only_new.split("<tbody>")[-1]


def test_a_comparison_is_kept_until_something_changes(
    published, checked, browser, universe, monkeypatch
):
    published(FIRST)
    page = checked(f"{USCC},,330113,REVOKED,0,") + "comparison/"
    assert "Revoked" in text_of(browser(universe.zheng).get(page))

    def fails(*_args, **_more):
        raise AssertionError("worked out again")

    with monkeypatch.context() as patched:
        patched.setattr(import_comparisons, "_work_out", fails)
        assert "Revoked" in text_of(browser(universe.zheng).get(page))
        agree(universe, "bank_a")
        publish(universe.lu, row(N, "330206", vals={"QC-05": 1}))  # another city's
        assert "Revoked" in text_of(browser(universe.zheng).get(page))
        publish(universe.shen, row(B, "330110", vals={"QC-05": 1}))
        with pytest.raises(AssertionError, match="worked out again"):
            browser(universe.zheng).get(page)
    assert "Revoked" in text_of(browser(universe.zheng).get(page))


def test_a_large_comparison_is_a_workers_and_the_page_says_how_far(
    checked, browser, universe, monkeypatch, run_tasks
):
    monkeypatch.setattr(import_comparisons, "MOST_ROWS", 0)
    page = checked(FIRST)
    visitor = browser(universe.zheng)
    assert "compared by a worker" in text_of(visitor.get(f"{page}comparison/"))
    assert visitor.post(f"{page}compare/").status_code in (204, 302, 303)
    assert "being worked out" in text_of(visitor.get(f"{page}comparison/"))
    visitor.post(f"{page}compare/")  # asked twice, done once
    run_tasks()
    assert "Enterprises by region" in text_of(visitor.get(f"{page}comparison/"))


def test_a_comparison_that_broke_down_says_so_and_is_tried_again(
    checked, browser, universe, monkeypatch, run_tasks
):
    monkeypatch.setattr(import_comparisons, "MOST_ROWS", 0)
    page, visitor = checked(FIRST), browser(universe.zheng)
    visitor.post(f"{page}compare/")
    with acting_as(universe.zheng.organization_id):
        job = Job.objects.get(kind="compare_import")
        Job.objects.filter(pk=job.pk).update(state="failed", finished_at=NOON)
    told = text_of(visitor.get(f"{page}comparison/"))
    assert "failed by a mistake of ours" in told and "hx-trigger" not in told.split("<main")[1]
    visitor.post(f"{page}compare/")
    assert "being worked out" in text_of(visitor.get(f"{page}comparison/"))
    run_tasks()
    assert "Enterprises by region" in text_of(visitor.get(f"{page}comparison/"))


def test_the_comparison_says_who_gains_or_loses_and_who_will_see_it(
    published, checked, browser, universe, zj_list
):
    published(FIRST, OTHER)
    agree(universe, "bank_a")
    page = checked(f"{USCC},,330113,REVOKED,1,", f"{B},,330110,VALID,0,")

    compared = text_of(browser(universe.zheng).get(f"{page}comparison/"))

    turned = compared.split("Enterprises that gain or lose a gate or an honour")[-1]
    rows = re.findall(r"<tr><td>.*?</tr>", turned, re.DOTALL)
    gains = {("gains" if "Gains it" in row else "loses", code) for row in rows
             for code in ("QF-17", "QC-05") if code in row}  # fmt: skip
    assert {("gains", "QC-05"), ("loses", "QC-05")} <= gains, rows
    readers = compared.split("Who will see it")[-1]
    assert re.search(
        rf"{re.escape(universe.bank_a.name_en)}</td><td class=\"text-end\">2<", readers
    )


def test_unchanged_rows_are_no_news(published, checked, browser, universe):
    published(FIRST)
    page = checked(FIRST)

    assert "The file says nothing new" in text_of(browser(universe.zheng).get(f"{page}comparison/"))


def test_errors_are_left_out_only_if_somebody_says_so(checked, browser, universe, htmx, run_tasks):
    page = checked(FIRST, FAULTY)
    client = browser(universe.zheng)

    refused = client.post(f"{page}release/", {}, headers=htmx("import"))
    assert "Tick the box to leave them out" in text_of(refused, 409)
    client.post(f"{page}release/", {"leave_out_errors": "on"})
    run_tasks()

    receipt = text_of(client.get(f"{page}receipt/"))
    assert re.search(r"Left out</div>\s*<div class=\"stat-value\">1<", receipt)


def test_removals_are_confirmed_by_their_number(published, checked, browser, universe, run_tasks):
    published(FIRST, OTHER)
    page = checked(FIRST, mode="full")
    client = browser(universe.zheng)
    assert "Leaves the list" in text_of(client.get(f"{page}comparison/", {"what": "left_out"}))

    assert client.post(f"{page}release/", {"confirm_removals": "2"}).status_code == 409
    assert client.post(f"{page}release/", {"confirm_removals": "1"}).status_code == 200
    run_tasks()

    assert "Taken off the list" in text_of(client.get(f"{page}receipt/"))


@pytest.mark.parametrize(
    ("who", "status"),
    [
        pytest.param("shen", 403, id="whoever uploaded it"),
        pytest.param("zhou", 403, id="a role that releases nothing"),
        pytest.param("mo", 404, id="another city"),
        pytest.param("lin", 403, id="a bank"),
    ],
)
def test_nobody_else_releases(checked, browser, universe, who, status):
    page = checked(FIRST)

    assert browser(getattr(universe, who)).post(f"{page}release/").status_code == status


def test_an_import_is_cancelled(checked, browser, universe):
    page = checked(FIRST)
    client = browser(universe.shen)

    assert client.post(f"{page}cancel/").status_code == 302

    assert "Cancelled" in text_of(client.get(page))
    assert client.post(f"{page}cancel/").status_code == 409


def test_a_publication_is_taken_back_with_a_reason(published, browser, universe, run_tasks, htmx):
    page = published(FIRST)
    client = browser(universe.zheng)

    unsaid = client.post(f"{page}undo/", {"reason": " "}, headers=htmx("import"))
    assert "field-error" in text_of(unsaid, 422)
    assert "Restoring what stood before" in text_of(
        client.post(f"{page}undo/", {"reason": "The wrong month."})
    )
    run_tasks()

    assert "This import was undone." in text_of(client.get(page))
    assert "This import was undone." in text_of(client.get(f"{page}receipt/"))
    with acting_as(universe.zheng.organization_id):
        event = AuditEvent.objects.get(action="sharing.import.undo_requested")
    assert event.detail["reason"] == "The wrong month."


def test_a_file_that_cannot_be_read_says_so(upload, browser, universe, run_tasks):
    wrong = upload(b"%PDF", name="list.pdf")
    assert "Files of this kind are not read." in text_of(wrong, 422)

    page = upload(b"a,b\n1,2\n").headers["Location"]
    run_tasks()
    said = text_of(browser(universe.shen, language="zh-hans").get(page))
    assert "前20行中没有找到表头" in said


def test_a_form_without_a_file_says_so(browser, universe, zj_list):
    data = {"factor_list": "ZJ-QFCE", "mode": "delta"}

    response = browser(universe.shen).post("/sharing/imports/new/", data)

    assert "field-error" in text_of(response, 422)


def test_the_list_is_searched_and_filtered(checked, browser, universe):
    checked(FIRST, name="april.csv")
    checked(OTHER, FAULTY, name="may.csv")
    client = browser(universe.zheng)

    assert {"april.csv", "may.csv"} <= set(
        re.findall(r"\w+\.csv", text_of(client.get("/sharing/imports/")))
    )
    waiting = text_of(client.get("/sharing/imports/", {"status": "needs_attention"}))
    assert "may.csv" in waiting
    assert "april.csv" not in waiting
    assert "may.csv" not in text_of(client.get("/sharing/imports/", {"q": "april"}))


def test_the_page_today_says_what_waits_and_for_whom(checked, universe):
    checked(FIRST)
    checked(FAULTY)

    def counts(actor):
        with acting_as(actor.organization_id):
            found = import_panels.waiting(actor=actor, at=NOON)
        return [todo.count for todo in found]

    assert counts(universe.zheng) == [2]
    assert counts(universe.shen) == [1, 1]


def test_there_is_no_receipt_before_the_publication(checked, browser, universe):
    assert browser(universe.zheng).get(f"{checked(FIRST)}receipt/").status_code == 404


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_ask_few_questions_however_many_rows(published, checked, browser, universe):
    client = browser(universe.zheng)
    asked = []
    published(FIRST)
    for lines in ((FAULTY,), (FAULTY, OTHER, f"{USCC},,330113,REVOKED,1,3")):
        page = checked(*lines)
        parts = ("", "findings/", "comparison/")
        asked.append([queries_of(client, f"{page}{part}") for part in parts])
        asked[-1].append(queries_of(client, "/sharing/imports/"))

    assert asked[0] == asked[1]
    assert max(asked[1]) <= 30
