"""Schedule requests as the vectors write them, and a second implementation to compare with."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lending.domain.day_counts import DayCount
from lending.domain.due_dates import PeriodUnit
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import (
    Drawdown,
    Effect,
    InstalmentRounding,
    Method,
    Prepayment,
    RateChange,
    ScheduleRequest,
)

PLAIN = {
    "principal": Decimal,
    "annual_rate": Decimal,
    "method": Method,
    "start_date": date.fromisoformat,
    "periods": int,
    "period_unit": PeriodUnit,
    "period_every": int,
    "repayment_day": int,
    "day_count": DayCount,
    "rounding": Rounding,
    "rounding_unit": Decimal,
    "principal_grace_periods": int,
    "interest_deferred_periods": int,
    "fixed_instalment": Decimal,
    "down_payment_rate": Decimal,
}


def request_of(document: dict[str, Any]) -> ScheduleRequest:
    """Build a request from the members of an API call."""
    terms: dict[str, Any] = {n: PLAIN[n](v) for n, v in document.items() if n in PLAIN}
    if "due_dates" in document:
        terms["due_dates"] = tuple(date.fromisoformat(day) for day in document["due_dates"])
    if "instalment_rounding" in document:
        rounding = document["instalment_rounding"]
        terms["instalment_rounding"] = InstalmentRounding(
            Rounding(rounding["mode"]), Decimal(rounding["unit"])
        )
    terms["disbursements"] = tuple(
        Drawdown(date.fromisoformat(d["date"]), Decimal(d["amount"]))
        for d in document.get("disbursements", ())
    )
    terms["rate_changes"] = tuple(
        RateChange(date.fromisoformat(c["date"]), Decimal(c["annual_rate"]))
        for c in document.get("rate_changes", ())
    )
    terms["prepayments"] = tuple(
        Prepayment(date.fromisoformat(p["date"]), Decimal(p["amount"]), Effect(p["effect"]))
        for p in document.get("prepayments", ())
    )
    return ScheduleRequest(**terms)


def exact_level(principal: Decimal, factors: list[Fraction]) -> Fraction:
    """P / sum of the products of 1 / (1 + i): the textbook's present value, in exact fractions."""
    discount, annuity = Fraction(1), Fraction(0)
    for factor in factors:
        discount /= 1 + factor
        annuity += discount
    return Fraction(principal) / annuity


def half_up(amount: Fraction) -> Decimal:
    """Round to the fen without decimals: a second way to the same figure."""
    fen = (amount * 100 + Fraction(1, 2)).__floor__()
    return Decimal(fen) / 100
