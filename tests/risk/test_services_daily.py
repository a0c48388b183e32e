from datetime import date, timedelta

import pytest

from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from risk.models import Signal, SignalOccurrence
from risk.services import daily
from tests.risk.conftest import LENDS, MORNING, days, on
from tests.universe import USCC

TODAY = on("2026-12-15")


def sweep(bank, day=TODAY, after="", actor=None):
    actor = actor or bank.actor
    with acting_as(actor.organization_id):
        return daily.sweep(
            day, after=after, actor=actor, at=MORNING + timedelta(days=(day - TODAY).days)
        )


def by_rule(bank):
    with acting_as(bank.organization_id):
        return {signal.rule: signal for signal in Signal.objects.order_by("raised_at", "rule")}


def ends(day):
    return {"QF-18": {"valid_to": day}}


def test_a_certificate_about_to_end_is_said_once(borrower):
    borrower.knows({"QF-18": "VALID"}, **ends(date(2027, 1, 31)))

    assert sweep(borrower) is None
    sweep(borrower)
    sweep(borrower, on("2026-12-16"))

    signal = by_rule(borrower)["W21"]
    assert (signal.level, signal.facts["end"]) == ("yellow", "2027-01-31")
    with acting_as(borrower.organization_id):
        assert SignalOccurrence.objects.count() == 1


def test_a_renewal_ends_it_and_so_does_the_end(borrower):
    borrower.knows({"QF-18": "VALID"}, **ends(date(2026, 12, 20)))
    sweep(borrower)
    sweep(borrower, on("2026-12-21"))
    assert by_rule(borrower)["W21"].status == "released"


def test_a_renewal_in_the_feed_ends_it(borrower):
    borrower.knows({"QF-18": "VALID"}, **ends(date(2026, 12, 20)))
    sweep(borrower)
    renewed = {"QF-18": {"valid_to": "2029-12-20"}}
    borrower.tell("observed", {"QF-18": "VALID"}, details=renewed)

    borrower.follow()

    assert by_rule(borrower)["W21"].status == "released"


def test_old_data_counts_only_where_an_evaluation_leans_on_it(borrower):
    old = {"recorded_at": MORNING - timedelta(days=30)}
    borrower.knows({"QF-17": "VALID", "QF-18": "VALID"}, **{"QF-17": old, "QF-18": old})
    sweep(borrower)
    assert by_rule(borrower) == {}
    borrower.evaluated = {USCC: frozenset({"QF-17"})}

    sweep(borrower)

    signal = by_rule(borrower)["W34"]
    assert (signal.item, signal.level) == ("QF-17", "blue")


def test_reverified_data_is_no_longer_old(borrower):
    borrower.knows({"QF-17": "VALID"}, **{"QF-17": {"recorded_at": MORNING - timedelta(days=30)}})
    borrower.evaluated = {USCC: frozenset({"QF-17"})}
    sweep(borrower)
    borrower.tell("reverified", {"QF-17": "VALID"}, at=days(1))

    borrower.follow(days(1))

    assert by_rule(borrower)["W34"].status == "released"


def test_annual_reports_are_missed_in_july(borrower):
    borrower.knows({"QC-17": 3})
    sweep(borrower, on("2027-06-30"))
    assert "W26" not in by_rule(borrower)

    sweep(borrower, on("2027-07-01"))
    sweep(borrower, on("2027-07-02"))

    assert by_rule(borrower)["W26"].fact_key == "QC-17 2027"


def test_an_award_past_its_months_is_a_lost_honour_for_sixty_days(borrower):
    borrower.knows({"QM-01": "CITY"})
    borrower.profiles[USCC].items["QM-01"].valid_from = date(2021, 12, 1)
    sweep(borrower)
    assert by_rule(borrower)["W33"].status == "raised"

    sweep(borrower, on("2027-02-12"))
    assert by_rule(borrower)["W33"].status == "raised"
    sweep(borrower, on("2027-02-13"))
    assert by_rule(borrower)["W33"].status == "released"


def test_a_sweep_goes_on_where_it_stopped(borrower, monkeypatch):
    monkeypatch.setattr(daily, "BATCH", 1)
    borrower.exposures = {"A": LENDS, "B": LENDS}

    assert sweep(borrower) == "A"
    assert sweep(borrower, after="A") == "B"
    assert sweep(borrower, after="B") is None


def test_a_sweep_needs_the_right_to_handle_signals(borrower, universe):
    with pytest.raises(MissingPermission):
        sweep(borrower, actor=universe.lin)
