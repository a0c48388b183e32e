"""
Reading what people write for a value: the one place for spellings, for files and for forms.

A text is first made regular (width, blanks, invisible characters), and may then say that
there is nothing, that a stored value ends, or that the item cannot apply.
"""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

from factors.domain.item_types import NOT_APPLICABLE
from factors.domain.items import Item

CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
"""Control characters but tab and line break, which nobody types; PostgreSQL refuses the first."""

INVISIBLE = (
    f"[{CONTROLS}\u00a0\u00ad\u034f\u061c\u180e\u200b-\u200f\u2007\u202a-\u202f\u2060-\u2069"
    "\ufe0f\ufeff\ufffe\uffff]"
)
EMPTY = ("", "-", "--", "—", "——", "–", "―", "/", "n/a", "#n/a")
CLEAR = ("[clear]", "[清除]")
NUMBER = (
    r"^[+\-−]?(?:\d+(?:\.\d*)?|\.\d+|\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d(?:\.\d+)?[eE][+-]?\d{1,2})"
    r"\s*%?$"
)
YES = frozenset("是 有 y yes true 1 √ ✓ ✔".split())
NO = frozenset("否 无 n no false 0 × ✗ ✘".split())
CANNOT_APPLY = frozenset(("不适用", "not applicable", NOT_APPLICABLE))

_DATE = re.compile(
    r"(?P<y>\d{4})(?:-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})|/(?P<m2>\d{1,2})/(?P<d2>\d{1,2})"
    r"|\.(?P<m3>\d{1,2})\.(?P<d3>\d{1,2})|(?P<m4>\d{2})(?P<d4>\d{2})"
    r"|\s*年\s*(?P<m5>\d{1,2})\s*月\s*(?P<d5>\d{1,2})\s*日?)"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_SERIAL = re.compile(r"[1-9]\d{4}")
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_EPOCH_1904 = date(1904, 1, 1)
"""Day 0 of a spreadsheet, and of one that an old Macintosh began."""
_IGNORED = re.compile(r"[\s()\[\]【】<>《》〈〉{}“”\"'‘’「」『』]+")
_UNSEEN = re.compile(INVISIBLE)
_FIGURE = re.compile(NUMBER)


def regular(text: str) -> str:
    """
    Return a text as it is read: half width, without invisible characters or outer blanks.

    >>> regular(" １２ %\u200b")
    '12 %'
    """
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).strip()


def is_empty(text: str) -> bool:
    """Whether a regular text is one of the ways of writing that there is nothing."""
    return text.lower() in EMPTY


def read_date(text: str, *, epoch: date | None) -> date | None:
    """
    Read a day in one of the accepted ways; None if it is none.

    :param epoch: the day from which a bare number counts; None where it is no day.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        if epoch and _SERIAL.fullmatch(text):
            return epoch + timedelta(days=int(text))
        return None
    month = next(part for part in found.group("m1", "m2", "m3", "m4", "m5") if part)
    day = next(part for part in found.group("d1", "d2", "d3", "d4", "d5") if part)
    try:
        return date(int(found["y"]), int(month), int(day))
    except ValueError:
        return None


def read_figure(text: str, *, signs: bool) -> Decimal | None:
    """Read a figure; `signs` says whether a per cent sign may follow it. None if it is none."""
    if not _FIGURE.match(text) or (text.endswith("%") and not signs):
        return None
    return Decimal(text.rstrip("%").replace(",", "").replace(" ", "").replace("−", "-"))


def compared(text: str) -> str:
    """Return what of a value's label is compared: no width, case, blanks, brackets, quotes."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).casefold())


def words_of(item: Item) -> dict[str, str]:
    """Return code by everything that may be written for it: codes first, then labels."""
    words = {compared(value.code): value.code for value in item.values}
    for value in item.values:
        for label in (value.label_zh, value.label_en, *value.aliases):
            words.setdefault(compared(label), value.code)
    if "NONE" in item.by_code:
        words.setdefault("无", "NONE")
    if NOT_APPLICABLE.upper() in item.by_code:
        words.setdefault("不适用", NOT_APPLICABLE.upper())
    return words
