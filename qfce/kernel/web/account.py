"""One's own second factor: enrolling, recovery codes, taking it away."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Conflict
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import User
from qfce.kernel.web import second_factors
from qfce.kernel.web.forms import EnrolmentForm
from qfce.kernel.web.pages import tenant_page
from qfce.kernel.web.sign_in import enter, pending


class SecondFactorRequired(Conflict):
    code = "tenancy.second_factor.required"
    title = "The second factor cannot be taken away here."


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_enrol(request: HttpRequest) -> HttpResponse:
    """Enrol somebody whose password was right, and who may not come in without."""
    user, back = pending(request)
    if user is None or second_factors.has_one(user):
        return redirect("sign-in")
    form = EnrolmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = second_factors.confirm(user, form.cleaned_data["code"])
        if codes is not None:
            response = enter(request, user, back)
            request.session["recovery_codes"] = codes
            response.headers["Location"] = "/account/second-factor/"
            return response
        form.add_error("code", _("This code does not fit."))
    return _enrolment(request, user, form, {"hide_sign_in": True})


@require_safe
@tenant_page
def second_factor(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show whether there is one, and new recovery codes once."""
    user = _user(request)
    context = {
        "has_one": second_factors.has_one(user),
        "codes_left": second_factors.codes_left(user),
        "codes": request.session.pop("recovery_codes", []),
        "may_remove": not settings.SECOND_FACTOR_REQUIRED,
    }
    return render(request, "account/second_factor.html", context)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page
def enrol(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the secret, and confirm it by a code."""
    user = _user(request)
    form = EnrolmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = second_factors.confirm(user, form.cleaned_data["code"])
        if codes is not None:
            request.session["recovery_codes"] = codes
            _record("tenancy.second_factor.enrolled", user, actor)
            messages.success(request, _("The second factor is in use from now on."))
            return redirect("second-factor")
        form.add_error("code", _("This code does not fit."))
    return _enrolment(request, user, form, {})


@require_POST
@tenant_page
def renew_codes(request: HttpRequest, actor: Actor) -> HttpResponse:
    user = _user(request)
    if second_factors.has_one(user):
        request.session["recovery_codes"] = second_factors.renew_codes(user)
        _record("tenancy.second_factor.codes_renewed", user, actor)
    return redirect("second-factor")


@require_POST
@tenant_page
def remove(request: HttpRequest, actor: Actor) -> HttpResponse:
    """
    :raises SecondFactorRequired: where nobody may be without.
    """
    if settings.SECOND_FACTOR_REQUIRED:
        raise SecondFactorRequired(
            "Nobody signs in here without a second factor.", hint="Enroll another authenticator."
        )
    user = _user(request)
    second_factors.remove(user)
    _record("tenancy.second_factor.removed", user, actor)
    messages.success(request, _("The second factor was taken away."))
    return redirect("second-factor")


def _enrolment(
    request: HttpRequest, user: User, form: EnrolmentForm, context: dict[str, object]
) -> HttpResponse:
    shown = second_factors.enrolment(second_factors.begin(user))
    context |= {"form": form, "enrolment": shown, "account": user.username}
    status = 422 if request.method == "POST" else 200
    return render(request, "account/enrol.html", context, status=status)


def _record(action: str, user: User, actor: Actor) -> None:
    audit.record(action, user, actor=actor, at=timezone.now())


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
