"""Comparing versions: what came, went and changed, how strictly, and with which consequence."""

import pytest

from factors.domain.catalogue import Catalogue
from factors.domain.comparison import (
    ChangeKind,
    Consequence,
    Imports,
    Records,
    Scorecards,
    Subject,
    compare,
    counts,
    recoded,
)
from tests.factors import lists


def compared(change):
    """Return what differs after `change` was done to a fresh document."""
    document = lists.document()
    change(document)
    return compare(lists.catalogue(), Catalogue.from_document(document))


def only(changes):
    assert len(changes) == 1, changes
    return changes[0]


def setting(code, name, value):
    return lambda document: lists.item(document, code).update({name: value})


def test_a_version_does_not_differ_from_itself():
    assert compare(lists.catalogue(), lists.catalogue()) == []


def test_number_and_first_day_are_no_differences():
    assert compared(lambda document: document.update(version=2, effective_from="2027-01-01")) == []


@pytest.mark.parametrize(
    ("code", "name", "value", "kind"),
    [
        ("QC-05", "name_zh", "未修复处罚数", ChangeKind.RENAMED),
        ("QC-05", "type", "number", ChangeKind.RETYPED),
        ("QB-02", "unit_factor", "10000", ChangeKind.RETYPED),
        ("QC-05", "category", "quality_brand", ChangeKind.MOVED),
        ("QC-05", "minimum", "1", ChangeKind.TIGHTENED),
        ("QC-05", "maximum", "5", ChangeKind.TIGHTENED),
        ("QC-05", "maximum", "100000000", ChangeKind.LOOSENED),
        ("QM-14", "decimals", 0, ChangeKind.TIGHTENED),
        ("QC-05", "validity_months", 12, ChangeKind.TIGHTENED),
        ("QC-05", "validity_months", 360, ChangeKind.LOOSENED),
        ("QC-05", "max_age_days", 1, ChangeKind.TIGHTENED),
        ("QC-05", "consent_required", True, ChangeKind.TIGHTENED),
        ("QC-05", "bank_default", "never", ChangeKind.TIGHTENED),
        ("QC-05", "allows_not_applicable", True, ChangeKind.LOOSENED),
        ("QC-05", "polarity", "neutral", ChangeKind.CHANGED),
        ("QC-05", "fill_en", "Count them.", ChangeKind.WORDED),
    ],
)
def test_a_field_says_what_kind_of_change_it_is(code, name, value, kind):
    change = only(compared(setting(code, name, value)))

    assert (change.kind, change.subject, change.code, change.field) == (
        kind,
        Subject.ITEM,
        code,
        name,
    )
    assert change.after == value


def test_an_item_that_came_is_lacked_by_records_and_new_in_files():
    def adding(document):
        document["items"].append(
            {**lists.item(document, "QC-05"), "code": "QC-90", "name_zh": "新"}
        )

    change = only(compared(adding))

    assert change.kind == ChangeKind.ADDED
    assert change.consequence == Consequence(Records.LACK, Imports.NEW_COLUMN, Scorecards.MAY_ADD)


def test_an_item_that_went_is_dropped_and_lost_by_scorecards():
    def removing(document):
        document["items"] = [item for item in document["items"] if item["code"] != "QM-04"]
        document["rules"] = [rule for rule in document["rules"] if "QM-04" not in str(rule["when"])]

    removed, rule = compared(removing)

    assert (removed.kind, removed.code, removed.after) == (ChangeKind.REMOVED, "QM-04", None)
    assert removed.consequence.scorecards == Scorecards.LOSE
    assert removed.consequence.records == Records.DROPPED
    assert (rule.kind, rule.subject, rule.code) == (ChangeKind.REMOVED, Subject.RULE, "X03")


@pytest.mark.parametrize("by", ["same name", "former name"])
def test_an_item_under_another_code_goes_on(by):
    def recoding(document):
        item = lists.item(document, "QC-05")
        item["code"] = "QC-55"
        if by == "former name":
            item["name_zh"] = "别名"
            item["former_names"] = ["QC-05"]

    old, document = lists.catalogue(), lists.document()
    recoding(document)
    new = Catalogue.from_document(document)

    assert recoded(old, new) == {"QC-05": "QC-55"}
    change = compare(old, new)[0]
    assert (change.kind, change.before, change.after) == (ChangeKind.RENAMED, "QC-05", "QC-55")
    assert change.consequence.records == Records.CARRIED
    assert not {c.kind for c in compare(old, new)} & {ChangeKind.ADDED, ChangeKind.REMOVED}


def test_allowed_values_are_compared_one_by_one():
    def changing(document):
        values = lists.item(document, "QC-08")["values"]
        values[0]["label_en"] = "Passed it"
        values[1]["rank"] = 9
        del values[-1]
        values.append(
            {"code": "NEW", "label_zh": "新", "label_en": "New", "rank": None, "aliases": []}
        )

    changes = {change.field: change for change in compared(changing)}
    codes = list(lists.catalogue().items["QC-08"].by_code)

    assert changes[f"values.{codes[0]}"].kind == ChangeKind.WORDED
    assert changes[f"values.{codes[1]}"].kind == ChangeKind.CHANGED
    assert changes[f"values.{codes[-1]}"].kind == ChangeKind.TIGHTENED
    assert changes["values.NEW"].kind == ChangeKind.LOOSENED
    assert len(changes) == 4


def test_a_rule_may_change_in_words_or_in_what_it_says():
    def rewording(document):
        document["rules"][0]["message_en"] = "Otherwise."

    def altering(document):
        document["rules"][0]["severity"] = "error"
        document["rules"][1]["severity"] = "error"

    assert only(compared(rewording)).kind == ChangeKind.WORDED
    kinds = {change.kind for change in compared(altering)}
    assert kinds == {ChangeKind.CHANGED}


def test_kinds_are_counted():
    def changing(document):
        lists.item(document, "QC-05").update(maximum="5", minimum="1", fill_zh="数")

    assert counts(compared(changing)) == {"tightened": 2, "worded": 1}
