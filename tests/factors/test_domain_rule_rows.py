"""Conditions as rows: what is laid out says the same again, and what cannot is refused."""

import pytest

from factors.domain.conditions import is_well_formed
from factors.domain.rule_rows import Row, RowFault, condition_of, rows_of
from tests.factors import lists

CATALOGUE = lists.catalogue()


def flat(condition):
    """The condition with all within all said once."""
    if "all" in condition:
        parts = [flat(part) for part in condition["all"]]
        return {"all": [leaf for part in parts for leaf in part.get("all", [part])]}
    return dict(condition)


@pytest.mark.parametrize("rule", [*CATALOGUE.rules, *CATALOGUE.report_rules], ids=lambda r: r.code)
def test_every_shipped_rule_is_laid_out_and_says_the_same(rule):
    laid_out = rows_of(rule.when)

    assert laid_out is not None
    again = condition_of(*laid_out)
    assert again == flat(rule.when)
    assert is_well_formed(again)


def test_what_is_nested_deeper_is_left_as_it_is():
    either = {"any": [{"item": "A", "missing": True}, {"item": "B", "missing": True}]}
    assert rows_of({"all": [either, {"item": "C", "missing": False}]}) is None
    assert rows_of(either)[0] == "any"


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [Row("QC-05", "at_least", "many")],
        [Row("QC-05", "equals", " ")],
        [Row("QC-05", "resembles", "5")],
    ],
)
def test_rows_that_make_no_condition_are_refused(rows):
    with pytest.raises(RowFault):
        condition_of("all", rows)


def test_values_are_what_they_look_like():
    rows = [Row("A", "equals", "true"), Row("B", "equals", "0"), Row("C", "equals", "NONE")]
    assert condition_of("any", rows) == {
        "any": [
            {"item": "A", "equals": True},
            {"item": "B", "equals": 0},
            {"item": "C", "equals": "NONE"},
        ]
    }
