"""Faults are named at the field, each once, in both languages, with what to do."""

import re
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factors.domain.catalogue import Catalogue
from factors.domain.conditions import bound_to
from factors.domain.list_versions import problems
from factors.domain.problem_texts import TEXTS
from factors.domain.satisfiability import Cell, can_hold, holds
from tests.factors import lists

ZJ = lists.catalogue()
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def at(document):
    return [(found.code, found.pointer) for found in problems(document)]


def changed(code, **members):
    document = lists.document()
    lists.item(document, code).update(members)
    return document


def place(document, code):
    return next(n for n, entry in enumerate(document["items"]) if entry["code"] == code)


def test_ninety_items_with_three_faults_name_the_three():
    document = lists.document()
    lists.item(document, "QC-05")["maximum"] = "-1"
    lists.item(document, "QF-17")["values"] = []
    lists.item(document, "QI-03")["type"] = "ladder"

    assert at(document) == [
        ("unknown_word", f"/items/{place(document, 'QI-03')}/type"),
        ("bounds_reversed", f"/items/{place(document, 'QC-05')}/minimum"),
        ("no_values", f"/items/{place(document, 'QF-17')}/values"),
    ]


def test_three_other_faults_name_the_three():
    document = lists.document()
    lists.item(document, "QB-04")["unit_en"] = 7
    document["items"].append(lists.item(lists.document(), "QM-08"))
    lists.item(document, "QF-25")["validity_months"] = 0

    assert at(document) == [
        ("wrong_form", f"/items/{place(document, 'QB-04')}/unit_en"),
        ("validity", f"/items/{place(document, 'QF-25')}/validity_months"),
        ("duplicate_code", "/items/90/code"),
    ]


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        (changed("QC-01", colour="red"), "member_unknown", "/items/0/colour"),
        (changed("QC-01", former_names="旧名"), "wrong_form", "/items/0/former_names"),
        (changed("QC-01", unit_factor="1E3"), "wrong_form", "/items/0/unit_factor"),
        (changed("QC-01", max_age_days=True), "wrong_form", "/items/0/max_age_days"),
        (changed("QC-01", source_order=["moon"]), "unknown_word", "/items/0/source_order/0"),
        (changed("QC-01", evidences=[]), "text_missing", "/items/0/evidences"),
        (
            changed("QC-01", evidences=[{"name_zh": "证书", "name_en": " ", "required": True}]),
            "text_missing",
            "/items/0/evidences/0/name_en",
        ),
        (
            changed("QC-01", citations=[{"source_zh": "法", "source_en": "Law", "dated": "May",
                                         "confidence": "read"}]),
            "wrong_form",
            "/items/0/citations/0/dated",
        ),
        (
            changed("QC-01", owners=[{"level": "enterprise", "agency_zh": "企", "agency_en": "E"}]),
            "owner_level",
            "/items/0/owners/0/level",
        ),
        (changed("QC-01", repair_zh="修复"), "text_missing", "/items/0/repair_en"),
        (changed("QC-01", extension="province"), "core_own", "/items/0/core_item"),
        ({**lists.document(), "categories": []}, "categories", "/categories"),
        ({**lists.document(), "effective_from": "soon"}, "wrong_form", "/effective_from"),
    ],
)  # fmt: skip
def test_a_fault_is_named_once_at_its_field(document, code, pointer):
    assert at(document) == [(code, pointer)]


def test_a_label_that_means_two_values_is_named_where_it_stands():
    document = lists.document()
    values = lists.item(document, "QF-17")["values"]
    values[3]["aliases"] = ["有效 "]

    where = place(document, "QF-17")
    assert at(document) == [("ambiguous_label", f"/items/{where}/values/3/aliases/0")]


def test_a_mapping_that_runs_in_a_circle_is_named_once():
    document = lists.document()
    for one, other in (("QB-04", "QB-06"), ("QB-06", "QB-05"), ("QB-05", "QB-04")):
        lists.item(document, one)["core_item"] = other

    (found,) = problems(document)
    assert found.code == "core_cycle"
    assert found.facts["cycle"] == "QB-04 → QB-06 → QB-05 → QB-04"


def test_a_mapping_to_another_item_or_to_the_core_outside_is_none():
    document = lists.document()
    lists.item(document, "QB-06")["core_item"] = "QB-04"
    lists.item(document, "QB-05")["core_item"] = "CN-105"
    lists.item(document, "QB-07")["core_item"] = ""

    assert at(document) == []


def test_every_sentence_is_there_in_both_languages():
    for sentence in TEXTS.values():
        assert CHINESE.search(sentence.zh)
        assert CHINESE.search(sentence.todo_zh)
        assert not CHINESE.search(sentence.en + sentence.todo_en)
        facts = [sorted(set(re.findall(r"{(\w+)}", text))) for text in (sentence.zh, sentence.en)]
        assert [name.removesuffix("_zh") for name in facts[0]] == [
            name.removesuffix("_en") for name in facts[1]
        ]


def test_what_is_said_has_its_facts():
    (found,) = problems(changed("QC-05", minimum="9", maximum="1"))

    assert found.message == "QC-05: 9 is above 1."
    assert found.said("zh") == "QC-05的下限9高于上限1。"
    assert found.todo == "Exchange or correct the bounds."
    assert found.remedy("zh") == "请对调或更正上下限。"


