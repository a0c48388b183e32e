"""The pages of the register: an entry and its forms, doubts side by side, mergers, rules."""

import re
from typing import Any

import pytest

from qfce.kernel.tenancy.context import acting_as
from sharing.models import DuplicateCandidate, EnterpriseTag, ListRun, RecordChange
from sharing.selectors import list_rules as selectors
from sharing.services import duplicates, enterprise_lists
from tests.sharing.shared import A, B, N, publish, row
from tests.sharing.test_merges import TWIN
from tests.universe import NOON

pytestmark = pytest.mark.django_db
ENTRY = f"/sharing/enterprises/{A}/register/"


@pytest.fixture
def known(universe: Any) -> Any:
    publish(
        universe.shen,
        row(A, name="临平安和精工", vals={"QC-01": "ACTIVE", "QC-04": "A"}),
        row(TWIN, name="安和精工厂", vals={"QF-17": "VALID"}),
        row(B, "330110", name="余杭某厂", vals={"QC-04": "B"}),
    )
    publish(universe.lu, row(N, "330206", name="北仑某厂"))
    with acting_as(universe.shen.organization_id):
        duplicates.find(actor=universe.shen, at=NOON)
    return universe


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_entry_says_who_it_is_and_where_its_code_is_from(
    known: Any, browser: Any, language: str
) -> None:
    text = browser(known.shen, language=language).get(ENTRY).content.decode()
    assert "临平安和精工" in text and A in text
    assert ("Jurisdiction" in text) == (language == "en")


def test_another_bureaus_entry_and_a_banks_are_not_there(known: Any, browser: Any) -> None:
    assert browser(known.lu).get(ENTRY).status_code == 404
    assert browser(known.lin).get(ENTRY).status_code == 404
    assert browser(known.shen).get(ENTRY + "nothing/").status_code == 404


FORMS = {
    "state": {"action": "suspend", "since": "2026-11-01", "until": "2028-11-01", "reason": "备案"},
    "size": {"industry": "C34", "day": "2025-12-31", "employees": "120", "revenue": "25000000",
             "reason": "年报"},
    "identity": {"name": "临平新名", "region": "", "since": "2026-10-01", "reason": "更名"},
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(FORMS))
def test_a_form_prepares_and_another_person_releases(known: Any, browser: Any, what: str) -> None:
    visitor = browser(known.shen)
    assert visitor.get(f"{ENTRY}{what}/").status_code == 200
    answer = visitor.post(f"{ENTRY}{what}/", FORMS[what])
    assert answer.status_code == 302, answer.content.decode()
    with acting_as(known.shen.organization_id):
        change = RecordChange.objects.get(uscc=A)
    assert str(change.pk) in visitor.get(ENTRY).content.decode()
    page = f"/sharing/record-changes/{change.pk}/"
    assert visitor.get(page).status_code == 200
    assert browser(known.zheng).post(f"{page}release/").status_code == 302
    assert visitor.get(ENTRY).status_code == 200


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("state", {**FORMS["state"], "until": ""}),
        ("size", {**FORMS["size"], "revenue": ""}),
        ("identity", {"reason": "?"}),
        ("tag", {"kind": "chain", "name": ""}),
    ],
)
def test_what_a_form_refuses_it_says_on_the_form(
    known: Any, browser: Any, what: str, given: dict[str, str]
) -> None:
    answer = browser(known.shen).post(f"{ENTRY}{what}/", given)
    assert answer.status_code in {400, 422}
    with acting_as(known.shen.organization_id):
        assert not RecordChange.objects.exists() and not EnterpriseTag.objects.exists()


def test_a_tag_comes_and_goes(known: Any, browser: Any) -> None:
    visitor = browser(known.shen)
    visitor.post(f"{ENTRY}tag/", {"kind": "chain", "name": "轴承"})
    assert "轴承" in visitor.get(ENTRY).content.decode()
    with acting_as(known.shen.organization_id):
        tag = EnterpriseTag.objects.get()
    visitor.post(f"/sharing/enterprises/{A}/untag/{tag.pk}/")
    assert "轴承" not in visitor.get(ENTRY).content.decode()


def doubt(universe: Any) -> DuplicateCandidate:
    with acting_as(universe.shen.organization_id):
        return DuplicateCandidate.objects.get(reason="same_organization")


