"""The forms of an objection to a fact, and of its decision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sharing.web.forms_sharing import Pairs, RecordChangeForm


class DisputeForm(forms.Form):
    """Which fact is wrong, and why."""

    item = forms.ChoiceField(label=_("Item"))
    statement = forms.CharField(
        label=_("What is wrong"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The bureau reads it. Name what proves it."),
    )

    def __init__(self, *args: Any, items: Pairs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = items  # type: ignore[attr-defined]  # stubs know plain fields


class UpholdForm(RecordChangeForm):
    """What holds instead of the disputed value."""

    KINDS = (
        ("correct", _("This value holds")),
        ("withdraw", _("There is no such fact: withdraw it")),
    )

    action = forms.ChoiceField(label=_("Decision"), choices=KINDS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why"), max_length=1000, help_text=_("Whoever objected reads it.")
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("action") == "correct" and not given.get("value"):
            self.add_error("value", forms.ValidationError(_("Say the value that holds.")))
        return given

    def decision(self) -> dict[str, Any]:
        if self.cleaned_data["action"] == "withdraw":
            return {"value": None, "reason": self.cleaned_data["reason"]}
        return {
            "value": self.canonical(),
            "details": self.details(),
            "reason": self.cleaned_data["reason"],
        }


class RejectForm(forms.Form):
    reason = forms.CharField(
        label=_("Why the fact is right"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever objected reads it."),
    )
