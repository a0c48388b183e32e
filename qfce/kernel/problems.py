"""
How a "no" reads on the wire: RFC 9457, and the only module that knows HTTP statuses.

Every error of the API has `type`, a constant `title`, `status`, `detail` (the message) and
the members `code`, `hint` and `errors`, each of these with a JSON pointer.
"""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import RequestDataTooBig as TooBig
from django.db import OperationalError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.response import Response

from qfce.kernel.errors import (
    Conflict,
    Gone,
    Invalid,
    NotFound,
    NotPermitted,
    Refusal,
    Unavailable,
)
from qfce.kernel.web.refusals import errors_of, words_of

logger = logging.getLogger("qfce.api")

CONTENT_TYPE = "application/problem+json"
STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (Gone, 410),
    (Invalid, 400),
    (NotPermitted, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Unavailable, 503),
)


class BodyMismatch(Conflict):
    """The same Idempotency-Key with another body: 422 by the contract."""

    code = "idempotency.body_differs"
    title = "The idempotency key was used with another request."


# (code, title, hint) of what the framework refuses before any of our code is asked.
FRAMEWORK: dict[int, tuple[str, str, str]] = {
    400: ("invalid", "The request is not valid.", "Mend what `errors` points at."),
    401: (
        "not_authenticated",
        "You are not signed in.",
        "Send a bearer token from /oauth/token/, or sign in.",
    ),
    403: ("not_permitted", "This is not permitted.", "Ask your administrator for the role."),
    404: ("not_found", "There is no such thing.", "Check the address."),
    405: ("method_not_allowed", "This address has no such method.", "See the Allow header."),
    406: ("not_acceptable", "No such representation.", "Ask for application/json."),
    410: ("gone", "This is no longer kept.", "Read the present state, then go on from there."),
    413: ("too_large", "The request is too large.", "Send less at a time."),
    415: ("media_type", "This media type is not read here.", "See the API description."),
    429: ("throttled", "Too many requests.", "Wait as long as Retry-After says."),
    500: ("fault", "Something went wrong on our side.", "It was recorded. Try again later."),
    503: ("unavailable", "The service cannot answer now.", "Try again later."),
}


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    if isinstance(refusal, BodyMismatch):
        return 422
    return next((status for kind, status in STATUSES if isinstance(refusal, kind)), 400)


def body_of(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as the members of a problem, its sentences in the caller's language."""
    words = words_of(refusal)
    return _body(
        status_of(refusal),
        code=refusal.code,
        title=refusal.title,
        detail=words.message,
        hint=words.hint,
        errors=errors_of(refusal, words),
    )


def plain(
    status: int, detail: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Return the problem that stands for a bare HTTP status."""
    code, title, hint = FRAMEWORK[status]
    return _body(
        status,
        code=code,
        title=title,
        detail=gettext(detail or title),
        hint=gettext(hint),
        errors=errors or [],
    )


def page(status: int, detail: str = "") -> JsonResponse:
    """Return a problem where no view of the API was reached."""
    return JsonResponse(plain(status, detail), status=status, content_type=CONTENT_TYPE)


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Render what a view of the API raised; None for a fault, which is raised on."""
    headers: dict[str, str] = {}
    if isinstance(exc, Refusal):
        body = body_of(exc)
        if isinstance(exc, Unavailable) and exc.retry_seconds:
            headers["Retry-After"] = str(exc.retry_seconds)
    elif isinstance(exc, exceptions.ValidationError):
        body = plain(400, "Some members are not valid.", list(_pointers(exc.detail, "")))
    elif isinstance(exc, exceptions.APIException):
        body = plain(_known(exc.status_code), _text(exc.detail))
        headers = _headers(exc)
    elif isinstance(exc, Http404):
        body = plain(404)
    elif isinstance(exc, PermissionDenied):
        body = plain(403, str(exc))
    elif isinstance(exc, TooBig):
        body = plain(413)
    elif isinstance(exc, SuspiciousOperation):  # a form of thousands of fields, for one
        body = plain(400)
    elif isinstance(exc, OperationalError):
        logger.exception("The database did not answer.")
        body = plain(503)
        headers["Retry-After"] = "5"
    else:
        return None
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _body(status: int, **members: Any) -> dict[str, Any]:
    return {"type": f"urn:qfce:problem:{members['code']}", "status": status, **members}


def _known(status: int) -> int:
    return status if status in FRAMEWORK else 400


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]  # set by DRF on 401
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait) + 1)  # type: ignore[attr-defined]  # on Throttled
    return headers


def _text(detail: Any) -> str:
    if isinstance(detail, list):
        return " ".join(_text(part) for part in detail)
    if isinstance(detail, dict):
        return " ".join(_text(part) for part in detail.values())
    return str(detail)


def _pointers(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Yield one entry for each member that is wrong, by its JSON pointer (RFC 6901)."""
    if isinstance(detail, dict):
        for name, part in detail.items():
            step = "" if name == "non_field_errors" else f"/{_escaped(name)}"
            yield from _pointers(part, pointer + step)
    elif isinstance(detail, list) and any(isinstance(part, dict | list) for part in detail):
        for index, part in enumerate(detail):
            yield from _pointers(part, f"{pointer}/{index}")
    elif isinstance(detail, list):
        for part in detail:
            yield {"pointer": pointer, "detail": gettext(str(part))}
    else:
        yield {"pointer": pointer, "detail": gettext(str(detail))}


def _escaped(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")
