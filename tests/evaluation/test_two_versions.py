"""A card that binds version 1 of the list, after records are kept by version 2."""

from tests.evaluation.test_services_evaluations import explain
from tests.factors import lists
from tests.sharing.migrating import migrated, publish_second


def renames_only():
    """Version 2 in which items have other codes, and one has other values one for one."""
    document = lists.second()
    first = lists.document()
    lists.item(document, "QC-05").update(lists.item(first, "QC-05"), suggested_gate=None)
    place = [entry["code"] for entry in first["items"]].index(lists.GONE)
    document["items"].insert(place, lists.item(first, lists.GONE) | {"suggested_gate": None})
    document["migration"]["steps"] = lists.STEPS[:4]
    return document


def test_renamed_items_are_read_back(universe, world, published_card, run_tasks):
    before = world.evaluate()
    publish_second(universe, renames_only())
    migrated(universe, run_tasks)
    after = world.evaluate()

    kept = ("score", "grade", "cap", "outcome", "reasons", "category_points")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.position_number > before.position_number
    assert explain(universe, after).reproduced
    assert explain(universe, before).reproduced


def test_what_the_new_version_does_not_tell_is_said(universe, world, published_card, run_tasks):
    before = world.evaluate()
    publish_second(universe)
    migrated(universe, run_tasks)
    after = world.evaluate()

    missing = {entry.code: entry.state for entry in explain(universe, after).missing}
    assert {missing.get(code) for code in ("QC-05", "QC-13")} == {"retired"}
    assert explain(universe, after).reproduced
    assert explain(universe, before).reproduced
    assert "retired" not in {entry.state for entry in explain(universe, before).missing}
