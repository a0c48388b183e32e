"""
Whether any enterprise at all can meet a condition.

What a condition can tell apart about a value is finite: its codes, the prefixes it names, and
where a figure lies between the condition's own numbers. So each value is tried at the places
that matter, and nothing else; conditions are small, and a part that is settled already is not
tried further. The meaning is that of imports: a comparison with a value that is missing, or
that cannot apply, is false.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from factors.domain.catalogue import Catalogue, Item
from factors.domain.conditions import END, leaves
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.domain.values import CANONICAL_DECIMAL, canonical_decimal

TODAY = date(2030, 1, 1)
"""Any day would do: conditions look at days only in relation to the day of the check."""

EPOCH = date(1970, 1, 1)
MOST_STEPS = 200_000
"""Past so many partial rows a condition counts as one that can hold: it is not shown false."""

FOUNDED = "established_on"
_NUMBERS = ("equals", "at_least", "at_most", "above", "below", "days_ahead_above")
_YEARS = 120
_TESTS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "equals": operator.eq,
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}
_SAMPLES: Mapping[str, tuple[str, str]] = {
    # an identity field, the form that it has, and one that has it
    "uscc": ("[0-9A-HJ-NPQRTUWXY]{18}", "911111111111111111"),
    "region": ("[0-9]{6}", "000000"),
    "industry": ("[A-Z]?[0-9]{0,4}", "C0000"),
    "name": (".{1,200}", "甲"),
}
_SIZES = ("large", "medium", "small", "micro")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as conditions see it: its canonical text, and its figure if it has one."""

    text: str
    number: Decimal | None = None


Row = dict[str, Cell | None]


def can_hold(condition: Mapping[str, Any], catalogue: Catalogue) -> bool:
    """
    Whether some row meets a well-formed condition over items that the catalogue has.

    Exact for conditions whose compared figures have the same steps, which is all that people
    write; where it gives up it says yes.
    """
    named = _variables(condition)
    choices = {name: _choices(name, condition, catalogue, len(named)) for name in named}
    order = sorted(named, key=lambda name: len(choices[name]))
    steps = 0
    stack: list[Row] = [{}]
    while stack:
        row = stack.pop()
        steps += 1
        settled = holds(condition, row)
        if settled or steps > MOST_STEPS:
            return True
        if settled is None:
            name = order[len(row)]
            stack += [row | {name: choice} for choice in choices[name]]
    return False


def holds(condition: Mapping[str, Any], row: Row) -> bool | None:
    """Whether a row meets a condition; None while values are open on which that hangs."""
    if "all" in condition:
        parts = [holds(part, row) for part in condition["all"]]
        return False if False in parts else None if None in parts else True
    if "any" in condition:
        parts = [holds(part, row) for part in condition["any"]]
        return True if True in parts else None if None in parts else False
    if "not" in condition:
        part = holds(condition["not"], row)
        return None if part is None else not part
    if not all(name in row for name in _variables(condition)):
        return None
    return _leaf(condition, row)


def _leaf(leaf: Mapping[str, Any], row: Row) -> bool:
    if "derived" in leaf:
        return _compare(leaf, _derived(leaf["derived"], row))
    cell = row[leaf["item"]]
    if "missing" in leaf:
        return (cell is None) == bool(leaf["missing"])
    if cell is None:
        return False
    if "in" in leaf:
        return cell.text in {str(value) for value in leaf["in"]}
    if "starts_with" in leaf:
        return cell.text.startswith(str(leaf["starts_with"]))
    if "starts_with_any" in leaf:
        return cell.text.startswith(tuple(map(str, leaf["starts_with_any"])))
    if isinstance(leaf.get("equals"), str):
        return cell.text == str(leaf["equals"])
    return _compare_with_others(leaf, cell.number, row)


def _compare_with_others(leaf: Mapping[str, Any], number: Decimal | None, row: Row) -> bool:
    for word, sign in (("above_item", 1), ("before_item", -1)):
        if word in leaf:
            other = row[leaf[word]]
            if number is None or other is None or other.number is None:
                return False
            return (number - other.number) * sign > 0
    if "above_derived" in leaf:
        derived = _derived(leaf["above_derived"], row)
        return number is not None and derived is not None and number > derived
    if "days_ahead_above" in leaf:
        ahead = None if number is None else number - (TODAY - EPOCH).days
        return ahead is not None and ahead > Decimal(str(leaf["days_ahead_above"]))
    return _compare(leaf, number)


def _compare(leaf: Mapping[str, Any], number: Decimal | None) -> bool:
    if number is None:
        return False
    return any(test(number, _decimal(leaf[word])) for word, test in _TESTS.items() if word in leaf)


def _derived(name: str, row: Row) -> Decimal | None:
    founded = row[FOUNDED]
    if founded is None or founded.number is None:
        return None
    day = EPOCH + timedelta(days=int(founded.number))
    years = TODAY.year - day.year - ((day.month, day.day) > (TODAY.month, TODAY.day))
    if name == "age_years":
        return Decimal(years)
    return Decimal(min(max(TODAY.year - 1 - day.year, 0), 3))


def _variables(condition: Mapping[str, Any]) -> list[str]:
    """Return what a row has to say before the condition can be settled."""
    named = []
    for leaf in leaves(condition):
        named += [leaf[word] for word in ("item", "above_item", "before_item") if word in leaf]
        if "derived" in leaf or "above_derived" in leaf:
            named.append(FOUNDED)
    return list(dict.fromkeys(named))


