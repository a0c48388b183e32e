"""
Codes within an item's typed members as the reader's words, and words that are typed as codes.

Several sources in one field, and lines of several parts: what stands in them as codes in the
list is shown, and may be typed, as the page says it elsewhere. A code is always understood.
"""

import re
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from factors.domain.item_fields import APART, Form, form_of, parts_of
from factors.web import words

FLAGS: words.Words = {"true": _("Yes"), "false": _("No")}
PARTS: dict[str, words.Words] = {
    "level": words.SOURCES,
    "confidence": words.CONFIDENCES,
    "required": FLAGS,
}
SEVERAL: dict[str, words.Words] = {"source_order": words.SOURCES}


def as_words(member: str, text: str) -> str:
    """Return a member's text with words in place of codes."""
    return _each(member, text, _word_of, pgettext("punctuation", "; "))


def as_codes(member: str, text: str) -> str:
    """Return a member's text with codes in place of words; what is neither stays as typed."""
    return _each(member, text, _code_of, "; ")


def _each(member: str, text: str, change: Callable[[words.Words, str], str], between: str) -> str:
    if member in SEVERAL:
        found = [part.strip() for part in re.split("[;；、]", text) if part.strip()]
        return between.join(change(SEVERAL[member], part) for part in found)
    if form_of(member) != Form.PARTS:
        return text
    names = parts_of(member)
    return "\n".join(_line(names, line, change) for line in text.splitlines())


def _line(names: list[str], line: str, change: Callable[[words.Words, str], str]) -> str:
    parts = [part.strip() for part in line.split(APART.strip())]
    return APART.join(
        change(PARTS[name], part) if name in PARTS else part
        for name, part in zip([*names, *[""] * len(parts)], parts, strict=False)
    )


def _word_of(known: words.Words, code: str) -> str:
    return str(known.get(code, code))


def _code_of(known: words.Words, word: str) -> str:
    typed = {str(label).casefold(): str(code) for code, label in known.items()}
    return typed.get(word.casefold(), word)
