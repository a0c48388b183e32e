"""Edits of drafts: differences found, done, taken back, and where two get in each other's way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factors.domain import draft_edits
from factors.domain.draft_edits import Edit, applied, collisions, difference, in_the_way, undoing
from factors.domain.item_fields import FieldFault, checked, form_of, hints, text_of, value_of
from tests.factors import lists

SMALL = lists.catalogue()


def small():
    return (
        lists.catalogue()
        .__class__.from_document(lists.small(items=("QC-05", "QC-06", "QC-08", "QF-17", "QI-05")))
        .to_document()
    )


def setting(code, name, value):
    return Edit(("items", code, name), None, value)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_differences_done_to_one_make_the_other(data):
    one, other = small(), small()
    other["items"] = data.draw(st.permutations(other["items"]))
    for _ in range(data.draw(st.integers(0, 3))):
        if other["items"]:
            other["items"].pop(data.draw(st.integers(0, len(other["items"]) - 1)))
    for item in other["items"]:
        item["max_age_days"] = data.draw(st.integers(1, 400))

    edits = difference(one, other)

    assert applied(one, edits) == other
    assert applied(other, undoing(other, edits)) == one


def test_nothing_differs_from_itself():
    assert difference(small(), small()) == []


def test_items_that_come_and_go_keep_their_places():
    one, other = small(), small()
    gone = other["items"].pop(1)
    other["items"].insert(3, {**gone, "code": "QC-99"})

    assert applied(one, difference(one, other)) == other
    assert {edit.at[0] for edit in difference(one, other)} == {"items", "order"}


def test_edits_of_different_members_do_not_meet():
    document = small()
    theirs = [Edit(("items", "QC-05", "maximum"), "9", "5")]
    document = applied(document, theirs)

    assert collisions(document, [setting("QC-05", "minimum", "1")], theirs) == []
    assert collisions(document, [setting("QC-06", "maximum", "5")], theirs) == []


def test_the_same_member_shows_all_three_sides():
    document = small()
    before = draft_edits.value_at(document, ("items", "QC-05", "maximum"))
    theirs = [Edit(("items", "QC-05", "maximum"), before, "5")]
    document = applied(document, theirs)

    [found] = collisions(document, [setting("QC-05", "maximum", "7")], theirs)

    assert (found.base, found.theirs, found.yours) == (before, "5", "7")
    assert collisions(document, [setting("QC-05", "maximum", "5")], theirs) == []


def test_an_item_taken_out_meets_whatever_is_done_to_it():
    document = small()
    item = draft_edits.value_at(document, ("items", "QC-05"))
    theirs = [Edit(("items", "QC-05"), item, None)]

    [found] = collisions(applied(document, theirs), [setting("QC-05", "maximum", "7")], theirs)

    assert (found.base, found.theirs) == (item["maximum"], None)


def test_what_changed_again_is_in_the_way_of_undoing():
    document = small()
    mine = [Edit(("items", "QC-05", "maximum"), "9", "5")]
    document = applied(document, mine)
    assert in_the_way(document, mine) == []

    again = applied(document, [setting("QC-05", "maximum", "6")])

    assert [found.theirs for found in in_the_way(again, mine)] == ["6"]


def test_every_member_of_every_item_reads_as_it_is_written():
    for item in lists.catalogue().to_document()["items"]:
        for name in hints():
            assert value_of(name, text_of(name, item[name])) == item[name], (item["code"], name)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("maximum", "many"),
        ("maximum", "Infinity"),
        ("decimals", "2.5"),
        ("no_future", "perhaps"),
        ("polarity", "sideways"),
        ("source_order", "county; village"),
        ("suggested_gate", "decline: {"),
        ("values", "A | 甲 | A | 1 | a | and | more"),
    ],
)
def test_what_a_member_cannot_hold_is_said(field, text):
    with pytest.raises(FieldFault) as fault:
        value_of(field, text)
    assert fault.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [("decimals", "2"), ("decimals", True), ("no_future", 1), ("name_zh", None), ("values", {})],
)
def test_a_value_of_another_kind_is_refused(field, value):
    with pytest.raises(FieldFault):
        checked(field, value)


def test_there_is_no_other_member():
    with pytest.raises(FieldFault):
        form_of("colour")