def _choices(
    name: str, condition: Mapping[str, Any], catalogue: Catalogue, variables: int
) -> list[Cell | None]:
    """Return what a value may be, one of each kind that the condition can tell apart."""
    item = None if name.endswith(END) else catalogue.items.get(name)
    found: list[Cell | None] = [] if name == "uscc" else [None]
    if item and item.allows_not_applicable:
        found.append(Cell(NOT_APPLICABLE))
    if item and item.type.is_coded:
        return found + [Cell(value.code) for value in item.values]
    if item and item.type == ItemType.BOOLEAN:
        return [*found, Cell("true", Decimal(1)), Cell("false", Decimal(0))]
    if name == "size":
        return found + [Cell(size) for size in _SIZES]
    if (item and item.type == ItemType.TEXT) or name in _SAMPLES:
        return found + [Cell(text) for text in _texts(name, item, condition)]
    return found + list(_figures(name, item, _thresholds(condition, catalogue), variables))


def _texts(name: str, item: Item | None, condition: Mapping[str, Any]) -> list[str]:
    """Return a text for each prefix and each whole text that is named, and one for the rest."""
    if item:
        pattern, sample = f".{{1,{item.max_length}}}", "甲"
    else:
        pattern, sample = _SAMPLES[name]
    named = [sample]
    for leaf in leaves(condition):
        if leaf.get("item") != name:
            continue
        starts = [leaf.get("starts_with"), *leaf.get("starts_with_any", ())]
        for start in (str(each) for each in starts if each is not None):
            named += [start, start + sample[len(start) :]]
        named += [str(each) for each in (*leaf.get("in", ()), leaf.get("equals", sample))]
    return [text for text in dict.fromkeys(named) if re.fullmatch(pattern, text)]


def _thresholds(condition: Mapping[str, Any], catalogue: Catalogue) -> set[Decimal]:
    """Return every figure that a value of this condition may lie above or below."""
    today = (TODAY - EPOCH).days
    found = {Decimal(0), Decimal(today)}
    for leaf in leaves(condition):
        for word in _NUMBERS:
            if word in leaf and not isinstance(leaf[word], str | bool):
                found |= {_decimal(leaf[word]), _decimal(leaf[word]) + today}
        found |= {_decimal(each) for each in leaf.get("in", ()) if _is_figure(each)}
        found |= {Decimal(_day_number(each)) for each in leaf.get("in", ()) if _is_day(each)}
        if _is_figure(leaf.get("equals")):
            found.add(_decimal(leaf["equals"]))
        if _is_day(leaf.get("equals")):
            found.add(Decimal(_day_number(leaf["equals"])))
        if "derived" in leaf or "above_derived" in leaf:
            found |= {Decimal(_founded(years)) for years in range(_YEARS)}
    for name in _variables(condition):
        found |= set(_limits(catalogue.items.get(name)))
    return found


def _figures(
    name: str, item: Item | None, thresholds: set[Decimal], variables: int
) -> Iterator[Cell]:
    """Yield figures or days at, and a few steps beside, each threshold, within the bounds."""
    low, high = _limits(item) or (Decimal(0), Decimal("1e15"))
    is_date = (item and item.type == ItemType.DATE) or name == FOUNDED or name.endswith(END)
    if is_date:
        low, high = _day_limits(name, item)
    step = Decimal(1)
    if item and not is_date and item.type != ItemType.COUNT:
        step = Decimal(1).scaleb(-item.decimals) * item.unit_factor
    places = {(point / step).to_integral_value() for point in thresholds}
    beside = {place + offset for place in places for offset in range(-variables, variables + 1)}
    for number in sorted(place * step for place in beside):
        if low <= number <= high:
            yield Cell(_text_of(number, is_date=bool(is_date)), number)


def _limits(item: Item | None) -> Sequence[Decimal]:
    if item is None or not item.type.is_numeric:
        return ()
    low, high = item.base_minimum, item.base_maximum
    assert isinstance(low, Decimal)  # a numeric item without bounds is refused before
    assert isinstance(high, Decimal)
    return low, high


def _day_limits(name: str, item: Item | None) -> tuple[Decimal, Decimal]:
    first, last = date(1900, 1, 1), date(2200, 1, 1)
    if name == FOUNDED or (item and item.no_future):
        last = TODAY
    if item and isinstance(item.minimum, date):
        first = max(first, item.minimum)
    if item and isinstance(item.maximum, date):
        last = min(last, item.maximum)
    return Decimal((first - EPOCH).days), Decimal((last - EPOCH).days)


def _text_of(number: Decimal, *, is_date: bool) -> str:
    if is_date:
        return (EPOCH + timedelta(days=int(number))).isoformat()
    return canonical_decimal(number)


def _founded(years: int) -> int:
    return (date(TODAY.year - years, 1, 1) - EPOCH).days


def _decimal(value: Any) -> Decimal:
    return Decimal(int(value)) if isinstance(value, bool) else Decimal(str(value))


def _is_figure(value: Any) -> bool:
    return bool(CANONICAL_DECIMAL.match(str(value)))


def _is_day(value: Any) -> bool:
    return bool(re.fullmatch(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]", str(value)))


def _day_number(value: Any) -> int:
    try:
        return (date.fromisoformat(str(value)) - EPOCH).days
    except ValueError:
        return 0
