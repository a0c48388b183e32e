"""The cross-item rules against the vectors that came with them."""

import datetime as dt
import json

import pandas as pd
import pytest

from tests.sharing.faulty import VECTORS, catalogue, check_rows, code, found

VECTOR = json.loads((VECTORS / "conflict_rules.json").read_text())
RULES = [rule for rule in VECTOR["rules"] if rule["severity"] != "report"]
COMPANIONS = {"established_on": "成立日期", "size": "企业规模", "industry": "行业代码"}
BASE = {"uscc": code(1), "企业名称": "甲", "行政区划代码": "330113"}


def checked_with(facts: dict, **more):
    row = dict(BASE)
    for name, value in facts.items():
        if name == "__columns":
            row |= {f"{column[:-1]} 有效期至": "" for column in value}
        elif name == "uscc":
            row["uscc"] = value
        elif name.endswith(">"):
            row[f"{name[:-1]} 有效期至"] = value
        else:
            row[COMPANIONS.get(name, name)] = str(value)
    day = dt.date.fromisoformat(VECTOR["checked_on"])
    return check_rows(list(row), list(row.values()), today=day, **more)


def rules_fired(checked) -> set[str]:
    params = checked.findings["params"].dropna().map(json.loads)
    return {entry["rule_code"] for entry in params if "rule_code" in entry}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["code"])
def test_a_rule_fires_where_it_must(rule):
    assert rule["code"] in rules_fired(checked_with(rule["must_fire"]))
    codes = {entry[2] for entry in found(checked_with(rule["must_fire"]))}
    assert ("conflict" if rule["severity"] == "error" else "doubtful") in codes


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["code"])
def test_a_rule_is_silent_where_it_must_be(rule):
    assert rule["code"] not in rules_fired(checked_with(rule["must_not_fire"]))


def test_rules_for_reports_are_no_findings():
    report = {rule["code"] for rule in VECTOR["rules"] if rule["severity"] == "report"}
    assert report and not report & {rule.code for rule in catalogue().rules}


def test_a_cell_in_error_takes_part_in_no_rule():
    assert rules_fired(checked_with({"QM-01": "CITY", "QM-02": "去年"})) == set()
    assert rules_fired(checked_with({"uscc": "91330106MA27", "QB-09": "KNOWN"})) == set()


def test_a_rule_looks_at_the_row_folded_over_what_is_stored():
    stored = pd.DataFrame({"uscc": [code(1)], "QM-01": ["NONE"], "QM-02": [None]})
    checked = checked_with({"QM-02": "2024-06-01"}, stored=stored)
    assert found(checked) == {(2, "QM-02", "conflict")}
    stored = pd.DataFrame({"uscc": [code(1)], "QM-01": [None], "QM-02": ["2024-06-01"]})
    other = checked_with({"QM-01": "无"}, stored=stored)
    assert found(other) == {(2, "QM-01", "conflict")}


def test_what_is_stored_alone_is_no_finding_of_a_file():
    stored = pd.DataFrame({"uscc": [code(1)], "QM-01": ["NONE"], "QM-02": ["2024-06-01"]})
    assert found(checked_with({"QM-01": "", "QM-02": ""}, stored=stored)) == set()


def test_a_value_that_the_file_ends_is_missing():
    stored = pd.DataFrame({"uscc": [code(1)], "QM-01": ["NONE"], "QM-02": ["2024-06-01"]})
    assert found(checked_with({"QM-01": "无", "QM-02": "[清除]"}, stored=stored)) == set()


def test_the_end_of_a_validity_is_folded_too():
    stored = pd.DataFrame({"uscc": [code(1)], "QF-18|valid_to": ["2028-01-01"]})
    assert found(checked_with({"QF-18": "NONE"}, stored=stored)) == {(2, "QF-18", "conflict")}
