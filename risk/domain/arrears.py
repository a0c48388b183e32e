"""Which warning rule a loan's arrears meet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from risk.domain.lifecycle import Level
from risk.domain.signal_rules import Rule


@dataclass(frozen=True, slots=True)
class Arrears:
    """
    What is unpaid on one loan on one day.

    `days_past_due` counts whole days since `first_unpaid_due_on`, 0 if nothing is overdue.
    """

    loan_id: str
    uscc: str
    days_past_due: int
    first_unpaid_due_on: date | None
    interest_unpaid: bool = False


def rule_of(arrears: Arrears, rules: Iterable[Rule]) -> Rule | None:
    """Return the most urgent servicing rule that the arrears meet; None if none does."""
    met = [rule for rule in rules if rule.servicing and _is_met(rule.servicing, arrears)]
    return min(met, key=lambda rule: list(Level).index(rule.level), default=None)


def arrears_key(arrears: Arrears) -> str:
    """Name the arrears by the loan and the day that was missed first."""
    return f"{arrears.loan_id} {arrears.first_unpaid_due_on}"


def _is_met(condition: Mapping[str, Any], arrears: Arrears) -> bool:
    if condition.get("or_interest_unpaid") and arrears.interest_unpaid:
        return True
    days = arrears.days_past_due
    up_to = condition.get("days_past_due_up_to", days)
    return bool(condition["days_past_due_above"] < days <= up_to)
