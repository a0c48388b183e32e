from datetime import date, timedelta

import pytest

from qfce.kernel.tenancy.actors import MissingPermission
from qfce.kernel.tenancy.context import acting_as
from risk.domain.arrears import Arrears
from risk.models import Signal
from risk.services import arrears, daily
from tests.risk.conftest import MORNING, on
from tests.universe import USCC

TODAY = on("2026-12-15")


def by_rule(bank):
    with acting_as(bank.organization_id):
        return {signal.rule: signal for signal in Signal.objects.order_by("raised_at", "rule")}


def report(bank, days_past_due, day="2026-12-15", first=date(2026, 12, 1), actor=None):
    actor = actor or bank.actor
    found = [Arrears("loan-1", USCC, days_past_due, first)]
    at = MORNING + timedelta(days=(on(day) - TODAY).days)
    with acting_as(actor.organization_id):
        return arrears.report(found, on=on(day), actor=actor, at=at)


def test_arrears_climb_from_yellow_to_red_and_end_when_paid(borrower):
    report(borrower, 1)
    report(borrower, 31, "2027-01-15")
    report(borrower, 91, "2027-03-15")

    found = by_rule(borrower)
    assert [(found[rule].level, found[rule].status) for rule in ("W27", "W15", "W04")] == [
        ("yellow", "upgraded"),
        ("orange", "upgraded"),
        ("red", "raised"),
    ]
    assert found["W27"].upgraded_to_id == found["W15"].pk
    assert len(borrower.frozen) == 1

    report(borrower, 0, "2027-03-16", first=None)

    assert by_rule(borrower)["W04"].status == "raised"  # two people release red
    assert by_rule(borrower)["W04"].condition_met_at is not None


def test_arrears_that_are_paid_release_yellow(borrower):
    assert [signal.rule for signal in report(borrower, 3)] == ["W27"]
    assert report(borrower, 3) == []

    report(borrower, 0, "2026-12-16", first=None)

    assert by_rule(borrower)["W27"].status == "released"


def test_the_next_missed_instalment_is_a_new_fact(borrower):
    report(borrower, 3)
    assert [s.rule for s in report(borrower, 1, "2027-01-02", first=date(2027, 1, 1))] == ["W27"]
    with acting_as(borrower.organization_id):
        found = Signal.objects.order_by("raised_at").values_list("status", flat=True)
        assert list(found) == ["released", "raised"]


def test_two_yellow_of_different_sources_combine(borrower):
    borrower.knows({"QF-18": "VALID"}, **{"QF-18": {"valid_to": date(2027, 1, 31)}})
    with acting_as(borrower.organization_id):
        daily.sweep(TODAY, actor=borrower.actor, at=MORNING)

    report(borrower, 3)

    found = by_rule(borrower)
    assert found["C01"].level == "orange"
    assert set(found["C01"].built_from) == {found["W21"].pk, found["W27"].pk}


def test_reporting_needs_the_right_to_handle_signals(borrower, universe):
    with pytest.raises(MissingPermission):
        report(borrower, 3, actor=universe.lin)
