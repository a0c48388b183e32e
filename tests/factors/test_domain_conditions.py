"""What conditions talk about."""

from factors.domain.conditions import bound_to, is_well_formed, items_named, leaves
from tests.factors import lists

ZJ = lists.catalogue()


def test_every_shipped_condition_is_well_formed():
    for rule in (*ZJ.rules, *ZJ.report_rules):
        assert is_well_formed(rule.when), rule.code
    for item in ZJ.items.values():
        assert item.suggested_gate is None or is_well_formed(item.suggested_gate.when)


def test_leaves_are_found_at_any_depth():
    deep = {"not": {"all": [{"any": [{"item": "a", "missing": True}]}, {"item": "b", "in": []}]}}

    assert [leaf["item"] for leaf in leaves(deep)] == ["a", "b"]


def test_an_end_of_validity_is_its_item():
    rule = next(rule for rule in ZJ.rules if rule.code == "X26")

    assert items_named(rule.when) == ("QF-28",)


def test_a_placeholder_stands_for_each_item_in_turn():
    rule = next(rule for rule in ZJ.rules if rule.code == "X27")

    assert items_named(bound_to(rule.when, "QF-18")) == ("QF-18",)
    assert "{i}" not in str(bound_to(rule.when, "QF-18"))


def test_unknown_words_are_not_well_formed():
    assert not is_well_formed({"item": "QC-05", "at_most": 3})
    assert not is_well_formed({"item": "QC-05", "at_least": 1, "below": 3})
    assert not is_well_formed({"at_least": 1})
