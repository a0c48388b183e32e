"""A draft's migration, written step by step: proposed, set, taken out, merged, undone."""

import pytest

from factors.selectors import drafts, migrations
from factors.services import draft_edits, list_starts, migration_edits
from factors.services.draft_edits import EditsCollide
from tests.factors import lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(desk, zj_list):
    """Version 2 with two items under new codes, one gone, one of another type; no migration."""
    document = lists.second()
    del document["migration"]
    return desk.draft(document)


def shown(desk):
    def look(*, actor, at):
        found = drafts.draft("ZJ-QFCE", 2, actor=actor)
        return found, migrations.of_draft(found, actor=actor)

    return desk.as_(desk.universe.zhou, look)


def test_steps_that_the_versions_suggest_are_proposed(desk, draft):
    desk.as_(desk.universe.zhou, migration_edits.propose_migration, draft.pk, steps=0)
    found, migration = shown(desk)

    kinds = {step.item: (step.kind, [t.to for t in step.targets]) for step in migration.steps}
    assert kinds == {
        "QF-17": ("rename", ["QF-91"]),
        "QM-08": ("rename", ["QM-91"]),
        "QC-07": ("rename", ["QC-91"]),
        "QC-19": ("map", ["QC-19"]),
        "QC-05": ("map", ["QC-05"]),
        "QC-13": ("drop", []),
    }
    assert {p.facts.get("one") for p in migration.problems} == {"QC-19", "QC-05"}
    assert found.steps == 1
    assert migration.problems_of("QC-19") and not migration.problems_of("QF-17")


def test_a_step_is_set_replaced_and_taken_out(desk, draft):
    zhou = desk.universe.zhou
    desk.as_(zhou, migration_edits.set_migration_step, draft.pk, "QC-13", {"kind": "drop"}, steps=0)
    renamed = {"kind": "rename", "to": "QF-91"}
    desk.as_(zhou, migration_edits.set_migration_step, draft.pk, "QF-17", renamed, steps=1)
    desk.as_(zhou, migration_edits.set_migration_step, draft.pk, "QC-13", None, steps=2)
    found, migration = shown(desk)
    assert found.document["migration"] == {
        "from_version": 1,
        "steps": [{"kind": "rename", "item": "QF-17", "to": "QF-91"}],
    }
    assert "no_step" in {p.code for p in migration.problems_of("QC-13")}

    desk.as_(zhou, migration_edits.set_migration_step, draft.pk, "QF-17", None, steps=3)
    assert "migration" not in shown(desk)[0].document
    desk.as_(zhou, draft_edits.undo, draft.pk)
    assert len(shown(desk)[1].steps) == 1


def test_of_two_who_write_it_the_later_is_shown_the_other(desk, draft):
    zhou = desk.universe.zhou
    desk.as_(zhou, migration_edits.set_migration_step, draft.pk, "QC-13", {"kind": "drop"}, steps=0)
    with pytest.raises(EditsCollide):
        desk.as_(
            zhou, migration_edits.set_migration_step, draft.pk, "QF-17",
            {"kind": "rename", "to": "QF-91"}, steps=0,
        )  # fmt: skip


def test_a_first_version_has_nothing_to_move(desk):
    version = desk.draft()
    with pytest.raises(migration_edits.NothingBefore):
        desk.as_(desk.universe.zhou, migration_edits.propose_migration, version.pk, steps=0)


def test_the_next_version_begins_without_one(desk, zj_list):
    version = desk.as_(desk.universe.zhou, list_starts.start_next, "ZJ-QFCE")
    assert "migration" not in version.document


def test_by_rest(desk, draft, api):
    address = "/api/v1/factor-lists/ZJ-QFCE/versions/2/draft/migration/"
    told = api(desk.universe.zhou).post(f"{address}propose/", {"steps": 0}).json()
    assert len(told["document"]["migration"]["steps"]) == 6
    assert {p["code"] for p in told["problems"]} >= {"type_mismatch"}

    table = [{"from": True, "to": "ENROLLED"}, {"from": False, "to": "NOT_ENROLLED"}]
    step = {"kind": "map", "to": "QC-19", "table": table}
    given = {"item": "QC-19", "step": step, "steps": told["steps"]}
    told = api(desk.universe.zhou).post(address, given, format="json").json()
    assert not [p for p in told["problems"] if "QC-19" in p["message"]]
    assert api(desk.universe.shen).post(address, given, format="json").status_code in (403, 404)
