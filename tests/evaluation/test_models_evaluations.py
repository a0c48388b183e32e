"""The database's note of which evaluation is the newest, whoever writes and in whatever order."""

import random
import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from evaluation.models import Evaluation, LiveEvaluation
from qfce.kernel.tenancy.context import acting_as
from tests.evaluation.cards import HERO
from tests.evaluation.conftest import SECOND
from tests.universe import NOON


def like(evaluation, **changed):
    """Return an evaluation like another that was saved, not saved yet."""
    fields = [f.attname for f in Evaluation._meta.concrete_fields if f.attname != "id"]
    kept = {name: getattr(evaluation, name) for name in fields}
    return Evaluation(**{**kept, "id": uuid4(), **changed})


def live(universe):
    with acting_as(universe.lin.organization_id):
        return {row.uscc: row.evaluation_id for row in LiveEvaluation.objects.all()}


def newest(universe):
    """Say it anew, from all that there is."""
    with acting_as(universe.lin.organization_id):
        found: dict[str, UUID] = {}
        for row in Evaluation.objects.newest_first():
            found.setdefault(row.uscc, row.pk)
        return found


@pytest.mark.parametrize("seed", range(6))
def test_the_newest_stays_whatever_the_order_and_the_portions(
    universe, world, published_card, seed
):
    rng = random.Random(seed)
    first = world.evaluate()
    made = [
        like(
            first,
            uscc=rng.choice([HERO, SECOND]),
            created_at=NOON + timedelta(hours=rng.randrange(3)),
            position_number=rng.randrange(2),
            position_row=rng.randrange(2),
        )
        for _ in range(24)
    ]
    with acting_as(universe.lin.organization_id):
        while made:
            portion = [made.pop() for _ in range(min(len(made), rng.randrange(1, 9)))]
            Evaluation.objects.bulk_create(portion)
    assert live(universe) == newest(universe)


def test_of_two_writers_at_once_the_newer_evaluation_stays(universe, world, published_card):
    first = world.evaluate()
    rows = [
        [like(first, uscc=uscc, created_at=NOON + timedelta(hours=hours)) for uscc in usccs]
        for hours, usccs in ((2, (HERO, SECOND)), (1, (SECOND, HERO)))
    ]
    gate, failed = threading.Barrier(2), []

    def write(portion):
        try:
            with acting_as(universe.lin.organization_id):
                gate.wait(timeout=20)
                Evaluation.objects.bulk_create(portion)
        except Exception as exc:  # a thread's failure is the test's
            failed.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(portion,)) for portion in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failed == []
    assert live(universe) == {row.uscc: row.pk for row in rows[0]}


def test_another_bank_sees_no_line_of_it(universe, world, published_card):
    world.evaluate()
    with acting_as(universe.bank_b_officer.organization_id):
        assert not LiveEvaluation.objects.exists()
        assert LiveEvaluation.objects.update(outcome="graded") == 0
