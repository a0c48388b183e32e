"""In which language a person reads: as they chose, and Chinese until they choose."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

CHINESE = "zh-hans"


def is_chinese() -> bool:
    """Test whether the present reader reads Chinese."""
    return (translation.get_language() or CHINESE).startswith("zh")


def joined(*sentences: str) -> str:
    """Put sentences after one another: with a space between them in English, none in Chinese."""
    return ("" if is_chinese() else " ").join(part for part in sentences if part)


def language_of(request: HttpRequest) -> str:
    """
    Return the language of a request.

    Programs say it by Accept-Language, and are answered in English unless they do. On pages
    it is the signed-in person's own, else that of the cookie, else Chinese: what a browser
    was installed in says little of its reader.
    """
    if request.path.startswith("/api/"):
        return translation.get_language_from_request(request) if said(request) else "en"
    user = getattr(request, "user", None)
    chosen = user.language if user is not None and user.is_authenticated else None
    chosen = chosen or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return chosen if chosen in dict(settings.LANGUAGES) else CHINESE


def said(request: HttpRequest) -> bool:
    """Test whether a program said by Accept-Language which of our languages it reads."""
    return any(name[:2] in {"zh", "en"} for name, _ in accepted(request))


def accepted(request: HttpRequest) -> tuple[tuple[str, float], ...]:
    return tuple(parse_accept_lang_header(request.headers.get("Accept-Language", "")))


class ReaderLanguage:
    """Activates the reader's language; behind the session, since a person's own wins."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
