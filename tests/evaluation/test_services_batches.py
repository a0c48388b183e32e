"""A whole list in the background: the same results, once, whatever happens to the worker."""

from datetime import timedelta

import numpy as np
import pytest

from evaluation.domain import reasons
from evaluation.domain.frame_rows import csv_of
from evaluation.domain.frames import from_facts
from evaluation.domain.scoring import evaluate, items_used
from evaluation.domain.scoring_frame import score_frame
from evaluation.models import Evaluation
from evaluation.services import batches
from evaluation.services.batches import NothingToScore
from qfce.kernel.jobs.models import Job
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.context import acting_as
from sharing.services import enterprise_lists
from tests.evaluation.cards import HERO, ON, card, facts_of, vectors
from tests.evaluation.conftest import CARD, SECOND
from tests.universe import NOON

UNKNOWN = "91330000XXXXXXXXX0"
LATER = NOON + timedelta(minutes=5)


def order(universe, **asked):
    lin = universe.lin
    asked = {"scorecard": CARD, "purpose": "pre_loan"} | asked
    with acting_as(lin.organization_id):
        return batches.evaluate_batch(actor=lin, at=NOON, **asked)


def run(universe, job):
    batches.run(job.pk, organization_id=universe.lin.organization_id, at=LATER)


def kept(universe):
    with acting_as(universe.lin.organization_id):
        return {e.uscc: e for e in Evaluation.objects.all()}


def job_now(universe, job):
    with acting_as(universe.lin.organization_id):
        return Job.objects.get(pk=job.pk)


def test_a_batch_gives_what_single_evaluations_give(universe, world, published_card):
    singles = {uscc: world.evaluate(uscc) for uscc in (HERO, SECOND)}
    job = order(universe, usccs=[HERO, SECOND, UNKNOWN])
    run(universe, job)

    with acting_as(universe.lin.organization_id):
        rows = list(Evaluation.objects.filter(job_id=job.pk))
    assert {row.uscc for row in rows} == {HERO, SECOND}
    for row in rows:
        single = singles[row.uscc]
        for name in ("score", "grade", "cap", "outcome", "gates", "reasons", "category_points"):
            assert getattr(row, name) == getattr(single, name), name
        assert (row.cause, row.position_number) == ("batch", single.position_number)
        assert row.created_by_id == universe.lin.user_id


def test_the_job_says_what_came_of_it(universe, world, published_card):
    job = order(universe, usccs=[HERO, SECOND, UNKNOWN])
    run(universe, job)

    done = job_now(universe, job)
    assert done.state == "succeeded"
    assert done.result == {
        "scored": 2,
        "grades": {"B": 1},
        "outcomes": {"graded": 1, "declined": 1},
        "left_out": {"unknown": 1},
    }


def test_a_second_delivery_is_harmless(universe, world, published_card):
    job = order(universe, usccs=[HERO, SECOND])
    run(universe, job)
    before = kept(universe)
    run(universe, job)

    assert kept(universe) == before


def test_a_worker_that_dies_is_taken_up_where_it_stopped(
    universe, world, published_card, monkeypatch
):
    monkeypatch.setattr(batches, "LONGEST", 1)
    job = order(universe, usccs=[HERO, SECOND])
    keep = batches._keep
    calls = []

    def die(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return keep(*arguments)

    monkeypatch.setattr(batches, "_keep", die)
    with pytest.raises(KeyboardInterrupt):
        run(universe, job)
    first = kept(universe)
    assert len(first) == 1
    monkeypatch.setattr(batches, "_keep", keep)
    with acting_as(universe.lin.organization_id):
        from qfce.kernel.jobs.models import JobLease

        JobLease.objects.filter(pk=job.pk).update(is_open=True)
    run(universe, job)

    after = kept(universe)
    assert len(after) == 2
    [(uscc, evaluation)] = first.items()
    assert after[uscc] == evaluation


def test_the_whole_list_is_scored_by_the_worker(universe, world, published_card, run_tasks):
    zheng = universe.zhou
    with acting_as(zheng.organization_id):
        made = enterprise_lists.create("第一批", usccs=[HERO, SECOND], actor=zheng, at=NOON)
        enterprise_lists.share(
            made.pk, recipient_id=universe.lin.organization_id, actor=zheng, at=NOON
        )
    job = order(universe, enterprise_list_id=made.pk)
    run_tasks()

    assert job_now(universe, job).state == "succeeded"
    assert set(kept(universe)) == {HERO, SECOND}


def test_a_list_that_is_not_shared_is_not_found(universe, world, published_card):
    zhou = universe.zhou
    with acting_as(zhou.organization_id):
        made = enterprise_lists.create("内部", usccs=[HERO], actor=zhou, at=NOON)
    with pytest.raises(NoSuchRecord):
        order(universe, enterprise_list_id=made.pk)


def test_an_empty_batch_is_refused(universe, world, published_card):
    with pytest.raises(NothingToScore):
        order(universe, usccs=[])


def test_rows_are_written_as_the_scalar_result_says():
    many = [facts_of(vector["record"]) for vector in vectors()]
    result = score_frame(card(), from_facts(many, items_used(card())), ON)
    rows = csv_of([f.uscc for f in many], np.zeros((len(many), 2), dtype=np.int64), result)

    import csv
    import io
    import json

    for line, facts in zip(csv.reader(io.StringIO(rows.decode())), many, strict=True):
        one = evaluate(card(), facts, ON)
        assert line[3] == str(one.score)
        assert line[4] == (one.grade or "")
        assert line[5] == (str(one.cap) if one.cap is not None else "")
        assert line[6] == one.outcome
        assert [g["code"] for g in json.loads(line[7])] == [g.code for g in one.gates]
        assert tuple(json.loads(line[8])) == reasons.codes(card(), one)
        assert json.loads(line[9]) == dict(one.category_points)
