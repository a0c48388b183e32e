"""Declarations taken: one import, the source behind it, races, and what is given back."""

import pytest

from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from sharing.models import Declaration, FactorProfile, ImportBatch, Publication, RoundDelivery
from sharing.selectors import declarations as selectors
from sharing.selectors.declarations import Narrowed
from sharing.services import declarations, imports
from tests.sharing.declaring import (
    TYPED,
    act,
    ask,
    ask_round,
    declare,
    declared,
    in_days,
    link_to,
    race,
    registered,
    round_of,
    seen,
    take,
)
from tests.sharing.shared import LIST, A, B, N, publish, row


@pytest.fixture
def known(universe, zj_list):
    return registered(universe)


def values(universe, uscc):
    with acting_as(universe.hangzhou.pk):
        return FactorProfile.objects.get(uscc=uscc, factor_list=LIST)


def publish_batch(universe, batch, run_tasks):
    run_tasks()
    act(universe.zheng, imports.release, batch.pk)
    run_tasks()


def test_many_become_one_import_which_a_second_person_releases(known, run_tasks):
    first = declared(known.shen)
    second = declared(known.shen, B, {"QM-13": "97"}, items=["QM-13"])
    batch = take(known.shen, first, second)
    run_tasks()
    with acting_as(known.hangzhou.pk):
        batch.refresh_from_db()
        assert (batch.rows_total, batch.error_count, batch.self_declared) == (2, 0, True)
        assert selectors.of_import(batch, actor=known.shen) == 2
    assert "QI-11" not in values(known, A).values, "declared is no fact"
    with pytest.raises(Exception, match="somebody else"):
        act(known.shen, imports.release, batch.pk)
    publish_batch(known, batch, run_tasks)
    assert {k: v for k, v in values(known, A).values.items() if k in TYPED} == {
        "QM-13": "98.5", "QI-11": "4.2",
    }  # fmt: skip
    assert values(known, B).values["QM-13"] == "97"
    with acting_as(known.hangzhou.pk):
        assert Publication.objects.get(import_id=batch.pk).self_declared


def test_the_values_carry_that_the_enterprise_states_them(known, run_tasks):
    publish_batch(known, take(known.shen, declared(known.shen)), run_tasks)
    (evidence,) = values(known, A).details["QI-11"]["evidence"]
    assert evidence == f"企业自报 {in_days(0)}"


def test_a_higher_source_stands_over_the_enterprise_and_takes_its_place(known, run_tasks):
    publish(known.shen, row(vals={"QI-11": "3"}))
    batch = take(known.shen, declared(known.shen))
    run_tasks()
    with acting_as(known.hangzhou.pk):
        assert "not_owner" in ImportBatch.objects.get(pk=batch.pk).finding_counts
    publish_batch(known, batch, run_tasks)
    assert values(known, A).values["QI-11"] == "3"
    assert values(known, A).values["QM-13"] == "98.5"
    again = declared(known.shen, typed={"QM-13": "90"}, items=["QM-13"])
    publish_batch(known, take(known.shen, again), run_tasks)
    assert values(known, A).values["QM-13"] == "90", "it amends what it stated itself"
    publish(known.shen, row(vals={"QM-13": "91"}))
    assert values(known, A).values["QM-13"] == "91"


def test_all_that_wait_are_taken_at_once(known):
    declared(known.shen), declared(known.shen, B), ask(known.lu, N)
    batch = take(known.shen)
    with acting_as(known.hangzhou.pk):
        found = set(Declaration.objects.filter(import_id=batch.pk).values_list("uscc", flat=True))
    assert found == {A, B}
    with pytest.raises(declarations.NothingWaits):
        take(known.shen)


def test_what_does_not_wait_is_not_taken_and_nothing_with_it(known):
    sent, asked = declared(known.shen), ask(known.shen, B)
    with pytest.raises(declarations.NotWaiting):
        take(known.shen, sent, asked)
    with pytest.raises(declarations.NotWaiting):
        take(known.wu, sent)
    with pytest.raises(MissingPermission):
        take(known.zheng, sent)
    with acting_as(known.hangzhou.pk):
        assert not ImportBatch.objects.exists()


def test_two_officers_take_the_same_at_once_and_one_import_comes_of_it(known):
    sent = declared(known.shen)
    found = race(*[lambda: take(known.shen, sent)] * 2)
    assert [type(each) for each in found].count(ImportBatch) == 1
    assert declarations.NotWaiting in found
    with acting_as(known.hangzhou.pk):
        assert ImportBatch.objects.count() == 1


def test_an_import_that_comes_to_nothing_gives_its_declarations_back(known, run_tasks):
    sent = declared(known.shen)
    batch = take(known.shen, sent)
    act(known.shen, imports.cancel, batch.pk)
    now = seen(known.shen, sent)
    assert (now.status, now.import_id, now.taken_at) == ("sent", None, None)
    again = take(known.shen, sent)
    publish_batch(known, again, run_tasks)
    act(known.zheng, imports.undo, again.pk)
    run_tasks()
    assert seen(known.shen, sent).status == "sent"


def test_what_was_asked_anew_meanwhile_is_not_given_back(known, run_tasks):
    sent = declared(known.shen)
    batch = take(known.shen, sent)
    publish_batch(known, batch, run_tasks)
    ask(known.shen)
    act(known.zheng, imports.undo, batch.pk)
    run_tasks()
    assert seen(known.shen, sent).status == "taken"


def test_an_import_made_for_a_round_is_noted_there(known):
    asked = round_of(known)
    ask_round(known.shen, asked, narrowed=Narrowed(search=A))
    with acting_as(known.hangzhou.pk):
        one = Declaration.objects.get(uscc=A)
    declare(link_to(known.shen, one))
    batch = take(known.shen, one)
    with acting_as(known.hangzhou.pk):
        assert RoundDelivery.objects.get(round=asked).import_id == batch.pk
