"""Readers' questions: who may ask, who answers, what reaches the reader, and who is late."""

import threading
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, connections

from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as, bind_actor
from sharing import permissions, policies
from sharing.domain.refresh_requests import AnswerKind, ItemAnswer
from sharing.models import FactorChange, Publication, RecordChange, RefreshRequest
from sharing.selectors import disclosures
from sharing.selectors import refresh_requests as selectors
from sharing.services import records, refresh_answers, refresh_requests
from tests.sharing.shared import LIST, A, N, agree, answers, publish, row, see
from tests.universe import NOON

CONFIRMED = ItemAnswer(AnswerKind.CONFIRMED)
ENDED = {"QF-17": {"valid_from": "2020-01-01", "valid_to": "2026-01-31"}}


def value(of, **details):
    return ItemAnswer(AnswerKind.VALUE, of, details)


def unknown(reason="档案不全"):
    return ItemAnswer(AnswerKind.UNKNOWN, reason=reason)


@pytest.fixture
def shared(universe, zj_list):
    publish(universe.shen, row(vals={"QC-05": 0, "QF-17": "VALID", "QC-02": "NOT_LISTED"}))
    agree(universe, "bank_a")
    return universe


def act(actor, service, *args, at=NOON, **given):
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return service(*args, actor=actor, at=at, **given)


def ask(actor, *items, uscc=A, **given):
    return act(actor, refresh_requests.ask, uscc, items=items, **given)


def reply(actor, asked, **given):
    said = {code.replace("_", "-"): each for code, each in given.items()}
    return act(actor, refresh_requests.answer, asked.pk, answers=said)


def now(actor, asked):
    with acting_as(actor.organization_id):
        return RefreshRequest.objects.select_related("addressee").get(pk=asked.pk)


def newest(universe):
    with acting_as(universe.hangzhou.pk):
        publication = Publication.objects.order_by("-number").first()
        rows = FactorChange.objects.filter(publication_id=publication.pk).order_by("row")
        said = [(change.kind, change.changes, change.details) for change in rows]
        return publication, said


def test_a_bank_asks_and_the_nearest_bureau_has_five_working_days(shared):
    asked = ask(shared.he, "QC-17", question="年报")
    assert asked.addressee_id == shared.linping.pk
    assert (asked.status, asked.due_on) == ("requested", date(2026, 11, 30))
    with acting_as(shared.linping.pk):
        assert list(selectors.awaiting_answer(actor=shared.wu)) == [asked]


def test_one_officer_fills_what_was_missing_and_the_bank_reads_it(shared):
    asked = ask(shared.he, "QC-17")
    answered = reply(shared.wu, asked, QC_17=value(3))
    assert (answered.status, answered.prepared_change) == ("answered", None)
    publication, rows = newest(shared)
    assert (publication.cause, publication.owner_id) == ("reverification", shared.linping.pk)
    assert (publication.prepared_by_id, publication.released_by_id) == (shared.wu.user_id,) * 2
    assert rows == [("observed", {"QC-17": 3}, None)]
    assert now(shared.he, asked).publication_number == publication.number
    assert answers(see(shared.he)[A], "QC-17", "QC-05") == {"QC-17": 3, "QC-05": 0}


def test_the_answer_comes_by_the_feed(shared):
    asked = ask(shared.he, "QC-17", "QC-05")
    reply(shared.wu, asked, QC_17=value(2), QC_05=CONFIRMED)
    with acting_as(shared.bank_a.pk):
        bind_actor(shared.he)
        items = disclosures.changed_since("test", actor=shared.he)
    number = now(shared.he, asked).publication_number
    assert [(i.kind, i.changes) for i in items if i.number == number] == [
        ("reverified", {"QC-05": 0}),
        ("observed", {"QC-17": 2}),
    ]  # fmt: skip


def test_what_replaces_a_value_waits_for_a_second_person(shared):
    asked = ask(shared.lin, "QF-17", "QC-17")
    waiting = reply(shared.wu, asked, QF_17=value("REVOKED"), QC_17=value(3))
    assert waiting.status == "prepared"
    assert answers(see(shared.he)[A], "QF-17", "QC-17") == {"QF-17": "VALID", "QC-17": 3}
    with acting_as(shared.linping.pk):
        change = RecordChange.objects.get(pk=waiting.prepared_change)
    assert (change.cause, change.kind, change.changes) == (
        "reverification", "observed", {"QF-17": "REVOKED"},
    )  # fmt: skip
    with pytest.raises(permissions.OwnRecordChange):
        act(shared.wu, records.release, change.pk)
    act(shared.zheng, records.release, change.pk)
    done = now(shared.lin, asked)
    publication, _rows = newest(shared)
    assert (done.status, done.publication_number) == ("answered", publication.number)
    assert answers(see(shared.he)[A], "QF-17") == {"QF-17": "REVOKED"}


