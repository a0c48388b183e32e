"""
The door of the pages: what every function view stands behind, so that none can forget.

It asks for a signed-in person, resolves who they act for, opens one transaction, binds the
tenant, and turns refusals into a page, or a fragment, with the right status.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, overload
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Refusal
from qfce.kernel.problems import status_of
from qfce.kernel.tenancy.actors import Actor, actor_of
from qfce.kernel.tenancy.context import bind_actor
from qfce.kernel.tenancy.models import Membership
from qfce.kernel.web.refusals import words_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Actor, P], HttpResponse]
Page = Callable[Concatenate[HttpRequest, P], HttpResponse]

CHOSEN = "organization_id"
RENEWED_SECONDS = 300
RECORDED = frozenset({403, 409})


class LazyResponse(TypeError):
    """Raised where a view returns a response that would be rendered without its tenant."""


@overload
def tenant_page(permission: str | None = None) -> Callable[[View[P]], Page[P]]: ...
@overload
def tenant_page(permission: View[P]) -> Page[P]: ...
def tenant_page(permission: str | View[P] | None = None) -> Any:
    """
    Let a view `(request, actor, …)` be reached by signed-in people who hold `permission`.

    `@tenant_page("lending.application.view")`, or bare where every signed-in person may come.
    The view runs in one transaction with the tenant bound, and renders before it returns.
    """
    if callable(permission):
        return _behind_door(permission, None)

    def decorate(view: View[P]) -> Page[P]:
        return _behind_door(view, permission)

    return decorate


def fragment(
    request: HttpRequest,
    page: str,
    part: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """
    Render the fragment `part` for a request of htmx, and the whole `page` for any other.

    The page includes the same fragment, so what is swapped in equals what is reloaded.
    """
    return render(
        request, part if wants_part(request) else page, dict(context or {}), status=status
    )


def wants_part(request: HttpRequest) -> bool:
    """Test whether htmx asks for a part, rather than to restore a page from history."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-Boosted") != "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser to another page, after a form that htmx sent as after any other."""
    if wants_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Render a refusal with its status: as a page, or as a notice where htmx asked."""
    status = status_of(refusal)
    context = {"words": words_of(refusal), "status": status}
    if not wants_part(request):
        return render(request, "errors/refusal.html", context, status=status)
    response = render(request, "errors/_refusal.html", context, status=status)
    # What was to be replaced stays; the refusal stands above the page's content.
    response.headers["HX-Retarget"] = "#messages"
    response.headers["HX-Reswap"] = "innerHTML show:window:top"
    return response


def memberships_of(user: Any) -> list[Membership]:
    """Return where a person may act, in a steady order."""
    return list(
        Membership.objects.select_related("organization", "user")
        .filter(user=user, is_active=True, organization__is_active=True)
        .order_by("organization__short_name")[:20]
    )


def _behind_door(view: View[P], permission: str | None) -> Page[P]:
    @wraps(view)
    def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to(request, "sign-in")
        actor = _actor(request)
        if actor is None:
            return _to(request, "choose-organization")
        request.actor = actor  # type: ignore[attr-defined]  # read by the shell's context
        _stay_signed_in(request)
        response = _answer(request, actor, permission, view, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        # Pages hold what is not everybody's; a shared machine's browser must ask again.
        patch_cache_control(response, private=True, no_cache=True)
        return response

    page.required_permission = permission  # type: ignore[attr-defined]  # the access matrix reads it
    return page  # type: ignore[return-value]  # wraps keeps the view, not the signature


def _answer(
    request: HttpRequest,
    actor: Actor,
    permission: str | None,
    view: View[P],
    *args: P.args,
    **kwargs: P.kwargs,
) -> HttpResponse:
    try:
        with transaction.atomic():
            if permission is not None:
                actor.require(permission)
            bind_actor(actor)
            response = view(request, actor, *args, **kwargs)
            if getattr(response, "is_rendered", True) is False or response.streaming:
                raise LazyResponse(f"{view.__name__} must render before it returns.")
            return response
    except Refusal as refusal:
        _write_down(request, actor, refusal)
        return refused(request, refusal)


def _write_down(request: HttpRequest, actor: Actor, refusal: Refusal) -> None:
    """Record a refusal after its transaction was rolled back."""
    if status_of(refusal) not in RECORDED:
        return
    with transaction.atomic():
        bind_actor(actor)
        audit.record(
            "web.request.refused",
            ("route", f"{request.method} {request.path}"[:80]),
            actor=actor,
            at=timezone.now(),
            code=refusal.code,
        )


def _stay_signed_in(request: HttpRequest) -> None:
    """Let the session begin anew, at most every few minutes, so that pages do not race for it."""
    now = int(timezone.now().timestamp())
    if now - int(request.session.get("seen", 0)) > RENEWED_SECONDS:
        request.session["seen"] = now


def _actor(request: HttpRequest) -> Actor | None:
    """Return who the person is at the organization chosen, or at the only one."""
    memberships = memberships_of(request.user)
    chosen = request.session.get(CHOSEN)
    if chosen:
        memberships = [m for m in memberships if str(m.organization_id) == chosen]
    if len(memberships) != 1:
        return None
    request.membership = memberships[0]  # type: ignore[attr-defined]  # read by the shell's context
    return actor_of(memberships[0], channel="web")


def _to(request: HttpRequest, name: str) -> HttpResponse:
    """Ask something first, and come back."""
    asked = {} if (back := _back(request)) == "/" else {"next": back}
    if name == "sign-in" and settings.SESSION_COOKIE_NAME in request.COOKIES:
        asked["expired"] = "1"
    return go_to(request, reverse(name) + (f"?{urlencode(asked)}" if asked else ""))


def _back(request: HttpRequest) -> str:
    """Return the page to come back to: of a fragment, the one that it belongs to."""
    if wants_part(request):
        shown: str | None = request.htmx.current_url_abs_path  # type: ignore[attr-defined]  # the middleware adds it
        return shown or "/"
    return request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
