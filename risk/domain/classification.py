"""
The best class that the rules allow a loan, and which rules say so.

The platform computes a floor and quotes it. It classifies nothing: the class is the bank's,
and may be lower than the floor, never better.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class LoanClass(StrEnum):
    """The five classes, the best first."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class LoanFacts:
    """
    What the floor is computed from.

    `days_past_due`: whole days since the oldest unpaid instalment fell due. Shares and the
    expected loss are fractions from 0 to 1. `technical_slip`: paid late for a technical
    reason, which the rules forgive for some days. `eligible_renewal`: the refinancing is a
    small firm's renewal under the renewal rules. `months_observed` and `instalments_paid`
    count from a restructuring.
    """

    days_past_due: int = 0
    technical_slip: bool = False
    use_changed: bool = False
    refinanced: bool = False
    eligible_renewal: bool = False
    other_debts_bad: bool = False
    restructured: bool = False
    months_observed: int = 0
    instalments_paid: int = 0
    non_performing_share: Decimal = Decimal(0)
    elsewhere_overdue_share: Decimal = Decimal(0)
    credit_impaired: bool = False
    rating_fell_sharply: bool = False
    expected_loss: Decimal = Decimal(0)
    debt_evasion: bool = False
    in_liquidation: bool = False
    retail: bool = False


@dataclass(frozen=True, slots=True)
class FloorRule:
    """One rule that a loan's facts meet, as quoted to the bank."""

    fact: str
    floor: LoanClass
    article: str
    confidence: str
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Floor:
    """The best class allowed, and every rule that was met, the strictest first."""

    best_class: LoanClass
    rules: tuple[FloorRule, ...]


def floor(facts: LoanFacts, parameter: Mapping[str, Any]) -> Floor:
    """
    Return the best class that the facts allow, with the rules behind it.

    :param parameter: `loan_classes` as in force on the day of the classification.
    :raises ValueError: if days are negative, or a share is not between 0 and 1.
    """
    _check(facts)
    classes = list(LoanClass)
    met = [
        FloorRule(**{**rule, "floor": LoanClass(rule["floor"])})
        for rule in parameter["rules"]
        if _TESTS[rule["fact"]](facts, LoanClass(rule["floor"]), parameter)
    ]
    met.sort(key=lambda rule: classes.index(rule.floor), reverse=True)
    return Floor(met[0].floor if met else LoanClass.NORMAL, tuple(met))


def _check(facts: LoanFacts) -> None:
    for name in ("days_past_due", "months_observed", "instalments_paid"):
        if getattr(facts, name) < 0:
            raise ValueError(f"{name} cannot be negative, and is {getattr(facts, name)}.")
    for name in ("non_performing_share", "elsewhere_overdue_share", "expected_loss"):
        if not 0 <= getattr(facts, name) <= 1:
            raise ValueError(f"{name} is a fraction from 0 to 1, and is {getattr(facts, name)}.")


Test = Callable[[LoanFacts, LoanClass, Mapping[str, Any]], bool]


def _overdue(facts: LoanFacts, best: LoanClass, parameter: Mapping[str, Any]) -> bool:
    if facts.technical_slip and facts.days_past_due <= parameter["technical_days"]:
        return False
    return facts.days_past_due >= int(parameter[best.value])


def _observed(facts: LoanFacts, best: LoanClass, parameter: Mapping[str, Any]) -> bool:
    return facts.restructured and (
        facts.months_observed < parameter["observation_months"]
        or facts.instalments_paid < parameter["observation_instalments"]
    )


def _expects_loss(facts: LoanFacts, best: LoanClass, parameter: Mapping[str, Any]) -> bool:
    over = Decimal(parameter[f"{best.value}_expected_loss"])
    return facts.credit_impaired and facts.expected_loss > over


_TESTS: Mapping[str, Test] = {
    "days_past_due": _overdue,
    "restructured": _observed,
    "expected_loss": _expects_loss,
    "use_changed": lambda facts, best, parameter: facts.use_changed,
    "refinanced": lambda facts, best, parameter: facts.refinanced and not facts.eligible_renewal,
    "other_debts_bad": lambda facts, best, parameter: facts.other_debts_bad and not facts.retail,
    "non_performing_share": lambda facts, best, parameter: (
        not facts.retail and facts.non_performing_share > Decimal(parameter["non_performing_share"])
    ),
    "elsewhere_overdue_share": lambda facts, best, parameter: (
        not facts.retail and facts.elsewhere_overdue_share > Decimal(parameter["elsewhere_share"])
    ),
    "credit_impaired": lambda facts, best, parameter: facts.credit_impaired,
    "rating_fell_sharply": lambda facts, best, parameter: facts.rating_fell_sharply,
    "debt_evasion": lambda facts, best, parameter: facts.debt_evasion,
    "in_liquidation": lambda facts, best, parameter: facts.in_liquidation,
}
