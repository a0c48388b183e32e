"""The pages on which a draft says what becomes of stored records; no script is needed."""

import pytest

from factors.selectors import drafts
from tests.factors import lists

pytestmark = pytest.mark.django_db
PAGE = "/factors/lists/ZJ-QFCE/versions/2/edit/migration/"


@pytest.fixture
def draft(desk, zj_list):
    document = lists.second()
    del document["migration"]
    return desk.draft(document)


def steps_of(desk):
    def look(*, actor, at):
        return drafts.draft("ZJ-QFCE", 2, actor=actor).document["migration"]["steps"]

    return {step["item"]: step for step in desk.as_(desk.universe.zhou, look)}


def test_proposed_looked_at_and_completed(desk, draft, browser):
    client = browser(desk.universe.zhou)
    assert "QF-17" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}propose/").status_code == 302
    assert steps_of(desk)["QF-17"] == {"kind": "rename", "item": "QF-17", "to": "QF-91"}

    form = client.get(f"{PAGE}QC-19/").content.decode()
    assert 'name="v0_0"' in form and "ENROLLED" in form
    given = {
        "steps": "1", "kind": "map", "to": "QC-19", "v0_0": "ENROLLED", "v0_1": "NOT_ENROLLED",
        "otherwise0": "", "action": "save",
    }  # fmt: skip
    assert client.post(f"{PAGE}QC-19/", given)["Location"] == PAGE
    assert steps_of(desk)["QC-19"]["table"] == [
        {"from": True, "to": "ENROLLED"},
        {"from": False, "to": "NOT_ENROLLED"},
    ]


def test_limits_are_given_in_the_unit_of_the_item(desk, draft, browser):
    client = browser(desk.universe.zhou)
    given = {
        "steps": "0", "kind": "map", "to": "QC-05", "action": "save",
        "below0": ["1", "3", "", ""], "band0": ["NEVER", "SELDOM", "OFTEN", ""],
    }  # fmt: skip
    assert client.post(f"{PAGE}QC-05/", given).status_code == 302
    assert steps_of(desk)["QC-05"]["thresholds"] == [
        {"below": "1", "to": "NEVER"},
        {"below": "3", "to": "SELDOM"},
        {"below": None, "to": "OFTEN"},
    ]
    wrong = client.post(f"{PAGE}QC-05/", given | {"steps": "1", "below0": ["one", "3", "", ""]})
    assert wrong.status_code == 422
    assert 'value="one"' in wrong.content.decode()  # what was typed is not lost
    huge = client.post(f"{PAGE}QC-05/", given | {"steps": "1", "below0": ["1e9999999", "3"]})
    assert huge.status_code == 422


def test_one_item_is_split_into_two(desk, draft, browser):
    client = browser(desk.universe.zhou)
    form = client.get(f"{PAGE}QC-19/?kind=split&to=QC-19&to=QF-91").content.decode()
    assert 'name="v0_0"' in form and 'name="v1_0"' in form
    given = {
        "steps": "0", "kind": "split", "to": ["QC-19", "QF-91"], "v0_0": "ENROLLED",
        "v0_1": "NOT_ENROLLED", "v1_0": "VALID", "v1_1": "NONE", "action": "save",
    }  # fmt: skip
    client.post(f"{PAGE}QC-19/", given)
    assert [part["to"] for part in steps_of(desk)["QC-19"]["into"]] == ["QC-19", "QF-91"]


def test_a_step_that_lacks_something_is_kept_and_says_so(desk, draft, browser):
    client = browser(desk.universe.zhou)
    given = {"steps": "0", "kind": "map", "to": "QC-19", "v0_0": "ENROLLED", "action": "save"}
    answer = client.post(f"{PAGE}QC-19/", given)
    assert answer["Location"] == f"{PAGE}QC-19/"
    assert "QC-19: false becomes nothing" in client.get(f"{PAGE}QC-19/").content.decode()


def test_an_item_that_the_version_before_lacks_is_not_found(desk, draft, browser):
    assert browser(desk.universe.zhou).get(f"{PAGE}QF-91/").status_code == 404


def test_comparison_and_state_lead_there(desk, draft, browser):
    client = browser(desk.universe.zhou)
    assert PAGE in client.get("/factors/lists/ZJ-QFCE/compare/?old=1&new=2").content.decode()
    assert PAGE in client.get("/factors/lists/ZJ-QFCE/versions/2/state/").content.decode()
