"""Work on drafts: steps, two people at once, steps taken back, and what is refused."""

import threading

import pytest
from django.db import connections

from factors.domain.list_versions import problems
from factors.models import FactorListVersion
from factors.permissions import NotListOwner
from factors.services import draft_edits, factor_lists
from factors.services.factor_lists import VersionNotDraft
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from tests.factors import lists
from tests.factors.conftest import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(desk):
    return desk.draft()


@pytest.fixture
def colleague(universe):
    """Somebody else who keeps the list: the province's second person, with that role."""
    from dataclasses import replace

    zhou, fang = universe.zhou, universe.fang
    return replace(fang, permissions=fang.permissions | zhou.permissions)


def document_of(version, actor):
    with acting_as(actor.organization_id):
        return FactorListVersion.objects.get(pk=version.pk).document


def member(version, actor, code, name):
    return lists.item(document_of(version, actor), code)[name]


def setting(desk, actor, draft, code, name, value, steps):
    return desk.as_(actor, draft_edits.set_members, draft.pk, {code: {name: value}}, steps=steps)


def test_a_member_is_set_and_written_down(universe, desk, draft):
    step = setting(desk, universe.zhou, draft, "QC-05", "maximum", "5", 0)

    assert member(draft, universe.zhou, "QC-05", "maximum") == "5"
    assert (step.number, step.made_by_name) == (1, "周岚")
    with acting_as(universe.zhou.organization_id):
        version = FactorListVersion.objects.get(pk=draft.pk)
        event = AuditEvent.objects.filter(action="factors.list_version.edited").last()
    assert version.digest == step.digest != draft.digest
    assert event.detail["places"] == ["items/QC-05/maximum"]


def test_nothing_new_is_no_step(universe, desk, draft):
    held = member(draft, universe.zhou, "QC-05", "maximum")

    assert setting(desk, universe.zhou, draft, "QC-05", "maximum", held, 0) is None


def test_two_who_change_different_things_both_get_what_they_meant(universe, desk, draft, colleague):
    setting(desk, universe.zhou, draft, "QC-05", "maximum", "5", 0)
    setting(desk, colleague, draft, "QC-05", "minimum", "1", 0)
    setting(desk, colleague, draft, "QF-17", "max_age_days", 90, 0)

    item = lists.item(document_of(draft, universe.zhou), "QC-05")
    assert (item["minimum"], item["maximum"]) == ("1", "5")


def test_the_later_of_two_is_shown_the_conflict_and_chooses(universe, desk, draft, colleague):
    base = member(draft, universe.zhou, "QC-05", "maximum")
    setting(desk, universe.zhou, draft, "QC-05", "maximum", "5", 0)

    with pytest.raises(draft_edits.EditsCollide) as refusal:
        setting(desk, colleague, draft, "QC-05", "maximum", "7", 0)

    [found] = refusal.value.collisions
    assert (found.base, found.theirs, found.yours) == (base, "5", "7")
    assert member(draft, universe.zhou, "QC-05", "maximum") == "5"
    setting(desk, colleague, draft, "QC-05", "maximum", "7", refusal.value.steps)
    assert member(draft, universe.zhou, "QC-05", "maximum") == "7"


