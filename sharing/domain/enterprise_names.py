"""
How names of enterprises are written for searching: one form for all spellings, and initials.

An officer types 精工, ＡＢＣ科技, or jgkj: the initials of how the characters are read. What is
stored for a name is its form, a tilde, and its initials; both are searched at once.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

DIVIDER = "~"
SHORTEST = 2
"""Fewer characters find nobody: nearly every name would hold them."""


def form(name: str) -> str:
    """
    Return a name without what spellings differ in: width, case and blanks.

    >>> form("ＡＢＣ（杭州） 精工")
    'ABC(杭州)精工'
    """
    return "".join(unicodedata.normalize("NFKC", name).upper().split()).replace(DIVIDER, "")


def sought(names: Iterable[str]) -> dict[str, str]:
    """
    Return what is searched of each name: its form and its initials.

    >>> sought(["重庆长安3D科技（集团）"])
    {'重庆长安3D科技（集团）': '重庆长安3D科技(集团)~CQCA3DKJJT'}
    """
    found = {}
    for name in names:
        written = form(name)
        found[name] = f"{written}{DIVIDER}{initials(written)}"
    return found


def initials(written: str) -> str:
    """
    Return the first letters of how a name is read; letters and digits stand for themselves.

    Characters with several readings are read as the word around them says: 长 is C in 长城 and
    Z in 成长. By pypinyin's dictionary, whose own conversion is asked only where it matters.

    >>> initials("杭州精工")
    'HZJG'
    """
    letters, depends = _readings()
    if not depends.isdisjoint(written):
        # Imported late: its dictionaries take a third of a second, and few processes need them.
        from pypinyin import Style, lazy_pinyin

        read = "".join(lazy_pinyin(written, style=Style.FIRST_LETTER))
        written = read.upper()
    return "".join(
        letter
        for character in written
        if (letter := letters.get(character, character)).isascii() and letter.isalnum()
    )


@lru_cache(maxsize=1)
def _readings() -> tuple[dict[str, str], frozenset[str]]:
    """Return each character's usual initial, and the characters that some word reads otherwise."""
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    letters = {chr(point): _initial(readings) for point, readings in pinyin_dict.items()}
    depends = {
        character
        for phrase, readings in phrases_dict.items()
        for character, (reading, *_) in zip(phrase, readings, strict=False)
        if letters.get(character) != _initial(reading)
    }
    return letters, frozenset(depends)


def _initial(reading: str) -> str:
    """Return the first letter of the first reading, without its tone."""
    return unicodedata.normalize("NFD", reading)[:1].upper()
