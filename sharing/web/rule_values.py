"""The values that a rule of a list compares with, as people write and read them."""

import re
from typing import Any

from django.conf import settings
from django.utils import translation

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import ItemType
from factors.domain.value_texts import NO, YES, compared, words_of
from qfce.kernel.web import formats
from sharing.web import vocabulary

SEPARATOR = re.compile("[,，、]")


def values_of(item: str, text: str, catalogue: Catalogue) -> tuple[list[str], list[str]]:
    """
    Return what a profile holds for the values that somebody wrote, and what is none.

    Values are parted by commas, and written as codes, labels or aliases. A label may have commas
    itself (存续（在营、开业、在册）), so the longest run of parts that is a value is one.
    """
    parts = [part.strip() for part in SEPARATOR.split(text) if part.strip()]
    words = _words(item, catalogue)
    if not words:
        return parts, []
    words = {SEPARATOR.sub("", word): code for word, code in words.items()}
    found, strange, at = [], [], 0
    while at < len(parts):
        ends = range(len(parts), at, -1)
        runs = ((end, words.get(compared("".join(parts[at:end])))) for end in ends)
        end, code = next(((end, code) for end, code in runs if code), (at + 1, None))
        found += [code] if code else []
        strange += [] if code else [parts[at]]
        at = end
    return found, strange


def has_values(item: str, catalogue: Catalogue) -> bool:
    """Test whether an item has values of its own; a comma in any other's is part of the value."""
    return bool(_words(item, catalogue))


def text_of(item: str, value: Any, catalogue: Catalogue) -> str:
    """Return a value of a rule in the reader's words."""
    known = catalogue.items.get(item)
    if known is None:
        return vocabulary.word(vocabulary.SIZES, value) if item == "size" else str(value)
    if known.type == ItemType.BOOLEAN:
        return vocabulary.value_text(known, str(value).lower() == "true")
    named = known.by_code.get(str(value))
    return formats.local(named, "label") if named else str(value)


def choices(item: str, catalogue: Catalogue) -> str:
    """Return the values that an item can have, for a message."""
    known = catalogue.items.get(item)
    if known is None:
        codes = list(vocabulary.SIZES)
    else:
        codes = ["true", "false"] if known.type == ItemType.BOOLEAN else list(known.by_code)
    return formats.listed(text_of(item, code, catalogue) for code in codes)


def _words(item: str, catalogue: Catalogue) -> dict[str, str]:
    known = catalogue.items.get(item)
    if item == "size":
        words = {size: size for size in vocabulary.SIZES}
        for language in dict(settings.LANGUAGES):
            with translation.override(language):
                words |= {compared(str(label)): size for size, label in vocabulary.SIZES.items()}
        return words
    if known is None:
        return {}
    if known.type == ItemType.BOOLEAN:
        return {
            compared(word): code for code, said in (("true", YES), ("false", NO)) for word in said
        }
    return words_of(known)
