"""What a repayment schedule is asked with, and what it answers. Amounts in yuan, exact decimals."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from lending.domain.day_counts import DayCount
from lending.domain.due_dates import PeriodUnit
from lending.domain.rounding import Rounding

FEN = Decimal("0.01")
MOST_PERIODS = 1200


class Method(StrEnum):
    EQUAL_INSTALMENT = "equal_instalment"  # 等额本息
    EQUAL_PRINCIPAL = "equal_principal"  # 等额本金
    INTEREST_ONLY = "interest_only"  # 先息后本
    BULLET = "bullet"  # 利随本清
    FLAT = "flat"  # interest on the full principal throughout


class Effect(StrEnum):
    """What a prepayment makes smaller."""

    REDUCE_TERM = "reduce_term"
    REDUCE_INSTALMENT = "reduce_instalment"


class RowKind(StrEnum):
    DOWN_PAYMENT = "down_payment"
    INSTALMENT = "instalment"
    PREPAYMENT = "prepayment"


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Money paid out to the borrower."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RateChange:
    """Another annual rate, from a day on and including it."""

    on: date
    annual_rate: Decimal


@dataclass(frozen=True, slots=True)
class Prepayment:
    """Principal repaid beside the schedule."""

    on: date
    amount: Decimal
    effect: Effect


@dataclass(frozen=True, slots=True)
class InstalmentRounding:
    """How the level payment is rounded, where not like interest."""

    mode: Rounding
    unit: Decimal


@dataclass(frozen=True, slots=True)
class ScheduleRequest:
    """
    The terms of a schedule.

    `annual_rate` and `down_payment_rate` are fractions (0.031 is 3.1 %). Either `periods` with
    `period_unit` and `period_every`, or `due_dates`; with `fixed_instalment` both may be missing.
    """

    principal: Decimal
    annual_rate: Decimal
    method: Method
    start_date: date
    periods: int | None = None
    period_unit: PeriodUnit = PeriodUnit.MONTH
    period_every: int = 1
    due_dates: tuple[date, ...] = ()
    repayment_day: int | None = None
    day_count: DayCount = DayCount.ANNUAL_12
    rounding: Rounding = Rounding.HALF_UP
    rounding_unit: Decimal = FEN
    instalment_rounding: InstalmentRounding | None = None
    principal_grace_periods: int = 0
    interest_deferred_periods: int = 0
    fixed_instalment: Decimal | None = None
    down_payment_rate: Decimal = Decimal(0)
    disbursements: tuple[Drawdown, ...] = ()
    rate_changes: tuple[RateChange, ...] = ()
    prepayments: tuple[Prepayment, ...] = ()

    @property
    def drawdowns(self) -> tuple[Drawdown, ...]:
        """What is paid out, oldest first; everything on the start date unless said otherwise."""
        if not self.disbursements:
            return (Drawdown(self.start_date, self.principal),)
        return tuple(sorted(self.disbursements, key=lambda drawdown: drawdown.on))


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """
    What falls due on one day.

    `opening_balance` is the principal outstanding before this payment, with what was paid out
    since the row before; `balance` what is outstanding after it. `days` are the calendar days
    for which the row bears interest.
    """

    number: int
    due_date: date
    days: int
    opening_balance: Decimal
    principal: Decimal
    interest: Decimal
    fee: Decimal
    total: Decimal
    balance: Decimal
    kind: RowKind = RowKind.INSTALMENT


@dataclass(frozen=True, slots=True)
class Schedule:
    """
    A repayment schedule.

    `instalment` is the level payment first agreed; where a method has none, what falls due in
    the first row that is an instalment. `effective_annual_rate` is a fraction with six places.
    """

    rows: tuple[ScheduleRow, ...]
    instalment: Decimal
    total_interest: Decimal
    effective_annual_rate: Decimal
    convention: str
    notes: tuple[str, ...] = field(default=())

    @property
    def total_principal(self) -> Decimal:
        return sum((row.principal for row in self.rows), Decimal(0))

    @property
    def total(self) -> Decimal:
        return sum((row.total for row in self.rows), Decimal(0))
