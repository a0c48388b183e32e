"""The forms of a list's life: starting it, its signers, and where a version goes next."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qfce.kernel.tenancy.models import Organization
from qfce.kernel.web.formats import local

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
LINES = forms.Textarea(attrs={"rows": 3})


def organization_choices(organizations: list[Organization]) -> list[tuple[str, str]]:
    return [(str(row.pk), local(row)) for row in organizations]


class NewListForm(forms.Form):
    """A list of one's own: its code and names, and the list that it begins from."""

    code = forms.RegexField(
        r"^[A-Z][A-Z0-9-]{2,38}$",
        label=pgettext_lazy("of a list", "Code"),
        help_text=_("Capital letters, digits and hyphens, beginning with your region's letters."),
    )
    name_zh = forms.CharField(label=_("Name (Chinese)"), max_length=120)
    name_en = forms.CharField(label=_("Name (English)"), max_length=160)
    region = forms.RegexField(r"^[0-9]{6}$", label=_("Region code"))
    effective_from = forms.DateField(label=_("Counts from"), widget=DAY)
    source = forms.ChoiceField(label=_("Begin from"))

    def __init__(self, *args: Any, sources: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = sources  # type: ignore[attr-defined]  # of a choice field


class SignersForm(forms.Form):
    """Who signs the versions of a list, and how long they have."""

    signers = forms.MultipleChoiceField(
        label=_("Organizations that sign"), widget=forms.CheckboxSelectMultiple, required=False
    )
    signing_days = forms.IntegerField(label=_("Working days they have"), min_value=1, max_value=250)

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signers"].choices = organization_choices(organizations)  # type: ignore[attr-defined]  # of a choice field


class SubmitForm(forms.Form):
    sign_by = forms.DateField(
        label=_("Signers' last day"),
        widget=DAY,
        required=False,
        help_text=_("Empty: the working days that the list gives them."),
    )


class FirstDayForm(forms.Form):
    effective_from = forms.DateField(label=_("Counts from"), widget=DAY)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=LINES)


class DeadlineForm(forms.Form):
    sign_by = forms.DateField(label=_("Signers' last day"), widget=DAY)