def test_two_at_the_very_same_time_lose_nothing(universe, desk, draft, colleague):
    """Both had seen the same step; one is first, and the other meets it under the lock."""
    start, outcomes = threading.Barrier(2), {}

    def work(actor, code, value):
        try:
            start.wait(timeout=20)
            setting(desk, actor, draft, code, "max_age_days", value, 0)
            outcomes[value] = "written"
        except draft_edits.EditsCollide as refusal:
            outcomes[value] = refusal.collisions[0].theirs
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=work, args=(universe.zhou, "QC-05", 31)),
        threading.Thread(target=work, args=(colleague, "QC-05", 32)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    held = member(draft, universe.zhou, "QC-05", "max_age_days")
    other = 63 - held
    assert outcomes == {held: "written", other: held}


def test_many_items_are_set_in_one_step_or_not_at_all(universe, desk, draft):
    given = {code: {"sensitivity": "commercial"} for code in ("QC-05", "QF-17")}
    step = desk.as_(universe.zhou, draft_edits.set_members, draft.pk, given, steps=0)
    assert len(step.edits) >= 1

    given = {"QC-05": {"max_age_days": 30}, "QF-17": {"max_age_days": "thirty"}}
    with pytest.raises(draft_edits.MemberInvalid) as refusal:
        desk.as_(universe.zhou, draft_edits.set_members, draft.pk, given, steps=1)
    assert refusal.value.errors[0]["pointer"] == "/members/QF-17/max_age_days"
    assert member(draft, universe.zhou, "QC-05", "max_age_days") != 30


def test_ones_own_steps_are_taken_back_one_by_one(universe, desk, draft, colleague):
    zhou = universe.zhou
    before = document_of(draft, zhou)
    setting(desk, zhou, draft, "QC-05", "maximum", "5", 0)
    setting(desk, colleague, draft, "QF-17", "max_age_days", 91, 1)
    setting(desk, zhou, draft, "QC-05", "minimum", "1", 2)

    desk.as_(zhou, draft_edits.undo, draft.pk)
    assert member(draft, zhou, "QC-05", "minimum") == lists.item(before, "QC-05")["minimum"]
    desk.as_(zhou, draft_edits.undo, draft.pk)
    assert lists.item(document_of(draft, zhou), "QC-05") == lists.item(before, "QC-05")
    assert member(draft, zhou, "QF-17", "max_age_days") == 91  # the other's step stays
    with pytest.raises(draft_edits.NothingToUndo):
        desk.as_(zhou, draft_edits.undo, draft.pk)


def test_undoing_does_not_undo_what_another_did_since(universe, desk, draft, colleague):
    setting(desk, universe.zhou, draft, "QC-05", "maximum", "5", 0)
    setting(desk, colleague, draft, "QC-05", "maximum", "6", 1)

    with pytest.raises(draft_edits.EditsCollide):
        desk.as_(universe.zhou, draft_edits.undo, draft.pk)
    assert member(draft, universe.zhou, "QC-05", "maximum") == "6"


def test_items_are_removed_and_put_back_in_their_place(universe, desk, draft):
    zhou = universe.zhou
    before = document_of(draft, zhou)
    desk.as_(zhou, draft_edits.remove_items, draft.pk, ["QC-05"], steps=0)
    assert [item["code"] for item in document_of(draft, zhou)["items"]] == ["QF-17"]

    desk.as_(zhou, draft_edits.undo, draft.pk)

    assert document_of(draft, zhou) == before
    with pytest.raises(draft_edits.ItemMissing):
        desk.as_(zhou, draft_edits.remove_items, draft.pk, ["QX-1"], steps=2)


def test_items_are_moved(universe, desk, draft):
    desk.as_(universe.zhou, draft_edits.move_item, draft.pk, "QC-05", beside="QF-17", steps=0)

    codes = [item["code"] for item in document_of(draft, universe.zhou)["items"]]
    assert codes == ["QF-17", "QC-05"]


def test_items_are_copied_from_a_published_list(universe, desk, draft, zj_list):
    copied = ["QC-08", "QC-05"]
    desk.as_(
        universe.zhou, draft_edits.copy_items, draft.pk, copied, source=("ZJ-QFCE", 1), steps=0
    )

    document = document_of(draft, universe.zhou)
    assert [item["code"] for item in document["items"]] == ["QC-05", "QF-17", "QC-08"]
    assert problems(document) == []
    with pytest.raises(draft_edits.ItemMissing):
        desk.as_(
            universe.zhou, draft_edits.copy_items, draft.pk, ["QX-1"], source=("ZJ-QFCE", 1),
            steps=1,
        )  # fmt: skip


def test_an_item_is_added_whole_and_once(universe, desk, draft, zj_list):
    zhou = universe.zhou
    item = lists.item(zj_list.to_document(), "QI-05")
    desk.as_(zhou, draft_edits.add_item, draft.pk, item, beside="QC-05", steps=0)
    codes = [known["code"] for known in document_of(draft, zhou)["items"]]
    assert codes == ["QC-05", "QI-05", "QF-17"]

    with pytest.raises(draft_edits.CodeThere):
        desk.as_(zhou, draft_edits.add_item, draft.pk, item, steps=1)
    del item["kind"]
    with pytest.raises(draft_edits.MemberInvalid):
        desk.as_(zhou, draft_edits.add_item, draft.pk, {**item, "code": "QI-90"}, steps=1)


def test_rules_and_the_first_day_are_steps_too(universe, desk, draft, zj_list):
    zhou = universe.zhou
    rule = zj_list.to_document()["rules"][0]
    desk.as_(zhou, draft_edits.set_rule, draft.pk, "X01", rule, steps=0)
    desk.as_(zhou, draft_edits.set_first_day, draft.pk, TODAY.replace(year=2027), steps=1)

    with acting_as(zhou.organization_id):
        version = FactorListVersion.objects.get(pk=draft.pk)
    assert version.effective_from.year == 2027
    assert [entry["code"] for entry in version.document["rules"]] == ["X01"]
    desk.as_(zhou, draft_edits.set_rule, draft.pk, "X01", None, steps=2)
    assert document_of(draft, zhou)["rules"] == []


def test_a_file_put_in_place_of_the_draft_is_a_step_that_can_be_taken_back(universe, desk, draft):
    zhou = universe.zhou
    before = document_of(draft, zhou)
    whole = lists.small(items=("QC-05", "QC-08"))
    desk.as_(zhou, factor_lists.change_draft, draft.pk, whole, effective_from=TODAY)

    desk.as_(zhou, draft_edits.undo, draft.pk)

    assert document_of(draft, zhou) == before


def test_only_its_owner_edits_a_draft_and_only_a_draft(universe, desk, draft):
    change = {"QC-05": {"maximum": "5"}}
    for actor, refusal in (
        (universe.lin, NoSuchRecord),
        (universe.fang, MissingPermission),
    ):
        with pytest.raises(refusal):
            desk.as_(actor, draft_edits.set_members, draft.pk, change, steps=0)
    desk.as_(universe.zhou, factor_lists.submit_for_review, draft.pk)
    with pytest.raises(VersionNotDraft):
        desk.as_(universe.zhou, draft_edits.set_members, draft.pk, change, steps=0)


def test_a_published_list_of_another_is_read_and_not_edited(universe, desk, zj_list):
    from dataclasses import replace

    other = replace(
        universe.shen, permissions=universe.shen.permissions | universe.zhou.permissions
    )
    with acting_as(other.organization_id):
        published = FactorListVersion.objects.get(factor_list__code="ZJ-QFCE", number=1)
    with pytest.raises(NotListOwner):
        desk.as_(other, draft_edits.set_members, published.pk, {"QC-05": {}}, steps=0)
