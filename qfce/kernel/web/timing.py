"""
Says in a header how many queries an answer took, for developers and tests.

Only where nobody is real: `Server-Timing: db;desc="12 queries";dur=8.4`, in milliseconds.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse


class Timing:
    """Count what one request asks of the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count = _Count()
        with connection.execute_wrapper(count):
            response = self.get_response(request)
        spent = f"{count.seconds * 1000:.1f}"
        response.headers["Server-Timing"] = f'db;desc="{count.queries} queries";dur={spent}'
        return response


class _Count:
    def __init__(self) -> None:
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += perf_counter() - begun
