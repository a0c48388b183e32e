"""
The officer's hour: a file with 5,000 faulty rows from the drop to the receipt.

In Chinese and in English with the mouse, and once with the keyboard alone.
"""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from sharing.domain import uscc
from tests.journeys.conftest import Visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("zj_list", "worker")]
ROWS = 5_000
HEADER = "统一社会信用代码,企业名称,行政区划代码,QF-17,QC-05,认证证书数量"
SECONDS = 60_000  # at most, for what a worker does


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every row with a fault: a word that is nearly allowed, a figure in words, a lost code."""
    lines = [HEADER]
    for number in range(ROWS):
        code = uscc.with_check_character(f"91330110MA2{number:06d}")
        code = code if number else code[:-1]
        count = "没有" if number % 10 == 1 else "1"
        lines.append(f"{code},杭州第{number}精密机械有限公司,330110,有效期内的,{count},2")
    file = tmp_path_factory.mktemp("faulty") / "november.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_whole_hour_with_the_mouse(visitor: Visitor, faulty: Path, language: str) -> None:
    visitor.read(language)
    page = visitor.sign_in("shen")
    visitor.read(language)
    visitor.go("/sharing/imports/new/")
    _drop(page, faulty)
    expect(page.locator(".upload-digest")).to_have_text(re.compile(r"SHA-256 [0-9a-f]{64}"))
    page.locator("form.form button[type=submit]").click()
    mend = page.locator("a[href$='/mend/']").first
    mend.wait_for(timeout=SECONDS)
    address = page.url
    mend.click()

    # All suggestions of a kind at once; one text wherever it stands; one cell by hand.
    page.locator("form[action*='/mend/accept/'] button").first.click()
    expect(page.locator("#mend-done")).to_contain_text("5,000", timeout=SECONDS)
    cell = page.locator("#cell-3-4")
    cell.fill("0")
    cell.locator("xpath=..").locator("button[name=alike]").click()
    expect(page.locator("#mend-done")).to_contain_text("500", timeout=SECONDS)
    code = page.locator("#cell-2-0")
    code.fill(uscc.with_check_character("91330110MA2000000"))
    code.press("Enter")
    expect(page.locator("#mend .mend-cell-bad")).to_have_count(0)
    assert visitor.faults() == []

    page.locator("#mend-finish button").click()
    page.locator("a[href$='/comparison/']").first.wait_for(timeout=SECONDS)
    _release_and_print(visitor, address, language)


def test_the_whole_hour_with_the_keyboard_alone(visitor: Visitor, faulty: Path) -> None:
    page = visitor.sign_in("shen")
    visitor.go("/sharing/imports/new/")
    _choose_by_key(page, faulty)
    _tab_to(page, "form.form button[type=submit]")
    page.keyboard.press("Enter")
    page.locator("a[href$='/mend/']").first.wait_for(timeout=SECONDS)
    address = page.url
    _tab_to(page, "a[href$='/mend/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/mend/")

    # The first faulty cell has the focus: type, store, go on; accept a suggestion; then all.
    expect(page.locator("#cell-2-0")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type(uscc.with_check_character("91330110MA2000000"))
    page.keyboard.press("Enter")
    expect(page.locator("#cell-2-3")).to_be_focused()
    page.keyboard.press("Alt+Enter")
    expect(page.locator("#cell-2-3")).to_have_count(0)
    expect(page.locator("#cell-3-3")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#cell-3-4")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("0")
    _tab_to(page, "button[name=alike]")
    page.keyboard.press("Enter")
    expect(page.locator("#mend-done")).to_contain_text("500", timeout=SECONDS)
    _tab_to(page, "form[action*='/mend/accept/'] button")
    page.keyboard.press("Enter")
    expect(page.locator("#mend-finish button")).to_be_focused(timeout=SECONDS)
    page.keyboard.press("Enter")
    page.locator("a[href$='/comparison/']").first.wait_for(timeout=SECONDS)

    visitor.sign_out()
    visitor.sign_in("zheng")
    page.goto(address)
    _tab_to(page, "form[action$='/release/'] button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#confirmation")).to_be_visible()
    _tab_to(page, "#confirmation-yes")
    page.keyboard.press("Enter")
    page.locator("a[href$='/receipt/']").first.wait_for(timeout=SECONDS)
    _tab_to(page, "a[href$='/receipt/']")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text(re.compile(r"[0-9a-f]{64}"))


def _release_and_print(visitor: Visitor, address: str, language: str) -> None:
    """The second person sees the comparison, releases, and has the receipt."""
    visitor.sign_out()
    page = visitor.sign_in("zheng")
    visitor.read(language)
    page.goto(address + "comparison/")
    expect(page.locator("main")).to_contain_text("5,000")
    page.goto(address)
    page.locator("form[action$='/release/'] button[type=submit]").click()
    page.locator("#confirmation-yes").click()
    page.locator("a[href$='/receipt/']").first.wait_for(timeout=SECONDS)
    page.goto(address + "receipt/")
    expect(page.locator("main")).to_contain_text("5,000")
    expect(page.locator("main")).to_contain_text(re.compile(r"[0-9a-f]{64}"))
    assert visitor.faults() == []


def _drop(page: Page, file: Path) -> None:
    """Drop a file onto the page, as from the desktop."""
    content = base64.b64encode(file.read_bytes()).decode()
    carried: Any = page.evaluate_handle(
        """([content, name]) => {
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
            const carried = new DataTransfer();
            carried.items.add(new File([bytes], name, {type: 'text/csv'}));
            return carried;
        }""",
        [content, file.name],
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": carried})


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is where it should be: the only way there without a mouse."""
    for _ in range(400):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}.")


def _choose_by_key(page: Page, file: Path) -> None:
    """Open the chooser from the keyboard; a browser short of time lets a first press pass."""
    for _ in range(6):
        _tab_to(page, "input[type=file]")
        try:
            with page.expect_file_chooser(timeout=10_000) as chooser:
                page.keyboard.press("Space")
        except TimeoutError:
            continue  # the press came before the page was ready for it
        chooser.value.set_files(file)
        return
    raise AssertionError("The space bar opens no chooser.")
