"""What the schedule calculator asks for; the address holds it, so that a quote can be sent on."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lending.domain.day_counts import DayCount
from lending.domain.due_dates import PeriodUnit
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import (
    MOST_PERIODS,
    Drawdown,
    Effect,
    InstalmentRounding,
    Method,
    Prepayment,
    RateChange,
    ScheduleRequest,
)
from lending.web import words
from lending.web.fields import DayField, PercentField, YuanField, whole_number

MOST_EVENTS = 100
Event = TypeVar("Event")
NO_ROUNDING = [("", gettext_lazy("As the interest"))]
INTEREST_ROUNDINGS = [
    (mode.value, words.ROUNDINGS[mode.value]) for mode in (Rounding.HALF_UP, Rounding.HALF_EVEN)
]
# What the request calls a member, and what the form does, where they differ.
CALLED = {"instalment_rounding": "instalment_rounding_unit"}
MORE = (
    "period_every",
    "repayment_day",
    "day_count",
    "rounding",
    "rounding_unit",
    "instalment_rounding_mode",
    "instalment_rounding_unit",
    "principal_grace_periods",
    "interest_deferred_periods",
    "fixed_instalment",
    "down_payment_rate",
    "disbursements",
    "rate_changes",
    "prepayments",
)


def _lines(label: Any, help_text: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2, "class": "numbers"})
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=4000, widget=widget
    )


class CalculatorForm(forms.Form):
    """The terms of a quote: amounts in yuan, rates in per cents."""

    principal = YuanField(label=gettext_lazy("Principal (yuan)"), places=4)
    annual_rate = PercentField(label=gettext_lazy("Annual rate (%)"), most=Decimal(100), places=10)
    method = forms.ChoiceField(label=gettext_lazy("Method"), choices=words.options(words.METHODS))
    start_date = DayField(label=gettext_lazy("Paid out on"))
    periods = whole_number(
        gettext_lazy("Number of periods"),
        1,
        MOST_PERIODS,
        required=False,
        help_text=gettext_lazy("May be empty where the instalment is fixed."),
    )
    period_unit = forms.ChoiceField(
        label=gettext_lazy("Counted in"), choices=words.options(words.UNITS)
    )
    period_every = whole_number(gettext_lazy("Units a period"), 1, MOST_PERIODS, required=False)
    repayment_day = whole_number(
        gettext_lazy("Day of the month for payments"),
        1,
        31,
        required=False,
        help_text=gettext_lazy("Empty: the day on which it was paid out."),
    )
    day_count = forms.ChoiceField(
        label=gettext_lazy("Day count"),
        choices=[("", gettext_lazy("The usual one")), *words.options(words.DAY_COUNTS)],
        required=False,
    )
    rounding = forms.ChoiceField(
        label=gettext_lazy("Rounding of interest"), choices=INTEREST_ROUNDINGS, required=False
    )
    rounding_unit = YuanField(
        label=gettext_lazy("To multiples of (yuan)"), places=4, required=False
    )
    instalment_rounding_mode = forms.ChoiceField(
        label=gettext_lazy("Rounding of the instalment"),
        choices=[*NO_ROUNDING, *words.options(words.ROUNDINGS)],
        required=False,
    )
    instalment_rounding_unit = YuanField(
        label=gettext_lazy("Instalment in multiples of (yuan)"), places=4, required=False
    )
    principal_grace_periods = whole_number(
        gettext_lazy("Periods without principal"), 0, MOST_PERIODS, required=False
    )
    interest_deferred_periods = whole_number(
        gettext_lazy("Periods whose interest is put off"), 0, MOST_PERIODS, required=False
    )
    fixed_instalment = YuanField(
        label=gettext_lazy("Fixed instalment (yuan)"), places=4, required=False
    )
    down_payment_rate = PercentField(
        label=gettext_lazy("Down payment (% of the principal)"),
        most=Decimal("99.99"),
        required=False,
    )
    disbursements = _lines(
        gettext_lazy("Drawdowns"),
        gettext_lazy("One a line: day and yuan, as 2026-11-27 3000000. Empty: all at the start."),
    )
    rate_changes = _lines(
        gettext_lazy("Changes of the rate"),
        gettext_lazy("One a line: day and per cents, as 2027-03-01 3.0."),
    )
    prepayments = _lines(
        gettext_lazy("Prepayments"),
        gettext_lazy(
            "One a line: day, yuan, and term or instalment for what it makes smaller, as"
            " 2027-05-27 100000 term."
        ),
    )

    def clean_disbursements(self) -> tuple[Drawdown, ...]:
        return _read(self.cleaned_data["disbursements"], _drawdown)

    def clean_rate_changes(self) -> tuple[RateChange, ...]:
        return _read(self.cleaned_data["rate_changes"], _rate_change)

    def clean_prepayments(self) -> tuple[Prepayment, ...]:
        return _read(self.cleaned_data["prepayments"], _prepayment)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        mode = data.get("instalment_rounding_mode")
        if mode and not data.get("instalment_rounding_unit"):
            self.add_error("instalment_rounding_unit", _("To multiples of how many yuan?"))
        return data

    def request(self) -> ScheduleRequest:
        """Return the terms as the domain takes them; what was left out is what is usual."""
        data = self.cleaned_data
        unit = PeriodUnit(data["period_unit"])
        by_days = unit in (PeriodUnit.DAY, PeriodUnit.WEEK)
        usual = DayCount.ACTUAL_365 if by_days else DayCount.ANNUAL_12
        mode = data["instalment_rounding_mode"]
        return ScheduleRequest(
            principal=data["principal"],
            annual_rate=data["annual_rate"],
            method=Method(data["method"]),
            start_date=data["start_date"],
            periods=data["periods"],
            period_unit=unit,
            period_every=data["period_every"] or 1,
            repayment_day=data["repayment_day"],
            day_count=DayCount(data["day_count"]) if data["day_count"] else usual,
            rounding=Rounding(data["rounding"] or Rounding.HALF_UP),
            rounding_unit=data["rounding_unit"] or Decimal("0.01"),
            instalment_rounding=InstalmentRounding(Rounding(mode), data["instalment_rounding_unit"])
            if mode
            else None,
            principal_grace_periods=data["principal_grace_periods"] or 0,
            interest_deferred_periods=data["interest_deferred_periods"] or 0,
            fixed_instalment=data["fixed_instalment"],
            down_payment_rate=data["down_payment_rate"] or Decimal(0),
            disbursements=data["disbursements"],
            rate_changes=data["rate_changes"],
            prepayments=data["prepayments"],
        )

    @property
    def plain(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in MORE]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in MORE]

    @property
    def asks_for_more(self) -> bool:
        """Whether any of the rarer terms is used, so that they are shown."""
        usual = {"period_every": "1", "rounding": "half_up", "rounding_unit": "0.01"}
        return any(self.errors.get(name) for name in MORE) or any(
            str(self[name].value() or "") not in {"", usual.get(name, "")} for name in MORE
        )


def _read(text: str, line_of: Callable[[list[str]], Event]) -> tuple[Event, ...]:
    found = []
    lines = [line for line in text.replace("，", ",").splitlines() if line.strip()]
    if len(lines) > MOST_EVENTS:
        raise forms.ValidationError(_("At most {n} lines.").format(n=MOST_EVENTS))
    for line in lines:
        try:
            found.append(line_of(line.replace("\t", " ").split()))
        except (ValueError, IndexError, InvalidOperation, KeyError):
            raise forms.ValidationError(
                _("This line cannot be read: {line}").format(line=line.strip()[:80])
            ) from None
    return tuple(found)


def _amount(text: str) -> Decimal:
    amount = Decimal(text.replace(",", "").rstrip("%"))
    if not amount.is_finite():
        raise ValueError(text)
    return amount


def _drawdown(parts: list[str]) -> Drawdown:
    on, amount = parts
    return Drawdown(date.fromisoformat(on), _amount(amount))


def _rate_change(parts: list[str]) -> RateChange:
    on, percent = parts
    return RateChange(date.fromisoformat(on), _amount(percent) / 100)


EFFECTS = {
    "term": Effect.REDUCE_TERM,
    "缩短期限": Effect.REDUCE_TERM,
    "期限": Effect.REDUCE_TERM,
    "instalment": Effect.REDUCE_INSTALMENT,
    "减少月供": Effect.REDUCE_INSTALMENT,
    "月供": Effect.REDUCE_INSTALMENT,
}


def _prepayment(parts: list[str]) -> Prepayment:
    on, amount, effect = parts
    return Prepayment(date.fromisoformat(on), _amount(amount), EFFECTS[effect.lower()])
