"""Fields that the forms of lending share: money in yuan, rates in per cents."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class YuanField(forms.DecimalField):
    """An amount in yuan; thousands may be separated by commas."""

    def __init__(self, *, places: int = 2, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(1).scaleb(-places))
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_digits=18, decimal_places=places, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace(",", "").replace("，", "").replace(" ", "")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """Show an amount as people write it, which is read again as well."""
        if isinstance(value, Decimal):
            return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,f}"
        return value


class PercentField(forms.DecimalField):
    """A rate that is written in per cents on the screen and is a fraction below."""

    def __init__(self, *, most: Decimal = Decimal(36), places: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(
            max_value=most, max_digits=12, decimal_places=places, widget=widget, **kwargs
        )

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace("%", "").replace("％", "").strip()
        return super().to_python(value)

    def clean(self, value: Any) -> Decimal | None:
        percent = super().clean(value)
        return None if percent is None else percent / 100

    def prepare_value(self, value: Any) -> Any:
        """Show a fraction in per cents, and what somebody typed as they typed it."""
        if isinstance(value, Decimal):
            shown = (value * 100).normalize()
            return f"{shown:f}" if shown.as_tuple().exponent <= -2 else f"{shown:.2f}"  # type: ignore[operator]  # finite, so a number
        return value


class DayField(forms.DateField):
    """A day, picked from the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = forms.CharField(
        label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


def whole_number(
    label: Any, least: int, most: int, *, required: bool = True, help_text: Any = ""
) -> forms.IntegerField:
    """Return a field of a whole number within bounds."""
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        help_text=help_text,
        widget=widget,
    )
