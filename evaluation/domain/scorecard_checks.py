"""
Whether the parts of a scorecard fit each other, and the factor list that it binds.

Bins neither overlap nor leave a gap, caps can be reached, grades tile 0 to 100, and nothing
names an item, a value or a derived fact that does not exist.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

from evaluation.domain.conditions import Comparison, Fault, Name, Subject, comparisons
from evaluation.domain.derived import DERIVATIONS
from evaluation.domain.facts import EXPIRED
from evaluation.domain.scorecard_documents import InvalidScorecard
from evaluation.domain.scorecards import (
    REGISTER_FIELDS,
    Characteristic,
    CharacteristicKind,
    Pattern,
    Scorecard,
)
from factors.domain.catalogue import Catalogue, Item
from factors.domain.item_types import ItemType

HIGHEST_SCORE = 100

_KINDS = {
    ItemType.ENUM: CharacteristicKind.ENUM,
    ItemType.GRADE: CharacteristicKind.ENUM,
    ItemType.BOOLEAN: CharacteristicKind.BOOLEAN,
    ItemType.COUNT: CharacteristicKind.NUMBER,
    ItemType.NUMBER: CharacteristicKind.NUMBER,
    ItemType.MONEY: CharacteristicKind.NUMBER,
}


def check(card: Scorecard, catalogue: Catalogue) -> None:
    """
    Check a scorecard by itself and against the list version that it binds.

    :raises InvalidScorecard: with every fault and its JSON pointer.
    """
    if faults := faults_of(card, catalogue):
        raise InvalidScorecard.of(faults)


def faults_of(card: Scorecard, catalogue: Catalogue) -> list[Fault]:
    """Return everything that keeps a scorecard from holding together; best, nothing."""
    return [*_own_faults(card), *_list_faults(card, catalogue)]


def _own_faults(card: Scorecard) -> Iterator[Fault]:
    yield from _pattern(card)
    yield from _unique("gates", "code", [gate.code for gate in card.gates])
    yield from _unique("categories", "code", [category.code for category in card.categories])
    yield from _unique("characteristics", "code", [each.code for each in card.characteristics])
    yield from _unique("grades", "grade", [grade.grade for grade in card.grades])
    yield from _unique("tiers", "tier", [str(tier.tier) for tier in card.tiers])
    if card.pattern == Pattern.POINTS:
        yield from _caps(card)
        yield from _grades(card)
    for place, each in enumerate(card.characteristics):
        if each.category not in {category.code for category in card.categories}:
            yield Fault(
                f"/characteristics/{place}/category",
                f"{each.code} names the category {each.category}, which the card has not.",
            )
        if each.kind == CharacteristicKind.NUMBER:
            yield from _number_bins(each, f"/characteristics/{place}/bins")
        else:
            yield from _value_bins(each, f"/characteristics/{place}/bins")
    yield from _self_declared(card)


def _pattern(card: Scorecard) -> Iterator[Fault]:
    if card.tiers and card.characteristics:
        yield Fault("/tiers", "A card either adds up points or has tiers, not both.")
    if not card.tiers and not card.characteristics:
        yield Fault("/characteristics", "A card has characteristics, or tiers.")


def _unique(member: str, key: str, codes: list[str]) -> Iterator[Fault]:
    for code, times in Counter(codes).items():
        if times > 1:
            place = len(codes) - 1 - codes[::-1].index(code)
            yield Fault(f"/{member}/{place}/{key}", f"{code} is there {times} times.")


def _caps(card: Scorecard) -> Iterator[Fault]:
    for place, category in enumerate(card.categories):
        possible = sum(each.best for each in card.in_category(category.code))
        if category.cap > possible:
            yield Fault(
                f"/categories/{place}/cap",
                f"The cap {category.cap} of {category.code} is above the {possible} points"
                " that its characteristics can give.",
            )
        if category.possible_before_cap not in (None, possible):
            yield Fault(
                f"/categories/{place}/possible_before_cap",
                f"The characteristics of {category.code} can give {possible} points,"
                f" not {category.possible_before_cap}.",
            )
    together = sum(category.cap for category in card.categories)
    if together > HIGHEST_SCORE:
        yield Fault("/categories", f"The caps together are {together}; a score ends at 100.")


def _grades(card: Scorecard) -> Iterator[Fault]:
    if not card.grades:
        yield Fault("/grades", "A card needs grades from 0 to 100.")
        return
    expected = 0
    for grade in sorted(card.grades, key=lambda grade: grade.low):
        if grade.low != expected or grade.high < grade.low:
            word = "overlaps" if grade.low < expected else "leaves a gap"
            yield Fault(
                "/grades",
                f"Grade {grade.grade} from {grade.low} to {grade.high} {word}:"
                f" it should begin at {expected}.",
            )
        expected = grade.high + 1
    if expected != HIGHEST_SCORE + 1:
        yield Fault("/grades", f"The grades end at {expected - 1}; they must end at 100.")


def _number_bins(each: Characteristic, pointer: str) -> Iterator[Fault]:
    for place, (left, right) in enumerate(pairwise(each.bins), start=1):
        if left.high is None or right.low is None or right.low < left.high:
            yield Fault(f"{pointer}/{place}", f"{each.code}: this bin overlaps the one before.")
        elif right.low > left.high:
            yield Fault(
                f"{pointer}/{place}",
                f"{each.code}: nothing holds values from {left.high} to below {right.low}.",
            )
    for place, bin_ in enumerate(each.bins):
        if bin_.low is not None and bin_.high is not None and bin_.low >= bin_.high:
            yield Fault(f"{pointer}/{place}", f"{each.code}: this bin is empty.")
    if each.bins[-1].high is not None:
        yield Fault(
            f"{pointer}/{len(each.bins) - 1}/below",
            f"{each.code}: the last bin must be open upwards (null).",
        )


def _value_bins(each: Characteristic, pointer: str) -> Iterator[Fault]:
    seen: set[str | bool] = set()
    for place, bin_ in enumerate(each.bins):
        twice = [value for value in bin_.values if value in seen]
        if twice:
            yield Fault(f"{pointer}/{place}", f"{each.code}: {twice[0]} is in two bins.")
        seen.update(bin_.values)


def _self_declared(card: Scorecard) -> Iterator[Fault]:
    known = {each.code for each in card.characteristics if not each.derived}
    for code in card.self_declared.characteristics if card.self_declared else ():
        if code not in known:
            yield Fault(
                "/self_declared_limit/characteristics",
                f"{code} is no characteristic that looks at one item.",
            )


def _list_faults(card: Scorecard, catalogue: Catalogue) -> Iterator[Fault]:
    for field in card.binds.register_fields:
        if field not in REGISTER_FIELDS:
            yield Fault("/binds/register_fields", f"The register has no field {field}.")
    for place, each in enumerate(card.characteristics):
        yield from _sources(each, catalogue, f"/characteristics/{place}")
    for pointer, when in card.conditions().items():
        for comparison in comparisons(when):
            yield from _comparison(comparison, catalogue, pointer)


def _sources(each: Characteristic, catalogue: Catalogue, pointer: str) -> Iterator[Fault]:
    unknown = [
        source
        for source in each.sources
        if source not in catalogue.items and source not in REGISTER_FIELDS
    ]
    if unknown:
        yield Fault(f"{pointer}/source", _no_item(unknown[0], catalogue))
        return
    if each.derived:
        derivation = DERIVATIONS.get(each.derived)
        if derivation is None:
            yield Fault(f"{pointer}/derived", f"There is no derived fact {each.derived}.")
        elif not set(derivation.sources) <= set(each.sources):
            yield Fault(
                f"{pointer}/source",
                f"{each.derived} comes from {', '.join(derivation.sources)}.",
            )
        elif derivation.values is not None:
            yield from _covers(each, derivation.values, derivation.values, pointer)
        else:
            yield from _covers_from(each, Decimal(0), pointer)
        return
    if each.sources[0] not in catalogue.items:
        yield Fault(f"{pointer}/source", f"{each.sources[0]} serves derived facts alone.")
        return
    yield from _item_bins(each, catalogue.items[each.sources[0]], pointer)


def _item_bins(each: Characteristic, item: Item, pointer: str) -> Iterator[Fault]:
    kind = _KINDS.get(item.type)
    if kind != each.kind:
        yield Fault(f"{pointer}/kind", f"{item.code} is a {item.type}, not a {each.kind}.")
    elif kind == CharacteristicKind.NUMBER:
        lowest = item.base_minimum
        yield from _covers_from(each, lowest if isinstance(lowest, Decimal) else None, pointer)
    elif kind == CharacteristicKind.BOOLEAN:
        yield from _covers(each, (True, False), (True, False), pointer)
    else:
        codes = tuple(item.by_code)
        yield from _covers(each, codes, (*codes, EXPIRED) if item.is_term else codes, pointer)


def _covers(
    each: Characteristic,
    needed: Iterable[str | bool],
    allowed: Iterable[str | bool],
    pointer: str,
) -> Iterator[Fault]:
    binned = {value for bin_ in each.bins for value in bin_.values}
    for value in needed:
        if value not in binned:
            yield Fault(f"{pointer}/bins", f"{each.code}: no bin holds the value {value}.")
    for value in sorted(binned - set(allowed), key=str):
        yield Fault(f"{pointer}/bins", f"{each.code}: {value} is no value of {each.name.code}.")


def _covers_from(each: Characteristic, lowest: Decimal | None, pointer: str) -> Iterator[Fault]:
    first = each.bins[0].low
    if first is not None and (lowest is None or first > lowest):
        reach = "there is no lower bound" if lowest is None else f"values begin at {lowest}"
        yield Fault(
            f"{pointer}/bins/0/from", f"{each.code}: nothing holds values below {first}; {reach}."
        )


def _comparison(asked: Comparison, catalogue: Catalogue, pointer: str) -> Iterator[Fault]:
    known = _known_values(asked.name, catalogue)
    if isinstance(known, Fault):
        yield Fault(pointer, known.detail)
        return
    allowed, numeric = known
    for value in asked.values or ():
        if not allowed(value):
            yield Fault(pointer, f"{value} is no value of {asked.name.code}.")
    if (asked.at_least is not None or asked.below is not None) and not numeric:
        yield Fault(pointer, f"{asked.name.code} is no number, so it has no at_least or below.")


def _known_values(
    name: Name, catalogue: Catalogue
) -> tuple[Callable[[object], bool], bool] | Fault:
    if name.subject == Subject.DERIVED:
        derivation = DERIVATIONS.get(name.code)
        if derivation is None:
            return Fault("", f"There is no derived fact {name.code}.")
        values = derivation.values
        return (
            (lambda value: isinstance(value, Decimal))
            if values is None
            else (lambda value: value in values)
        ), values is None
    item = catalogue.items.get(name.code)
    if item is None:
        return Fault("", _no_item(name.code, catalogue))
    if item.type.is_numeric:
        return lambda value: isinstance(value, Decimal), True
    if item.type == ItemType.BOOLEAN:
        return lambda value: isinstance(value, bool), False
    if item.type.is_coded:
        return lambda value: value in item.by_code or (value == EXPIRED and item.is_term), False
    return lambda value: isinstance(value, str), False


def _no_item(code: str, catalogue: Catalogue) -> str:
    return f"{code} is no item of {catalogue.code} version {catalogue.version}."
