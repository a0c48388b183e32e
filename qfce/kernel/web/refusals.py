"""
What a refusal says to the reader of a page.

Services write their refusals in English, with the values in the sentence. For a Chinese
reader the sentence is looked up by the refusal's code, which never changes, with the
refusal's facts as its values; where there is none, the constant title is translated.
"""

from dataclasses import dataclass

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
    title = gettext(refusal.title)
    if not is_chinese():
        return Words(title, refusal.message, refusal.hint)
    message = _filled("refusal", refusal) or title
    return Words(title, message, _filled("refusal hint", refusal))


def _filled(context: str, refusal: Refusal) -> str:
    sentence = pgettext(context, refusal.code)
    if sentence == refusal.code:
        return ""
    try:
        return sentence.format(**refusal.facts)
    except (KeyError, IndexError, ValueError):
        return ""