def test_a_doubt_is_shown_side_by_side_and_merged_by_two(known: Any, browser: Any) -> None:
    visitor, found = browser(known.shen), doubt(known)
    assert "same organization" in visitor.get("/sharing/duplicates/").content.decode()
    page = f"/sharing/duplicates/{found.pk}/"
    text = visitor.get(page).content.decode()
    assert "临平安和精工" in text and "安和精工厂" in text
    assert visitor.post(f"{page}merge/", {"kept": A}).status_code == 422
    answer = visitor.post(f"{page}merge/", {"kept": A, "reason": "换证"})
    merge = answer.headers["Location"]
    assert visitor.post(f"{merge}release/").status_code == 403
    assert f"{merge}cancel/" in visitor.get(merge).content.decode()
    # Whoever sees imports looks at it, and does nothing about it.
    onlooker = browser(known.zhou)
    shown = onlooker.get(merge)
    assert shown.status_code == 200
    assert f"{merge}release/" not in shown.content.decode()
    assert f"{merge}cancel/" not in shown.content.decode()
    assert {onlooker.post(f"{merge}{act}/").status_code for act in ("release", "cancel")} == {403}
    assert browser(known.chen_min).get(merge).status_code == 403
    other = browser(known.zheng)
    assert "Release" in other.get(merge).content.decode()
    assert other.post(f"{merge}release/").status_code == 302
    assert TWIN in visitor.get(ENTRY).content.decode()
    assert A in visitor.get(f"/sharing/enterprises/{TWIN}/register/").content.decode()
    assert visitor.post(f"{merge}prepare-undo/").status_code == 302
    assert other.post(f"{merge}undo/").status_code == 302
    assert "Merged" not in other.get("/sharing/merges/").content.decode().split("<tbody", 1)[1]


def test_a_doubt_is_dismissed_with_a_note(known: Any, browser: Any) -> None:
    visitor, found = browser(known.shen), doubt(known)
    page = f"/sharing/duplicates/{found.pk}/"
    assert visitor.post(f"{page}dismiss/", {}).status_code == 422
    assert visitor.post(f"{page}dismiss/", {"note": "两家"}).status_code == 302
    assert "两家" in visitor.get(page).content.decode()
    assert visitor.post(f"{page}dismiss/", {"note": "两家"}).status_code == 409
    assert browser(known.lu).get(page).status_code == 404


def test_the_register_is_looked_through_when_asked(
    known: Any, browser: Any, run_tasks: Any
) -> None:
    publish(known.shen, row("91330110MA2B0C8X4J", "330110", name="余杭（某）厂"))
    browser(known.shen).post("/sharing/duplicates/find/")
    run_tasks()
    with acting_as(known.shen.organization_id):
        assert set(DuplicateCandidate.objects.values_list("reason", flat=True)) >= {"like_name"}


def test_a_rule_shows_its_difference_before_it_is_adopted(
    known: Any, browser: Any, htmx: Any, run_tasks: Any
) -> None:
    with acting_as(known.zhou.organization_id):
        kept = enterprise_lists.create("培育库", usccs=[B], actor=known.zhou, at=NOON)
    visitor = browser(known.zhou, language="zh-hans")
    page = f"/sharing/enterprise-lists/{kept.pk}/"
    assert visitor.get(f"{page}rule/").status_code == 200
    assert visitor.post(f"{page}rule/", {"joined": "all"}).status_code in {400, 422}
    wrong = {"joined": "all", "item0": "QC-01", "test0": "equals", "value0": "过得去"}
    refused = visitor.post(f"{page}rule/", wrong)
    assert refused.status_code == 422 and "“过得去”" in refused.content.decode()
    named = {"joined": "any", "item0": "QC-01", "test0": "in",
             "value0": "存续（在营、开业、在册）、吊销", "item1": "size", "test1": "equals",
             "value1": "小型"}  # fmt: skip
    assert visitor.post(f"{page}rule/", named).status_code == 302
    with acting_as(known.zhou.organization_id):
        saved = selectors.rule_of(kept.pk, actor=known.zhou)
    assert saved is not None and saved.condition == {
        "any": [{"item": "QC-01", "in": ["ACTIVE", "REVOKED"]}, {"item": "size", "equals": "small"}]
    }
    shown = visitor.get(f"{page}rule/").content.decode()
    assert 'value="存续（在营、开业、在册）、吊销"' in shown and 'value="小型"' in shown
    typed = {"joined": "all", "item0": "QC-05", "test0": "equals",
             "value0": "1,5"}  # fmt: skip
    assert visitor.post(f"{page}rule/", typed).status_code in {400, 422}, "one value, not three"
    rule = {"joined": "all", "item0": "QC-04", "test0": "in", "value0": "A，C"}
    run = visitor.post(f"{page}rule/", rule).headers["Location"]
    assert "every 1s" in visitor.get(run).content.decode()
    run_tasks()
    text = visitor.get(run).content.decode()
    assert "临平安和精工" in text and "余杭某厂" in text and "every 1s" not in text
    part = visitor.get(run, headers=htmx("run")).content.decode()
    # Each form has a token of its own.
    bare, whole = (re.sub(r'value="\w{64}"', "", page) for page in (part.strip(), text))
    assert bare.startswith("<div") and bare in whole
    shown = visitor.get(f"{page}rule/").content.decode()
    assert 'value="A类（信用风险低）、C类（信用风险较高）"' in shown
    assert visitor.post(f"{run}adopt/").status_code == 302
    shown = visitor.get(page).content.decode()
    assert "临平安和精工" in shown and "余杭某厂" not in shown
    visitor.post(f"{page}run/")
    run_tasks()
    with acting_as(known.zhou.organization_id):
        again = ListRun.objects.order_by("-asked_at").first()
    assert again is not None and (again.coming, again.going) == ([], [])
    assert visitor.post(f"/sharing/list-runs/{again.pk}/discard/").status_code == 302
    assert browser(known.shen).get(run).status_code in {403, 404}
