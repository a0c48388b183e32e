"""Cross rules tried on what is stored, before anybody adopts them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factors.domain.catalogue import CrossRule
from factors.domain.item_types import Severity
from factors.services import draft_edits, list_starts
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from sharing.selectors import rule_trials
from tests.sharing.shared import A, B, N, publish, row
from tests.universe import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(universe, zj_list):
    publish(universe.shen, row(A, vals={"QI-05": 2, "QI-06": 5, "QM-03": False, "QF-17": "NONE"}))
    publish(universe.shen, row(B, "330110", vals={"QI-05": 9, "QI-06": 5, "QM-03": True}))
    publish(universe.lu, row(N, "330206", vals={"QI-05": 0, "QI-06": 1}))
    return zj_list


def rule(when, **further):
    return CrossRule(
        code="X99", severity=Severity.WARNING, yields="QI-06", when=when, message_zh="试",
        message_en="Try", for_each=further.get("for_each", ()), only_if_column="",
    )  # fmt: skip


def tried(actor, rule_, catalogue):
    with acting_as(actor.organization_id):
        return rule_trials.trial(rule_, catalogue, actor=actor, on=business_day(NOON))


@pytest.mark.parametrize(
    ("when", "caught"),
    [
        ({"item": "QI-06", "above_item": "QI-05"}, {A, N}),
        ({"item": "QI-05", "at_least": 2}, {A, B}),
        ({"item": "QM-03", "equals": True}, {B}),
        ({"item": "QM-03", "missing": True}, {N}),
        ({"item": "region", "starts_with": "3301"}, {A, B}),
        ({"not": {"item": "uscc", "starts_with": A[:8]}}, {B, N}),
        ({"item": "QF-17>", "missing": False}, set()),
    ],
)
def test_a_rule_finds_what_an_import_would_find(universe, stored, when, caught):
    found = tried(universe.zhou, rule(when), stored)

    assert {row.uscc for row in found.rows} == caught
    assert (found.examined, found.found) == (3, len(caught))


def test_a_rule_for_several_items_is_tried_for_each(universe, stored):
    when = {"item": "{i}", "in": ["NONE"]}
    found = tried(universe.zhou, rule(when, for_each=("QF-17", "QF-18")), stored)

    assert [(row.uscc, row.values) for row in found.rows] == [(A, {"QF-17": "NONE"})]


def test_a_bureau_tries_on_its_own_jurisdiction(universe, stored):
    found = tried(universe.lu, rule({"item": "QI-05", "missing": False}), stored)

    assert {row.uscc for row in found.rows} == {N}


def test_a_bank_tries_nothing(universe, stored):
    with pytest.raises(MissingPermission):
        tried(universe.lin, rule({"item": "QI-05", "missing": False}), stored)


def test_every_shipped_rule_can_be_tried(universe, stored):
    for shipped in (*stored.rules, *stored.report_rules):
        assert tried(universe.zhou, shipped, stored).examined == 3


def test_the_page_shows_how_many_a_draft_would_have_found(universe, stored, browser):
    zhou = universe.zhou
    with acting_as(zhou.organization_id, user_id=zhou.user_id):
        draft = list_starts.start_next("ZJ-QFCE", actor=zhou, at=NOON)
        tried_ = {
            "code": "X50", "severity": "warning", "yields": "QI-06", "for_each": [],
            "when": {"item": "QI-06", "above_item": "QI-05"}, "message_zh": "试",
            "message_en": "More than all.", "only_if_column": "",
        }  # fmt: skip
        draft_edits.set_rule(draft.pk, "X50", tried_, steps=0, actor=zhou, at=NOON)
    client = browser(zhou)

    page = client.get("/sharing/rule-trials/ZJ-QFCE/2/X50/").content.decode()
    assert "More than all." in page
    assert A in page and N in page and B not in page
    assert client.get("/sharing/rule-trials/ZJ-QFCE/2/X77/").status_code == 404
    assert browser(universe.shen).get("/sharing/rule-trials/ZJ-QFCE/2/X50/").status_code == 404


@pytest.fixture
def many(monkeypatch):
    """What is stored counts as too much to wait for, and is looked at one by one."""
    monkeypatch.setattr(rule_trials, "AT_ONCE", 2)
    monkeypatch.setattr(rule_trials, "BATCH", 1)


def code_of(catalogue):
    return catalogue.rules[0].code


def test_of_many_profiles_a_worker_looks_at_every_one(universe, stored, many, run_tasks):
    told = []
    with acting_as(universe.zhou.organization_id):
        found = rule_trials.trial(
            rule({"item": "QI-05", "missing": False}), stored, actor=universe.zhou,
            on=business_day(NOON), progress=lambda done, total: told.append((done, total)),
        )  # fmt: skip
    assert (found.examined, found.found) == (3, 3)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_trial_is_ordered_done_and_kept(universe, stored, many, browser, run_tasks):
    client, page = browser(universe.zhou), f"/sharing/rule-trials/ZJ-QFCE/1/{code_of(stored)}/"
    asked = client.get(page).content.decode()
    assert f"{page}order/" in asked and "was not tried yet" in asked
    client.post(f"{page}order/")
    assert "trial-progress" in client.get(page).content.decode()
    htmx = {"HX-Request": "true", "HX-Target": "trial-progress"}
    with CaptureQueriesContext(connection) as asked:
        assert "trial-progress" in client.get(page, headers=htmx).content.decode()
    assert not [q for q in asked if "sharing_factorprofile" in q["sql"]], "nothing is counted again"
    run_tasks()

    kept = client.get(page).content.decode()
    assert "trial-progress" not in kept and "Profiles examined" in kept
    assert client.get(page, headers=htmx).headers["HX-Refresh"]


def test_programs_order_trials_too(universe, stored, api, run_tasks):
    given = {"factor_list": "ZJ-QFCE", "version": 1, "rule": code_of(stored)}
    asked = api(universe.zhou).post("/api/v1/rule-trials/", given)
    assert (asked.status_code, asked.json()["result"]) == (202, None)
    run_tasks()
    one = f"/api/v1/rule-trials/{asked.json()['id']}/"
    shown = api(universe.zhou).get(one).json()
    assert (shown["status"], shown["progress"], shown["result"]["examined"]) == ("succeeded", 1, 3)
    assert api(universe.lu).get(one).status_code == 404
    unknown = api(universe.zhou).post("/api/v1/rule-trials/", given | {"rule": "X00"})
    assert unknown.status_code == 404
