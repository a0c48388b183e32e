"""Setting one's password: by the one-time link of an invitation, or on one's own page."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy import people
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import User
from qfce.kernel.web import attempts
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.refusals import words_of
from qfce.kernel.web.sign_in import PENDING, enter


def _password(label: Any, autocomplete: str, **kwargs: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=200, widget=widget, **kwargs)


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    password = _password(
        gettext_lazy("New password"),
        "new-password",
        help_text=gettext_lazy("At least 12 characters; no common password, nor your name."),
    )
    again = _password(gettext_lazy("The new password again"), "new-password")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "again" in data and data.get("password") != data["again"]:
            self.add_error("again", _("The two are different."))
        return data


class InvitationForm(NewPasswordForm):
    """The code of a one-time link, and the password to come in by."""

    code = forms.CharField(
        label=gettext_lazy("Code of the link"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("What stands behind the # of the link that you were given."),
    )
    field_order = ("code", "password", "again")


class ChangeForm(NewPasswordForm):
    """The present password, and another."""

    present = _password(gettext_lazy("Present password"), "current-password")
    field_order = ("present", "password", "again")


@sensitive_post_parameters("password", "again", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest) -> HttpResponse:
    """Let somebody who was invited set a password, and in."""
    form, status = InvitationForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = people.accept(
                    form.cleaned_data["code"],
                    password=form.cleaned_data["password"],
                    at=timezone.now(),
                )
                return _let_in(request, user)
            except Refusal as refusal:
                field = "password" if isinstance(refusal, people.WeakPassword) else None
                form.add_error(field, str(words_of(refusal)))
                status = status_of(refusal)
    context = {"form": form, "hide_sign_in": True}
    return render(request, "account/invitation.html", context, status=status)


@sensitive_post_parameters("present", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def change(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Change one's own password; other sessions of the same person end."""
    form, status = ChangeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _change(request, form)
            except Refusal as refusal:
                field = "present" if isinstance(refusal, people.WrongPassword) else "password"
                locked = isinstance(refusal, attempts.SignInLocked)
                form.add_error(None if locked else field, str(words_of(refusal)))
                status = status_of(refusal)
            else:
                messages.success(request, _("The password was changed."))
                return redirect("change-password")
    return render(request, "account/password.html", {"form": form}, status=status)


def _change(request: HttpRequest, form: ChangeForm) -> None:
    assert isinstance(request.user, User)
    at, name = timezone.now(), request.user.username
    attempts.check(name, at=at)
    try:
        changed = people.change_password(
            request.user,
            present=form.cleaned_data["present"],
            password=form.cleaned_data["password"],
            at=at,
        )
    except people.WrongPassword:
        # Whoever finds a machine left signed in does not get to try out passwords.
        attempts.failed(name, at=at)
        raise
    update_session_auth_hash(request, changed)


def _let_in(request: HttpRequest, user: User) -> HttpResponse:
    if settings.SECOND_FACTOR_REQUIRED:
        request.session[PENDING] = [str(user.pk), int(timezone.now().timestamp()), "/"]
        return redirect("sign-in-enrol")
    return enter(request, user, "/")
