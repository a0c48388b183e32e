"""
The public catalogue: every published list and item, for whoever asks, without signing in.

Facts only; Art. 25 of the Product Quality Law bars regulators from recommending products to
the public. A published version never changes, so readers' copies are known by its digest and
files are made once.
"""

import json
from collections.abc import Callable
from datetime import date

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from factors.domain import record_schema, table_schema
from factors.domain.printed_catalogue import facts_of
from factors.domain.workbook_template import workbook
from factors.models import FactorListVersion
from factors.selectors import printed
from factors.selectors import public_lists as selectors
from factors.selectors.factor_lists import content
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.web.language import is_chinese

PAGE_SECONDS = 300
FILE_SECONDS = 24 * 3600
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCHEMA = "application/schema+json"
LANGUAGES = ("zh", "en")


def _page_tag(request: HttpRequest, code: str, number: int, **more: str) -> str | None:
    """Name what a page says: the document, the reader's language, who is signed in, the day."""
    digest = selectors.digest_of(code, number)
    user = request.user.pk if request.user.is_authenticated else ""
    return f'"{digest}:{_language()}:{user}:{business_day(timezone.now())}"' if digest else None


def _file_tag(request: HttpRequest, code: str, number: int, file: str) -> str | None:
    digest = selectors.digest_of(code, number)
    return f'"{digest}:{file}:{_asked(request)}"' if digest else None


@require_safe
@cache_control(private=True, max_age=60)
def index(request: HttpRequest) -> HttpResponse:
    rows = selectors.versions(on=business_day(timezone.now()))
    return render(request, "factors/public/list.html", {"versions": rows})


@require_safe
@cache_control(private=True, max_age=PAGE_SECONDS)
@condition(etag_func=_page_tag)
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    found = _found(code, number)
    wanted = request.GET.get("q", "")[:100]
    sections = selectors.sections(found, _language(), wanted=wanted)
    context = {
        **_frame(found),
        "sections": sections,
        "wanted": wanted,
        "count": sum(len(section.items) for section in sections),
    }
    return render(request, "factors/public/version.html", context)


@require_safe
@cache_control(private=True, max_age=PAGE_SECONDS)
@condition(etag_func=_page_tag)
def item(request: HttpRequest, code: str, number: int, item_code: str) -> HttpResponse:
    found = _found(code, number)
    known = content(found).items.get(item_code)
    if known is None:
        raise Http404
    category = next(each for each in content(found).categories if each.code == known.category)
    context = {**_frame(found), "item": facts_of(known, _language()), "category": category}
    return render(request, "factors/public/item.html", context)


@require_safe
@cache_control(public=True, max_age=FILE_SECONDS)
@condition(etag_func=_file_tag)
def download(request: HttpRequest, code: str, number: int, file: str) -> HttpResponse:
    """A file of a version, in the language of `?language=`; made once, since it cannot change."""
    if file not in FILES:
        raise Http404
    found, language = _found(code, number), _asked(request)
    media, make = FILES[file]
    key = f"factors.public:{printed.LAYOUT}:{found.digest}:{file}:{language}"
    body: bytes | None = cache.get(key)
    if body is None:
        body = make(found, language)
        cache.set(key, body, FILE_SECONDS)
    name = f"{code}-{number}-{language}-{file}"
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(body, content_type=media, headers={"Content-Disposition": disposition})


def _found(code: str, number: int) -> FactorListVersion:
    try:
        return selectors.version(code, number)
    except NoSuchRecord as missing:
        raise Http404 from missing


def _frame(found: FactorListVersion) -> dict[str, object]:
    said = content(found)
    place = [said.code, found.number]
    today: date = business_day(timezone.now())
    return {
        "catalogue": said,
        "version": found,
        "is_withdrawn": selectors.is_withdrawn(found),
        "is_ahead": bool(found.effective_from and found.effective_from > today),
        "language": _language(),
        "files": [
            (file, reverse("factors:public-file", args=[*place, file]) + f"?language={_language()}")
            for file in FILES
        ],
    }


def _language() -> str:
    return "zh" if is_chinese() else "en"


def _asked(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else "zh"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


FILES: dict[str, tuple[str, Callable[[FactorListVersion, str], bytes]]] = {
    "catalogue.pdf": (
        printed.MEDIA_TYPES["pdf"],
        lambda found, language: printed.of(found, "pdf", language)[0],
    ),
    "catalogue.docx": (
        printed.MEDIA_TYPES["docx"],
        lambda found, language: printed.of(found, "docx", language)[0],
    ),
    "workbook.xlsx": (XLSX, lambda found, language: workbook(content(found), language)),
    "record.schema.json": (
        SCHEMA,
        lambda found, language: _json(record_schema.record_schema(content(found))),
    ),
    "table.schema.json": (
        SCHEMA,
        lambda found, language: _json(table_schema.table_schema(content(found), language)),
    ),
}
