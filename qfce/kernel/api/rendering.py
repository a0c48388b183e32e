"""JSON out: decimals as strings, UTF-8, and one representation whatever was asked for."""

from collections.abc import Sequence
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder


class JSONRenderer(BaseRenderer):
    """Render with orjson, several times as fast as the default on a page of profiles."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(
            data,
            default=JSONEncoder().default,
            option=orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_NON_STR_KEYS,
        )


class AlwaysFirst(BaseContentNegotiation):
    """Answer JSON to everybody: a browser that asks for HTML can read it too."""

    def select_parser(self, request: Request, parsers: Sequence[Any]) -> Any:
        """Return the parser of the body's media type, or None, which becomes a 415."""
        media = (request.content_type or "application/json").split(";")[0].strip().lower()
        for parser in parsers:
            if parser.media_type == media or parser.media_type == "*/*":
                return parser
        return None

    def select_renderer(
        self, request: Request, renderers: Sequence[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type
