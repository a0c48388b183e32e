"""
Where programs fetch and give back their tokens. Whatever is sent, RFC 6749 decides the answer.

The library answers what it can parse. What it cannot, and what Django refuses before it, would
be answered by a page; here it is an OAuth error like any other.
"""

import base64
import binascii
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import RevokeTokenView, TokenView

UNREADABLE = (SuspiciousOperation, BadRequest, MultiPartParserError, UnicodeDecodeError, OSError)


def oauth_error(status: int, error: str, description: str) -> JsonResponse:
    """Return an error as RFC 6749, section 5.2, writes it."""
    response = JsonResponse({"error": error, "error_description": description}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def answered(request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answer by the view, unless the request is beyond it; a 401 names the scheme to use."""
    response = refusal(request) or view()
    if response.status_code == 401:
        # The library names Bearer, with which no client proves who it is.
        response.headers["WWW-Authenticate"] = 'Basic realm="qfce"'
    return response


def refusal(request: HttpRequest) -> JsonResponse | None:
    """Return the error of a request that no OAuth library should be asked about; else None."""
    if request.method != "POST":
        response = oauth_error(405, "invalid_request", "Send a POST.")
        response.headers["Allow"] = "POST"
        return response
    try:
        texts = [text for values in request.POST.lists() for text in (values[0], *values[1])]
    except UNREADABLE:
        return oauth_error(400, "invalid_request", "The body is no form.")
    if any("\0" in text for text in texts):
        return oauth_error(400, "invalid_request", "A parameter holds a NUL.")
    if "\0" in _basic_credentials(request):
        return oauth_error(401, "invalid_client", "These credentials are nobody's.")
    return None


def _basic_credentials(request: HttpRequest) -> str:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


@method_decorator(csrf_exempt, name="dispatch")
class Tokens(TokenView):
    """The token endpoint of RFC 6749."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return answered(request, partial(super().dispatch, request, *args, **kwargs))


@method_decorator(csrf_exempt, name="dispatch")
class Revocation(RevokeTokenView):
    """The revocation endpoint of RFC 7009."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return answered(request, partial(super().dispatch, request, *args, **kwargs))
