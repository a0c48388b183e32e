"""What a scorecard document must be, and how clearly a wrong one is refused."""

from copy import deepcopy

import pytest

from evaluation.domain.scorecard_checks import check
from evaluation.domain.scorecard_documents import InvalidScorecard, from_document
from tests.evaluation.cards import catalogue, document


def refusal_of(spoil):
    spoiled = document()
    spoil(spoiled)
    with pytest.raises(InvalidScorecard) as refusal:
        check(from_document(spoiled), catalogue())
    return refusal.value


def test_the_example_holds_together():
    check(from_document(document()), catalogue())


def test_the_points_add_up_to_a_hundred():
    card = from_document(document())

    assert sum(category.cap for category in card.categories) == 100


def _set(path, value):
    def spoil(spoiled):
        *way, last = path
        for step in way:
            spoiled = spoiled[step]
        spoiled[last] = value

    return spoil


AGE_BINS = ("characteristics", 2, "bins")
FAULTS = {
    "bins overlap": (_set((*AGE_BINS, 1, "from"), 0), "/characteristics/2/bins/1", "overlaps"),
    "bins leave a gap": (
        _set((*AGE_BINS, 1, "from"), 2),
        "/characteristics/2/bins/1",
        "nothing holds values from 1",
    ),
    "a bin is empty": (_set((*AGE_BINS, 1, "below"), 1), "/characteristics/2/bins/1", "empty"),
    "the last bin ends": (
        _set((*AGE_BINS, 4, "below"), 90),
        "/characteristics/2/bins/4/below",
        "open upwards",
    ),
    "the first bin begins too late": (
        _set(("characteristics", 7, "bins", 0, "from"), 0.5),
        "/characteristics/7/bins/0/from",
        "values begin at 0",
    ),
    "a value in two bins": (
        _set(("characteristics", 0, "bins", 1, "values"), ["NOT_SAMPLED", "PASS"]),
        "/characteristics/0/bins/1",
        "PASS is in two bins",
    ),
    "a value in no bin": (
        _set(("characteristics", 0, "bins", 3, "values"), ["REFUSED"]),
        "/characteristics/0/bins",
        "no bin holds the value FAIL_SERIOUS",
    ),
    "a value unknown to the list": (
        _set(("characteristics", 0, "bins", 0, "values"), ["PASS", "SPLENDID"]),
        "/characteristics/0/bins",
        "SPLENDID is no value of QC-08",
    ),
    "an unknown item": (
        _set(("characteristics", 0, "source"), ["QC-99"]),
        "/characteristics/0/source",
        "QC-99 is no item of ZJ-QFCE version 1",
    ),
    "an unknown item in a gate": (
        _set(("gates", 4, "when", "item"), "QX-05"),
        "/gates/4/when",
        "QX-05 is no item",
    ),
    "an unknown value in a gate": (
        _set(("gates", 0, "when", "in"), ["GONE"]),
        "/gates/0/when",
        "GONE is no value of QC-01",
    ),
    "a bound on what is no number": (
        _set(("gates", 0, "when"), {"item": "QC-01", "at_least": 1}),
        "/gates/0/when",
        "no number",
    ),
    "an unknown derived fact": (
        _set(("characteristics", 2, "derived"), "shoe_size"),
        "/characteristics/2/derived",
        "no derived fact shoe_size",
    ),
    "an unknown operator": (
        _set(("gates", 0, "when"), {"item": "QC-01", "like": "R%"}),
        "/gates/0/when",
        "Unknown: like",
    ),
    "points not whole": (
        _set((*AGE_BINS, 1, "points"), 1.5),
        "/characteristics/2/bins/1/points",
        "whole number",
    ),
    "points as text": (
        _set((*AGE_BINS, 1, "points"), "1"),
        "/characteristics/2/bins/1/points",
        "whole number",
    ),
    "a cap above what is possible": (
        _set(("categories", 2, "cap"), 13),
        "/categories/2/cap",
        "above the 12 points",
    ),
    "a sum that is not so": (
        _set(("categories", 3, "possible_before_cap"), 35),
        "/categories/3/possible_before_cap",
        "36 points, not 35",
    ),
    "caps above a hundred": (_set(("categories", 3, "cap"), 30), "/categories", "together are 102"),
    "grades leave a gap": (_set(("grades", 1, "to"), 68), "/grades", "leaves a gap"),
    "grades overlap": (_set(("grades", 1, "to"), 70), "/grades", "overlaps"),
    "grades end early": (_set(("grades", 0, "to"), 99), "/grades", "must end at 100"),
    "a cap that is a number": (
        _set(("grades", 0, "cap_cny"), 10000000.0),
        "/grades/0/cap_cny",
        "string",
    ),
    "a code twice": (
        _set(("characteristics", 1, "code"), "C01"),
        "/characteristics/1/code",
        "C01 is there 2 times",
    ),
    "an unknown category": (
        _set(("characteristics", 1, "category"), "charm"),
        "/characteristics/1/category",
        "charm",
    ),
    "the wrong kind": (
        _set(("characteristics", 7, "kind"), "enum"),
        "/characteristics/7/bins/0/values",
        "list of at least one value",
    ),
    "no binding": (_set(("binds",), None), "/binds", "object"),
    "points and tiers at once": (
        lambda d: d.update(tiers=d["alternative_cap_table"]["tiers"]),
        "/tiers",
        "not both",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_place(fault):
    spoil, pointer, words = FAULTS[fault]
    found = refusal_of(spoil).errors

    assert any(e["pointer"] == pointer and words in e["detail"] for e in found), found


def test_all_faults_are_named_at_once():
    def spoil(spoiled):
        spoiled["gates"][0]["outcome"] = "perhaps"
        spoiled["characteristics"][0]["missing"] = None
        spoiled["grades"][0]["from"] = -1

    assert len(refusal_of(spoil).errors) == 3


@pytest.mark.parametrize("nonsense", [None, [], "card", {}, {"code": 1}])
def test_nonsense_is_refused(nonsense):
    with pytest.raises(InvalidScorecard):
        from_document(nonsense)


def test_a_card_of_points_needs_characteristics():
    spoiled = deepcopy(document())
    spoiled["characteristics"], spoiled["categories"] = [], []
    with pytest.raises(InvalidScorecard, match="characteristics, or tiers"):
        check(from_document(spoiled), catalogue())
