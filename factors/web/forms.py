"""The forms of signing a factor list."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SignForm(forms.Form):
    """A signature for the very document that was looked at."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    read = forms.BooleanField(label=_("I have read the items and the rules of this version."))


class RefuseForm(forms.Form):
    """A refusal to sign, a request for changes or a remark, with its reason."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
