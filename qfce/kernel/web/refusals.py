"""
What a refusal says to the reader of a page.

Services write their refusals in English, with the values in the sentence. For a Chinese
reader the sentence is looked up by the refusal's code, which never changes, with the
refusal's facts as its values; where there is none, the constant title is translated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, pgettext

from qfce.kernel.errors import Refusal
from qfce.kernel.web.language import is_chinese, joined


@dataclass(frozen=True, slots=True)
class Words:
    """A refusal in the reader's language."""

    title: str
    message: str
    hint: str

    def __str__(self) -> str:
        return joined(self.message, self.hint)


def words_of(refusal: Refusal) -> Words:
    """
    Return a refusal in the reader's language.

    In a message file a sentence stands under the context `refusal` with the code as its
    msgid, its hint under `refusal hint`; `{name}` in it is a fact of that name.
    """
    known = (refusal.code, refusal.facts)
    title = gettext(refusal.title)
    if not is_chinese():
        return Words(title, refusal.message, refusal.hint)
    return Words(title, _filled("refusal", *known) or title, _filled("refusal hint", *known))


def words_noted(code: str, noted: Mapping[str, Any]) -> str:
    """
    Return, in the reader's language, a refusal that was written down when it happened.

    :param noted: its message as `en`, its `hint` and its `facts`.
    """
    if not is_chinese():
        return joined(noted.get("en", ""), noted.get("hint", ""))
    known = (code, noted.get("facts", {}))
    said = _filled("refusal", *known) or gettext(Refusal.title)
    return joined(said, _filled("refusal hint", *known))


def errors_of(refusal: Refusal, words: Words) -> list[dict[str, str]]:
    """
    Return the members that a refusal names, with what is wrong in the reader's language.

    In a message file a sentence on a member stands under the context `refusal field` with the
    code and the member as its msgid, or the code alone; a sentence without values may stand
    there itself. Where there is none, the refusal's own sentence says it.
    """
    if not is_chinese():
        return refusal.errors
    return [
        {**error, "detail": _detail(refusal.code, error) or words.message}
        for error in refusal.errors
    ]


def _detail(code: str, error: dict[str, str]) -> str:
    said = gettext(error["detail"])
    if said != error["detail"] or not any(letter.isascii() for letter in said if letter.isalpha()):
        return said
    member = error["pointer"].strip("/").partition("/")[0]
    for key in (f"{code} {member}", code):
        sentence = pgettext("refusal field", key)
        if sentence != key:
            return sentence
    return ""


def _filled(context: str, code: str, facts: Mapping[str, Any]) -> str:
    sentence = pgettext(context, code)
    if sentence == code:
        return ""
    try:
        return sentence.format(**facts)
    except (KeyError, IndexError, ValueError):
        return ""
