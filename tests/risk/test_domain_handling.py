from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfce.kernel.lifecycle import IllegalTransition
from risk.domain.arrears import Arrears, arrears_key, rule_of
from risk.domain.classification import LoanClass, LoanFacts, floor
from risk.domain.combinations import Member, pair_key, partners
from risk.domain.deadlines import deadlines
from risk.domain.lifecycle import CASE, OPEN_SIGNALS, SIGNAL, Level, SignalStatus
from risk.selectors.rules import handling_days_on, loan_classes_on, rules_on

TODAY = date(2026, 12, 15)
BOOK = rules_on(TODAY)


@pytest.mark.parametrize(
    ("level", "claim", "answer"),
    [
        (Level.RED, date(2026, 12, 15), date(2026, 12, 29)),
        (Level.ORANGE, date(2026, 12, 17), date(2026, 12, 29)),
        (Level.YELLOW, date(2026, 12, 18), date(2026, 12, 29)),
        (Level.BLUE, date(2026, 12, 22), date(2026, 12, 29)),
    ],
)
def test_deadlines_count_working_days(level, claim, answer):
    due = deadlines(level, TODAY, handling_days_on(TODAY))

    assert (due.claim_due_on, due.answer_due_on) == (claim, answer)
    assert due.by_holiday_table


def test_deadlines_say_when_they_run_past_the_holiday_table():
    due = deadlines(Level.BLUE, date(2026, 12, 21), handling_days_on(TODAY))

    assert due.answer_due_on == date(2027, 1, 4)
    assert not due.by_holiday_table


@pytest.mark.parametrize(
    ("days", "interest", "rule"),
    [
        (0, False, None),
        (1, False, "W27"),
        (30, False, "W27"),
        (31, False, "W15"),
        (90, False, "W15"),
        (91, False, "W04"),
        (400, False, "W04"),
        (1, True, "W15"),
        (91, True, "W04"),
    ],
)
def test_arrears_meet_the_most_urgent_rule(days, interest, rule):
    arrears = Arrears("loan-1", "U", days, date(2026, 12, 1), interest_unpaid=interest)
    met = rule_of(arrears, BOOK.enabled)

    assert (met and met.code) == rule
    assert arrears_key(arrears) == "loan-1 2026-12-01"


def member(number, *, rule="W20", level=Level.YELLOW, source="factor", on=TODAY):
    return Member(UUID(int=number), rule, level, source, on)


def test_two_yellow_signals_of_different_sources_within_thirty_days_combine():
    condition, new = BOOK["C01"].combines, member(1)
    assert partners(condition, new, [member(2, rule="W27", source="servicing")])
    assert not partners(condition, new, [member(2, rule="W22")])
    assert not partners(condition, new, [member(2, source="servicing", level=Level.BLUE)])
    month = timedelta(days=30)
    assert partners(condition, new, [member(2, source="servicing", on=TODAY - month)])
    assert not partners(
        condition, new, [member(2, source="servicing", on=TODAY - month - timedelta(days=1))]
    )
    assert not partners(condition, new, [new])


def test_two_orange_signals_with_different_codes_combine():
    condition, new = BOOK["C02"].combines, member(1, rule="W14", level=Level.ORANGE)
    old = date(2025, 1, 1)
    assert partners(condition, new, [member(2, rule="W10", level=Level.ORANGE, on=old)])
    assert not partners(condition, new, [member(2, rule="W14", level=Level.ORANGE)])
    assert not partners(condition, member(1), [member(2, rule="W10", level=Level.ORANGE)])


@given(st.uuids(), st.uuids())
def test_a_pair_has_one_name(first, second):
    assert pair_key(first, second) == pair_key(second, first)


def test_every_open_signal_can_be_released_and_none_that_is_over():
    for status in SignalStatus:
        assert ("release" in SIGNAL.actions_from(status)) is (status in OPEN_SIGNALS)
        assert ("withdraw" in SIGNAL.actions_from(status)) is (status != "withdrawn")
    with pytest.raises(IllegalTransition):
        SIGNAL.target("claim", state=SignalStatus.CLAIMED)
    assert CASE.final == {"closed"}


