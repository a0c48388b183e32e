"""The forms of declarations: the bureau's, and who answers for what an enterprise declares."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sharing.services.declaration_answers import Declarer
from sharing.web.forms_sharing import TICKS, Pairs, _day_input


class AskRoundForm(forms.Form):
    """By when, and what for."""

    due_on = forms.DateField(label=pgettext_lazy("deadline", "Last day"), widget=_day_input())
    note = forms.CharField(
        label=_("What it is for"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The enterprise reads it above the form."),
    )


class AskForm(AskRoundForm):
    """Which items of one enterprise, and where the link goes."""

    items = forms.MultipleChoiceField(label=_("Items"), widget=TICKS)
    address = forms.EmailField(
        label=_("E-mail of the enterprise"),
        required=False,
        help_text=_("Left empty: the addresses that are known; else you hand the link over."),
    )

    field_order = ("items", "due_on", "note", "address")

    def __init__(self, *args: Any, items: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = items  # type: ignore[attr-defined]  # stubs know plain fields


class AddressForm(forms.Form):
    address = forms.EmailField(label=_("E-mail of the enterprise"))


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label=_("What has to be amended"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The enterprise reads it above its answers."),
    )


class DeclarerForm(forms.Form):
    """Who fills it in, and that the enterprise answers for it."""

    declarer_name = forms.CharField(
        label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    declarer_phone = forms.CharField(
        label=_("Your phone number"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    agrees = forms.BooleanField(
        label=_(
            "What is declared here is true, and the enterprise answers for it. I may declare it"
            " for the enterprise."
        )
    )

    def declarer(self) -> Declarer:
        said = self.cleaned_data
        return Declarer(said["declarer_name"], said["declarer_phone"], said["agrees"])
