"""A schedule as its pages show it: of a quote or of a loan, in the same words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from lending.domain.day_counts import DayCount
from lending.domain.due_dates import PeriodUnit
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Drawdown, Method, ScheduleRequest
from lending.web import conventions, words
from qfce.kernel.calendar import holiday_table_covers, is_working_day
from qfce.kernel.web import charts, formats, table_exports

NOUGHT = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a schedule, with what its due date is."""

    number: int
    kind: str
    due_date: date
    days: int
    opening_balance: Decimal
    principal: Decimal
    interest: Decimal
    fee: Decimal
    total: Decimal
    balance: Decimal

    @property
    def weekday(self) -> str:
        names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
        return names[self.due_date.weekday()]

    @property
    def is_working_day(self) -> bool:
        return is_working_day(self.due_date)

    @property
    def kind_word(self) -> str:
        return "" if self.kind == "instalment" else words.word(words.ROW_KINDS, self.kind)


@dataclass(frozen=True, slots=True)
class Shown:
    """A schedule ready for its page; amounts in yuan."""

    request: ScheduleRequest
    lines: tuple[Line, ...]
    instalment: Decimal
    effective_annual_rate: Decimal
    digest: str = ""

    @property
    def total_principal(self) -> Decimal:
        return sum((line.principal for line in self.lines), NOUGHT)

    @property
    def total_interest(self) -> Decimal:
        return sum((line.interest for line in self.lines), NOUGHT)

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), NOUGHT)

    @property
    def has_fees(self) -> bool:
        return any(line.fee for line in self.lines)

    @property
    def last(self) -> Line:
        return self.lines[-1]

    @property
    def closed(self) -> int:
        return sum(1 for line in self.lines if not line.is_working_day)

    @property
    def holidays_known(self) -> bool:
        return all(holiday_table_covers(line.due_date) for line in self.lines)

    @property
    def convention(self) -> list[str]:
        return conventions.sentences(self.request)

    @property
    def method(self) -> str:
        return words.word(words.METHODS, self.request.method)

    @property
    def day_count(self) -> str:
        return words.word(words.DAY_COUNTS, self.request.day_count)


def shown(
    request: ScheduleRequest,
    rows: Sequence[Any],
    *,
    instalment: Decimal,
    effective_annual_rate: Decimal,
    digest: str = "",
) -> Shown:
    """Return a schedule, quoted or stored, as pages show it."""
    names = Line.__dataclass_fields__
    lines = tuple(
        Line(**{name: getattr(row, name) for name in names if name != "kind"}, kind=str(row.kind))
        for row in rows
    )
    return Shown(request, lines, instalment, effective_annual_rate, digest)


def request_of(document: Mapping[str, Any]) -> ScheduleRequest:
    """Return what a stored schedule was asked with."""
    return ScheduleRequest(
        principal=Decimal(document["principal"]),
        annual_rate=Decimal(document["annual_rate"]),
        method=Method(document["method"]),
        start_date=date.fromisoformat(document["start_date"]),
        periods=document["periods"],
        period_unit=PeriodUnit(document["period_unit"]),
        repayment_day=document["repayment_day"],
        day_count=DayCount(document["day_count"]),
        rounding=Rounding(document["rounding"]),
        rounding_unit=Decimal(document["rounding_unit"]),
        disbursements=tuple(
            Drawdown(date.fromisoformat(each["date"]), Decimal(each["amount"]))
            for each in document["disbursements"]
        ),
    )


def chart(schedule: Shown) -> charts.Chart:
    """Return principal and interest by instalment, one on the other."""
    names = [str(line.number) for line in schedule.lines]
    principal, interest = _("Principal"), _("Interest")
    option = {
        "xAxis": {"type": "category", "data": names, "axisTick": {"show": False}},
        "yAxis": {"type": "value"},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": True, "bottom": 0},
        "series": [
            _bars(principal, [line.principal for line in schedule.lines]),
            {**_bars(interest, [line.interest for line in schedule.lines]), "tone": "warn"},
        ],
    }
    rows = tuple(
        (
            str(line.number),
            formats.number(line.principal, 2),
            formats.number(line.interest, 2),
        )
        for line in schedule.lines
    )
    return charts.Chart(option, (_("No."), principal, interest), rows)


def export(schedule: Shown, kind: str, *, name: str) -> HttpResponse:
    """Return the schedule as CSV or as a workbook, its sums in the last row."""
    heads = [
        _("No."),
        _("Kind"),
        _("Due date"),
        _("Working day"),
        _("Days"),
        _("Balance before"),
        _("Principal"),
        _("Interest"),
        _("Fee"),
        _("Payment"),
        _("Balance after"),
    ]
    body: list[list[Any]] = [
        [
            line.number,
            words.word(words.ROW_KINDS, line.kind),
            line.due_date,
            _("Yes") if line.is_working_day else _("No"),
            line.days,
            line.opening_balance,
            line.principal,
            line.interest,
            line.fee,
            line.total,
            line.balance,
        ]
        for line in schedule.lines
    ]
    fees = sum((line.fee for line in schedule.lines), NOUGHT)
    sums = [schedule.total_principal, schedule.total_interest, fees, schedule.total]
    body.append([None, _("Sum"), None, None, None, None, *sums, None])
    return table_exports.file(kind, name, _("Schedule"), heads, body)


def _bars(name: str, amounts: Sequence[Decimal]) -> dict[str, Any]:
    return {
        "type": "bar",
        "stack": "payment",
        "name": name,
        "data": [float(amount) for amount in amounts],
        "barMaxWidth": 28,
    }
