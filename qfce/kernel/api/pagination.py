"""
Pages that stay true while rows are added: `{next, previous, results}` everywhere.

A cursor names the last row of a page by all the columns it is ordered by, so that rows with the
same instant, as a batch of thousands leaves them, are neither repeated nor passed over.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as UnfitValue
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

DEFAULT_SIZE = 50
LARGEST_SIZE = 1000
LONGEST_CURSOR = 2000
FORWARD, BACKWARD = "n", "p"


class StablePages:
    """
    A cursor over a queryset, or a position in a sequence that is already in order.

    :param ordering: names of columns, with a minus for falling ones; unique in its last part.
    """

    def __init__(self, ordering: str | tuple[str, ...]) -> None:
        names = (ordering,) if isinstance(ordering, str) else ordering
        self._columns = [(name.removeprefix("-"), name.startswith("-")) for name in names]
        self._links: tuple[str | None, str | None] = (None, None)

    def paginate(
        self, rows: models.QuerySet[Any] | Sequence[Any], request: Request
    ) -> Sequence[Any]:
        """
        :raises ValidationError: if `limit` or `cursor` is not usable.
        """
        size = _size(request)
        if isinstance(rows, models.QuerySet):
            return self._page(rows, size, request)
        start = _position(request)
        after, before = start + size, max(start - size, 0)
        self._links = (
            _link(request, str(after)) if after < len(rows) else None,
            _link(request, str(before)) if start else None,
        )
        return rows[start:after]

    def response(self, results: Any) -> Response:
        following, previous = self._links
        return Response({"next": following, "previous": previous, "results": results})

    def _page(self, rows: models.QuerySet[Any], size: int, request: Request) -> list[Any]:
        way, values = self._cursor(rows.model, request)
        backward = way == BACKWARD
        ordered = rows.order_by(
            *(f"{'-' if falls != backward else ''}{name}" for name, falls in self._columns)
        )
        if values:
            ordered = ordered.filter(self._beyond(values, backward=backward))
        found = list(ordered[: size + 1])
        more, page = len(found) > size, found[:size]
        if backward:
            page.reverse()
        has_next, has_previous = (bool(values), more) if backward else (more, bool(values))
        self._links = (
            _link(request, self._mark(FORWARD, page[-1])) if has_next and page else None,
            _link(request, self._mark(BACKWARD, page[0])) if has_previous and page else None,
        )
        return page

    def _beyond(self, values: list[Any], *, backward: bool) -> Q:
        """The rows behind (or before) the one that these values name."""
        beyond, same = Q(), Q()
        for (name, falls), value in zip(self._columns, values, strict=True):
            beyond |= same & Q(**{f"{name}__{'lt' if falls != backward else 'gt'}": value})
            same &= Q(**{name: value})
        first, falls = self._columns[0]
        # Said apart, so that an index on the first column finds where to begin.
        return Q(**{f"{first}__{'lte' if falls != backward else 'gte'}": values[0]}) & beyond

    def _mark(self, way: str, row: Any) -> str:
        values = [
            row[name] if isinstance(row, dict) else getattr(row, name) for name, _ in self._columns
        ]
        text = json.dumps(
            [way, *(v.isoformat() if isinstance(v, datetime) else str(v) for v in values)]
        )
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _cursor(self, model: type[models.Model], request: Request) -> tuple[str, list[Any]]:
        given = request.query_params.get("cursor")
        if not given:
            return FORWARD, []
        try:
            way, *values = _unpacked(given)
            if way not in (FORWARD, BACKWARD) or len(values) != len(self._columns):
                raise ValueError(given)
            return way, [
                _value(model, name, text)
                for (name, _), text in zip(self._columns, values, strict=True)
            ]
        except (ValueError, TypeError, OverflowError, RecursionError, UnfitValue):
            raise _not_ours() from None


def _unpacked(cursor: str) -> list[str]:
    if len(cursor) > LONGEST_CURSOR:
        raise ValueError("too long")
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    parts = json.loads(text)
    if not isinstance(parts, list) or not all(isinstance(p, str) and "\0" not in p for p in parts):
        raise ValueError("no list of texts")
    return parts


def _value(model: type[models.Model], name: str, text: str) -> Any:
    """Read a value as its column writes it."""
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:  # an annotation: a text
        return text
    value = field.to_python(text)  # type: ignore[union-attr]  # no page is ordered by a relation
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, int) and abs(value) >= 2**63:
        raise OverflowError(text)
    return value


def _link(request: Request, cursor: str) -> str:
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def _size(request: Request) -> int:
    given = request.query_params.get("limit")
    if given is None:
        return DEFAULT_SIZE
    usable = given.isdecimal() and given.isascii() and len(given) <= len(str(LARGEST_SIZE))
    if not usable or not 1 <= int(given) <= LARGEST_SIZE:
        raise ValidationError(
            {"limit": [gettext("Give a whole number from 1 to {most}.").format(most=LARGEST_SIZE)]}
        )
    return int(given)


def _position(request: Request) -> int:
    given = request.query_params.get("cursor", "0")
    if not given.isdecimal() or not given.isascii() or len(given) > 12:
        raise _not_ours()
    return int(given)


def _not_ours() -> ValidationError:
    return ValidationError({"cursor": [_("This cursor is not one of ours.")]})
