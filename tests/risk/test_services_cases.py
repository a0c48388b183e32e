import threading
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection

from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from risk.domain.lifecycle import CaseActionKind
from risk.models import RiskCase, Signal
from risk.permissions import SecondPersonNeeded
from risk.policies import CaseOver, CaseUnfinished, LoanOfAnother, SignalOver
from risk.services import cases, handling
from tests.risk.conftest import MORNING, days
from tests.universe import USCC

LATER = days(1)
K = CaseActionKind


@pytest.fixture
def signal(borrower):
    borrower.tell("observed", {"QF-17": "REVOKED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        return Signal.objects.get()


@pytest.fixture
def case(signal, he):
    with acting_as(he.organization_id):
        return cases.open_(signal.pk, reason="Certificate revoked.", actor=he, at=MORNING)


def do(action, actor, *args, **words):
    with acting_as(actor.organization_id):
        return getattr(cases, action)(*args, actor=actor, at=LATER, **words)


def fresh(row):
    with acting_as(row.owner_id):
        return type(row).objects.get(pk=row.pk)


def release(signal, actor):
    with acting_as(actor.organization_id):
        handling.release(signal.pk, reason="New certificate.", actor=actor, at=LATER)


def test_a_case_claims_its_signal_for_whoever_opens_it(case, signal, he):
    taken = fresh(signal)

    assert (taken.status, taken.claimed_by_id, taken.case_id) == ("acting", he.user_id, case.pk)
    assert (case.uscc, case.status, case.answer_due_on) == (USCC, "open", signal.answer_due_on)


def test_opening_it_again_opens_the_same_case(case, signal, he):
    assert do("open_", he, signal.pk, reason="Again.").pk == case.pk


def test_a_further_signal_joins_the_open_case_of_the_enterprise(case, borrower, he):
    borrower.tell("observed", {"QF-18": "SUSPENDED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        other = Signal.objects.get(rule="W20")

    assert do("open_", he, other.pk, reason="One more.").pk == case.pk
    with acting_as(borrower.organization_id):
        assert RiskCase.objects.get().signals.count() == 2


def test_no_case_is_opened_on_a_signal_that_is_over(signal, he):
    release(signal, he)
    with pytest.raises(SignalOver):
        do("open_", he, signal.pk, reason="Too late.")


def test_freezing_takes_effect_at_once(case, borrower, he):
    action = do("act", he, case.pk, kind=K.FREEZE_UNDRAWN, text="Certificate revoked.")

    assert borrower.frozen == [(USCC, "Certificate revoked.")]
    assert not action.awaits_second
    assert fresh(case).status == "acting"


def test_a_loan_named_in_the_case_is_the_one_that_is_frozen(signal, borrower, he, monkeypatch):
    loan_id = signal.pk  # any identifier
    loan = SimpleNamespace(uscc=USCC)
    monkeypatch.setattr(cases.selectors, "get", lambda loan_id, *, actor: loan)
    case = do("open_", he, signal.pk, reason="One loan.", loan_id=loan_id)

    do("act", he, case.pk, kind=K.FREEZE_UNDRAWN, text="Stop.")

    assert borrower.frozen == [(loan_id, "Stop.")]


def test_lifting_a_freeze_takes_two_people(case, borrower, he, second):
    step = do("act", he, case.pk, kind=K.LIFT_FREEZE, text="Certificate is back.")
    assert borrower.lifted == []
    with pytest.raises(SecondPersonNeeded):
        do("confirm", he, case.pk, step.pk)

    confirmed = do("confirm", second, case.pk, step.pk)

    assert borrower.lifted == [(USCC, "Certificate is back.")]
    assert confirmed.confirmed_by_id == second.user_id
    with pytest.raises(NoSuchRecord):
        do("confirm", second, case.pk, step.pk)


def test_a_case_closes_when_its_signals_are_over_and_nothing_waits(case, signal, he, second):
    with pytest.raises(CaseUnfinished, match="W14"):
        do("close", he, case.pk, result="Done.")
    release(signal, he)
    step = do("act", he, case.pk, kind=K.LIFT_FREEZE, text="Back.")
    with pytest.raises(CaseUnfinished, match="second person"):
        do("close", he, case.pk, result="Done.")
    do("confirm", second, case.pk, step.pk)

    closed = do("close", he, case.pk, result="2,000,000 released again.")

    assert (closed.status, closed.closed_by_id) == ("closed", he.user_id)
    with pytest.raises(IllegalTransition):
        do("close", he, case.pk, result="Again.")
    with pytest.raises(CaseOver):
        do("act", he, case.pk, kind=K.NOTE, text="Late.")


def test_steps_move_a_case_and_notes_do_not(case, he):
    do("act", he, case.pk, kind=K.NOTE, text="Called.")
    assert fresh(case).status == "open"
    do("act", he, case.pk, kind=K.LIMIT_CUT, text="To three million.", amount=Decimal("3000000.00"))
    assert fresh(case).status == "acting"
    do("act", he, case.pk, kind=K.ANSWER, text="Reported.")
    assert (fresh(case).status, fresh(case).answered_at) == ("answered", LATER)
    do("act", he, case.pk, kind=K.ANSWER, text="Reported again.")
    do("act", he, case.pk, kind=K.WATCH, text="Watching.")
    assert fresh(case).status == "acting"


@pytest.mark.parametrize("who", ["chen_min", "lin", "gao"])
def test_others_of_the_bank_write_no_cases(signal, case, universe, who):
    actor = getattr(universe, who)
    with pytest.raises(MissingPermission):
        do("open_", actor, signal.pk, reason="Mine.")
    with pytest.raises(MissingPermission):
        do("act", actor, case.pk, kind=K.NOTE, text="Mine.")
    with pytest.raises(MissingPermission):
        do("close", actor, case.pk, result="Mine.")


def test_another_bank_has_no_such_case(case, universe):
    with pytest.raises(NoSuchRecord):
        do("act", universe.bank_b_risk, case.pk, kind=K.NOTE, text="Whose?")


def test_the_words_of_a_case_go_with_the_record_it_was_about(borrower, he):
    borrower.tell("observed", {"QC-05": 1})
    borrower.follow()
    with acting_as(he.organization_id):
        signal = Signal.objects.get()
    case = do("open_", he, signal.pk, reason="Fined for guards.")
    do("act", he, case.pk, kind=K.NOTE, text="Fine was 20,000.")
    borrower.tell("withdrawn", {"QC-05": None})
    borrower.follow()

    assert fresh(case).reason == ""
    with acting_as(he.organization_id):
        assert not case.actions.exclude(text="").exists()


def test_a_case_is_about_a_loan_that_there_is(signal, he):
    with pytest.raises(NoSuchRecord):
        do("open_", he, signal.pk, reason="Look at it.", loan_id=uuid4())


def test_a_case_on_one_enterprise_takes_no_other_ones_loan(signal, he, monkeypatch):
    loan = SimpleNamespace(uscc="91330113E2WM1XRKR3")
    monkeypatch.setattr(cases.selectors, "get", lambda loan_id, *, actor: loan)
    with pytest.raises(LoanOfAnother):
        do("open_", he, signal.pk, reason="Look at it.", loan_id=uuid4())


def test_two_signals_opened_at_once_are_one_case(signal, borrower, he):
    borrower.tell("observed", {"QF-18": "SUSPENDED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        signals = list(Signal.objects.values_list("pk", flat=True))
    at_once, opened = threading.Barrier(2), []

    def open_(signal_id):
        try:
            at_once.wait(timeout=10)
            opened.append(do("open_", he, signal_id, reason="At once.").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=open_, args=(pk,)) for pk in signals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(opened) == 2
    assert len(set(opened)) == 1
