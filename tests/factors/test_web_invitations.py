"""Whom to consult is searched for among thousands, and chosen a few at a time; no script needed."""

import pytest

from factors.selectors import consultations as selectors
from qfce.kernel.tenancy.models import Organization
from tests.factors import lists

pytestmark = pytest.mark.django_db
PAGE = "/factors/lists/HZ-SMALL/versions/1/consult/"


@pytest.fixture
def draft(desk):
    return desk.draft(lists.small())


@pytest.fixture
def client(universe, draft, browser):
    return browser(universe.zhou)


def shown(answer):
    return answer.context


def test_found_by_name_kind_and_region(universe, client):
    bank = universe.organizations["bank_a"]
    found = shown(client.post(PAGE, {"action": "search", "q": bank.name_zh, "kind": ""}))
    assert [row.pk for row in found["offered"]] == [bank.pk]
    none = shown(client.post(PAGE, {"action": "search", "q": bank.name_zh, "kind": "enterprise"}))
    assert (none["offered"], none["count"]) == ([], 0)


def test_the_chosen_are_shown_stay_and_can_be_taken_off(universe, client):
    one, other = (str(universe.organizations[name].pk) for name in ("bank_a", "bank_b"))
    first = shown(client.post(PAGE, {"action": "choose", "add": [one], "closes_on": "2099-01-01"}))
    assert [str(row.pk) for row in first["chosen"]] == [one]
    assert one not in {str(row.pk) for row in first["offered"]}

    answer = client.post(PAGE, {"action": "search", "q": "x", "invited": [one], "note": "Please."})
    assert "Please." in answer.content.decode()
    both = shown(client.post(PAGE, {"action": "choose", "invited": [one], "add": [other]}))
    assert {str(row.pk) for row in both["chosen"]} == {one, other}
    left = shown(client.post(PAGE, {"action": "search", "invited": [other]}))
    assert [str(row.pk) for row in left["chosen"]] == [other]


def test_whoever_is_chosen_or_still_ticked_is_invited(universe, client, desk):
    one, other = (universe.organizations[name].pk for name in ("bank_a", "bank_b"))
    given = {"action": "open", "closes_on": "2099-01-01", "invited": [one], "add": [other]}
    address = client.post(PAGE, given)["Location"]
    assert {row.id for row in shown(client.get(address))["invited"]} == {one, other}


def test_with_nobody_chosen_it_says_so(client):
    answer = client.post(PAGE, {"action": "open", "closes_on": "2099-01-01"})
    assert answer.status_code == 400
    assert "Nobody is invited" in answer.content.decode()


def test_of_thousands_a_page_shows_a_few(universe, client, desk):
    Organization.objects.bulk_create(
        Organization(
            kind="local_finance_office", name_zh=f"试验机构{n:04}", name_en=f"Trial firm {n:04}",
            short_name=f"trial{n:04}", region_id="330113",
        )
        for n in range(300)
    )  # fmt: skip
    answer = client.post(PAGE, {"action": "search", "q": "Trial firm"})
    found = shown(answer)
    assert (len(found["offered"]), found["count"]) == (selectors.INVITED_SHOWN, 300)
    assert answer.content.count(b'name="add"') == selectors.INVITED_SHOWN
    narrowed = shown(client.post(PAGE, {"action": "search", "q": "firm 0042"}))
    assert [row.name_en for row in narrowed["offered"]] == ["Trial firm 0042"]


def test_what_is_no_organization_invites_nobody(client):
    answer = client.post(PAGE, {"action": "open", "closes_on": "2099-01-01", "invited": ["x"]})
    assert answer.status_code == 400
