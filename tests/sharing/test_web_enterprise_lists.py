"""The pages of enterprise lists."""

import pytest

from qfce.kernel.tenancy.context import acting_as
from sharing.models import EnterpriseList
from sharing.services import enterprise_lists
from tests.sharing.shared import A, B, publish, row
from tests.universe import NOON

pytestmark = pytest.mark.django_db
BASE = "/sharing/enterprise-lists/"


@pytest.fixture
def kept(universe):
    publish(universe.shen, row(name="临平安和精工"), row(uscc=B, region="330110", name="余杭某厂"))
    with acting_as(universe.zhou.organization_id):
        return enterprise_lists.create("培育库", usccs=[A, B], actor=universe.zhou, at=NOON)


def test_the_keeper_sees_members_searches_and_exports_them(universe, browser, kept):
    visitor = browser(universe.zhou)
    assert "培育库" in visitor.get(BASE).content.decode()
    text = visitor.get(f"{BASE}{kept.pk}/").content.decode()
    assert "临平安和精工" in text and "余杭某厂" in text
    found = visitor.get(f"{BASE}{kept.pk}/?q=余杭").content.decode()
    assert "余杭某厂" in found and "临平安和精工" not in found
    file = visitor.get(f"{BASE}{kept.pk}/?export=csv")
    assert A in file.content.decode("utf-8-sig")


def test_a_list_is_begun_with_codes(universe, browser, kept):
    visitor = browser(universe.zhou)
    answer = visitor.post(f"{BASE}new/", {"name": "重点企业", "usccs": f"{A}，{B.lower()}"})
    assert answer.status_code == 302
    assert "重点企业" in visitor.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize(
    ("codes", "said"),
    [("12345", "is no credit code"), ("91330100MA00000000", "not on the register")],
)
def test_codes_that_are_none_are_refused(universe, browser, kept, codes, said):
    answer = browser(universe.zhou).post(f"{BASE}new/", {"name": "x", "usccs": codes})
    assert answer.status_code in {400, 422}
    assert said in answer.content.decode()


def test_members_come_and_go(universe, browser, kept):
    visitor = browser(universe.zhou)
    visitor.post(f"{BASE}{kept.pk}/remove/", {"usccs": B})
    assert "余杭某厂" not in visitor.get(f"{BASE}{kept.pk}/").content.decode()
    visitor.post(f"{BASE}{kept.pk}/add/", {"usccs": B})
    assert "余杭某厂" in visitor.get(f"{BASE}{kept.pk}/").content.decode()


def test_a_bank_sees_a_list_once_it_is_shown_to_it(universe, browser, kept):
    bank, keeper = browser(universe.lin), browser(universe.zhou)
    assert bank.get(f"{BASE}{kept.pk}/").status_code == 404
    recipient = universe.organizations["bank_a"].pk
    shared = keeper.post(f"{BASE}{kept.pk}/share/", {"recipient": recipient})
    assert shared.status_code == 302
    text = bank.get(f"{BASE}{kept.pk}/").content.decode()
    assert "临平安和精工" in text and "Add enterprises" not in text
    assert "余杭某厂" in bank.get(f"{BASE}{kept.pk}/?q=余杭").content.decode()
    keeper.post(f"{BASE}{kept.pk}/unshare/{recipient}/")
    assert bank.get(f"{BASE}{kept.pk}/").status_code == 404


def test_who_keeps_no_lists_begins_none(universe, browser):
    assert browser(universe.lin).post(f"{BASE}new/", {"name": "x"}).status_code == 403
    with acting_as(universe.zhou.organization_id):
        assert not EnterpriseList.objects.exists()


def test_pages_of_members_follow_each_other(universe, browser, kept, django_assert_max_num_queries):
    more = [row(f"91330113MA2{n:06d}X", name=f"厂{n}") for n in range(60)]
    publish(universe.shen, *more)
    with acting_as(universe.zhou.organization_id):
        enterprise_lists.add(kept.pk, [one["uscc"] for one in more], actor=universe.zhou, at=NOON)
    visitor = browser(universe.zhou)
    with django_assert_max_num_queries(30):
        first = visitor.get(f"{BASE}{kept.pk}/").content.decode()
    third = visitor.get(f"{BASE}{kept.pk}/?page=3").content.decode()
    assert A not in third.replace(f"{BASE}{kept.pk}", "") or A not in first
    assert "51–62 of 62" in third
