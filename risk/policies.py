"""Whether the rules allow a step in this state and with these facts, whoever asks."""

from collections.abc import Sequence

from qfce.kernel.errors import Conflict, Invalid
from risk.domain.signal_rules import Rule
from risk.models import RiskCase, Signal


class ConditionNotMet(Conflict):
    code = "risk.signal.condition_not_met"
    title = "The condition for releasing this signal has not come about."


class RaisedByItself(Invalid):
    code = "risk.rule.raised_by_itself"
    title = "This rule is raised by the platform, not by hand."


class SignalOver(Conflict):
    code = "risk.signal.over"
    title = "This signal is over."


class LoanOfAnother(Invalid):
    code = "risk.case.loan_of_another"
    title = "The loan is another enterprise's."


class CaseOver(Conflict):
    code = "risk.case.over"
    title = "This case is closed."


class CaseUnfinished(Conflict):
    code = "risk.case.unfinished"
    title = "Something in this case is still open."


def check_may_release_red(signal: Signal, rule: Rule, *, still_lends: bool) -> None:
    """
    Where a red rule names a condition, people release it only once that has come about.

    :raises ConditionNotMet: if it has not, and the bank still has something at stake.
    """
    if rule.released and signal.condition_met_at is None and still_lends:
        raise ConditionNotMet(
            f"{rule.code} ends when: {rule.released_en}.",
            hint="Wait for the record to say so, or dismiss the signal as a false alarm.",
            rule=rule.code,
        )


def check_raised_by_hand(rule: Rule) -> None:
    """
    :raises RaisedByItself: if the platform raises the rule from records it has.
    """
    if rule.is_automatic:
        raise RaisedByItself(
            f"{rule.code} ({rule.name_en}) is raised from records: {rule.condition_en}.",
            hint="Leave a note on the signal, or ask the bureau for a current value.",
            rule=rule.code,
        )


def check_open(signal: Signal) -> None:
    """
    :raises SignalOver: if the signal was released, closed, upgraded or withdrawn.
    """
    if not signal.is_open:
        raise SignalOver(f"The signal is {signal.status}.", hint="Nothing is left to handle.")


def check_same_enterprise(borrower: str, uscc: str) -> None:
    """
    A case on one enterprise freezes no other's loan.

    :raises LoanOfAnother: if the loan's borrower is another enterprise.
    """
    if borrower != uscc:
        raise LoanOfAnother(
            f"The loan is {borrower}'s, and the signal is about {uscc}.",
            hint="Name a loan of the enterprise, or none.",
            errors=[{"pointer": "/loan_id", "detail": "Another enterprise's loan."}],
            borrower=borrower,
            uscc=uscc,
        )


def check_case_open(case: RiskCase) -> None:
    """
    :raises CaseOver: if the case is closed.
    """
    if not case.is_open:
        raise CaseOver("The case is closed.", hint="Open a new one from an open signal.")


def check_may_close(open_signals: Sequence[Signal], unconfirmed: int) -> None:
    """
    A case closes when its signals are over and nothing waits for a second person.

    :raises CaseUnfinished: if something is still open.
    """
    if open_signals:
        names = ", ".join(sorted(signal.rule for signal in open_signals))
        raise CaseUnfinished(
            f"Still open: {names}.",
            hint="Release, dismiss or close these signals first.",
        )
    if unconfirmed:
        raise CaseUnfinished(
            f"{unconfirmed} step(s) wait for a second person.", hint="Have them confirmed first."
        )
