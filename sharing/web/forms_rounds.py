"""The form that opens a collection round."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sharing.web.forms_sharing import Pairs, _day_input


class RoundForm(forms.Form):
    """Which items of which enterprises, from which regions, by when."""

    name = forms.CharField(label=_("Name of the round"), max_length=120)
    due_on = forms.DateField(label=pgettext_lazy("deadline", "Last day"), widget=_day_input())
    since = forms.DateField(
        label=_("Only values recorded since"),
        required=False,
        widget=_day_input(),
        help_text=_("Left empty: a value of any day counts."),
    )
    items = forms.MultipleChoiceField(
        label=_("Items"), widget=forms.SelectMultiple(attrs={"size": 14})
    )
    regions = forms.MultipleChoiceField(
        label=_("Regions"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("None chosen: the whole jurisdiction."),
    )
    enterprise_list_id = forms.TypedChoiceField(
        label=_("Only enterprises on this list"), required=False, coerce=UUID, empty_value=None
    )
    note = forms.CharField(
        label=_("Note for the bureaus"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, choices: dict[str, Pairs], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("items", "regions"):
            self.fields[name].choices = choices[name]  # type: ignore[attr-defined]  # a field of choices
        lists = choices["enterprise_list_id"]
        self.fields["enterprise_list_id"].choices = [("", now("All enterprises")), *lists]  # type: ignore[attr-defined]  # a field of choices
