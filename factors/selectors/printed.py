"""The catalogue of a version for print: PDF, and a document for offices."""

import json
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst
from django.core.cache import cache

from factors.domain import printed_docx
from factors.domain.list_versions import PUBLIC
from factors.domain.printed_catalogue import print_data
from factors.models import FactorListVersion
from factors.selectors.factor_lists import content

TEMPLATE = Path(__file__).parents[1] / "data" / "print" / "catalogue.typ"
FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
MEDIA_TYPES = {"pdf": "application/pdf", "docx": printed_docx.DOCX}
KEPT_SECONDS = 24 * 3600
LAYOUT = 1
"""Goes up when the layout changes, so that nobody is handed the one that was kept."""


def of(version: FactorListVersion, form: str, language: str) -> tuple[bytes, str]:
    """
    Return the catalogue of a version and its media type; `form` is pdf or docx.

    That of a public version is kept for a day, since it cannot change.
    """
    if version.status not in PUBLIC:
        return _made(version, form, language), MEDIA_TYPES[form]
    key = f"factors.printed:{LAYOUT}:{version.digest}:{form}:{language}"
    body: bytes | None = cache.get(key)
    if body is None:
        body = _made(version, form, language)
        cache.set(key, body, KEPT_SECONDS)
    return body, MEDIA_TYPES[form]


def _made(version: FactorListVersion, form: str, language: str) -> bytes:
    data = print_data(content(version), language, digest=version.digest)
    if form == "docx":
        return printed_docx.write(data)
    made = typst.compile(  # type: ignore[misc]  # its stub leaves a type open
        TEMPLATE.read_bytes(),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
    assert isinstance(made, bytes)  # a list of them only for pictures of pages
    return made
