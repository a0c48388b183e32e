"""Pages that stay true while rows are added: `{next, previous, results}` everywhere."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

DEFAULT_SIZE = 50
LARGEST_SIZE = 1000


class StablePages(CursorPagination):
    """A cursor over a queryset, or a position in a sequence that is already in order."""

    page_size = DEFAULT_SIZE
    max_page_size = LARGEST_SIZE
    page_size_query_param = "limit"

    def __init__(self, ordering: str | tuple[str, ...]) -> None:
        self._ordering = (ordering,) if isinstance(ordering, str) else ordering
        self._links: tuple[str | None, str | None] | None = None

    def paginate(
        self, rows: models.QuerySet[Any] | Sequence[Any], request: Request
    ) -> Sequence[Any]:
        """
        :raises ValidationError: if `limit` or `cursor` is not usable.
        """
        size = self._size(request)
        self.page_size = size
        if isinstance(rows, models.QuerySet):
            try:
                return self.paginate_queryset(rows, request) or []
            except (ValueError, TypeError, OverflowError):
                raise ValidationError({"cursor": ["This cursor is not one of ours."]}) from None
        start = self._position(request)
        here = request.build_absolute_uri()
        after, before = start + size, max(start - size, 0)
        self._links = (
            replace_query_param(here, "cursor", str(after)) if after < len(rows) else None,
            replace_query_param(here, "cursor", str(before)) if start else None,
        )
        return rows[start:after]

    def response(self, results: Any) -> Response:
        following, previous = self._links or (self.get_next_link(), self.get_previous_link())
        return Response({"next": following, "previous": previous, "results": results})

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return self._ordering

    def _size(self, request: Request) -> int:
        given = request.query_params.get("limit")
        if given is None:
            return DEFAULT_SIZE
        if not given.isdecimal() or not given.isascii() or not 1 <= int(given) <= LARGEST_SIZE:
            raise ValidationError({"limit": [f"Give a whole number from 1 to {LARGEST_SIZE}."]})
        return int(given)

    def _position(self, request: Request) -> int:
        given = request.query_params.get("cursor", "0")
        if not given.isdecimal() or not given.isascii() or len(given) > 12:
            raise ValidationError({"cursor": ["This cursor is not one of ours."]})
        return int(given)
