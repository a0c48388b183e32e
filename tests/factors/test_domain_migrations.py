"""Migrations of a list: their document, their faults, and what they make of one record."""

from copy import deepcopy

import pytest

from factors.domain import migration_checks
from factors.domain.catalogue import Catalogue
from factors.domain.list_versions import problems
from factors.domain.migration_plans import WayBack, moved, plan, ways_back
from factors.domain.migrations import Migration
from tests.factors.lists import STEPS, catalogue, document, item, second, value


def second_with(*steps, change=lambda document: None):
    """Version 2 with other steps, and further changes."""
    whole = second() | {"version": 2}
    whole["migration"] = {"from_version": 1, "steps": list(steps)}
    change(whole)
    return Catalogue.from_document(whole)


def faults(new):
    found = migration_checks.problems(new.migration, catalogue(), new)
    return sorted({(problem.code, problem.pointer) for problem in found})


def plan_of(new):
    return plan(new.migration, catalogue(), new)


def test_version_2_works_and_its_document_comes_back_the_same():
    whole = second() | {"version": 2}
    assert problems(whole) == []
    read = Catalogue.from_document(whole)
    assert migration_checks.problems(read.migration, catalogue(), read) == []
    again = Catalogue.from_document(read.to_document())
    assert again.migration == read.migration
    assert again.to_document() == read.to_document()


def test_a_list_without_migration_keeps_its_document():
    assert "migration" not in catalogue().to_document()


def test_a_step_of_no_known_kind_is_malformed():
    whole = second()
    whole["migration"]["steps"] = [{"kind": "merge", "item": "QF-17"}]
    assert [problem.code for problem in problems(whole)] == ["malformed"]


@pytest.mark.parametrize(
    ("steps", "code", "pointer"),
    [
        ([{"kind": "rename", "item": "QX-99", "to": "QF-91"}], "no_such_item", "steps/0/item"),
        ([{"kind": "rename", "item": "QF-17", "to": "QX-99"}], "no_such_item", "steps/0/to"),
        ([STEPS[0], {"kind": "drop", "item": "QF-17"}], "two_steps", "steps/1/item"),
        (
            [STEPS[0], {"kind": "rename", "item": "QF-18", "to": "QF-91"}],
            "two_sources",
            "steps/1",
        ),
        (
            [
                {"kind": "rename", "item": "QF-18", "to": "QF-19"},
                {"kind": "rename", "item": "QF-19", "to": "QF-18"},
            ],
            "cycle",
            "steps/0",
        ),
        ([{"kind": "rename", "item": "QF-17", "to": "QF-18"}], "target_taken", "steps/0/to"),
        ([{"kind": "drop", "item": "QF-18"}], "still_there", "steps/0/item"),
        ([{"kind": "rename", "item": "QF-18", "to": "QF-18"}], "same_code", "steps/0/to"),
        ([{"kind": "rename", "item": "QC-07", "to": "QF-91"}], "type_mismatch", "steps/0/to"),
        ([STEPS[0]], "no_step", "steps"),
    ],
)
def test_each_fault_of_a_step_is_named_where_it_is(steps, code, pointer):
    assert (code, f"/migration/{pointer}") in faults(second_with(*steps))


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"table": [{"from": True, "to": "ENROLLED"}]}, "no_target", "table"),
        ({"table": [{"from": True, "to": "YES"}]}, "not_a_value", "table/0/to"),
        ({"table": [{"from": "yes", "to": "ENROLLED"}]}, "not_a_value", "table/0/from"),
        ({"table": [{"from": True, "to": "ENROLLED"}] * 2}, "two_targets", "table/0"),
        ({"table": [], "thresholds": [{"below": None, "to": "X"}]}, "not_numeric", "thresholds"),
        ({"table": [], "otherwise": "ENROLLED"}, "type_mismatch", "to"),
        ({"otherwise": "NOBODY"}, "not_a_value", "otherwise"),
    ],
)
def test_each_fault_of_a_table_is_named_where_it_is(change, code, pointer):
    steps = deepcopy(STEPS)
    steps[3] |= change
    assert (code, f"/migration/steps/3/{pointer}") in faults(second_with(*steps))


