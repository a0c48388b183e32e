import pytest
from django.db import IntegrityError

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.lifecycle import IllegalTransition
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from risk.models import Signal
from risk.permissions import NotClaimedByYou, SecondPersonNeeded
from risk.policies import ConditionNotMet, RaisedByItself, SignalOver
from risk.selectors.rules import NoSuchRule
from risk.services import handling
from tests.risk.conftest import MORNING, days
from tests.universe import USCC

LATER = days(1)


@pytest.fixture
def orange(borrower):
    borrower.tell("observed", {"QF-17": "REVOKED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        return Signal.objects.get()


@pytest.fixture
def red(borrower):
    borrower.tell("observed", {"QC-03": "LISTED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        return Signal.objects.get()


def do(action, signal, actor, at=LATER, **words):
    with acting_as(actor.organization_id):
        return getattr(handling, action)(signal.pk, actor=actor, at=at, **words)


def fresh(signal):
    with acting_as(signal.owner_id):
        return Signal.objects.get(pk=signal.pk)


def kinds(signal):
    with acting_as(signal.owner_id):
        return [line.kind for line in signal.occurrences.order_by("pk")]


def test_claim_check_answer_close(orange, he, second):
    do("claim", orange, he)
    do("check", orange, he, text="The body confirms the revocation.")
    do("answer", orange, he, text="Undrawn amount frozen.")
    closed = do("close", orange, second, text="Agreed.")

    assert closed.status == "closed"
    assert (closed.claimed_by_id, closed.closed_by_id) == (he.user_id, second.user_id)
    assert kinds(orange) == ["fact", "claimed", "checked", "answered", "closed"]
    with acting_as(orange.owner_id):
        actions = AuditEvent.objects.filter(target_id=str(orange.pk)).order_by("pk")
        assert [event.action.rsplit(".")[-1] for event in actions] == [
            *("raised", "claimed", "checked", "answered", "closed"),
        ]


def test_a_signal_is_claimed_once(orange, he, second):
    do("claim", orange, he)
    with pytest.raises(IllegalTransition):
        do("claim", orange, second)


@pytest.mark.parametrize("who", ["chen_min", "lin", "gao"])
def test_others_of_the_bank_claim_nothing(orange, universe, who):
    with pytest.raises(MissingPermission):
        do("claim", orange, getattr(universe, who))


def test_another_bank_has_no_such_signal(orange, universe):
    with pytest.raises(NoSuchRecord):
        do("claim", orange, universe.bank_b_risk)


def test_whoever_claimed_it_checks_and_answers_it(orange, he, second):
    do("claim", orange, he)
    for action, words in (
        ("check", {"text": "Mine."}),
        ("answer", {"text": "Mine."}),
        ("dismiss", {"reason": "Mine."}),
    ):
        with pytest.raises(NotClaimedByYou):
            do(action, orange, second, **words)


def test_an_answer_is_reviewed_by_somebody_else(orange, he):
    do("claim", orange, he)
    do("answer", orange, he, text="Done.")
    with pytest.raises(SecondPersonNeeded):
        do("close", orange, he, text="Done.")


def test_what_was_not_answered_is_not_closed(orange, he, second):
    do("claim", orange, he)
    with pytest.raises(IllegalTransition):
        do("close", orange, second, text="Too early.")


def test_a_false_alarm_is_marked_with_its_reason(orange, he):
    do("claim", orange, he)
    dismissed = do("dismiss", orange, he, reason="Another firm's certificate.")

    assert (dismissed.status, dismissed.false_alarm) == ("closed", True)


def test_one_person_releases_orange_with_a_reason(orange, he):
    released = do("release", orange, he, reason="Seen the new certificate on paper.")

    assert (released.status, released.release_cause) == ("released", "person")
    assert released.released_by_id == he.user_id


def test_red_is_released_by_two_people_once_its_condition_has_come(red, borrower, he, second):
    with pytest.raises(ConditionNotMet, match="“not listed” again"):
        do("release", red, he, reason="Trust me.")

    borrower.tell("observed", {"QC-03": "NOT_LISTED"}, at=days(1))
    borrower.tell("reverified", {"QC-03": "NOT_LISTED"}, at=days(2))
    borrower.follow(days(2))
    proposed = do("release", red, he, at=days(3), reason="Off the list.")
    assert (proposed.status, proposed.release_proposed_by_id) == ("raised", he.user_id)
    with pytest.raises(SecondPersonNeeded):
        do("release", red, he, at=days(3), reason="Me again.")
    released = do("release", red, second, at=days(3), reason="Agreed.")

    assert (released.status, released.release_cause) == ("released", "two_people")
    assert kinds(red) == ["fact", "condition_met", "release_proposed", "released"]


def test_red_is_released_without_its_condition_where_nothing_is_at_stake(red, borrower, he, second):
    borrower.exposures = {}
    do("release", red, he, reason="Repaid.")

    assert do("release", red, second, reason="Repaid.").status == "released"


def test_the_platform_releases_no_red(red, borrower):
    borrower.exposures = {}
    with pytest.raises(SecondPersonNeeded):
        do("release", red, borrower.actor, reason="A rule.")


def test_notes_are_for_open_signals(orange, he):
    do("note", orange, he, text="Called the finance manager.")
    do("release", orange, he, reason="Settled.")
    with pytest.raises(SignalOver):
        do("note", orange, he, text="Too late.")
    with acting_as(orange.owner_id):
        assert orange.occurrences.filter(text="Called the finance manager.").exists()


def report(actor, rule="W07", fact="report 12"):
    with acting_as(actor.organization_id):
        return handling.report(
            rule, USCC, fact=fact, text="Machines moved at night.", actor=actor, at=MORNING
        )


def test_an_officer_reports_what_no_record_tells(borrower, he):
    signal = report(he)

    assert (signal.level, signal.source, signal.item) == ("red", "bank", "")
    assert len(borrower.frozen) == 1
    assert report(he).pk == signal.pk
    assert report(he, fact="report 13").pk != signal.pk


def test_what_records_tell_is_not_reported_by_hand(borrower, he):
    with pytest.raises(RaisedByItself, match="W14"):
        report(he, rule="W14")


def test_there_is_no_rule_w99_to_report(borrower, he):
    with pytest.raises(NoSuchRule):
        report(he, rule="W99")


def test_a_released_member_releases_orange_combinations_and_readies_red_ones(borrower, he):
    borrower.tell("observed", {"QF-17": "REVOKED", "QC-02": "LISTED"})
    borrower.follow()
    with acting_as(borrower.organization_id):
        w14, c02 = Signal.objects.get(rule="W14"), Signal.objects.get(rule="C02")

    do("release", w14, he, reason="Explained.")

    assert fresh(c02).status == "raised"
    assert fresh(c02).condition_met_at == LATER


def test_nothing_is_kept_if_the_event_cannot_be_recorded(orange, he, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(AuditEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        do("claim", orange, he)

    assert fresh(orange).status == "raised"