def test_a_dropped_answer_leaves_the_question_standing(shared):
    asked = ask(shared.lin, "QF-17")
    waiting = reply(shared.wu, asked, QF_17=value("REVOKED"))
    act(shared.zheng, records.cancel, waiting.prepared_change)
    again = now(shared.wu, asked)
    assert (again.status, again.answers, again.prepared_change) == ("requested", {}, None)
    assert reply(shared.wu, asked, QF_17=CONFIRMED).status == "answered"


def test_a_renewed_validity_of_the_same_value_is_a_new_fact(universe, zj_list):
    publish(universe.shen, row(vals={"QF-17": "VALID"}, details=ENDED))
    agree(universe, "bank_a")
    asked = ask(universe.lin, "QF-17")
    with pytest.raises(refresh_requests.NothingToConfirm):
        reply(universe.wu, asked, QF_17=CONFIRMED)
    renewed = value("VALID", valid_from="2026-02-01", valid_to="2029-01-31")
    assert reply(universe.wu, asked, QF_17=renewed).status == "prepared"


def test_nothing_stored_cannot_be_confirmed(shared):
    asked = ask(shared.he, "QC-17")
    with pytest.raises(refresh_requests.NothingToConfirm):
        reply(shared.wu, asked, QC_17=CONFIRMED)


@pytest.mark.parametrize(
    "said",
    [
        {"QC_17": value(3)},
        {"QC_17": value(3), "QC_05": CONFIRMED, "QF_17": CONFIRMED},
        {"QC_17": value(3), "QC_05": unknown("")},
        {"QC_17": unknown(), "QC_05": unknown()},
    ],
    ids=["one is missing", "nobody asked", "no reason", "nothing is said"],
)
def test_answers_have_to_fit_what_was_asked(shared, said):
    asked = ask(shared.he, "QC-17", "QC-05")
    with pytest.raises(refresh_answers.AnswersUnfit):
        reply(shared.wu, asked, **said)


def test_a_value_has_to_fit_the_list(shared):
    asked = ask(shared.he, "QC-17")
    with pytest.raises(policies.ValuesUnfit):
        reply(shared.wu, asked, QC_17=value(4))


def test_declining_says_why_and_changes_nothing(shared):
    before, _rows = newest(shared)
    asked = ask(shared.he, "QC-17")
    act(shared.wu, refresh_requests.decline, asked.pk, reason="企业已迁出，档案移交中")
    done = now(shared.he, asked)
    assert (done.status, done.reason) == ("declined", "企业已迁出，档案移交中")
    assert newest(shared)[0] == before


def test_a_question_is_forwarded_in_one_step_and_its_clock_runs_on(shared):
    asked = ask(shared.he, "QC-17")
    act(shared.wu, refresh_requests.forward, asked.pk, to=shared.hangzhou.pk)
    moved = now(shared.he, asked)
    assert (moved.status, moved.addressee_id, moved.due_on) == (
        "forwarded", shared.hangzhou.pk, asked.due_on,
    )  # fmt: skip
    with pytest.raises(permissions.NotTheAddressee):
        reply(shared.wu, asked, QC_17=value(3))
    assert reply(shared.shen, asked, QC_17=value(3)).status == "answered"


@pytest.mark.parametrize("to", ["ningbo", "linping", "bank_a"])
def test_a_question_goes_only_to_another_bureau_of_the_region(shared, to):
    asked = ask(shared.he, "QC-17")
    with pytest.raises(refresh_requests.ForwardUnfit):
        act(shared.wu, refresh_requests.forward, asked.pk, to=shared.organizations[to].pk)


def test_a_bureau_above_answers_in_the_place_of_one_below(shared):
    asked = ask(shared.he, "QC-17")
    assert reply(shared.shen, asked, QC_17=value(3)).status == "answered"