def test_thresholds_rise_and_the_last_is_open():
    steps = deepcopy(STEPS)
    steps[4]["thresholds"] = [{"below": "3", "to": "NEVER"}, {"below": "1", "to": "OFTEN"}]
    found = faults(second_with(*steps))
    assert ("thresholds", "/migration/steps/4/thresholds") in found
    assert ("no_target", "/migration/steps/4/thresholds") in found


def test_the_version_before_is_the_one_that_is_named():
    new = second_with(*STEPS, change=lambda whole: whole["migration"].update(from_version=3))
    assert faults(new) == [("from_version", "/migration/from_version")]


def test_a_record_is_moved_item_by_item():
    values = {"QF-17": "VALID", "QC-07": 2, "QC-19": True, "QC-05": 1, "QC-13": "LISTED"}
    done = moved(plan_of(second_with(*STEPS)), values | {"QC-06": 4})
    assert done.values == {
        "QF-91": "VALID",
        "QC-91": 2,
        "QC-19": "ENROLLED",
        "QC-05": "SELDOM",
        "QC-06": 4,
    }
    assert done.ended == ("QF-17", "QC-07", "QC-13")
    assert done.without_target == {}


def test_what_was_recorded_under_the_new_version_stays():
    done = moved(
        plan_of(second_with(*STEPS)),
        {"QF-17": "VALID", "QF-91": "REVOKED", "QC-05": "OFTEN"},
        new_already=["QC-05"],
    )
    assert done.values == {"QF-91": "REVOKED", "QC-05": "OFTEN"}
    assert (done.moved, done.ended) == ({}, ("QF-17",))


def test_a_value_that_no_table_knows_is_told():
    new = second_with(*STEPS[:3], {**STEPS[3], "table": STEPS[3]["table"][:1]}, *STEPS[4:])
    done = moved(plan_of(new), {"QC-19": False})
    assert (done.values, done.without_target) == ({}, {"QC-19": False})


def test_one_item_becomes_two():
    def two(whole):
        old = item(whole, "QF-20")
        whole["items"].remove(old)
        share = old | {"code": "QF-92", "name_zh": "计量率", "name_en": "Share of meters"}
        verdict = old | {
            "code": "QF-93",
            "name_zh": "计量结论",
            "name_en": "Verdict on meters",
            "type": "enum",
            "unit_zh": "",
            "unit_en": "",
            "minimum": None,
            "maximum": None,
            "decimals": 0,
            "values": [value("LOW"), value("HIGH")],
        }
        whole["items"] += [share, verdict]

    split = {
        "kind": "split",
        "item": "QF-20",
        "into": [
            {"to": "QF-92"},
            {
                "to": "QF-93",
                "thresholds": [{"below": "50", "to": "LOW"}, {"below": None, "to": "HIGH"}],
            },
        ],
    }
    new = second_with(*STEPS, split, change=two)
    assert faults(new) == []
    made = plan_of(new)
    assert moved(made, {"QF-20": "49.9"}).values == {"QF-92": "49.9", "QF-93": "LOW"}
    assert moved(made, {"QF-20": "50"}).values == {"QF-92": "50", "QF-93": "HIGH"}
    assert moved(made, {"QF-20": "not_applicable"}).values == {
        "QF-92": "not_applicable",
        "QF-93": "not_applicable",
    }
    assert ways_back(made)["QF-20"] == WayBack("QF-92")


def test_renames_and_tables_lead_back_and_thresholds_do_not():
    back = ways_back(plan_of(second_with(*STEPS)))
    assert back["QF-17"] == WayBack("QF-91")
    assert back["QC-19"].value("ENROLLED") is True
    assert back["QC-05"] is None
    assert back["QC-13"] is None


def test_what_has_to_be_said_without_a_migration():
    new = Catalogue.from_document(second() | {"version": 2, "migration": None})
    assert migration_checks.needed(catalogue(), new) == [
        "QC-05",
        "QC-07",
        "QC-13",
        "QC-19",
        "QM-08",
        "QF-17",
    ]


def test_migration_from_document_and_back():
    written = Migration.from_document({"from_version": 1, "steps": STEPS}).to_document()
    assert Migration.from_document(written).to_document() == written
    assert document()["items"][0]["code"] == "QC-01"
