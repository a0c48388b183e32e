"""Reasons, the path to the next grade, and how much."""

from decimal import Decimal

import pytest

from evaluation.domain import caps, paths, reasons
from evaluation.domain.facts import Fact, Facts, FactState
from evaluation.domain.scorecard_checks import check
from evaluation.domain.scorecard_documents import from_document
from evaluation.domain.scoring import Outcome, evaluate
from tests.evaluation.cards import ON, card, catalogue, document, facts_of, vector


def result_of(name):
    return evaluate(card(), facts_of(vector(name)["record"]), ON)


def test_the_demo_firm_is_two_points_from_an_a():
    path = paths.to_next_grade(card(), result_of("hero-2-consent"))

    assert (path.grade, path.next_grade, path.needed) == ("B", "A", 2)
    first, second, *others = path.steps
    assert (first.characteristic, first.kind, first.gain) == ("C02", "confirm", 3)
    assert first.goal.en == "3"
    assert (second.characteristic, second.kind, second.gain) == ("C06", "confirm", 2)
    assert second.goal.en == "Adopted"
    assert {step.kind for step in others} == {"achieve"}
    assert all(step.reaches for step in path.steps)


def test_an_environmental_certificate_adds_one_only_because_its_category_stops():
    path = paths.to_next_grade(card(), result_of("hero-2-consent"))
    step = next(step for step in path.short if step.characteristic == "C10")

    assert (step.gain, step.points - step.points_now, step.capped) == (1, 4, True)
    assert step.category == "quality_foundation"


def test_every_step_brings_what_it_promises():
    path = paths.to_next_grade(card(), result_of("hero-2-consent"))
    record = vector("hero-2-consent")["record"]
    for step in (*path.steps, *path.short):
        each = card().characteristic(step.characteristic)
        if each.derived:
            continue
        value = step.goal.values[0] if step.goal.values else str(step.goal.low)
        better = evaluate(card(), facts_of(record | {each.sources[0]: value}), ON)
        assert better.score == 68 + step.gain, step
        assert (better.grade == "A") == step.reaches


def test_consent_comes_first():
    facts = facts_of(vector("hero-1-no-consent")["record"])
    hidden = Fact(None, FactState.NOT_AUTHORISED)
    facts = Facts(facts.uscc, facts.established_on, facts.items | {"QI-11": hidden})
    path = paths.to_next_grade(card(), evaluate(card(), facts, ON))

    assert (path.steps[0].characteristic, path.steps[0].kind) == ("C18", "consent")


def test_no_points_help_past_a_gate_that_declines():
    path = paths.to_next_grade(card(), result_of("repair-1-penalised"))

    assert (path.blocked_by, path.next_grade, path.steps) == (("G05",), None, ())


def test_there_is_nothing_above_the_best_grade():
    path = paths.to_next_grade(card(), result_of("best-possible"))

    assert (path.grade, path.next_grade, path.steps) == ("A", None, ())


def test_the_reasons_name_what_costs_most_and_why():
    result = result_of("hero-3-certificate-revoked")

    assert reasons.codes(card(), result) == ("C04.low", "C09.low", "C16.low", "C06.no_data")


def test_a_gate_is_the_first_reason():
    assert reasons.codes(card(), result_of("repair-1-penalised"))[0] == "G05"


def test_every_reason_has_words_in_two_languages():
    for name in ("hero-1-no-consent", "repair-1-penalised", "nothing-known"):
        for code in reasons.codes(card(), result_of(name)):
            reason = reasons.explain(code, card=card(), catalogue=catalogue())
            assert reason.zh
            assert reason.en


def test_the_amount_is_the_lowest_limit_rounded_down():
    found = caps.amount(
        {
            "grade": Decimal("6000000.00"),
            "asked": Decimal("5018999.00"),
            "product": Decimal("10000000.00"),
            "group": None,
        }
    )

    assert (found.amount, found.bound_by) == (Decimal("5010000.00"), ("asked",))


def test_nothing_is_left_of_a_limit_that_is_spent():
    assert caps.amount({"group": Decimal("-3.00")}).amount == 0


def test_no_amount_without_a_limit():
    with pytest.raises(ValueError, match="limit"):
        caps.amount({"group": None})


def cap_table():
    return from_document(
        caps.alternative_card(
            document(), code="LJ-CAP-01", name_zh="质量融资额度表", name_en="Quality cap table"
        )
    )


def test_the_cap_table_holds_together():
    check(cap_table(), catalogue())


@pytest.mark.parametrize(
    ("changed", "grade", "cap"),
    [
        ({}, "T1", "20000000.00"),
        ({"QF-07": 0, "QF-08": 2}, "T2", "10000000.00"),
        ({"QF-07": 0, "QM-01": "CITY"}, "T3", "5000000.00"),
        ({"QF-07": 0, "QB-01": "PINZIBIAO_ZHEJIANG"}, "T4", "2000000.00"),
        ({"QF-07": 0}, None, None),
    ],
)
def test_the_highest_tier_wins_and_nothing_is_added_up(changed, grade, cap):
    record = vector("hero-2-consent")["record"] | changed
    result = evaluate(cap_table(), facts_of(record), ON)

    assert (result.score, result.grade) == (None, grade)
    assert result.cap == (cap and Decimal(cap))


def test_a_gate_declines_before_any_tier():
    result = evaluate(cap_table(), facts_of(vector("hero-2-consent")["record"] | {"QC-05": 1}), ON)

    assert (result.outcome, result.cap) == (Outcome.DECLINED, None)
