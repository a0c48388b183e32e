"""
The condition language of gates, special bins and cap tables.

    {"item": "QC-01", "in": ["REVOKED", "DEREGISTERED"]}     {"item": "QC-05", "at_least": 1}
    {"derived": "age_years", "below": 4}                     {"item": "QC-02", "missing": true}
    {"item": "QM-03", "equals": true}                        {"all": […]}  {"any": […]}  {"not": …}

A missing value satisfies no comparison, so `not` of a comparison holds where nothing is
known: a condition that must not fire on a gap says so with `missing`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from evaluation.domain.facts import Value


class Subject(StrEnum):
    ITEM = "item"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Name:
    """What a condition or a bin looks at: an item of the list, or something derived."""

    subject: Subject
    code: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison; of several operators in one all must hold."""

    name: Name
    values: tuple[str | bool | Decimal, ...] | None = None
    at_least: Decimal | None = None
    below: Decimal | None = None
    missing: bool | None = None


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Comparison | Every | Either | Not

_OPERATORS = frozenset({"in", "equals", "at_least", "below", "missing"})


class Fault(ValueError):
    """One thing that is wrong with a document, and where (a JSON pointer)."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.detail = detail


def read(document: Any, pointer: str) -> Condition:
    """
    Return the condition that a document states.

    :raises Fault: if it states none.
    """
    if not isinstance(document, Mapping) or not document:
        raise Fault(pointer, "A condition is an object such as {item, in}.")
    for word, kind in (("all", Every), ("any", Either)):
        if word in document:
            _only(document, {word}, pointer)
            return kind(_parts(document[word], f"{pointer}/{word}"))
    if "not" in document:
        _only(document, {"not"}, pointer)
        return Not(read(document["not"], f"{pointer}/not"))
    return _comparison(document, pointer)


def holds(condition: Condition, look: Callable[[Name], Value | None]) -> bool:
    """Tell whether a condition holds, given what `look` finds (None: nothing known)."""
    match condition:
        case Every(parts):
            return all(holds(part, look) for part in parts)
        case Either(parts):
            return any(holds(part, look) for part in parts)
        case Not(part):
            return not holds(part, look)
    return _passes(condition, look(condition.name))


def names(condition: Condition) -> Iterator[Name]:
    """Yield everything that a condition looks at."""
    match condition:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from names(part)
        case Not(part):
            yield from names(part)
        case Comparison(name=name):
            yield name


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield every comparison of a condition."""
    match condition:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from comparisons(part)
        case Not(part):
            yield from comparisons(part)
        case Comparison():
            yield condition


def number(value: Any, pointer: str) -> Decimal:
    """
    Return a number of a document as an exact decimal.

    :raises Fault: if it is none. A JSON fraction is read through its shortest text.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Fault(pointer, "It must be a number.")
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        raise Fault(pointer, f"{value!r} is not a number.") from None
    if not exact.is_finite():
        raise Fault(pointer, "It must be a finite number.")
    return exact


def _passes(asked: Comparison, value: Value | None) -> bool:
    if asked.missing is not None and (value is None) != asked.missing:
        return False
    if asked.values is not None and (value is None or not _among(value, asked.values)):
        return False
    if asked.at_least is None and asked.below is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    if asked.at_least is not None and value < asked.at_least:
        return False
    return asked.below is None or value < asked.below


def _among(value: Value, values: tuple[str | bool | Decimal, ...]) -> bool:
    # True == 1 in Python; a boolean is no number here.
    return any(
        value == known and isinstance(value, bool) == isinstance(known, bool) for known in values
    )


def _parts(documents: Any, pointer: str) -> tuple[Condition, ...]:
    if not isinstance(documents, list) or not documents:
        raise Fault(pointer, "It must be a list of at least one condition.")
    return tuple(read(part, f"{pointer}/{place}") for place, part in enumerate(documents))


def _comparison(document: Mapping[str, Any], pointer: str) -> Comparison:
    subjects = [word for word in (Subject.ITEM, Subject.DERIVED) if word in document]
    if len(subjects) != 1:
        raise Fault(pointer, "A condition names one item or one derived fact.")
    _only(document, _OPERATORS | {subjects[0].value}, pointer)
    if not _OPERATORS & set(document):
        raise Fault(pointer, f"A condition needs one of {', '.join(sorted(_OPERATORS))}.")
    if "missing" in document and not isinstance(document["missing"], bool):
        raise Fault(f"{pointer}/missing", "It must be true or false.")
    return Comparison(
        name=Name(subjects[0], str(document[subjects[0]])),
        values=_values(document, pointer),
        at_least=_bound(document, "at_least", pointer),
        below=_bound(document, "below", pointer),
        missing=document.get("missing"),
    )


def _values(document: Mapping[str, Any], pointer: str) -> tuple[str | bool | Decimal, ...] | None:
    if "equals" in document:
        return (_value(document["equals"], f"{pointer}/equals"),)
    if "in" not in document:
        return None
    listed = document["in"]
    if not isinstance(listed, list) or not listed:
        raise Fault(f"{pointer}/in", "It must be a list of at least one value.")
    return tuple(_value(value, f"{pointer}/in/{place}") for place, value in enumerate(listed))


def _value(value: Any, pointer: str) -> str | bool | Decimal:
    return value if isinstance(value, str | bool) else number(value, pointer)


def _bound(document: Mapping[str, Any], word: str, pointer: str) -> Decimal | None:
    return number(document[word], f"{pointer}/{word}") if word in document else None


def _only(document: Mapping[str, Any], known: set[str] | frozenset[str], pointer: str) -> None:
    unknown = set(document) - known
    if unknown:
        raise Fault(pointer, f"Unknown: {', '.join(sorted(map(str, unknown)))}.")
