"""The forms of products and of authority limits."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from lending import permissions
from lending.domain.authorities import Authority
from lending.domain.day_counts import DayCount
from lending.domain.lifecycle import Regime
from lending.domain.rounding import Rounding
from lending.domain.schedule_terms import Method
from lending.models import AuthorityLimit
from lending.services.products import ProductTerms
from lending.web import words
from lending.web.calculator_form import INTEREST_ROUNDINGS
from lending.web.fields import DayField, YuanField, whole_number
from qfce import roles
from qfce.kernel.web import labels

GRADES = ("A", "B", "C", "D", "E")


class ProductForm(forms.Form):
    """What a product is made of."""

    code = forms.RegexField(
        label=gettext_lazy("Product code"),
        regex=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$",
        help_text=gettext_lazy("Letters, digits, hyphen and underscore."),
    )
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=160)
    regime = forms.ChoiceField(
        label=gettext_lazy("Kind of loan"), choices=words.options(words.REGIMES)
    )
    min_principal = YuanField(label=gettext_lazy("Smallest amount (yuan)"))
    max_principal = YuanField(label=gettext_lazy("Largest amount (yuan)"))
    amount_step = YuanField(
        label=gettext_lazy("Rounded down to (yuan)"),
        help_text=gettext_lazy("Offers are whole multiples of it."),
    )
    max_months = whole_number(gettext_lazy("Longest term (months)"), 1, 360)
    method = forms.ChoiceField(
        label=gettext_lazy("Repayment"), choices=words.options(words.METHODS)
    )
    day_count = forms.ChoiceField(
        label=gettext_lazy("Day count"), choices=words.options(words.DAY_COUNTS)
    )
    rounding = forms.ChoiceField(
        label=gettext_lazy("Rounding of interest"), choices=INTEREST_ROUNDINGS
    )
    rounding_unit = YuanField(label=gettext_lazy("To multiples of (yuan)"), places=4)
    conditions = forms.CharField(
        label=gettext_lazy("Conditions for paying out"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line; each is ticked before money is paid out."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for grade in GRADES:
            self.fields[f"spread_{grade}"] = whole_number(
                _("Grade {grade}").format(grade=grade), -1000, 3000, required=False
            )

    @property
    def plain(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("spread_")]

    @property
    def spreads(self) -> list[forms.BoundField]:
        return [self[f"spread_{grade}"] for grade in GRADES]

    def terms(self) -> ProductTerms:
        """Return the terms as the service takes them; a spread left empty is not offered."""
        data = self.cleaned_data
        spreads = {grade: data[f"spread_{grade}"] for grade in GRADES}
        offered = any(spread is not None for spread in spreads.values())
        return ProductTerms(
            code=data["code"],
            name_zh=data["name_zh"],
            name_en=data["name_en"],
            regime=Regime(data["regime"]),
            min_principal=data["min_principal"],
            max_principal=data["max_principal"],
            amount_step=data["amount_step"],
            max_months=data["max_months"],
            method=Method(data["method"]),
            day_count=DayCount(data["day_count"]),
            rounding=Rounding(data["rounding"]),
            rounding_unit=data["rounding_unit"],
            conditions=tuple(
                line.strip()[:200] for line in data["conditions"].splitlines() if line.strip()
            ),
            spreads_bp=spreads if offered else {},
        )


USUAL: dict[str, Any] = {
    "regime": Regime.CORPORATE_WORKING_CAPITAL.value,
    "min_principal": Decimal(100_000),
    "amount_step": Decimal(10_000),
    "max_months": 12,
    "rounding_unit": Decimal("0.01"),
}


class LimitForm(forms.Form):
    """What one role may approve; without an amount it may approve nothing."""

    role = forms.CharField(widget=forms.HiddenInput)
    up_to = YuanField(label=gettext_lazy("Up to (yuan)"), required=False)
    grades = forms.MultipleChoiceField(
        label=pgettext_lazy("authority", "Grades"),
        choices=[(grade, grade) for grade in GRADES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    votes_required = whole_number(gettext_lazy("Votes needed"), 1, 99, required=False)
    votes_of = whole_number(gettext_lazy("Of how many voters"), 1, 99, required=False)
    conditions = forms.CharField(label=gettext_lazy("Conditions"), max_length=500, required=False)

    @property
    def title(self) -> str:
        return labels.role(str(self["role"].value() or ""))

    def clean_role(self) -> str:
        role = str(self.cleaned_data["role"])
        if role not in deciders():
            raise forms.ValidationError(_("This role decides no applications."))
        return role

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("up_to") and not data.get("grades"):
            self.add_error("grades", _("For which grades?"))
        if (data.get("votes_required") or 1) > (data.get("votes_of") or 1):
            self.add_error("votes_required", _("More votes than voters."))
        return data

    def authority(self) -> Authority:
        data = self.cleaned_data
        return Authority(
            role=data["role"],
            up_to=data["up_to"],
            grades=tuple(data["grades"]),
            conditions=data["conditions"],
            votes_required=data["votes_required"] or 1,
            votes_of=data["votes_of"] or 1,
        )


LimitForms = forms.formset_factory(LimitForm, extra=0, max_num=30, absolute_max=30)


class LimitsDayForm(forms.Form):
    """From which day a set of limits counts."""

    effective_from = DayField(
        label=gettext_lazy("Counts from"),
        help_text=gettext_lazy("The set replaces every earlier one from that day on."),
    )


def deciders() -> list[str]:
    """Return the roles that decide applications, in the order of the roles' page."""
    return [r.name for r in roles.ROLES.values() if permissions.DECIDE in r.permissions]


def rows_of(limits: Iterable[AuthorityLimit]) -> list[dict[str, Any]]:
    """Return a row for every role that decides, with what it may approve now."""
    known = {limit.role: limit for limit in limits}
    rows = []
    for role in deciders():
        limit = known.get(role)
        rows.append(
            {
                "role": role,
                "up_to": limit.up_to if limit else None,
                "grades": limit.grades if limit else [],
                "votes_required": limit.votes_required if limit else 1,
                "votes_of": limit.votes_of if limit else 1,
                "conditions": words.condition(limit.conditions) if limit else "",
            }
        )
    return rows