CLASSES = loan_classes_on(TODAY)
LATE = LoanFacts(days_past_due=5)


@pytest.mark.parametrize(
    ("facts", "best"),
    [
        (LoanFacts(), "normal"),
        (LoanFacts(days_past_due=1), "special_mention"),
        (replace(LATE, technical_slip=True), "normal"),
        (LoanFacts(days_past_due=7, technical_slip=True), "normal"),
        (LoanFacts(days_past_due=8, technical_slip=True), "special_mention"),
        (LoanFacts(days_past_due=90), "special_mention"),
        (LoanFacts(days_past_due=91), "substandard"),
        (LoanFacts(days_past_due=270), "substandard"),
        (LoanFacts(days_past_due=271), "doubtful"),
        (LoanFacts(days_past_due=360), "doubtful"),
        (LoanFacts(days_past_due=361), "loss"),
        (LoanFacts(use_changed=True), "special_mention"),
        (LoanFacts(refinanced=True), "special_mention"),
        (LoanFacts(refinanced=True, eligible_renewal=True), "normal"),
        (LoanFacts(other_debts_bad=True), "special_mention"),
        (LoanFacts(other_debts_bad=True, retail=True), "normal"),
        (LoanFacts(restructured=True), "special_mention"),
        (LoanFacts(restructured=True, months_observed=12, instalments_paid=1), "special_mention"),
        (LoanFacts(restructured=True, months_observed=6, instalments_paid=6), "special_mention"),
        (LoanFacts(restructured=True, months_observed=12, instalments_paid=2), "normal"),
        (LoanFacts(non_performing_share=Decimal("0.10")), "normal"),
        (LoanFacts(non_performing_share=Decimal("0.11")), "substandard"),
        (LoanFacts(non_performing_share=Decimal("0.11"), retail=True), "normal"),
        (LoanFacts(credit_impaired=True), "substandard"),
        (LoanFacts(rating_fell_sharply=True), "substandard"),
        (LoanFacts(elsewhere_overdue_share=Decimal("0.20")), "normal"),
        (LoanFacts(elsewhere_overdue_share=Decimal("0.21")), "substandard"),
        (LoanFacts(debt_evasion=True), "doubtful"),
        (LoanFacts(credit_impaired=True, expected_loss=Decimal("0.50")), "substandard"),
        (LoanFacts(credit_impaired=True, expected_loss=Decimal("0.51")), "doubtful"),
        (LoanFacts(credit_impaired=True, expected_loss=Decimal("0.91")), "loss"),
        (LoanFacts(expected_loss=Decimal("0.91")), "normal"),
        (LoanFacts(in_liquidation=True), "loss"),
    ],
)
def test_the_best_class_that_the_rules_allow(facts, best):
    assert floor(facts, CLASSES).best_class == best


def test_every_rule_that_is_met_is_quoted_the_strictest_first():
    quoted = floor(LoanFacts(days_past_due=100, use_changed=True), CLASSES).rules

    assert [rule.floor for rule in quoted] == [
        LoanClass.SUBSTANDARD,
        LoanClass.SPECIAL_MENTION,
        LoanClass.SPECIAL_MENTION,
    ]
    assert "90 days" in quoted[0].text_en
    assert all(rule.article and rule.text_zh for rule in quoted)


@pytest.mark.parametrize(
    "facts", [LoanFacts(days_past_due=-1), LoanFacts(expected_loss=Decimal("1.5"))]
)
def test_facts_that_cannot_be_are_refused(facts):
    with pytest.raises(ValueError, match=r"negative|fraction"):
        floor(facts, CLASSES)


@given(st.integers(0, 800), st.integers(0, 800))
def test_longer_arrears_never_allow_a_better_class(days, more):
    order = list(LoanClass)
    first = floor(LoanFacts(days_past_due=days), CLASSES).best_class
    second = floor(LoanFacts(days_past_due=days + more), CLASSES).best_class
    assert order.index(second) >= order.index(first)
