"""Two people at one draft in two browsers: keys, both sides of a conflict, a step taken back."""

import pytest
from django.utils import timezone

from factors.services import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, User
from tests.factors import lists

EDIT = "/factors/lists/ZJ-PILOT/versions/1/edit/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(universe, zj_list):
    User.objects.update(language="en")
    Membership.objects.filter(user_id=universe.fang.user_id).update(roles=["list_owner"])
    zhou, at = universe.zhou, timezone.now()
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        return factor_lists.create_draft(
            lists.small("ZJ-PILOT"), effective_from=business_day(at), actor=zhou, at=at
        )


def cell(page, field, code="QC-05"):
    return page.locator(f"#row-{code} td[data-field={field}]")


def test_two_people_lose_nothing(draft, visitor, visit):
    visitor.sign_in("zhou")
    mine = visitor.go(EDIT)
    with visit("tablet") as other:
        other.sign_in("fang")
        theirs = other.go(EDIT)
        cell(theirs, "maximum").click()
        theirs.keyboard.type("13")
        theirs.keyboard.press("Enter")
        cell(theirs, "maximum").get_by_text("13").wait_for()

        # Another member goes in beside it; Tab ends it and goes on to the next.
        cell(mine, "max_age_days").click()
        mine.keyboard.type("77")
        mine.keyboard.press("Tab")
        cell(mine, "max_age_days").get_by_text("77").wait_for()
        assert cell(mine, "maximum").inner_text() == "13"  # the row came back as it is now

        # The same member, looked at before it changed: both sides, and a choice.
        cell(theirs, "max_age_days").click()
        theirs.keyboard.type("88")
        theirs.keyboard.press("Enter")
        conflict = theirs.locator("#conflict")
        conflict.wait_for()
        for side in ("77", "88"):
            assert conflict.get_by_role("cell", name=side, exact=True).is_visible()
        conflict.get_by_role("button", name="Take mine").click()
        cell(theirs, "max_age_days").get_by_text("88").wait_for()
        assert theirs.locator("#conflict").count() == 0
        assert other.complaints == []

    # Escape leaves a cell as it was; what it cannot hold is said.
    cell(mine, "minimum").click()
    mine.keyboard.type("5")
    mine.keyboard.press("Escape")
    assert cell(mine, "minimum").inner_text() == "0"
    mine.keyboard.type("many")
    mine.keyboard.press("Enter")
    mine.get_by_text("is no number").wait_for()
    assert visitor.faults() == []


def test_the_preview_beside_the_table_follows_what_is_typed(draft, visitor):
    visitor.sign_in("zhou")
    page = visitor.go(EDIT)
    pane = page.locator("#preview-pane")
    pane.locator("[data-preview-of=QC-05]").wait_for()

    cell(page, "name_en").click()
    page.keyboard.type("Penalties of all kinds")
    page.keyboard.press("Enter")
    pane.get_by_text("QC-05 Penalties of all kinds").first.wait_for()
    assert visitor.faults() == []


def test_without_scripts_the_preview_is_a_link(draft, visit):
    with visit("wide", java_script_enabled=False) as reader:
        reader.sign_in("zhou")
        page = reader.go(EDIT)
        page.locator("#preview-pane").get_by_role("link", name="Whole preview").click()
        page.get_by_text("Entry form of one enterprise").wait_for()
