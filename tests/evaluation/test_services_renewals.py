"""What changes in the feed renews what was built on it: once, and only where it matters."""

import threading
from datetime import timedelta

from django.db import connection

from evaluation.models import Evaluation
from evaluation.selectors import evaluations as selectors
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy.context import acting_as
from sharing.domain.refresh_requests import AnswerKind, ItemAnswer
from sharing.services import refresh_requests
from tests.evaluation.cards import HERO
from tests.evaluation.conftest import SECOND
from tests.universe import NOON

LATER = NOON + timedelta(days=22)


def latest(universe, uscc=HERO):
    with acting_as(universe.lin.organization_id):
        return selectors.latest(uscc, actor=universe.lin)


def count(universe):
    with acting_as(universe.lin.organization_id):
        return Evaluation.objects.count()


def test_a_revoked_certificate_takes_the_grade_down(universe, world, published_card):
    before = world.evaluate()
    world.follow()
    world.change(HERO, QF_17="REVOKED", at=LATER)
    followed = world.follow(at=LATER)

    after = latest(universe)
    assert (followed.rescored, followed.renewed) == (1, 1)
    assert (after.score, after.grade, after.cause) == (57, "C", "feed")
    assert (after.replaces_id, after.purpose) == (before.pk, before.purpose)
    assert after.position_number > before.position_number
    with acting_as(universe.lin.organization_id):
        event = AuditEvent.objects.get(action="evaluation.evaluations.renewed")
    assert event.detail["grades"] == [{"uscc": HERO, "before": "B", "after": "C", "score": 57}]


def test_the_story_goes_down_and_up_again(universe, world, published_card):
    world.evaluate()
    scores = []
    for changes in ({"QF_17": "REVOKED"}, {"QC_17": 3}, {"QF_17": "VALID"}):
        world.change(HERO, at=LATER, **changes)
        world.follow(at=LATER)
        scores.append((latest(universe).score, latest(universe).grade))

    assert scores == [(57, "C"), (60, "B"), (69, "B")]


def test_a_bureaus_answer_to_the_banks_question_lifts_the_score(universe, world, published_card):
    """The county's officer answers "3 of 3", and nobody further is needed."""
    world.evaluate()
    world.change(HERO, QF_17="REVOKED", at=LATER)
    world.follow(at=LATER)
    with acting_as(universe.bank_a.pk):
        asked = refresh_requests.ask(HERO, items=["QC-17"], actor=universe.he, at=LATER)
    said = {"QC-17": ItemAnswer(AnswerKind.VALUE, 3)}
    with acting_as(universe.linping.pk):
        refresh_requests.answer(asked.pk, answers=said, actor=universe.wu, at=LATER)
    world.follow(at=LATER)

    after = latest(universe)
    assert (after.score, after.grade, after.cause) == (60, "B", "feed")


def test_a_second_delivery_changes_nothing(universe, world, published_card):
    world.evaluate()
    world.change(HERO, QF_17="REVOKED", at=LATER)
    world.follow(at=LATER)
    kept = count(universe)
    followed = world.follow(at=LATER)

    assert (followed.examined, followed.more, count(universe)) == (0, False, kept)


def test_what_the_card_does_not_use_renews_nothing(universe, world, published_card):
    world.evaluate()
    world.follow()
    world.change(HERO, QB_06=4, at=LATER)
    followed = world.follow(at=LATER)

    assert (followed.examined, followed.rescored, count(universe)) == (1, 0, 1)


def test_what_comes_out_the_same_replaces_nothing(universe, world, published_card):
    world.evaluate()
    world.follow()
    world.change(HERO, kind="reverified", QF_17="VALID", at=LATER)
    followed = world.follow(at=LATER)

    assert (followed.rescored, followed.renewed, count(universe)) == (1, 0, 1)


def test_an_enterprise_that_was_never_evaluated_is_left_alone(universe, world, published_card):
    world.evaluate()
    world.follow()
    world.change(SECOND, QC_05=0, at=LATER)

    assert world.follow(at=LATER).rescored == 0


def test_a_repair_lifts_the_gate(universe, world, published_card):
    world.evaluate(SECOND)
    world.follow()
    world.change(SECOND, kind="corrected", QC_05=0, at=LATER)
    world.follow(at=LATER)

    after = latest(universe, SECOND)
    assert (after.outcome, after.score, after.grade) == ("graded", 37, "D")


def test_facts_of_ones_own_are_carried_over(universe, world, published_card):
    world.evaluate(own_facts={"QC-17": 3})
    world.change(HERO, QF_17="REVOKED", at=LATER)
    world.follow(at=LATER)

    assert (latest(universe).score, latest(universe).own_facts) == (60, {"QC-17": 3})


def test_rounds_are_bounded_and_say_that_more_waits(universe, world, published_card):
    world.evaluate()
    while world.follow(limit=1).more:
        pass
    world.change(HERO, QF_17="REVOKED", at=LATER)
    world.change(HERO, QC_17=3, at=LATER)

    assert world.follow(at=LATER, limit=1).more
    assert world.follow(at=LATER, limit=1).more
    assert not world.follow(at=LATER, limit=1).more
    assert latest(universe).score == 60


def test_of_two_followers_at_once_one_does_the_work(universe, world, published_card):
    world.evaluate()
    world.follow()
    world.change(HERO, QF_17="REVOKED", at=LATER)
    at_once, renewed = threading.Barrier(2), []

    def follow():
        try:
            at_once.wait(timeout=10)
            renewed.append(world.follow(at=LATER).renewed)
        finally:
            connection.close()

    threads = [threading.Thread(target=follow) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(renewed) == [0, 1]
    assert count(universe) == 2
