"""The example card's own vectors: exact points, categories before and after the cap, gates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from evaluation.domain import facts as facts_module
from evaluation.domain.facts import Fact, FactState, NotAValue
from evaluation.domain.scoring import Basis, Outcome, evaluate
from tests.evaluation.cards import ON, card, catalogue, facts_of, vector, vectors


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["name"])
def test_a_vector_scores_to_the_point(vector):
    result = evaluate(card(), facts_of(vector["record"]), date.fromisoformat(vector["as_of"]))
    expected = vector["expected"]

    assert {each.code: each.points for each in result.contributions} == expected["points"]
    assert result.category_points_before_cap == expected["category_points_before_cap"]
    assert result.category_points == expected["category_points"]
    assert list(result.declined_by) == expected["declined_by"]
    assert list(result.referred_by) == expected["referred_by"]
    assert (result.score, result.grade) == (expected["score"], expected["grade"])


def test_there_are_twelve_vectors():
    assert len(vectors()) == 12


@pytest.mark.parametrize(
    ("name", "cap"),
    [
        ("hero-1-no-consent", "6000000.00"),
        ("hero-3-certificate-revoked", "3000000.00"),
        ("hero-5-certificate-back", "10000000.00"),
        ("repair-1-penalised", None),
        ("nothing-known", "0.00"),
    ],
)
def test_the_cap_follows_the_grade(name, cap):
    result = evaluate(card(), facts_of(vector(name)["record"]), ON)

    assert result.cap == (cap and Decimal(cap))


def test_a_declined_enterprise_has_no_grade_but_its_score():
    result = evaluate(card(), facts_of(vector("repair-1-penalised")["record"]), ON)

    assert (result.outcome, result.grade, result.score) == (Outcome.DECLINED, None, 38)


def hero_with(**changed):
    facts = facts_of(vector("hero-2-consent")["record"])
    named = {code.replace("_", "-"): fact for code, fact in changed.items()}
    return replace(facts, items=facts.items | named)


def shown(code, value, **told):
    told = {"answer": "ok", "status": "in_force"} | told
    return facts_module.disclosed(catalogue().items[code], value=value, **told)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("no_data", None),
        ("not_shared", None),
        ("not_authorised", None),
        ("ok", "lapsed"),
    ],
)
def test_what_cannot_count_falls_into_the_missing_bin_and_says_why(answer, status):
    value = 24 if answer == "ok" else None
    fact = shown("QI-05", value, answer=answer, status=status)
    result = evaluate(card(), hero_with(QI_05=fact), ON)

    patents = next(each for each in result.contributions if each.code == "C17")
    assert (patents.points, patents.basis) == (0, Basis.MISSING)
    assert patents.fact.state == (status or answer)
    assert result.score == 68 - 6


def test_a_certificate_past_its_end_counts_as_expired():
    result = evaluate(card(), hero_with(QF_17=shown("QF-17", "VALID", status="expired")), ON)

    certificate = next(each for each in result.contributions if each.code == "C09")
    assert (certificate.points, certificate.basis, certificate.fact.value) == (
        0,
        Basis.BIN,
        "EXPIRED",
    )
    assert (result.score, result.grade) == (59, "C")


def test_an_expired_certificate_without_such_a_code_is_missing():
    result = evaluate(card(), hero_with(QF_02=shown("QF-02", "AA", status="expired")), ON)

    measuring = next(each for each in result.contributions if each.code == "C11")
    assert (measuring.points, measuring.basis) == (0, Basis.MISSING)
    assert measuring.fact.state == FactState.EXPIRED


def test_an_honour_past_its_end_keeps_its_value():
    fact = shown("QI-03", "SRDI_SME", status="expired")
    result = evaluate(card(), hero_with(QI_03=fact), ON)

    assert result.score == 68 + 5


def test_a_flagged_value_counts_and_refers():
    fact = shown("QF-17", "VALID", flags=("disputed",))
    result = evaluate(card(), hero_with(QF_17=fact), ON)

    assert (result.score, result.grade, result.outcome) == (68, "B", Outcome.REFERRED)
    assert result.flagged == ("QF-17",)


def test_a_flag_on_what_the_card_does_not_use_changes_nothing():
    result = evaluate(card(), hero_with(QB_06=Fact("x", FactState.IN_FORCE, "x", True)), ON)

    assert result.outcome == Outcome.GRADED


def test_what_an_enterprise_says_of_itself_earns_three_points_at_most():
    by_itself = shown("QM-05", "EXTERNALLY_ASSESSED", source="enterprise")
    by_office = shown("QM-05", "EXTERNALLY_ASSESSED", source="city")

    assert evaluate(card(), hero_with(QM_05=by_itself), ON).score == 68 + 3
    assert evaluate(card(), hero_with(QM_05=by_office), ON).score == 68 + 7


def test_the_worst_laboratory_does_not_spoil_the_better_one():
    result = evaluate(card(), hero_with(QF_26=shown("QF-26", "REVOKED")), ON)

    assert result.score == 68


@pytest.mark.parametrize(("on", "points"), [(date(2026, 10, 29), 12), (date(2026, 10, 30), 2)])
def test_an_award_fades_with_its_sixty_first_month(on, points):
    facts = facts_of(vector("award-aged")["record"])
    result = evaluate(card(), facts, on)

    assert next(each.points for each in result.contributions if each.code == "C04") == points


def test_an_award_without_a_date_is_missing():
    facts = facts_of(vector("award-aged")["record"])
    facts = replace(facts, items={k: v for k, v in facts.items.items() if k != "QM-02"})
    award = next(each for each in evaluate(card(), facts, ON).contributions if each.code == "C04")

    assert (award.points, award.basis, award.fact.state) == (0, Basis.MISSING, FactState.NO_DATA)


@pytest.mark.parametrize(
    ("code", "value"),
    [("QC-02", "PERHAPS"), ("QC-17", 4), ("QC-17", "2.5"), ("QM-03", "yes"), ("QI-11", "-1")],
)
def test_a_fact_of_ones_own_must_be_a_value_of_the_list(code, value):
    with pytest.raises(NotAValue) as refusal:
        facts_module.own(catalogue().items[code], value)
    assert refusal.value.errors[0]["pointer"] == f"/own_facts/{code}"
