"""Cross rules built in the browser, and versions compared side by side."""

import pytest

from factors.models import FactorListVersion
from factors.services import draft_edits
from qfce.kernel.tenancy.context import acting_as
from tests.factors.test_web_editor import EDIT, client, draft, text_of  # noqa: F401 fixtures

pytestmark = pytest.mark.django_db
RULES = f"{EDIT}rules/"
RULE = {
    "steps": "0", "code": "X50", "severity": "warning", "yields": "QC-05", "for_each": "",
    "message_zh": "两项不符", "message_en": "The two disagree.", "only_if_column": "",
    "join": "all", "written": "", "action": "save",
    "row_negated": ["", "not", ""], "row_item": ["QC-05", "QF-17", ""],
    "row_operator": ["at_least", "in", "missing"], "row_value": ["3", "Valid; NONE", ""],
}  # fmt: skip


def rules_of(draft, universe):  # noqa: F811 the draft of a test
    with acting_as(universe.zhou.organization_id):
        return FactorListVersion.objects.get(pk=draft.pk).document["rules"]


def test_rows_become_a_rule_and_are_laid_out_again(universe, client, draft):  # noqa: F811
    response = client.post(f"{RULES}new/", RULE)
    assert response.headers["Location"] == f"{RULES}X50/"

    [rule] = rules_of(draft, universe)
    assert rule["when"] == {
        "all": [
            {"item": "QC-05", "at_least": 3},
            {"not": {"item": "QF-17", "in": ["VALID", "NONE"]}},
        ]
    }
    page = text_of(client.get(f"{RULES}X50/"))
    assert 'value="Valid; Not certified"' in page  # names, whichever way they were typed
    assert "Test on stored profiles" in page
    assert "X50" in text_of(client.get(RULES))
    assert client.post(f"{RULES}X50/", RULE | {"action": "remove", "steps": "1"}).status_code == 302
    assert rules_of(draft, universe) == []


def test_more_rows_are_offered_and_nothing_is_saved(universe, client, draft):  # noqa: F811
    page = text_of(client.post(f"{RULES}new/", RULE | {"action": "more"}))

    assert page.count('name="row_item"') == 2 + 3
    assert rules_of(draft, universe) == []


def test_a_rule_is_read_and_typed_in_the_readers_words(universe, browser, draft):  # noqa: F811
    chinese = browser(universe.zhou, language="zh-hans")
    typed = RULE | {"row_value": ["3", "有效；未获证", ""]}
    assert chinese.post(f"{RULES}new/", typed).status_code == 302

    [rule] = rules_of(draft, universe)
    assert rule["when"]["all"][1] == {"not": {"item": "QF-17", "in": ["VALID", "NONE"]}}
    page = text_of(chinese.get(f"{RULES}X50/"))
    assert 'value="有效；未获证"' in page
    assert '<option value="QC-05" selected>' in page  # the item that gives way


@pytest.mark.parametrize(
    "wrong",
    [
        {"row_value": ["many", "VALID", ""]},
        {"row_item": ["", "", ""]},
        {"row_operator": ["at_least", "", ""]},
        {"written": "{"},
        {"message_zh": ""},
    ],
)
def test_what_is_no_rule_is_refused_at_the_form(universe, client, draft, wrong):  # noqa: F811
    text_of(client.post(f"{RULES}new/", RULE | wrong), 422)

    assert rules_of(draft, universe) == []


def test_a_condition_that_rows_cannot_say_is_written_as_it_is(universe, client, draft):  # noqa: F811
    written = (
        '{"all": [{"any": [{"item": "QC-05", "missing": true},'
        ' {"item": "QF-17", "missing": true}]}, {"item": "size", "in": ["large"]}]}'
    )
    assert client.post(f"{RULES}new/", RULE | {"written": written}).status_code == 302

    page = text_of(client.get(f"{RULES}X50/"))
    assert "&quot;any&quot;" in page


def test_a_rule_about_what_is_not_there_is_said_on_its_page(client, draft):  # noqa: F811
    given = RULE | {"row_item": ["QC-05", "QM-01", ""]}
    page = text_of(client.get(client.post(f"{RULES}new/", given).headers["Location"]))

    assert "What keeps this rule from working" in page
    assert client.get(f"{RULES}X77/").status_code == 404


def test_two_versions_stand_side_by_side_with_filters_by_kind(universe, desk, browser, zj_list):
    from factors.services import list_starts

    zhou = universe.zhou
    version = desk.as_(zhou, list_starts.start_next, "ZJ-QFCE")
    change = {"QC-05": {"maximum": "12", "fill_en": "Count them."}}
    desk.as_(zhou, draft_edits.set_members, version.pk, change, steps=0)
    browsing = browser(zhou)
    address = "/factors/lists/ZJ-QFCE/compare/"

    page = text_of(browsing.get(address, {"old": "1", "new": "2"}))
    assert "Version 1 beside version 2" in page
    assert "Tightened" in page and "Count them." in page
    narrowed = text_of(browsing.get(address, {"old": "1", "new": "2", "kind": "tightened"}))
    assert "Count them." not in narrowed
    assert "Some stored values may no longer be allowed." in narrowed
    # A bank sees the published version alone, and learns no figure.
    assert "The two versions say the same" in text_of(browser(universe.lin).get(address))
