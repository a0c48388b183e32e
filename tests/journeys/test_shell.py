"""The frame in a browser: one click in, both languages, keyboard, no complaint of any kind."""

import re

import pytest

PAGES = (
    "/", "/jobs/", "/audit/", "/members/", "/clients/", "/clients/new/",
    "/account/second-factor/", "/account/second-factor/enrol/", "/organization/",
)  # fmt: skip
GALLERY = (
    "headers",
    "notices",
    "statuses",
    "cards",
    "stats",
    "forms",
    "tables",
    "timeline",
    "charts",
)


@pytest.fixture
def everything(universe):
    """Somebody who may open every page of the frame."""
    from qfce.kernel.tenancy.models import Membership

    held = ["credit_officer", "auditor", "administrator"]
    Membership.objects.filter(user_id=universe.lin.user_id).update(roles=held)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_of_the_frame_is_accessible_in_both_languages(everything, visitor, language):
    visitor.read(language)
    visitor.go("/sign-in/")
    found = {"/sign-in/": visitor.faults()}
    visitor.sign_in("lin")
    for path in PAGES:
        visitor.go(path)
        found[path] = visitor.faults()
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_every_component_is_accessible(visitor):
    found = {}
    for name in GALLERY:
        visitor.go(f"/ui/{name}/")
        found[name] = visitor.faults()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_one_click_signs_in_and_one_changes_the_language(visitor):
    page = visitor.sign_in("lin")
    assert page.locator("h1").inner_text() == "林涛，您好"
    page.get_by_role("button", name="English").click()
    assert page.locator("h1").inner_text() == "Good day, 林涛"
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_table_is_searched_sorted_and_paged_in_place_and_the_address_keeps_it(visitor):
    page = visitor.go("/ui/tables/")
    page.locator(".pager-pages a[href*='page=2']").first.click()
    page.wait_for_url(re.compile("page=2"))
    page.locator("select[name=grade]").select_option("A")
    page.wait_for_url(re.compile("grade=A"))
    swapped = page.locator("#table-gallery").inner_text()
    page.reload()
    assert page.locator("#table-gallery").inner_text() == swapped
    page.get_by_role("columnheader", name="Score").get_by_role("link").click()
    page.wait_for_url(re.compile("sort=score"))


def test_the_keyboard_reaches_the_content_and_a_confirmation_can_be_declined(visitor):
    page = visitor.go("/ui/confirmation/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.get_by_role("button", name="Release").click()
    assert page.locator("#confirmation").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#confirmation").is_visible()
    assert "/ui/confirmation/" in page.url


def test_the_menu_of_a_small_screen_opens_and_closes(visit):
    with visit("tablet") as visitor:
        page = visitor.sign_in("lin")
        assert not page.locator("#navigation").is_visible()
        page.locator(".top-menu").click()
        assert page.locator("#navigation").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator("#navigation").is_visible()
        assert visitor.complaints == []
