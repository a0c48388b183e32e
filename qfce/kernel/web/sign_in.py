"""Signing in: password, second factor, organization; and one click where nobody is real."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import actor_of
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, User, UserKind
from qfce.kernel.web import attempts, second_factors
from qfce.kernel.web.forms import CodeForm, SignInForm
from qfce.kernel.web.language import joined
from qfce.kernel.web.pages import CHOSEN, memberships_of
from qfce.kernel.web.refusals import words_of

PENDING = "signing_in"
PENDING_SECONDS = 600
BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; a second factor is asked for on a page of its own."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect(_next(request))
        return _form(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _form(request, form, 422)
    at, name = timezone.now(), form.cleaned_data["username"]
    try:
        attempts.check(name, at=at)
    except Refusal as refusal:
        form.add_error(None, str(words_of(refusal)))
        return _form(request, form, status_of(refusal))
    user = authenticate(request, username=name, password=form.cleaned_data["password"])
    if not isinstance(user, User) or user.kind != UserKind.PERSON.value:
        form.add_error(None, failed(name))
        return _form(request, form, 422)
    if second_factors.has_one(user) or settings.SECOND_FACTOR_REQUIRED:
        request.session[PENDING] = [str(user.pk), int(at.timestamp()), _next(request)]
        return redirect("sign-in-code" if second_factors.has_one(user) else "sign-in-enrol")
    return enter(request, user, _next(request))


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of somebody whose password was right."""
    user, back = pending(request)
    if user is None:
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        try:
            attempts.check(user.username, at=timezone.now())
            if form.is_valid():
                if second_factors.accepts(user, form.cleaned_data["code"]):
                    return enter(request, user, back)
                form.add_error("code", failed(user.username, _("This code does not fit.")))
        except Refusal as refusal:
            form.add_error(None, str(words_of(refusal)))
            status = status_of(refusal)
    return render(request, "account/code.html", {"form": form, "hide_sign_in": True}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@require_POST
def sign_in_as(request: HttpRequest, username: str) -> HttpResponse:
    """Sign in as one of the cast in one click. Its address exists in demo and sandbox alone."""
    if not settings.SIGN_IN_AS_ANYBODY:
        raise Http404
    user = User.objects.filter(
        username=username, kind=UserKind.PERSON.value, is_active=True
    ).first()
    if user is None:
        raise Http404
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if language in dict(settings.LANGUAGES) and language != user.language:
        # A visitor reads as before, whoever they play.
        user.language = language
        user.save(update_fields=["language"])
    return enter(request, user, _next(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_organization(request: HttpRequest) -> HttpResponse:
    """Let a member of several organizations say for which one they act now."""
    if not request.user.is_authenticated:
        return redirect("sign-in")
    memberships = memberships_of(request.user)
    back = _next(request)
    chosen = request.POST.get("organization", "")
    if any(str(m.organization_id) == chosen for m in memberships):
        request.session[CHOSEN] = chosen
        request.session.pop("tables", None)
        return redirect(back)
    return render(
        request,
        "account/organization.html",
        {"memberships": memberships, "next": back, "chosen": request.session.get(CHOSEN, "")},
        status=422 if request.method == "POST" else 200,
    )


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Store in which language somebody reads: on the person, and in a cookie for the rest."""
    language = request.POST.get("language", "")
    response = redirect(_next(request))
    if language in dict(settings.LANGUAGES):
        _remember_language(response, language)
        user = request.user
        if isinstance(user, User) and user.language != language:
            user.language = language
            user.save(update_fields=["language"])
    return response


def pending(request: HttpRequest) -> tuple[User | None, str]:
    """Return whose password was right a moment ago in this browser, and where they want to go."""
    identifier, since, back = request.session.get(PENDING, ("", 0, "/"))
    if not identifier or timezone.now().timestamp() - since > PENDING_SECONDS:
        return None, "/"
    return User.objects.filter(pk=identifier, is_active=True).first(), back


def enter(request: HttpRequest, user: User, back: str) -> HttpResponse:
    """Begin a session: its key is new, the failures before are forgotten, and it is recorded."""
    request.session.pop(PENDING, None)
    login(request, user, backend=BACKEND)
    attempts.forget(user.username)
    memberships = memberships_of(user)
    request.session.pop(CHOSEN, None)
    if len(memberships) == 1:
        request.session[CHOSEN] = str(memberships[0].organization_id)
    for membership in memberships[:1]:
        _record("tenancy.sign_in.performed", membership)
    if len(memberships) > 1:
        back = f"{reverse('choose-organization')}?{urlencode({'next': back})}"
    response = redirect(back)
    _remember_language(response, user.language)
    return response


def failed(name: str, words: str = "") -> str:
    """Count and record a failure, and return what to say: never which of the two was wrong."""
    at = timezone.now()
    left = attempts.failed(name, at=at)
    user = User.objects.filter(username=name).first()
    for membership in memberships_of(user)[:1] if user else []:
        _record("tenancy.sign_in.refused", membership)
    try:
        attempts.check(name, at=at)
    except Refusal as refusal:
        return str(words_of(refusal))
    more = ngettext("%(left)d attempt is left.", "%(left)d attempts are left.", left)
    said = words or _("User name or password is wrong.")
    return joined(said, more % {"left": left})


def _record(action: str, membership: Membership) -> None:
    with acting_as(membership.organization_id, user_id=membership.user_id, channel="web"):
        audit.record(
            action,
            membership.user,
            actor=actor_of(membership, channel="web"),
            at=timezone.now(),
        )


def _form(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "next": _next(request),
        "is_expired": "expired" in request.GET,
        "hide_sign_in": True,
        "people": _people() if settings.SIGN_IN_AS_ANYBODY else [],
    }
    return render(request, "account/sign_in.html", context, status=status)


def _people() -> list[tuple[Any, list[Membership]]]:
    """Return the cast by organization, as one click offers them."""
    groups: dict[Any, list[Membership]] = {}
    found = Membership.objects.select_related("user", "organization").filter(
        user__kind=UserKind.PERSON.value, user__is_active=True, is_active=True
    )
    for membership in found.order_by(
        "organization__region", "organization__kind", "user__username"
    ):
        groups.setdefault(membership.organization, []).append(membership)
    order = ("market_regulator", "bank", "credit_agency", "enterprise", "guarantor")
    rank = {kind: position for position, kind in enumerate(order)}
    return sorted(
        groups.items(), key=lambda group: (rank.get(group[0].kind, 9), group[0].region_id or "")
    )


def _next(request: HttpRequest) -> str:
    """Return where to go afterwards: an address of ours, or the landing page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/"


def _remember_language(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
