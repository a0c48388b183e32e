"""
How one member of a list stands in a cell, and how the cell is read back.

Words of a vocabulary stand as their Chinese names and are read as names or codes, in either
language. Lists are set apart by `|`. Conditions stand as JSON. Nothing is lost on the way.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from factors.domain.document_form import Form, Member
from factors.domain.simplified import simplified
from factors.domain.vocabulary import WORDS

YES, NO = "是", "否"
_FLAGS = {"是": True, "否": False, "yes": True, "no": False, "true": True, "false": False}
_EMPTY_ENTRY = "\\e"
_SPECIAL = re.compile(r"[\\|｜]")


class UnreadableCell(ValueError):
    """What stands in a cell is not what its column is for."""


def written(value: Any, member: Member) -> str:
    """Return a member as the text of a cell; null and an empty text are both empty."""
    if value is None:
        return ""
    if member.form == Form.FLAG:
        return YES if value else NO
    if member.form == Form.WORD and member.words:
        known = WORDS[member.words].get(value)
        return known[0] if known else str(value)
    if member.form == Form.WORDS and member.words:
        each = Member(Form.WORD, member.words)
        return _joined([written(entry, each) for entry in value])
    if member.form == Form.TEXTS:
        return _joined(value)
    if member.form == Form.CONDITION:
        return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    return str(value)


def read(cell: Any, member: Member) -> Any:
    """
    Return the member that stands in a cell, which may be a text, a number or a day.

    Whether a number is a number is left to the check of the document, which says it better.

    :raises UnreadableCell: if it is none of the words, or no condition.
    """
    text = text_of(cell)
    if not text and member.may_be_null:
        return None
    return _read(text, member)


def text_of(cell: Any) -> str:
    """Return a cell as text: whole numbers without a point, days as 2024-05-10."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return YES if cell else NO
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _read(text: str, member: Member) -> Any:
    if member.form == Form.FLAG:
        known = _FLAGS.get(text.strip().lower())
        return text if known is None else known
    if member.form == Form.WHOLE:
        return int(text) if text.strip().lstrip("-").isdecimal() else text
    if member.form == Form.WORD and member.words:
        return _codes(member).get(simplified(text), text)
    if member.form == Form.WORDS and member.words:
        codes = _codes(member)
        return [codes.get(simplified(entry), entry) for entry in _apart(text)]
    if member.form == Form.TEXTS:
        return _apart(text)
    if member.form == Form.CONDITION:
        return _condition(text)
    return text


def _codes(member: Member) -> Mapping[str, str]:
    assert member.words
    found: dict[str, str] = {}
    for code, names in WORDS[member.words].items():
        for name in (code, *names):
            found[simplified(name)] = str(code)
    return found


def _condition(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        raise UnreadableCell(text) from fault


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _joined(entries: list[str]) -> str:
    """
    Join texts by `|`, so that they come apart again whatever stands in them.

    >>> _joined(["a|b", "", "c"]), _apart("a\\\\|b|\\\\e|c")
    ('a\\\\|b|\\\\e|c', ['a|b', '', 'c'])
    """
    escaped = [_SPECIAL.sub(r"\\\g<0>", entry) for entry in entries]
    return "|".join(entry or _EMPTY_ENTRY for entry in escaped)


def _apart(text: str) -> list[str]:
    if not text:
        return []
    entries, entry, marks = [], "", iter(text)
    for mark in marks:
        if mark == "\\":
            follows = next(marks, "")
            entry += "" if follows == "e" else follows
        elif mark in "|｜":
            entries.append(entry)
            entry = ""
        else:
            entry += mark
    return [*entries, entry]
