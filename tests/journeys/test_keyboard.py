"""The keyboard alone: a menu, a table, a form, a dialog, and the way out of each."""

import re

from playwright.sync_api import expect

from qfce.kernel.tenancy.models import Membership
from tests.journeys.keys import tab_to


def test_a_menu_opens_and_closes_and_gives_the_focus_back(visitor):
    page = visitor.sign_in("lin")
    tab_to(page, "details.menu > summary")
    page.keyboard.press("Enter")
    expect(page.locator(".menu-body")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.menu-body') !== null")
    page.keyboard.press("Escape")
    expect(page.locator(".menu-body")).not_to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_menu_of_a_small_screen_is_reached_and_left(visit):
    with visit("tablet") as visitor:
        page = visitor.sign_in("lin")
        tab_to(page, ".top-menu")
        page.keyboard.press("Enter")
        expect(page.locator("#navigation")).to_be_visible()
        tab_to(page, '#navigation a[href="/lending/loans/"]')
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/lending/loans/"))
        assert visitor.complaints == []


def test_a_table_is_searched_sorted_and_exported(visitor):
    page = visitor.go("/ui/tables/")
    tab_to(page, '[name="q"]')
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=1"))
    tab_to(page, "th a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("sort="))
    tab_to(page, '.pager-export a[href*="csv"]')
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".csv")


def test_a_form_is_filled_in_and_its_dialog_answered(visitor, universe):
    lin = Membership.objects.get(user_id=universe.lin.user_id)
    visitor.sign_in("tan")
    page = visitor.go(f"/members/{lin.pk}/")
    tab_to(page, '[name="roles"][value="auditor"]')
    page.keyboard.press("Space")
    tab_to(page, "#member-roles button[type=submit]")
    page.keyboard.press("Enter")
    # The page that the form brings says so; before it comes, the old one is at rest too.
    expect(page.locator("#messages .notice-success")).to_be_visible()
    page.wait_for_load_state("networkidle")
    lin.refresh_from_db()
    assert "auditor" in lin.roles
    opener = 'form[action$="/let-in/"] button'
    tab_to(page, opener)
    page.keyboard.press("Enter")
    expect(page.locator("#confirmation")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#confirmation")).not_to_be_visible()
    assert page.evaluate(f"document.activeElement.matches('{opener}')")
    page.keyboard.press("Enter")
    tab_to(page, "#confirmation-yes")
    page.keyboard.press("Enter")
    expect(page.locator("#messages .notice-success")).to_be_visible()
