"""A null character in an address, a path or a form reaches no query."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/jobs/?q=a%00b",
        "/sharing/list-migrations/?%00=a&status=%00",
        "/sharing/record-changes/new/?uscc=%00&item=a%00",
        "/sharing/consents/new/?uscc=%00&items=%00",
        "/risk/cases/?status=%00",
        "/factors/catalogue/?q=%00",
    ],
)
def test_an_address_is_read_without_it(universe, zj_list, browser, address):
    for who in (universe.shen, universe.lin):
        assert browser(who).get(address).status_code < 500


def test_nothing_has_a_name_with_one(universe, zj_list, browser):
    assert browser(universe.zhou).get("/factors/lists/ZJ%00/versions/1/").status_code == 404


def test_a_form_that_holds_one_is_refused(universe, zj_list, browser, client, htmx):
    sent = {"action": "search", "q": "a\0b", "kind": "a\0b"}
    page = "/factors/lists/ZJ-QFCE/versions/1/consult/"
    whole = browser(universe.zhou).post(page, sent)
    assert whole.status_code == 400
    assert "null character" in whole.content.decode()
    part = browser(universe.zhou, language="zh-hans").post(page, sent, headers=htmx("consult"))
    assert part.status_code == 400
    assert "空字符" in part.content.decode()
    assert client.post("/sign-in/", {"username": "a\0b", "password": "x"}).status_code == 400