def test_every_shipped_rule_can_hold():
    for rule in (*ZJ.rules, *ZJ.report_rules):
        for item in rule.for_each or ("",):
            assert can_hold(bound_to(rule.when, item), ZJ), rule.code


@pytest.mark.parametrize(
    "condition",
    [
        {"item": "QC-05", "at_least": 1000},
        {"item": "QC-05", "below": 0},
        {"all": [{"item": "QC-05", "at_least": 3}, {"item": "QC-05", "below": 3}]},
        {"all": [{"item": "QC-05", "missing": True}, {"item": "QC-05", "at_least": 0}]},
        {"all": [{"item": "QF-17", "in": ["VALID"]}, {"item": "QF-17", "in": ["NONE"]}]},
        {"all": [{"item": "QF-17", "in": ["VALID"]}, {"item": "QF-17", "at_least": 1}]},
        {
            "all": [
                {"item": "QI-06", "above_item": "QI-05"},
                {"item": "QI-05", "above_item": "QI-06"},
            ]
        },
        {"all": [{"item": "QM-02", "days_ahead_above": 0}]},
        {"all": [{"derived": "age_years", "below": 1}, {"derived": "age_years", "at_least": 1}]},
        {"item": "QC-17", "equals": 2.5},
        {"not": {"any": [{"item": "QM-03", "missing": True}, {"item": "QM-03", "missing": False}]}},
        {"all": [{"item": "uscc", "missing": True}]},
        {
            "all": [
                {"item": "region", "starts_with": "33"},
                {"item": "region", "starts_with": "35"},
            ]
        },
        {"item": "size", "in": ["huge"]},
        {"item": "industry", "starts_with": "手工"},
        {"any": [{"item": "QI-11", "at_least": 100.5}, {"item": "QI-11", "below": 0}]},
    ],
)
def test_what_no_row_can_satisfy_is_refused(condition):
    assert not can_hold(condition, ZJ)
    document = lists.document()
    document["rules"][0]["when"] = condition
    assert at(document) == [("never_holds", "/rules/0/when")]


@pytest.mark.parametrize(
    "condition",
    [
        {"item": "QC-05", "at_least": 999},
        {"not": {"item": "QC-05", "at_least": 1000}},
        {"all": [{"item": "QI-11", "at_least": 4.1}, {"item": "QI-11", "below": 4.2}]},
        {
            "all": [
                {"item": "QI-05", "above_item": "QI-06"},
                {"item": "QI-06", "above_item": "QB-04"},
                {"item": "QB-04", "above_item": "QB-06"},
                {"item": "QB-06", "at_least": 100},
            ]
        },
        {"all": [{"item": "QF-20", "missing": False}, {"not": {"item": "QF-20", "at_least": 0}}]},
        {
            "all": [
                {"item": "QM-02", "before_item": "established_on"},
                {"derived": "age_years", "at_least": 10},
            ]
        },
        {"item": "QF-17>", "days_ahead_above": 4000},
        {"item": "registered_capital", "at_least": 100000000},
    ],
)
def test_what_some_row_satisfies_is_allowed(condition):
    assert can_hold(condition, ZJ)


LEAVES = st.one_of(
    st.builds(
        lambda item, test, bound: {"item": item, test: bound},
        st.sampled_from(["QC-05", "QC-09", "QC-17"]),
        st.sampled_from(["at_least", "below", "equals"]),
        st.integers(-1, 6),
    ),
    st.builds(
        lambda one, other: {"item": one, "above_item": other},
        st.sampled_from(["QC-05", "QC-09", "QC-17"]),
        st.sampled_from(["QC-05", "QC-09", "QC-17"]),
    ),
    st.builds(
        lambda item, missing: {"item": item, "missing": missing},
        st.sampled_from(["QC-05", "QC-09", "QC-17"]),
        st.booleans(),
    ),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.builds(lambda p: {"all": p}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda p: {"any": p}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda p: {"not": p}, parts),
    ),
    max_leaves=5,
)


def small_world():
    """Three counts of 0 to 5, small enough to try every row."""
    document = lists.small(items=("QC-05", "QC-09", "QC-17"))
    for entry in document["items"]:
        entry.update(type="count", minimum="0", maximum="5", decimals=0)
    return Catalogue.from_document(document)


SMALL = small_world()


@settings(max_examples=150, deadline=None)
@given(condition=CONDITIONS)
def test_the_answer_is_that_of_trying_every_row(condition):
    cells = [None, *(Cell(str(n), Decimal(n)) for n in range(6))]
    rows = (
        dict(zip(("QC-05", "QC-09", "QC-17"), row, strict=True)) for row in product(cells, repeat=3)
    )
    assert can_hold(condition, SMALL) == any(holds(condition, row) for row in rows)


def test_a_bound_finer_than_its_item_is_refused():
    document = lists.document()
    lists.item(document, "QI-11").update(minimum="0.125", decimals=2)

    [found] = problems(document)
    assert (found.code, found.pointer.rpartition("/")[2]) == ("bound_finer", "minimum")
    assert "0.125" in found.message and "0.125" in found.said("zh")
