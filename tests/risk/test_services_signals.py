from datetime import timedelta

import pytest
from django.db import IntegrityError

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from risk.models import Signal, SignalOccurrence, WatchedState
from risk.services import raising, signals
from tests.risk.conftest import APPLIES, LENDS, MORNING, NOTHING, days, on
from tests.universe import USCC

REVOKED = {"QF-17": "REVOKED"}


def all_signals(bank):
    with acting_as(bank.organization_id):
        return list(Signal.objects.order_by("raised_at", "rule"))


def lines(bank, signal):
    with acting_as(bank.organization_id):
        return list(
            SignalOccurrence.objects.filter(signal=signal)
            .order_by("pk")
            .values_list("kind", flat=True)
        )


def test_a_revoked_certificate_raises_w14_with_its_deadlines(borrower):
    item = borrower.tell("observed", REVOKED)

    followed = borrower.follow()

    [signal] = all_signals(borrower)
    assert (followed.read, followed.raised, followed.is_done) == (1, 1, False)
    assert (signal.rule, signal.level, signal.status, signal.uscc) == (
        *("W14", "orange", "raised"),
        USCC,
    )
    assert (signal.claim_due_on, signal.answer_due_on) == (on("2026-12-17"), on("2026-12-29"))
    assert signal.due_by_holiday_table
    assert signal.facts == {"before": "VALID", "after": "REVOKED", "kind": "observed"}
    assert (signal.item, signal.cursor, signal.recorded_at) == ("QF-17", item.cursor, MORNING)
    assert borrower.cursor == (1, 1)
    assert borrower.frozen == []  # orange asks a person
    with acting_as(borrower.organization_id):
        event = AuditEvent.objects.get(action="risk.signal.raised")
    assert event.target_id == str(signal.pk)


def test_the_same_event_delivered_twice_raises_once_and_leaves_a_line(borrower):
    borrower.tell("observed", REVOKED)
    borrower.follow()
    borrower.cursor = (0, 0)

    assert borrower.follow().raised == 0

    [signal] = all_signals(borrower)
    assert lines(borrower, signal) == ["fact", "repeated"]


def test_the_same_certificate_in_another_event_is_the_same_fact(borrower):
    evidence = {"QF-17": {"evidence": ["CNCA-R-2019-041"]}}
    borrower.tell("observed", REVOKED, details=evidence)
    borrower.tell("corrected", {"QF-17": "SUSPENDED"}, details=evidence)
    borrower.tell("corrected", REVOKED, details=evidence)

    borrower.follow()

    found = [signal for signal in all_signals(borrower) if signal.rule == "W14"]
    assert len(found) == 1
    assert lines(borrower, found[0]) == ["fact", "repeated"]


def test_a_new_fact_raises_a_new_signal_while_one_is_open(borrower):
    borrower.tell("observed", {"QC-05": 1})
    borrower.tell("observed", {"QC-05": 2})

    borrower.follow()

    assert [signal.facts["after"] for signal in all_signals(borrower)] == [1, 2]


@pytest.mark.parametrize("exposure", [None, NOTHING])
def test_without_exposure_nothing_is_raised(borrower, exposure):
    borrower.exposures = {USCC: exposure} if exposure else {}
    borrower.tell("observed", REVOKED)

    assert borrower.follow().raised == 0
    assert borrower.cursor == (1, 1)
    with acting_as(borrower.organization_id):
        assert not WatchedState.objects.exists()


def test_an_application_in_progress_is_exposure(borrower):
    borrower.exposures = {USCC: APPLIES}
    borrower.tell("observed", REVOKED)

    assert borrower.follow().raised == 1


def test_the_first_record_of_an_enterprise_is_a_baseline(bank):
    bank.exposures[USCC] = LENDS
    bank.tell("observed", {"QF-17": "REVOKED", "QC-03": "LISTED", "QC-05": 3})

    assert bank.follow().raised == 0


def test_what_was_without_exposure_is_still_the_before(borrower):
    borrower.tell("observed", {"QF-17": "SUSPENDED"})
    borrower.tell("observed", REVOKED)

    borrower.follow()

    assert [(s.rule, s.facts["before"]) for s in all_signals(borrower)] == [
        ("W14", "SUSPENDED"),
        ("W20", "VALID"),
    ]


def test_with_a_new_access_red_and_orange_states_count_as_becoming(bank):
    bank.exposures[USCC] = LENDS
    bank.tell(
        "access_opened", {"QC-03": "LISTED", "QF-17": "REVOKED", "QF-18": "SUSPENDED", "QC-05": 1}
    )

    bank.follow()

    assert {signal.rule for signal in all_signals(bank)} == {"W01", "W14", "W10", "C02"}


def test_a_new_access_to_what_was_known_before_raises_nothing(borrower):
    borrower.knows({"QF-17": "REVOKED"})
    borrower.tell("reverified", REVOKED)
    borrower.tell("access_opened", REVOKED)

    assert borrower.follow().raised == 0


