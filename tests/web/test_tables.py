"""Tables: the address says it all, what is swapped equals what is reloaded, files do no harm."""

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from qfce.kernel.jobs import work
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.web.tables import Column, Kind, Table
from tests.universe import NOON


@pytest.fixture
def jobs(universe):
    def make(count, kind="sharing.import"):
        with acting_as(universe.lin.organization_id):
            for _ in range(count):
                work.create(kind, task="jobs.sweep", kwargs={}, actor=universe.lin, at=NOON)

    return make


def rows(page):
    return page.content.decode().count("<tr>") - 1


def test_a_page_holds_as_many_rows_as_asked_for_and_counts_them(universe, browser, jobs):
    jobs(60)
    client = browser(universe.lin)
    first = client.get("/jobs/?size=25")
    assert rows(first) == 25
    assert "1–25 of 60" in first.content.decode()
    assert rows(client.get("/jobs/?page=3")) == 10
    assert "51–60 of 60" in client.get("/jobs/?page=99").content.decode()


def test_what_is_swapped_in_equals_what_is_reloaded(universe, browser, jobs, htmx):
    jobs(30)
    client = browser(universe.lin)
    address = "/jobs/?state=queued&sort=-created_at&page=2"
    part = client.get(address, headers=htmx("table-jobs")).content.decode().strip()
    assert part.startswith('<div id="table-jobs"')
    assert part in client.get(address).content.decode()


def test_filters_are_remembered_until_they_are_cleared(universe, browser, jobs):
    jobs(3)
    client = browser(universe.lin)
    here = {"Referer": "http://testserver/jobs/"}
    assert rows(client.get("/jobs/?state=queued&q=import", headers=here)) == 3
    assert client.get("/jobs/").headers["Location"] == "/jobs/?q=import&state=queued"
    assert client.get("/jobs/?state=failed").status_code == 200
    assert client.get("/jobs/?reset=1").headers["Location"] == "/jobs/"
    assert client.get("/jobs/").status_code == 200


def test_a_link_from_elsewhere_is_not_remembered(universe, browser, jobs):
    client = browser(universe.lin)
    client.get("/jobs/?state=failed", headers={"Referer": "http://testserver/"})
    assert client.get("/jobs/").status_code == 200


def test_nonsense_in_the_address_is_ignored(universe, browser, jobs):
    jobs(1)
    page = browser(universe.lin).get("/jobs/?state=nonsense&sort=password&page=-4&size=7&q=%00x")
    assert page.status_code == 200


def test_a_file_holds_what_is_shown_and_no_formula(universe, browser, jobs):
    jobs(2, kind="=HYPERLINK(1)")
    jobs(30, kind="other")
    client = browser(universe.lin)
    answer = client.get("/jobs/?q=HYPER&export=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="jobs.csv"'
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == 3
    assert lines[1][0] == "'=hyperlink(1)", "a kind without words of its own, made readable"
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/jobs/?export=xlsx").content))
    sheet = book.get_sheet_by_index(0).to_python()
    assert len(sheet) == 33
    assert "=hyperlink(1)" in {row[0] for row in sheet}


def test_what_stands_below_a_name_has_a_column_of_its_own_in_a_file(rf):
    table = Table(
        name="firms",
        caption="Firms",
        columns=(
            Column("name", "Enterprise", note=lambda row: row["code"], note_label="Credit code"),
            Column("score", "Score", Kind.NUMBER),
        ),
    )
    rows = [{"name": "A", "code": "913301", "score": 7}, {"name": "B", "code": "", "score": 8}]
    answer = table.export(rf.get("/"), rows, "csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines == [["Enterprise", "Credit code", "Score"], ["A", "913301", "7"], ["B", "", "8"]]


def test_queries_do_not_grow_with_rows(universe, browser, jobs, django_assert_max_num_queries):
    client = browser(universe.lin)
    jobs(2)
    client.get("/jobs/")
    counts = []
    for more in (1, 60):
        jobs(more)
        with django_assert_max_num_queries(30) as captured:
            client.get("/jobs/?size=100")
        counts.append(len(captured))
    assert counts[0] == counts[1]
