"""An address without its final slash leads to the one with it, whatever was sent along."""

from django.http import HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware


class _SameAgain(HttpResponsePermanentRedirect):
    """308 where a 301 would let clients drop the body and ask with GET."""

    def __init__(self, redirect_to: str) -> None:
        super().__init__(redirect_to, preserve_request=True)


class FinalSlash(CommonMiddleware):
    response_redirect_class = _SameAgain