def test_a_new_agreement_names_no_enterprise_so_every_borrower_is_looked_at(borrower):
    borrower.knows({"QC-03": "LISTED", "QF-18": "SUSPENDED"})
    borrower.tell("access_opened", {}, uscc="", details={"agreement": "a-1"})
    borrower.tell("access_opened", {}, uscc="", details={"agreement": "a-2"})

    assert borrower.follow().raised == 1

    [signal] = all_signals(borrower)
    assert (signal.rule, signal.uscc) == ("W01", USCC)


def test_after_an_agreement_what_is_no_longer_seen_is_forgotten(borrower):
    borrower.tell("reverified", {"QF-17": "VALID"})
    borrower.follow()
    borrower.knows({"QC-03": "NOT_LISTED"})
    borrower.tell("access_closed", {}, uscc="", details={"agreement": "a-1"})

    assert borrower.follow().raised == 0

    with acting_as(borrower.organization_id):
        assert set(WatchedState.objects.get().items) == {"QC-03"}


def test_a_value_that_goes_missing_raises_nothing(borrower):
    borrower.tell("cleared", {"QF-17": None, "QC-03": None, "QM-03": None})

    assert borrower.follow().raised == 0


def test_a_rule_that_is_off_raises_nothing(borrower):
    borrower.tell("observed", {"QC-01": "REVOKED"})  # W02 waits for its data

    assert borrower.follow().raised == 0


def test_a_disputed_value_raises_one_level_lower_and_marked(borrower):
    borrower.tell("flagged", {"QF-17": "disputed"})
    borrower.tell("observed", REVOKED)

    borrower.follow()

    [signal] = all_signals(borrower)
    assert (signal.rule, signal.level, signal.flagged) == ("W14", "yellow", True)
    assert signal.claim_due_on == on("2026-12-18")


def test_a_dispute_about_an_open_signal_marks_it(borrower):
    borrower.tell("observed", REVOKED)
    borrower.tell("flagged", {"QF-17": "disputed"})
    borrower.follow()
    [signal] = all_signals(borrower)
    assert (signal.level, signal.flagged) == ("orange", True)

    borrower.tell("unflagged", {"QF-17": None})
    borrower.follow()

    [signal] = all_signals(borrower)
    assert not signal.flagged
    assert lines(borrower, signal) == ["fact", "disputed", "undisputed"]


def test_red_stops_drawdown_by_itself(borrower):
    borrower.tell("observed", {"QC-03": "LISTED"})

    borrower.follow()

    [signal] = all_signals(borrower)
    assert (signal.rule, signal.level) == ("W01", "red")
    assert signal.claim_due_on == on("2026-12-15")
    [(target, reason)] = borrower.frozen
    assert target == USCC
    assert reason.startswith("W01")


def test_a_valid_certificate_releases_w14_and_nothing_else_does(borrower):
    borrower.tell("observed", REVOKED)
    borrower.tell("reverified", {"QC-17": 3}, at=days(3))
    borrower.follow(days(3))
    [signal] = all_signals(borrower)
    assert signal.status == "raised"

    borrower.tell("observed", {"QF-17": "VALID"}, at=days(10))
    borrower.follow(days(10))

    [signal] = all_signals(borrower)
    assert (signal.status, signal.release_cause, signal.released_by_id) == (
        *("released", "condition"),
        None,
    )
    assert lines(borrower, signal) == ["fact", "released"]


def test_a_red_signal_whose_condition_ended_waits_for_people(borrower):
    borrower.tell("observed", {"QC-13": "LISTED"})
    borrower.follow()
    borrower.tell("observed", {"QC-13": "NOT_LISTED"}, at=days(1))
    borrower.follow(days(1))
    [signal] = all_signals(borrower)
    assert signal.condition_met_at is None  # five days have not passed

    borrower.tell("reverified", {"QC-13": "NOT_LISTED"}, at=days(6))
    borrower.follow(days(6))

    [signal] = all_signals(borrower)
    assert (signal.status, signal.condition_met_at) == ("raised", days(6))


def test_a_repaired_record_withdraws_its_signal_without_a_trace(borrower):
    borrower.tell("observed", {"QC-05": 1}, details={"QC-05": {"evidence": ["No. 7"]}})
    borrower.follow()
    [signal] = all_signals(borrower)
    with acting_as(borrower.organization_id):
        raising.add_line(
            signal, raising.LineKind.NOTE, "Fined for guards.", actor=borrower.actor, at=MORNING
        )
    borrower.tell("withdrawn", {"QC-05": None}, at=days(2))

    borrower.follow(days(2))

    [signal] = all_signals(borrower)
    assert (signal.status, signal.facts, signal.withdrawn_at) == ("withdrawn", {}, days(2))
    assert "No. 7" not in signal.fact_key
    with acting_as(borrower.organization_id):
        assert not signal.occurrences.exclude(text="").exists()
    assert lines(borrower, signal)[-1] == "withdrawn"


