"""Scoring one enterprise through the real disclosures, and explaining it afterwards."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError

from evaluation.domain.facts import NotAValue
from evaluation.models import Evaluation
from evaluation.policies import NotShared, UnknownItem
from evaluation.selectors import evaluations as selectors
from evaluation.selectors import explanations
from evaluation.selectors.evaluations import GradeCount
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from sharing.services import agreements, consents
from tests.evaluation.cards import HERO, document
from tests.evaluation.conftest import CARD, SECOND, publish_card
from tests.universe import NOON

LATER = NOON + timedelta(hours=2)


def consent(universe, items=("QI-11",), at=NOON):
    """Chen asks, An grants."""
    chen, an = universe.chen_min, universe.an
    with acting_as(chen.organization_id):
        asked = consents.request(HERO, items=items, purposes=["pre_loan"], actor=chen, at=at)
    with acting_as(an.organization_id, user_id=an.user_id):
        consents.grant(asked.pk, actor=an, at=at)
    return asked


def explain(universe, evaluation, actor=None):
    actor = actor or universe.lin
    with acting_as(actor.organization_id):
        return explanations.explanation(evaluation.pk, actor=actor, at=LATER)


def test_the_firm_scores_66_before_it_consents(world, published_card):
    evaluation = world.evaluate()

    assert (evaluation.score, evaluation.grade, evaluation.outcome) == (66, "B", "graded")
    assert evaluation.cap == Decimal("6000000.00")
    assert evaluation.category_points["quality_foundation"] == 27
    assert evaluation.as_of == date(2026, 11, 23)
    assert (evaluation.position_number, evaluation.position_row) != (0, 0)
    assert evaluation.scorecard_version_id == published_card.pk


def test_what_needs_consent_is_not_authorised_and_not_merely_missing(
    universe, world, published_card
):
    found = explain(universe, world.evaluate())
    research = next(line for line in found.contributions if line.code == "C18")

    assert (research.points, research.state) == (0, "not_authorised")
    assert {"QI-11": "not_authorised"}.items() <= {m.code: m.state for m in found.missing}.items()


def test_consent_brings_two_points(universe, world, published_card):
    world.evaluate()
    consent(universe)
    evaluation = world.evaluate(at=LATER)

    assert (evaluation.score, evaluation.grade) == (68, "B")


def test_a_gate_declines_with_a_score_and_without_a_grade(world, published_card):
    evaluation = world.evaluate(SECOND)

    assert (evaluation.outcome, evaluation.score) == ("declined", 37)
    assert (evaluation.grade, evaluation.cap) == (None, None)
    assert evaluation.gates == [{"code": "G05", "outcome": "decline"}]
    assert evaluation.reasons[0] == "G05"


def test_an_evaluation_is_recorded_with_who_and_what(universe, world, published_card):
    evaluation = world.evaluate()
    with acting_as(universe.lin.organization_id):
        event = AuditEvent.objects.get(action="evaluation.evaluation.created")

    assert event.target_id == str(evaluation.pk)
    assert (event.detail["score"], event.detail["scorecard"]) == (66, "HF-QF-01/1")


def test_an_explanation_comes_out_the_same_whatever_changed_since(universe, world, published_card):
    evaluation = world.evaluate()
    world.change(HERO, QF_17="REVOKED")
    consent(universe, at=LATER)
    found = explain(universe, evaluation)

    assert found.reproduced
    assert sum(category.points for category in found.categories) == 66
    assert [line.points for line in found.contributions if line.code == "C09"] == [9]
    assert found.path.next_grade == "A"


def test_an_explanation_outlives_the_agreement(universe, world, published_card):
    evaluation = world.evaluate()
    with acting_as(universe.zhou.organization_id):
        from sharing.models import Agreement

        for agreement in Agreement.objects.all():
            agreements.end(agreement.pk, actor=universe.zhou, at=LATER)

    assert explain(universe, evaluation).reproduced
    with pytest.raises(NotShared):
        world.evaluate(at=LATER)


def test_the_path_is_that_of_the_story(universe, world, published_card):
    consent(universe)
    path = explain(universe, world.evaluate(at=LATER)).path

    assert [(s.characteristic, s.gain) for s in path.steps[:2]] == [("C02", 3), ("C06", 2)]
    assert next(s.gain for s in path.short if s.characteristic == "C10") == 1


def test_facts_of_ones_own_fill_gaps_and_never_overrule(universe, world, published_card):
    evaluation = world.evaluate(own_facts={"QC-17": 3, "QF-17": "REVOKED"})

    assert evaluation.score == 69
    assert evaluation.own_facts == {"QC-17": 3, "QF-17": "REVOKED"}
    assert explain(universe, evaluation).reproduced


@pytest.mark.parametrize(
    ("own", "refusal"), [({"QX-1": 1}, UnknownItem), ({"QC-02": "SO_SO"}, NotAValue)]
)
def test_a_fact_of_ones_own_that_fits_no_item_is_refused(world, published_card, own, refusal):
    with pytest.raises(refusal):
        world.evaluate(own_facts=own)


def test_without_a_version_in_force_nothing_is_scored(world):
    with pytest.raises(NoSuchRecord, match="in force"):
        world.evaluate()


def test_a_code_that_was_never_known_is_not_found(world, published_card):
    with pytest.raises(NoSuchRecord, match="91330000XXXXXXXXX0"):
        world.evaluate("91330000XXXXXXXXX0")


def test_a_purpose_that_is_not_agreed_is_refused(world, published_card):
    with pytest.raises(NotShared):
        world.evaluate(purpose="model_development")


def test_a_bank_without_an_agreement_scores_nobody(universe, world):
    publish_card(universe.bank_b_officer, universe.bank_b_risk, document())
    with pytest.raises(NotShared):
        world.evaluate(actor=universe.bank_b_officer)


def test_a_bank_that_sees_less_scores_less_and_says_not_shared(universe, world):
    world.share("bank_b", ("quality_foundation", "quality_credit"))
    publish_card(universe.bank_b_officer, universe.bank_b_risk, document())
    evaluation = world.evaluate(actor=universe.bank_b_officer)

    assert evaluation.score == 17 + 27
    found = explain(universe, evaluation, universe.bank_b_officer)
    assert {line.state for line in found.contributions if line.category == "quality_brand"} == {
        "not_shared"
    }


def test_somebody_without_the_role_does_not_score(universe, world, published_card):
    with pytest.raises(MissingPermission):
        world.evaluate(actor=universe.xu)


def test_another_bank_finds_no_evaluation(universe, world, published_card):
    evaluation = world.evaluate()
    with acting_as(universe.bank_b_officer.organization_id), pytest.raises(NoSuchRecord):
        selectors.get(evaluation.pk, actor=universe.bank_b_officer)


def test_an_evaluation_never_changes(universe, world, published_card):
    evaluation = world.evaluate()
    with pytest.raises(DatabaseError), acting_as(universe.lin.organization_id):
        Evaluation.objects.filter(pk=evaluation.pk).update(score=100)


def test_the_latest_and_the_portfolio(universe, world, published_card, read_as):
    world.evaluate()
    world.evaluate(SECOND)
    newest = world.evaluate(at=LATER, own_facts={"QC-17": 3})

    assert read_as(selectors.latest, HERO, actor=universe.lin).pk == newest.pk
    assert read_as(selectors.portfolio, actor=universe.lin) == [
        GradeCount(CARD, "B", "graded", 1),
        GradeCount(CARD, "none", "declined", 1),
    ]
    terms = read_as(lambda actor: selectors.terms(newest), actor=universe.lin)
    assert (terms.cap, terms.spread_bp) == (Decimal("6000000.00"), 10)
