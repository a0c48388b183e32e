"""What keeps one item of a list from working, whatever the others say."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from factors.domain.item_parts import Value
from factors.domain.item_types import (
    NOT_APPLICABLE,
    BankDefault,
    ItemType,
    Source,
    ValidityKind,
)
from factors.domain.items import Item
from factors.domain.problem_texts import Problem
from factors.domain.simplified import simplified

PAIRS = ("name", "issuing_authority", "source_system", "fill", "bank", "description")
"""What every item says in Chinese and in English."""

PAIRS_OR_NONE = (
    ("unit_zh", "unit_en"),
    ("consent_when_zh", "consent_when"),
    ("publication_zh", "publication_en"),
    ("repair_zh", "repair_en"),
)


def item_problems(item: Item, at: str) -> Iterator[Problem]:
    """Yield the faults of an item; `at` is the pointer to it."""
    yield from _text_problems(item, at)
    yield from _part_problems(item, at)
    yield from _value_problems(item, at)
    yield from _ambiguous_labels(item, at)
    yield from _bound_problems(item, at)
    yield from _validity_problems(item, at)
    yield from _sharing_problems(item, at)


def _text_problems(item: Item, at: str) -> Iterator[Problem]:
    """Every text is there in Chinese and in English."""
    for name in (f"{pair}_{language}" for pair in PAIRS for language in ("zh", "en")):
        if not getattr(item, name).strip():
            yield _missing(item, at, name)
    for pair in PAIRS_OR_NONE:
        lacking = [name for name in pair if not getattr(item, name).strip()]
        if len(lacking) == 1:
            yield _missing(item, at, lacking[0])


def _part_problems(item: Item, at: str) -> Iterator[Problem]:
    """So do evidence, owners and citations; nobody is asked for an item without evidence."""
    if not item.evidences:
        yield _missing(item, at, "evidences")
    parts = (("evidences", "name"), ("owners", "agency"), ("citations", "source"))
    for member, pair in parts:
        for place, part in enumerate(getattr(item, member)):
            for name in (f"{pair}_zh", f"{pair}_en"):
                if not getattr(part, name).strip():
                    yield _missing(item, f"{at}/{member}/{place}", name)
    seen: set[Source] = set()
    for place, owner in enumerate(item.owners):
        if owner.level in seen or owner.level not in item.source_order:
            facts = {"code": item.code, "level": owner.level}
            yield Problem("owner_level", f"{at}/owners/{place}/level", facts)
        seen.add(owner.level)


def _missing(item: Item, at: str, member: str) -> Problem:
    return Problem("text_missing", f"{at}/{member}", {"code": item.code, "member": member})


def _value_problems(item: Item, at: str) -> Iterator[Problem]:
    at = f"{at}/values"
    if item.type.is_coded and not item.values:
        yield Problem("no_values", at, {"code": item.code})
    if item.values and not item.type.is_coded:
        yield Problem("values_unused", at, {"code": item.code, "type": item.type})
    seen: dict[str, int] = {}
    for place, value in enumerate(item.values):
        facts = {"code": item.code, "value": value.code}
        for name in ("label_zh", "label_en"):
            if not getattr(value, name).strip():
                yield Problem("label_missing", f"{at}/{place}/{name}", facts)
        if not value.code.strip():
            yield Problem("code_missing", f"{at}/{place}/code")
        elif value.code != value.code.upper():
            yield Problem("code_lower_case", f"{at}/{place}/code", facts)
        if value.rank is not None and value.rank < 1:
            yield Problem("rank", f"{at}/{place}/rank", facts | {"rank": value.rank})
        seen[value.code] = seen.get(value.code, 0) + 1
        if seen[value.code] > 1:
            twice = {"code": value.code, "times": seen[value.code]}
            yield Problem("duplicate_code", f"{at}/{place}/code", twice)


def _ambiguous_labels(item: Item, at: str) -> Iterator[Problem]:
    """Within an item no code, label or alias may mean two values."""
    meanings: dict[str, str] = {}
    if item.allows_not_applicable:
        meanings = {simplified(word): NOT_APPLICABLE for word in (NOT_APPLICABLE, "不适用")}
    for place, value in enumerate(item.values):
        for member, word in _words(value):
            meant = meanings.setdefault(simplified(word), value.code)
            if word.strip() and meant != value.code:
                yield Problem(
                    "ambiguous_label",
                    f"{at}/values/{place}/{member}",
                    {"code": item.code, "word": word, "one": meant, "other": value.code},
                )


def _words(value: Value) -> list[tuple[str, str]]:
    """Return what means a value, each with the member that says so."""
    labels = [("code", value.code), ("label_zh", value.label_zh), ("label_en", value.label_en)]
    return labels + [(f"aliases/{place}", alias) for place, alias in enumerate(value.aliases)]


def _bound_problems(item: Item, at: str) -> Iterator[Problem]:
    low, high = item.minimum, item.maximum
    facts: dict[str, object] = {"code": item.code}
    if _is_above(low, high):
        yield Problem("bounds_reversed", f"{at}/minimum", facts | {"low": low, "high": high})
    if item.type.is_numeric and (low is None or high is None):
        lacking = "minimum" if low is None else "maximum"
        yield Problem("bounds_missing", f"{at}/{lacking}", facts)
    if item.unit_factor <= 0:
        yield Problem("unit_factor", f"{at}/unit_factor", facts)
    if item.decimals < 0 or (item.type == ItemType.COUNT and item.decimals):
        yield Problem("decimals", f"{at}/decimals", facts | {"decimals": item.decimals})
    for name, bound in (("minimum", low), ("maximum", high)):
        if isinstance(bound, Decimal) and _decimals_of(bound) > max(item.decimals, 0):
            finer = {"bound": f"{bound:f}", "decimals": item.decimals}
            yield Problem("bound_finer", f"{at}/{name}", facts | finer)
    if item.max_length < 1:
        yield Problem("max_length", f"{at}/max_length", facts)


def _decimals_of(number: Decimal) -> int:
    """
    >>> _decimals_of(Decimal("1.250")), _decimals_of(Decimal("100"))
    (2, 0)
    """
    exponent = number.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _is_above(low: object, high: object) -> bool:
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return low > high
    return isinstance(low, date) and isinstance(high, date) and low > high


def _validity_problems(item: Item, at: str) -> Iterator[Problem]:
    """Months belong to windows, terms and honours, and are at least one; a state has none."""
    months = item.validity_months
    facts: dict[str, object] = {"code": item.code}
    if item.validity_kind == ValidityKind.STATE:
        if months is not None:
            yield Problem("validity_unused", f"{at}/validity_months", facts)
    elif months is None or months < 1:
        given = "–" if months is None else months
        yield Problem("validity", f"{at}/validity_months", facts | {"months": given})
    if item.max_age_days < 1:
        yield Problem("max_age", f"{at}/max_age_days", facts | {"days": item.max_age_days})


def _sharing_problems(item: Item, at: str) -> Iterator[Problem]:
    ranks = [list(Source).index(source) for source in item.source_order]
    facts: dict[str, object] = {"code": item.code}
    if not ranks or ranks != sorted(set(ranks)):
        yield Problem("source_order", f"{at}/source_order", facts)
    if item.in_workbook and item.bank_default == BankDefault.NEVER:
        yield Problem("never_shared", f"{at}/in_workbook", facts)