def test_of_two_penalties_the_one_that_remains_keeps_its_signal(borrower):
    borrower.tell("observed", {"QC-05": 1})
    borrower.tell("observed", {"QC-05": 2})
    borrower.tell("withdrawn", {"QC-05": 1})

    borrower.follow()

    assert [signal.status for signal in all_signals(borrower)] == ["raised", "withdrawn"]


def test_a_penalty_after_a_repaired_one_is_a_new_fact(borrower):
    borrower.tell("observed", {"QC-05": 1})
    borrower.tell("withdrawn", {"QC-05": None})
    borrower.tell("observed", {"QC-05": 1})

    borrower.follow()

    assert [signal.status for signal in all_signals(borrower)] == ["withdrawn", "raised"]


def test_a_withdrawn_signal_takes_its_combination_along(borrower):
    borrower.tell("observed", {"QC-05": 1})
    borrower.tell("observed", REVOKED)
    borrower.follow()
    assert {signal.rule for signal in all_signals(borrower)} == {"W10", "W14", "C02"}
    borrower.tell("withdrawn", {"QC-05": None})

    borrower.follow()

    found = {signal.rule: signal.status for signal in all_signals(borrower)}
    assert found == {"W10": "withdrawn", "W14": "raised", "C02": "withdrawn"}


def test_two_orange_signals_combine_into_red_that_names_them(borrower):
    borrower.tell("observed", REVOKED)
    borrower.tell("observed", {"QC-02": "LISTED"})

    borrower.follow()

    by_rule = {signal.rule: signal for signal in all_signals(borrower)}
    combined = by_rule["C02"]
    assert combined.level == "red"
    assert set(combined.built_from) == {by_rule["W14"].pk, by_rule["W09"].pk}
    assert {part["rule"] for part in combined.facts["built_from"]} == {"W09", "W14"}
    assert len(borrower.frozen) == 1


def test_a_certificate_that_expired_is_a_lost_honour_or_nothing(borrower):
    borrower.tell("lapsed", {"QM-01": "CITY"})
    borrower.tell("expired", {"QF-17": "VALID"})

    borrower.follow()

    [signal] = all_signals(borrower)
    assert (signal.rule, signal.item) == ("W33", "QM-01")


def test_what_may_no_longer_be_seen_is_no_longer_kept(borrower):
    borrower.tell("observed", {"QF-18": "SUSPENDED"})
    borrower.tell("access_closed", {}, details={"consent": "c-1", "items": ["QF-18"]})

    borrower.follow()

    with acting_as(borrower.organization_id):
        assert "QF-18" not in WatchedState.objects.get().items


def test_a_page_is_bounded_and_the_next_goes_on(borrower):
    borrower.tell("observed", REVOKED)
    borrower.tell("observed", {"QC-02": "LISTED"})

    first = borrower.follow(limit=1)
    second = borrower.follow(limit=1)

    assert (first.raised, first.is_done) == (1, False)
    assert second.raised == 1
    assert borrower.follow(limit=1) == signals.Followed(0, 0, is_done=True)


def test_a_late_record_about_an_earlier_time_does_not_replace_a_newer_fact(borrower):
    valid = {"QF-17": {"valid_from": "2026-12-01"}}
    borrower.tell("observed", {"QF-17": "VALID"}, details=valid)
    borrower.tell("observed", REVOKED, details={"QF-17": {"valid_from": "2026-06-01"}})

    assert borrower.follow().raised == 0


def test_nothing_is_kept_if_the_event_cannot_be_recorded(borrower, monkeypatch):
    borrower.tell("observed", REVOKED)

    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(AuditEvent.objects, "create", fail)
    with pytest.raises(IntegrityError):
        borrower.follow()

    assert all_signals(borrower) == []


def test_following_needs_the_right_to_read_the_feed(borrower, universe):
    borrower.actor = universe.guarantee_officer
    with pytest.raises(MissingPermission):
        borrower.follow()


def test_another_bank_sees_nothing_of_it(borrower, universe):
    borrower.tell("observed", REVOKED)
    borrower.follow()

    with acting_as(universe.bank_b.pk):
        assert not Signal.objects.exists()
        assert not SignalOccurrence.objects.exists()
        assert not WatchedState.objects.exists()


def test_the_database_holds_two_people_for_red_too(borrower):
    borrower.tell("observed", {"QC-03": "LISTED"})
    borrower.follow()

    with (
        pytest.raises(IntegrityError, match="red_by_two_people"),
        acting_as(borrower.organization_id),
    ):
        Signal.objects.update(
            status="released", released_at=days(1), release_cause="person", raised_at=MORNING
        )


def test_a_signal_of_late_december_says_that_2027_has_no_holidays_yet(borrower):
    later = MORNING + timedelta(days=7)
    borrower.tell("observed", REVOKED, at=later)

    borrower.follow(later)

    [signal] = all_signals(borrower)
    assert signal.answer_due_on == on("2027-01-05")
    assert not signal.due_by_holiday_table
