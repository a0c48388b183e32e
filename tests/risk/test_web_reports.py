"""Reporting by hand what no record tells."""

import pytest

from qfce.kernel.tenancy.context import acting_as
from risk.models import Signal
from tests.universe import USCC

NEW = "/risk/signals/new/"
TOLD = {"uscc": USCC, "rule": "W25", "fact": "visit of 14 December", "text": "Lent on to others."}


def by_hand(page):
    import re

    return re.findall(r'<option value="([WC]\d\d)"', page)


def signals(universe):
    with acting_as(universe.bank_a.pk):
        return list(Signal.objects.all())


def test_only_rules_that_nothing_raises_by_itself_are_offered(borrower, universe, browser):
    offered = by_hand(browser(universe.he).get(f"{NEW}?uscc={USCC}").content.decode())
    assert offered and "W14" not in offered


def test_a_report_raises_a_signal_and_the_same_fact_no_second(borrower, universe, browser):
    officer = browser(universe.he)
    rule = by_hand(officer.get(NEW).content.decode())[0]
    answer = officer.post(NEW, {**TOLD, "rule": rule})
    [signal] = signals(universe)
    assert answer.headers["Location"] == f"/risk/signals/{signal.pk}/"
    assert "Lent on to others." in officer.get(answer.headers["Location"]).content.decode()
    officer.post(NEW, {**TOLD, "rule": rule})
    assert len(signals(universe)) == 1


@pytest.mark.parametrize(
    "changed", [{"uscc": "123"}, {"uscc": "91330113ALN0KXMQ6X"}, {"rule": "W14"}, {"text": ""}]
)
def test_what_cannot_be_reported_comes_back(borrower, universe, browser, changed):
    officer = browser(universe.he)
    rule = by_hand(officer.get(NEW).content.decode())[0]
    assert officer.post(NEW, {**TOLD, "rule": rule, **changed}).status_code == 422
    assert signals(universe) == []


def test_who_handles_no_signals_reports_none(borrower, universe, browser):
    assert browser(universe.chen_min).post(NEW, TOLD).status_code == 403
