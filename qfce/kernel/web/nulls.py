"""The one character that no column takes, kept from every page before it reaches a query."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from qfce.kernel.errors import Invalid
from qfce.kernel.web.pages import refused

NULL = "\0"
OTHERS = ("/api/", "/oauth/")
"""What programs ask refuses it by itself, in the form that they read."""


class NullCharacter(Invalid):
    code = "web.request.null_character"
    title = "A text holds a null character."


class NoNulls:
    """
    Reads an address without its null characters, and refuses a form that holds one.

    No keyboard writes them; whatever sends them tries what happens.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, named: Mapping[str, Any]
    ) -> HttpResponse | None:
        """
        :raises Http404: if one stands in the path: nothing has such a name.
        """
        if request.path.startswith(OTHERS):
            return None
        if any(NULL in part for part in named.values() if isinstance(part, str)):
            raise Http404
        if _holds_null(request.GET):
            request.GET = QueryDict(request.GET.urlencode().replace("%00", ""))
        if request.method == "POST" and _holds_null(request.POST):
            return refused(request, NullCharacter(
                "A text of the form holds a null character.", hint="Type it anew, and send it."
            ))  # fmt: skip
        return None


def _holds_null(given: QueryDict) -> bool:
    return any(NULL in text for name, texts in given.lists() for text in (name, *texts))