def test_what_is_not_shared_cannot_be_asked_about(shared):
    with pytest.raises(refresh_requests.NotShared):
        ask(shared.bank_b_officer, "QC-17")
    with pytest.raises(refresh_requests.NotShared):
        ask(shared.he, "QC-17", uscc=N)
    with pytest.raises(refresh_requests.ItemsUnfit) as refused:
        ask(shared.he, "QC-17", "QI-11")
    assert refused.value.errors == [{"pointer": "/items", "detail": "QI-11 is not shown to you."}]
    with pytest.raises(MissingPermission):
        ask(shared.gao, "QC-17")


def test_the_same_is_not_asked_twice_while_it_waits(shared):
    asked = ask(shared.he, "QC-17")
    with pytest.raises(refresh_requests.AlreadyAsked):
        ask(shared.lin, "QC-05", "QC-17")
    ask(shared.lin, "QC-05")
    act(shared.lin, refresh_requests.cancel, asked.pk)
    assert ask(shared.lin, "QC-17").status == "requested"


def test_only_the_asker_takes_a_question_back_and_only_while_it_waits(shared):
    asked = ask(shared.he, "QC-17")
    with pytest.raises(MissingPermission):
        act(shared.wu, refresh_requests.cancel, asked.pk)
    reply(shared.wu, asked, QC_17=value(3))
    with pytest.raises(IllegalTransition):
        act(shared.he, refresh_requests.cancel, asked.pk)


def test_nobody_else_sees_that_it_was_asked(shared):
    agree(shared, "bank_b")
    asked = ask(shared.he, "QC-17")
    for stranger in (shared.bank_b_officer, shared.lu, shared.analyst, shared.an):
        with acting_as(stranger.organization_id):
            assert not RefreshRequest.objects.exists()
    with acting_as(shared.bank_b.pk), pytest.raises(NoSuchRecord):
        selectors.get(asked.pk, actor=shared.bank_b_officer)
    with acting_as(shared.province.pk):
        assert RefreshRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "change"),
    [
        ("bank_a", "status = 'answered', closed_at = now(), closed_by_id = asked_by_id"),
        ("bank_a", "answers = '{\"QC-17\": {}}'"),
        ("bank_a", "due_on = due_on + 1"),
        ("linping", "items = '{QC-05}'"),
        ("linping", "status = 'cancelled', closed_at = now(), closed_by_id = asked_by_id"),
    ],
)
def test_the_database_lets_neither_party_play_the_other(shared, who, change):
    asked = ask(shared.he, "QC-17")
    with (
        pytest.raises(DatabaseError, match="stays as it was asked"),
        acting_as(shared.organizations[who].pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE sharing_refreshrequest SET {change} WHERE id = %s", [asked.pk])


def test_late_is_what_has_no_answer_after_its_last_day(shared):
    asked = ask(shared.he, "QC-17")
    with acting_as(shared.bank_a.pk):
        on_time = selectors.list_for(actor=shared.he, late_on=asked.due_on)
        late = selectors.list_for(actor=shared.he, late_on=asked.due_on + timedelta(days=1))
        assert (on_time.count(), late.count()) == (0, 1)


def test_two_officers_answer_at_once_and_one_is_told(shared):
    asked = ask(shared.he, "QC-17")
    done, refused = [], []

    def answer(count):
        try:
            done.append(reply(shared.wu, asked, QC_17=value(count)).publication_number)
        except IllegalTransition as refusal:
            refused.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=(n,)) for n in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(done), len(refused)) == (1, 1)


def test_two_colleagues_ask_at_once_and_one_is_told(shared):
    done, refused = [], []

    def question(actor):
        try:
            done.append(ask(actor, "QC-17"))
        except refresh_requests.AlreadyAsked as refusal:
            refused.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=question, args=(who,)) for who in (shared.he, shared.lin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(done), len(refused)) == (1, 1)


def test_nothing_is_kept_if_the_audit_fails(shared, monkeypatch):
    asked = ask(shared.he, "QC-17")
    before, _rows = newest(shared)

    def fail(*_args, **_facts):
        raise RuntimeError("no audit")

    monkeypatch.setattr(refresh_requests.audit, "record", fail)
    with pytest.raises(RuntimeError):
        reply(shared.wu, asked, QC_17=value(3))
    assert now(shared.he, asked).status == "requested"
    assert newest(shared)[0] == before
    assert asked.factor_list == LIST
