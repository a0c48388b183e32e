"""
What is known of one enterprise on the day it is scored, and why the rest is not.

The only place that decides what a value *counts as*: a certificate past its end counts as
expired, an honour keeps its value, and what cannot be seen is missing, with its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from factors.domain.catalogue import Item
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from qfce.kernel.errors import Invalid

Value = str | bool | int | Decimal | date

EXPIRED = "EXPIRED"
"""The code that a list gives to a certificate past its end."""


class FactState(StrEnum):
    """Why a value counts, or why there is none to count."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"  # counts as EXPIRED; missing where the item has no such code
    NOT_APPLICABLE = "not_applicable"
    NO_DATA = "no_data"
    NOT_SHARED = "not_shared"
    NOT_AUTHORISED = "not_authorised"  # the enterprise's consent is lacking
    LAPSED = "lapsed"  # too old to count; shown struck through
    RETIRED = "retired"  # records are kept by a later list version, which does not tell it


class NotAValue(Invalid):
    code = "evaluation.own_facts.not_a_value"
    title = "A fact of the bank's own does not fit the factor list."


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One item of one enterprise.

    `value` is what counts, None where nothing does; `stated` is what was recorded, also
    where it no longer counts. `source` is who said so (a source of the list, or "own").
    """

    value: Value | None
    state: FactState
    stated: Value | None = None
    flagged: bool = False
    source: str = ""


RETIRED = Fact(value=None, state=FactState.RETIRED)
UNKNOWN = Fact(value=None, state=FactState.NO_DATA)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a scorecard may look at; an item that is absent has no data."""

    uscc: str
    established_on: date | None
    items: Mapping[str, Fact]

    def get(self, code: str) -> Fact:
        return self.items.get(code, UNKNOWN)


def disclosed(
    item: Item,
    *,
    value: Any,
    answer: str,
    status: str | None,
    flags: tuple[str, ...] = (),
    source: str = "",
) -> Fact:
    """
    Return the fact behind one disclosed item.

    :param value: in the canonical form of profiles (decimals as strings), or None.
    :param answer: "ok", "no_data", "not_shared" or "not_authorised".
    :param status: of a value: "in_force", "expired", "lapsed" or "not_applicable".
    """
    if answer != "ok":
        return Fact(value=None, state=FactState(answer))
    if value is None:
        return UNKNOWN
    if value == NOT_APPLICABLE:
        return Fact(None, FactState.NOT_APPLICABLE, NOT_APPLICABLE, bool(flags), source)
    stated = typed(item, value, strict=False)
    state = FactState(status or FactState.IN_FORCE)
    return Fact(_counts_as(item, stated, state), state, stated, bool(flags), source or "")


def typed(item: Item, value: Any, *, strict: bool = True) -> Value:
    """
    Return a canonical value as the type that scoring compares.

    :param strict: whether a code must be one of the item's. What is disclosed may come from a
        later version of the list than a scorecard binds; such a code then falls into no bin.
    :raises ValueError: if it is not a value of the item.

    Numbers come as strings or whole numbers, never as floats, so that nothing is lost.
    """
    if item.type == ItemType.BOOLEAN:
        if not isinstance(value, bool):
            raise ValueError("it must be true or false")
        return value
    if item.type.is_numeric:
        return _number(item, value)
    if not isinstance(value, str):
        raise ValueError("it must be text")
    if item.type == ItemType.DATE:
        return date.fromisoformat(value)
    if strict and item.values and value not in item.by_code:
        raise ValueError(f"it must be one of {', '.join(item.by_code)}")
    return value


def own(item: Item, value: Any) -> Fact:
    """
    Return a fact that the bank itself established.

    :raises NotAValue: if the value is not one of the item's.
    """
    try:
        known = typed(item, str(value) if isinstance(value, float) else value)
        _check_bounds(item, known)
    except ValueError as problem:
        raise NotAValue(
            f"{value!r} is no value of {item.code} ({item.name_en}): {problem}.",
            hint="Give a value as the factor list describes it.",
            errors=[{"pointer": f"/own_facts/{item.code}", "detail": f"{problem}"}],
        ) from None
    return Fact(known, FactState.IN_FORCE, known, source="own")


def _counts_as(item: Item, stated: Value, state: FactState) -> Value | None:
    if state == FactState.LAPSED:
        return None
    if state == FactState.EXPIRED and item.is_term:
        return EXPIRED if EXPIRED in item.by_code else None
    return stated


def _number(item: Item, value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("it must be a number, written as text or whole")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("it must be a number") from None
    if not number.is_finite():
        raise ValueError("it must be a finite number")
    if item.type != ItemType.COUNT:
        return number
    if number != int(number):
        raise ValueError("it must be a whole number")
    return int(number)


def _check_bounds(item: Item, value: Value) -> None:
    lowest, highest = item.base_minimum, item.base_maximum
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if isinstance(lowest, Decimal) and value < lowest:
            raise ValueError(f"it must be at least {lowest}")
        if isinstance(highest, Decimal) and value > highest:
            raise ValueError(f"it must be at most {highest}")
