"""The forms of signing in and of administration."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qfce import roles
from qfce.kernel.web import labels

TICKS = forms.CheckboxSelectMultiple


class SignInForm(forms.Form):
    """Who, and the password."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """A code of six digits, or one of the recovery codes."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
        help_text=_("The six digits that your authenticator shows, or a recovery code."),
    )

    def clean_code(self) -> str:
        return "".join(str(self.cleaned_data["code"]).split()).replace("-", "").lower()


class EnrolmentForm(CodeForm):
    """The first code of an authenticator, before there are recovery codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("The six digits that your authenticator shows.")


class RolesForm(forms.Form):
    """Which roles a member holds, among those that fit the kind of organization."""

    roles = forms.MultipleChoiceField(label=_("Roles"), required=False, widget=TICKS)
    is_active = forms.BooleanField(label=_("May sign in here"), required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = roles_for(kind)  # type: ignore[attr-defined]  # a field of choices


class InviteForm(forms.Form):
    """Somebody new at the organization."""

    name = forms.CharField(label=_("Full name"), max_length=80)
    username = forms.RegexField(
        label=_("User name"),
        regex=r"^[a-z0-9][a-z0-9._-]{2,60}$",
        help_text=_("Small letters, digits, dot, hyphen and underscore; three at least."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("The link is sent there too. Without one, hand it over yourself."),
    )
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=TICKS)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = roles_for(kind)  # type: ignore[attr-defined]  # a field of choices


class NewClientForm(forms.Form):
    """A new program of the organization."""

    name = forms.RegexField(
        label=_("Name of the program"),
        regex=r"^[a-z0-9][a-z0-9_-]{2,60}$",
        help_text=_("Small letters, digits, hyphen and underscore."),
    )
    roles = forms.MultipleChoiceField(label=_("Roles of its account"), widget=TICKS)
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        widget=TICKS,
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = roles_for(kind)  # type: ignore[attr-defined]  # a field of choices
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]  # a field of choices
            (name, f"{labels.scope(name)} ({name})") for name in roles.SCOPES
        ]


def roles_for(kind: str) -> list[tuple[str, str]]:
    """Return the roles that an organization of this kind may give."""
    return [(r.name, labels.role(r.name)) for r in roles.ROLES.values() if kind in r.kinds]
