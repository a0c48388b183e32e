"""What a bank offers and what a contract says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lending.domain.day_counts import DayCount
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Drawdown, Method, ScheduleRequest


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """An offer: principal in yuan, months, and the base rate and spread that price it."""

    principal: Decimal
    months: int
    base_rate: Decimal
    spread_bp: int
    drawdowns: int = 1  # in how many payments it may be drawn


@dataclass(frozen=True, slots=True)
class Offer:
    """What an approver enters; a spread left out is the usual one for the grade."""

    principal: Decimal
    months: int
    base_rate: Decimal
    spread_bp: int | None = None
    drawdowns: int = 1


@dataclass(frozen=True, slots=True)
class Repayment:
    """How a contract is repaid; the same words as a schedule quote."""

    method: Method
    day_count: DayCount
    rounding: Rounding
    rounding_unit: Decimal
    repayment_day: int | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Repayment":
        return cls(
            Method(document["method"]),
            DayCount(document["day_count"]),
            Rounding(document["rounding"]),
            Decimal(document["rounding_unit"]),
            document.get("repayment_day"),
        )

    def to_document(self) -> dict[str, Any]:
        return {
            "method": str(self.method),
            "day_count": str(self.day_count),
            "rounding": str(self.rounding),
            "rounding_unit": str(self.rounding_unit),
            "repayment_day": self.repayment_day,
        }


def schedule_request(
    repayment: Repayment,
    *,
    annual_rate: Decimal,
    months: int,
    paid_out: Iterable[tuple[date, Decimal]],
) -> ScheduleRequest:
    """
    Return what a quote is asked with for the drawdowns of a loan so far.

    The term runs from the first of them.
    """
    drawdowns = tuple(Drawdown(on, amount) for on, amount in sorted(paid_out))
    if not drawdowns:
        raise ValueError("A loan has no schedule before money is paid out.")
    return ScheduleRequest(
        principal=sum((drawdown.amount for drawdown in drawdowns), Decimal(0)),
        annual_rate=annual_rate,
        method=repayment.method,
        start_date=drawdowns[0].on,
        periods=months,
        repayment_day=repayment.repayment_day,
        day_count=repayment.day_count,
        rounding=repayment.rounding,
        rounding_unit=repayment.rounding_unit,
        disbursements=drawdowns if len(drawdowns) > 1 else (),
    )
