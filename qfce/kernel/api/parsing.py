"""JSON in: UTF-8, no NaN, no duplicate names, no lone surrogates or NUL that a column refuses."""

import json
import re
from math import isfinite
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
DEEPEST = 40
# Many times what any call needs; a body of small values takes thirty times its size in memory.
LARGEST_BODY_BYTES = 16 * 1024 * 1024
# Beyond this, readers that keep numbers as doubles disagree (RFC 7493).
LARGEST_INTEGER = 2**53 - 1
MOST_DIGITS = 1000


class StrictJSONParser(BaseParser):
    """Read a JSON body; whatever two readers could understand differently is refused."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """
        :raises ParseError: with the place, if the body is no JSON text of that kind.
        :raises RequestDataTooBig: if it is longer than any call needs.
        """
        body = stream.read(LARGEST_BODY_BYTES + 1)
        if len(body) > LARGEST_BODY_BYTES:
            raise RequestDataTooBig("The body is too large.")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError(
                gettext("The body is not UTF-8 at byte {byte}.").format(byte=error.start)
            ) from None
        if not text.strip():
            return {}
        try:
            value = json.loads(
                text, object_pairs_hook=_members, parse_constant=_refuse, parse_int=_whole
            )
        except RecursionError:
            raise ParseError(_("The body is nested too deeply.")) from None
        except json.JSONDecodeError as error:
            raise ParseError(
                gettext("The body is not JSON at line {line}, column {column}.").format(
                    line=error.lineno, column=error.colno
                )
            ) from None
        except ValueError as error:
            raise ParseError(str(error)) from None
        check_storable(value)
        return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(gettext("A member stands twice in an object of the body."))
    return members


def _refuse(constant: str) -> NoReturn:
    raise ValueError(gettext("{text} is no JSON number.").format(text=constant))


def _whole(digits: str) -> int:
    """Read a whole number; Python gives up on one of thousands of digits, and so do we."""
    if len(digits) > MOST_DIGITS:
        raise ValueError(gettext("A number is too large to be read."))
    return int(digits)


def _check_number(value: float) -> None:
    if not isfinite(value):
        raise ParseError(_("A number is too large to be read."))
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise ParseError(_("A whole number is beyond 2^53; send it as a text."))


def check_storable(value: Any, depth: int = 0) -> None:
    """
    Look through a JSON value for what no column takes.

    :raises ParseError: naming it.
    """
    if depth > DEEPEST:
        raise ParseError(_("The body is nested too deeply."))
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise ParseError(_("A text holds a NUL or half a surrogate pair."))
    elif isinstance(value, int | float):
        _check_number(value)
    elif isinstance(value, dict):
        for name, member in value.items():
            check_storable(name, depth)
            check_storable(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            check_storable(member, depth + 1)
