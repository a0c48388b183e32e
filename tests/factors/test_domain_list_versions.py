"""What keeps a list from working, one case for each check."""

import pytest

from factors.domain.list_versions import VERSION, is_in_force, problems, simplified
from qfce.kernel.lifecycle import IllegalTransition
from tests.factors import lists


def codes(document):
    return {found.code for found in problems(document)}


def put(document, code, **members):
    lists.item(document, code).update(members)
    return document


def value(code, zh, en, *aliases):
    return {"code": code, "label_zh": zh, "label_en": en, "rank": None, "aliases": list(aliases)}


def rule(**members):
    return {
        "code": "Y01",
        "severity": "error",
        "yields": "QC-05",
        "when": {"item": "QC-05", "at_least": 1},
        "message_zh": "不应如此",
        "message_en": "This should not be",
        "for_each": [],
        "only_if_column": "",
        **members,
    }


def with_rule(**members):
    document = lists.small()
    document["rules"] = [rule(**members)]
    return document


def test_a_small_list_works():
    assert problems(lists.small()) == []
    assert problems(with_rule()) == []


def twice():
    document = lists.small()
    document["items"].append(lists.item(document, "QC-05"))
    return document


def same_name():
    return put(lists.small(), "QF-17", former_names=["产品质量违法行政处罚次数（36个月）"])


def coded(*values):
    return put(lists.small(), "QF-17", values=list(values))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param({}, "malformed", id="not a list at all"),
        pytest.param(put(lists.small(), "QC-05", type="colour"), "unknown_word", id="unknown type"),
        pytest.param(put(lists.small(), "QC-05", minimum="low"), "wrong_form", id="no number"),
        pytest.param({**lists.small(), "items": []}, "no_items", id="no items"),
        pytest.param(twice(), "duplicate_code", id="an item twice"),
        pytest.param(same_name(), "ambiguous_name", id="a former name that is another's name"),
        pytest.param(
            put(lists.small(), "QC-05", category="luck"), "unknown_category", id="category"
        ),
        pytest.param(put(lists.small(), "QC-05", fill_en=" "), "text_missing", id="no English"),
        pytest.param(put(lists.small(), "QC-05", unit_en=""), "text_missing", id="half a unit"),
        pytest.param(coded(), "no_values", id="an empty enumeration"),
        pytest.param(
            put(lists.small(), "QC-05", values=[value("A", "甲", "A")]),
            "values_unused",
            id="values of a count",
        ),
        pytest.param(coded(value("A", "", "First")), "label_missing", id="a missing label"),
        pytest.param(coded(value("valid", "有效", "Valid")), "code_lower_case", id="lower case"),
        pytest.param(
            coded(value("A", "有效（甲）", "One"), value("B", "有效(甲)", "Two")),
            "ambiguous_label",
            id="brackets of two widths",
        ),
        pytest.param(
            coded(value("A", "有效", "One", "无"), value("B", "无 ", "Two")),
            "ambiguous_label",
            id="an alias that is another's label",
        ),
        pytest.param(
            coded(value("A", "甲", "One"), value("A", "乙", "Two")),
            "duplicate_code",
            id="a value twice",
        ),
        pytest.param(
            put(lists.small(), "QC-05", minimum="5", maximum="1"), "bounds_reversed", id="bounds"
        ),
        pytest.param(put(lists.small(), "QC-05", maximum=None), "bounds_missing", id="no bound"),
        pytest.param(put(lists.small(), "QC-05", unit_factor="0"), "unit_factor", id="factor 0"),
        pytest.param(put(lists.small(), "QC-05", decimals=2), "decimals", id="half a penalty"),
        pytest.param(put(lists.small(), "QC-05", max_length=0), "max_length", id="no text"),
        pytest.param(
            put(lists.small(), "QF-17", validity_months=0), "validity", id="valid for no month"
        ),
        pytest.param(
            put(lists.small(), "QF-17", validity_kind="state"),
            "validity_unused",
            id="months of a state",
        ),
        pytest.param(put(lists.small(), "QC-05", max_age_days=0), "max_age", id="age 0"),
        pytest.param(put(lists.small(), "QC-05", source_order=[]), "source_order", id="no source"),
        pytest.param(
            put(lists.small(), "QC-05", source_order=["county", "register"]),
            "source_order",
            id="the register last",
        ),
        pytest.param(
            put(lists.small(), "QC-05", bank_default="never"), "never_shared", id="asked in vain"
        ),
        pytest.param(
            put(
                lists.small(),
                "QF-17",
                suggested_gate={"outcome": "decline", "when": {"item": "QF-17", "in": ["GONE"]}},
            ),
            "unknown_value",
            id="a gate on a value that is none",
        ),
        pytest.param(with_rule(message_zh=""), "text_missing", id="a rule without words"),
        pytest.param(with_rule(yields="QX-01"), "unknown_item", id="yields a missing item"),
        pytest.param(
            with_rule(when={"item": "QX-01", "missing": True}),
            "unknown_item",
            id="on a missing one",
        ),
        pytest.param(
            with_rule(when={"item": "QC-05", "above_item": "QX-01"}),
            "unknown_item",
            id="compares with a missing one",
        ),
        pytest.param(
            with_rule(when={"item": "QC-05", "above_derived": "luck"}),
            "unknown_derived",
            id="derived from nothing",
        ),
        pytest.param(with_rule(when={"all": []}), "condition", id="an empty condition"),
        pytest.param(with_rule(when={"item": "QC-05"}), "condition", id="a leaf without a test"),
        pytest.param(
            with_rule(for_each=["QF-17", "QF-18"], yields="{item} valid_to"),
            "unknown_item",
            id="for each of items that are missing",
        ),
    ],
)
def test_a_list_that_cannot_work_says_why(document, code):
    found = problems(document)

    assert code in {problem.code for problem in found}
    assert all(problem.message for problem in found)


def test_pointers_lead_to_the_place():
    found = problems(put(lists.small(), "QF-17", max_age_days=0))

    assert [problem.pointer for problem in found] == ["/items/1/max_age_days"]


def test_not_applicable_may_not_be_offered_twice():
    document = lists.small(items=("QM-11",))
    assert codes(document) == set()
    assert "ambiguous_label" in codes(put(document, "QM-11", allows_not_applicable=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("存续（在营、开业、在册）", "存续(在营、开业、在册)"),
        ("ＡＡＡ 级", "aaa级"),
        ("“小巨人” 企业", "“小巨人”企业"),
    ],
)
def test_labels_that_read_alike_are_alike(one, other):
    assert simplified(one) == simplified(other)


def test_labels_that_only_differ_inside_brackets_differ():
    assert simplified("有效") != simplified("有效（90日内到期）")


@pytest.mark.parametrize(
    ("action", "state"),
    [("publish", "draft"), ("publish", "in_review"), ("submit", "published"), ("return", "draft")],
)
def test_a_version_takes_no_short_cut(action, state):
    with pytest.raises(IllegalTransition):
        VERSION.target(action, state=state)


def test_withdrawn_is_the_end():
    assert VERSION.final == {"withdrawn"}


@pytest.mark.parametrize(
    ("status", "first", "counts"),
    [
        ("published", "2026-11-02", True),
        ("superseded", "2026-11-02", True),
        ("published", "2026-11-23", True),
        ("published", "2026-11-24", False),
        ("withdrawn", "2026-11-02", False),
        ("signed", "2026-11-02", False),
    ],
)
def test_what_is_in_force(status, first, counts):
    from datetime import date

    assert is_in_force(status, date.fromisoformat(first), date(2026, 11, 23)) is counts
