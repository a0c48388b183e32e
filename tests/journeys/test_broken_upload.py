"""A large file whose line breaks in the middle: it goes on where it stopped, and comes whole."""

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from sharing.domain import uscc
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("zj_list", "worker")]
PIECE = 8 * 1024 * 1024
SECONDS = 60_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pieces and a half, most of it a column that nobody knows."""
    lines = ["统一社会信用代码,企业名称,行政区划代码,QC-05,备注"]
    for number in range(200):
        code = uscc.with_check_character(f"91330110MA3{number:06d}")
        lines.append(f"{code},杭州第{number}机械有限公司,330110,1,{number:x}" + "x" * (PIECE // 80))
    file = tmp_path_factory.mktemp("large") / "november.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert 2 * PIECE < file.stat().st_size < 3 * PIECE
    return file


def test_a_broken_upload_goes_on_where_it_stopped(visitor: Visitor, large: Path) -> None:
    visitor.read("en")
    page = visitor.sign_in("shen")
    visitor.read("en")
    visitor.go("/sharing/imports/new/")
    sent: list[int] = []

    def line(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        offset = int(route.request.headers["upload-offset"])
        sent.append(offset)
        if len(sent) == 2:  # the second piece is lost on its way
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/uploads/**", line)
    page.locator("input[type=file]").set_input_files(large)
    page.locator("form.form button[type=submit]").click()
    expect(page.locator(".upload-words")).to_contain_text("The line broke", timeout=SECONDS)
    assert sent == [0, PIECE]
    # The line that this test breaks is on the console, once, and nothing else is.
    (broken,) = visitor.complaints
    assert "net::ERR_CONNECTION_RESET" in broken
    visitor.complaints.clear()

    page.locator("form.form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/sharing/imports/[0-9a-f-]{36}/"), timeout=SECONDS)
    assert sent == [0, PIECE, PIECE, 2 * PIECE]
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    page.locator("a[href$='/comparison/']").first.wait_for(timeout=SECONDS)
    expect(page.locator("main")).to_contain_text(digest[:12])
    expect(page.locator("#import-counts")).to_contain_text("200")
