"""
An item's members as people type them: every member to text, and every text back.

What a member holds is read off the item's own dataclass, so that a member that is added there
can be edited without another word here.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from factors.domain.catalogue import Gate, Item

APART = " | "  # between the parts of a line: an allowed value, a piece of evidence


class Form(StrEnum):
    """How a member is typed."""

    LINE = "line"
    TEXT = "text"  # several lines
    WHOLE = "whole"
    NUMBER = "number"
    BOUND = "bound"  # a number, or a day for dates
    CHOICE = "choice"
    FLAG = "flag"
    WORDS = "words"  # several, by semicolons
    PARTS = "parts"  # several of several parts each: a line each
    GATE = "gate"


class FieldFault(ValueError):
    """Raised where a text, or a value, is not what the member can hold."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


LONG = ("fill_", "bank_zh", "bank_en", "description_", "publication_", "repair_", "consent_when")


@cache
def hints() -> Mapping[str, Any]:
    """Return each member's type."""
    known = get_type_hints(Item)
    return {entry.name: known[entry.name] for entry in fields(Item)}


def form_of(field: str) -> Form:
    """
    Return how a member is typed.

    :raises FieldFault: if items have no such member.
    """
    if field not in hints():
        raise FieldFault(field, "items have no such member")
    kind = hints()[field]
    if field in ("minimum", "maximum"):
        return Form.BOUND
    if get_origin(kind) is tuple:
        return Form.PARTS if is_dataclass(get_args(kind)[0]) else Form.WORDS
    kind = _alone(kind)
    if kind is Gate:
        return Form.GATE
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Form.CHOICE
    by_type = {bool: Form.FLAG, int: Form.WHOLE, Decimal: Form.NUMBER}
    return by_type.get(kind, Form.TEXT if field.startswith(LONG) else Form.LINE)


def choices_of(field: str) -> list[str]:
    """Return the words that a member may hold; empty where it is free."""
    kind = hints()[field]
    kind = get_args(kind)[0] if get_origin(kind) is tuple else _alone(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [term.value for term in kind]
    return []


def parts_of(field: str) -> list[str]:
    """Return the names of the parts of a line, in their order."""
    return [entry.name for entry in fields(get_args(hints()[field])[0])]


def text_of(field: str, value: Any) -> str:
    """
    Return a member's value in the document as people type it.

    >>> text_of("former_names", ["甲", "乙"]), text_of("no_future", True)
    ('甲; 乙', 'true')
    """
    form = form_of(field)
    if value is None:
        return ""
    if form == Form.FLAG:
        return "true" if value else "false"
    if form == Form.WORDS:
        return "; ".join(value)
    if form == Form.PARTS:
        names = parts_of(field)
        return "\n".join(APART.join(_part(entry.get(name)) for name in names) for entry in value)
    if form == Form.GATE:
        return f"{value['outcome']}: {json.dumps(value['when'], ensure_ascii=False)}"
    return str(value)


def value_of(field: str, text: str) -> Any:
    """
    Return what a text says, as the document holds it.

    >>> value_of("former_names", "甲；乙"), value_of("validity_months", "")
    (['甲', '乙'], None)

    :raises FieldFault: if the member cannot hold it.
    """
    form, text = form_of(field), text.strip()
    if form == Form.FLAG:
        if text not in ("true", "false"):
            raise FieldFault(field, f"“{text}” is neither true nor false")
        return text == "true"
    if form == Form.WORDS:
        words = [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
        return checked(field, words)
    if form == Form.PARTS:
        return [_line(field, line) for line in text.splitlines() if line.strip()]
    if form == Form.GATE:
        return _gate(field, text)
    if not text and _may_be_none(field):
        return None
    if form == Form.WHOLE:
        return _whole(field, text)
    return checked(field, text)


def checked(field: str, value: Any) -> Any:
    """
    Return a value of the document's kind if the member can hold it.

    :raises FieldFault: if it is of another kind, or no word that is known.
    """
    form = form_of(field)
    if value is None:
        if not _may_be_none(field) and form not in (Form.BOUND, Form.GATE):
            raise FieldFault(field, "may not be empty")
        return None
    wanted = {Form.FLAG: bool, Form.WHOLE: int, Form.WORDS: list, Form.PARTS: list, Form.GATE: dict}
    kind = wanted.get(form, str)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise FieldFault(field, f"must be of type {kind.__name__}")
    words = value if isinstance(value, list) else [value]
    known = choices_of(field)
    if known and form in (Form.CHOICE, Form.WORDS):
        for word in words:
            if word not in known:
                raise FieldFault(field, f"“{word}” is none of {', '.join(known)}")
    if form in (Form.NUMBER, Form.BOUND):
        _check_number(field, str(value))
    return value


def _alone(kind: Any) -> Any:
    """Return the type of what may also be None."""
    if get_origin(kind) in (Union, UnionType):
        return next(part for part in get_args(kind) if part is not type(None))
    return kind


def _may_be_none(field: str) -> bool:
    return type(None) in get_args(hints()[field])


def _check_number(field: str, text: str) -> None:
    if form_of(field) == Form.BOUND:
        try:
            date.fromisoformat(text)
        except ValueError:
            pass  # no day: a bound may be a number as well, which is looked at next
        else:
            return
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise FieldFault(field, f"“{text}” is no number") from None
    if not number.is_finite():
        raise FieldFault(field, f"“{text}” is no number")


def _whole(field: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise FieldFault(field, f"“{text}” is no whole number") from None


def _part(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "; ".join(value) if isinstance(value, list | tuple) else str(value)


def _line(field: str, line: str) -> dict[str, Any]:
    """Read one line of several parts, each as the part's own type says."""
    kind = get_args(hints()[field])[0]
    known = get_type_hints(kind)
    parts = [part.strip() for part in line.split(APART.strip())]
    names = parts_of(field)
    if len(parts) > len(names):
        raise FieldFault(field, f"“{line}” has more than {len(names)} parts")
    parts += [""] * (len(names) - len(parts))
    return {
        name: _part_value(field, known[name], part) for name, part in zip(names, parts, strict=True)
    }


def _part_value(field: str, kind: Any, text: str) -> Any:
    optional = type(None) in get_args(kind)
    if get_origin(kind) is tuple:
        return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
    kind = _alone(kind)
    if optional and not text:
        return None
    if kind is bool:
        return text == "true"
    if kind is int:
        return _whole(field, text)
    return text


def _gate(field: str, text: str) -> dict[str, Any] | None:
    if not text:
        return None
    outcome, _, condition = text.partition(":")
    try:
        when = json.loads(condition)
    except ValueError:
        raise FieldFault(field, "write it as decline: {condition} or refer: {condition}") from None
    if not isinstance(when, dict):
        raise FieldFault(field, "the condition must be an object")
    return {"outcome": outcome.strip(), "when": when}
