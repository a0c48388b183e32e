"""The pages of agreements."""

import pytest

from qfce.kernel.tenancy.context import acting_as
from sharing.models import Agreement
from tests.sharing.shared import LIST, agree

pytestmark = pytest.mark.django_db
BASE = "/sharing/agreements/"


def terms(universe, **further):
    return {
        "recipient": universe.organizations["bank_a"].pk,
        "factor_list": LIST,
        "categories": ["quality_foundation", "quality_credit"],
        "purposes": ["pre_loan"],
        "starts_on": "2026-01-01",
        **further,
    }


def test_an_agreement_is_drawn_up_put_into_force_suspended_and_ended(universe, browser):
    visitor = browser(universe.zhou)
    drafted = visitor.post(f"{BASE}new/", terms(universe, regions=["330113"]))
    assert drafted.status_code == 302
    page = drafted.headers["Location"]
    text = visitor.get(page).content.decode()
    assert "A draft: nothing is shared" in text and "Linping" in text
    for action, word in (
        ("activate", "In force"),
        ("suspend", "Suspended"),
        ("activate", "In force"),
        ("end", "Ended"),
    ):
        assert visitor.post(f"{page}{action}/").status_code == 302
        assert word in visitor.get(page).content.decode()
    assert visitor.post(f"{page}activate/").status_code == 409


def test_the_page_shows_what_is_shown_asked_for_and_withheld(universe, browser):
    agreement = agree(universe, "bank_a")
    text = browser(universe.lin).get(f"{BASE}{agreement.pk}/").content.decode()
    assert "With the consent of the enterprise" in text
    assert "QI-11" in text and "QC-04" in text
    assert "Suspend" not in text.replace("Suspended", "")


def test_only_the_parties_see_it(universe, browser):
    agreement = agree(universe, "bank_a")
    assert browser(universe.bank_b_officer).get(f"{BASE}{agreement.pk}/").status_code == 404
    assert "Hefeng" in browser(universe.lin).get(BASE).content.decode()
    assert "Hefeng" not in browser(universe.analyst).get(BASE).content.decode().split("<main")[1]


def test_impossible_terms_come_back_with_the_form(universe, browser):
    visitor = browser(universe.zhou)
    backwards = visitor.post(f"{BASE}new/", terms(universe, ends_on="2025-01-01"))
    assert backwards.status_code == 400
    assert "before it starts" in backwards.content.decode()
    assert visitor.post(f"{BASE}new/", terms(universe, purposes=["supervision"])).status_code == 422
    with acting_as(universe.zhou.organization_id):
        assert not Agreement.objects.exists()


def test_who_concludes_none_draws_none_up(universe, browser):
    assert browser(universe.shen).get(f"{BASE}new/").status_code == 403
    agreement = agree(universe, "bank_a")
    assert browser(universe.lin).post(f"{BASE}{agreement.pk}/end/").status_code == 403


def test_pages_are_few_queries(universe, browser, django_assert_max_num_queries):
    agreement = agree(universe, "bank_a")
    for name in ("bank_b", "credit_agency", "guarantor"):
        agree(universe, name)
    visitor = browser(universe.zhou)
    for address in (BASE, f"{BASE}new/", f"{BASE}{agreement.pk}/"):
        with django_assert_max_num_queries(30):
            assert visitor.get(address).status_code == 200


def test_the_draft_waits_on_the_page_today(universe, browser):
    visitor = browser(universe.zhou)
    visitor.post(f"{BASE}new/", terms(universe))
    assert "Agreements drawn up, not in force" in visitor.get("/").content.decode()
