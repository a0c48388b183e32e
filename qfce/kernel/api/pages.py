"""Answers where no viewset is reached, and the health check."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.defaults import bad_request as bad_request_page
from django.views.defaults import page_not_found, server_error

from qfce.kernel.jobs.progress import client
from qfce.kernel.problems import page
from qfce.kernel.web.language import is_chinese


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return page(404) if is_api(request) else page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return page(400) if is_api(request) else bad_request_page(request, exception)


def fault(request: HttpRequest) -> HttpResponseBase:
    return page(500) if is_api(request) else server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    if is_api(request):
        return page(403, "" if is_chinese() else f"The CSRF check failed: {reason}")
    return render(request, "errors/403_csrf.html", status=403)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database and Redis answer, else 503 with which does not."""
    states: dict[str, Any] = {}
    for name, ask in (("database", _ask_database), ("redis", lambda: client().ping())):
        try:
            ask()
            states[name] = "ok"
        except Exception as error:
            states[name] = type(error).__name__
    healthy = all(state == "ok" for state in states.values())
    return JsonResponse({"ok": healthy, **states}, status=200 if healthy else 503)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
