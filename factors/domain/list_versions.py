"""
The life of one version of a factor list, and what keeps a version from working.

The only place for the checks that a list has to pass before others are asked to sign it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from factors.domain import conditions
from factors.domain.catalogue import Catalogue, CrossRule, Item
from factors.domain.item_types import (
    NOT_APPLICABLE,
    BankDefault,
    ItemType,
    Source,
    ValidityKind,
)
from qfce.kernel.lifecycle import Lifecycle


class VersionStatus(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"  # the signers are looking at it
    SIGNED = "signed"  # every required signer has signed this very document
    PUBLISHED = "published"
    SUPERSEDED = "superseded"  # a newer version is published; in force until its first day
    WITHDRAWN = "withdrawn"  # found to be wrong after publication; no longer in force


S = VersionStatus

VERSION = Lifecycle(
    initial=S.DRAFT,
    transitions={
        "submit": (frozenset({S.DRAFT}), S.IN_REVIEW),
        "return": (frozenset({S.IN_REVIEW, S.SIGNED}), S.DRAFT),
        "sign_off": (frozenset({S.IN_REVIEW}), S.SIGNED),
        "publish": (frozenset({S.SIGNED}), S.PUBLISHED),
        "supersede": (frozenset({S.PUBLISHED}), S.SUPERSEDED),
        "withdraw": (frozenset({S.PUBLISHED, S.SUPERSEDED}), S.WITHDRAWN),
    },
)

PUBLIC = frozenset({S.PUBLISHED, S.SUPERSEDED, S.WITHDRAWN})
"""The states in which everybody may read a version, and nobody may change it."""

IN_FORCE = frozenset({S.PUBLISHED, S.SUPERSEDED})


class Decision(StrEnum):
    """What a signing organization answers."""

    SIGNED = "signed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a list from working; `pointer` is where, as in RFC 6901."""

    code: str
    pointer: str
    message: str


def problems(document: Mapping[str, Any]) -> list[Problem]:
    """Return everything that keeps a document from being a list that works; best, nothing."""
    try:
        catalogue = Catalogue.from_document(document)
    except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as fault:
        return [Problem("malformed", "", f"The document cannot be read: {fault!r}.")]

    found = [*_duplicate_codes(document), *_duplicate_headers(catalogue)]
    if not catalogue.items:
        found.append(Problem("no_items", "/items", "The list has no items."))
    for place, item in enumerate(catalogue.items.values()):
        found += _item_problems(item, f"/items/{place}", catalogue)
    for name, rules in (("rules", catalogue.rules), ("report_rules", catalogue.report_rules)):
        for place, rule in enumerate(rules):
            found += _rule_problems(rule, f"/{name}/{place}", catalogue)
    return found


def simplified(text: str) -> str:
    """
    Return what of a label or header counts: NFKC, lower case, no blanks and no brackets.

    >>> simplified("存续（在营、开业、在册）") == simplified("存续 (在营、开业、在册)")
    True
    """
    return re.sub(
        r"[\s()\[\]{}<>【】〔〕「」『』〈〉《》]", "", unicodedata.normalize("NFKC", text)
    ).lower()


def _duplicate_codes(document: Mapping[str, Any]) -> Iterator[Problem]:
    for name, what in (("items", "item"), ("rules", "rule"), ("categories", "category")):
        for code, times in Counter(entry["code"] for entry in document[name]).items():
            if times > 1:
                yield Problem(
                    "duplicate_code", f"/{name}", f"The {what} {code} is there {times} times."
                )


def _duplicate_headers(catalogue: Catalogue) -> Iterator[Problem]:
    """Two items may not answer to one column header, under a present or a former name."""
    owners: dict[str, str] = {}
    for item in catalogue.items.values():
        for name in (item.code, item.name_zh, item.name_en, *item.former_names):
            owner = owners.setdefault(simplified(name), item.code)
            if name and owner != item.code:
                yield Problem(
                    "ambiguous_name", "/items", f"“{name}” would mean both {owner} and {item.code}."
                )


def _item_problems(item: Item, at: str, catalogue: Catalogue) -> Iterator[Problem]:
    if item.category not in catalogue.category_codes:
        yield Problem(
            "unknown_category", f"{at}/category", f"{item.code}: no category {item.category}."
        )
    yield from _text_problems(item, at)
    yield from _value_problems(item, at)
    yield from _bound_problems(item, at)
    yield from _validity_problems(item, at)
    yield from _sharing_problems(item, at)
    if item.suggested_gate:
        yield from _condition_problems(
            item.suggested_gate.when, f"{at}/suggested_gate", item.code, catalogue
        )


PAIRS = (
    "name",
    "issuing_authority",
    "source_system",
    "fill",
    "bank",
    "description",
)


def _text_problems(item: Item, at: str) -> Iterator[Problem]:
    """Every text is there in Chinese and in English."""
    for name in (f"{pair}_{language}" for pair in PAIRS for language in ("zh", "en")):
        if not getattr(item, name).strip():
            yield Problem("text_missing", f"{at}/{name}", f"{item.code} has no {name}.")
    for one, other in (("unit_zh", "unit_en"), ("consent_when_zh", "consent_when")):
        if bool(getattr(item, one)) != bool(getattr(item, other)):
            yield Problem("text_missing", f"{at}/{one}", f"{item.code} has no {one} or {other}.")


def _value_problems(item: Item, at: str) -> Iterator[Problem]:
    at = f"{at}/values"
    if item.type.is_coded and not item.values:
        yield Problem("no_values", at, f"{item.code} is an enumeration without values.")
    if item.values and not item.type.is_coded:
        yield Problem("values_unused", at, f"{item.code} is a {item.type} and can have no values.")
    for value in item.values:
        if not value.label_zh.strip() or not value.label_en.strip():
            yield Problem("label_missing", at, f"{item.code}: {value.code} lacks a label.")
        if value.code != value.code.upper():
            yield Problem("code_lower_case", at, f"{item.code}: {value.code} is not upper case.")
    yield from _ambiguous_labels(item, at)
    for code, times in Counter(value.code for value in item.values).items():
        if times > 1:
            yield Problem("duplicate_code", at, f"{item.code} has {code} {times} times.")


def _ambiguous_labels(item: Item, at: str) -> Iterator[Problem]:
    """Within an item no code, label or alias may mean two values."""
    meanings: dict[str, str] = {}
    if item.allows_not_applicable:
        meanings = {simplified(word): NOT_APPLICABLE for word in (NOT_APPLICABLE, "不适用")}
    for value in item.values:
        for word in (value.code, value.label_zh, value.label_en, *value.aliases):
            meant = meanings.setdefault(simplified(word), value.code)
            if meant != value.code:
                yield Problem(
                    "ambiguous_label",
                    at,
                    f"{item.code}: “{word}” would mean both {meant} and {value.code}.",
                )


def _bound_problems(item: Item, at: str) -> Iterator[Problem]:
    low, high = item.minimum, item.maximum
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        yield Problem("bounds_reversed", f"{at}/minimum", f"{item.code}: {low} is above {high}.")
    if item.type.is_numeric and (low is None or high is None):
        yield Problem("bounds_missing", f"{at}/minimum", f"{item.code} needs both bounds.")
    if item.unit_factor <= 0:
        yield Problem("unit_factor", f"{at}/unit_factor", f"{item.code}: not above 0.")
    if item.decimals < 0 or (item.type == ItemType.COUNT and item.decimals):
        yield Problem("decimals", f"{at}/decimals", f"{item.code}: {item.decimals} decimals.")
    if item.max_length < 1:
        yield Problem("max_length", f"{at}/max_length", f"{item.code} allows no text at all.")


def _validity_problems(item: Item, at: str) -> Iterator[Problem]:
    """Months belong to windows, terms and honours, and are at least one; a state has none."""
    at = f"{at}/validity_months"
    months = item.validity_months
    if item.validity_kind == ValidityKind.STATE:
        if months is not None:
            yield Problem("validity", at, f"{item.code} is a state and can have no months.")
    elif months is None or months < 1:
        yield Problem("validity", at, f"{item.code}: a {item.validity_kind} of {months} months.")
    if item.max_age_days < 1:
        yield Problem("max_age", at, f"{item.code} may not be older than {item.max_age_days} days.")


def _sharing_problems(item: Item, at: str) -> Iterator[Problem]:
    ranks = [list(Source).index(source) for source in item.source_order]
    if not ranks or ranks != sorted(set(ranks)):
        yield Problem(
            "source_order",
            f"{at}/source_order",
            f"{item.code}: sources repeat or are out of order.",
        )
    if item.in_workbook and item.bank_default == BankDefault.NEVER:
        yield Problem(
            "never_shared", f"{at}/in_workbook", f"{item.code} is asked for and never shared."
        )


def _rule_problems(rule: CrossRule, at: str, catalogue: Catalogue) -> Iterator[Problem]:
    if not rule.message_zh.strip() or not rule.message_en.strip():
        yield Problem("text_missing", f"{at}/message_zh", f"{rule.code} lacks a message.")
    for item in rule.for_each or ("",):
        bound = conditions.bound_to(rule.when, item) if item else rule.when
        yield from _condition_problems(bound, f"{at}/when", rule.code, catalogue)
        yields = rule.yields.replace("{item}", item).split(" ")[0]
        if yields not in catalogue.items:
            yield Problem("unknown_item", f"{at}/yields", f"{rule.code}: no item {yields}.")


def _condition_problems(
    condition: Mapping[str, Any], at: str, name: str, catalogue: Catalogue
) -> Iterator[Problem]:
    if not conditions.is_well_formed(condition):
        yield Problem("condition", at, f"{name}: the condition cannot be evaluated.")
        return
    for item in conditions.items_named(condition):
        if item not in catalogue.items and item not in conditions.IDENTITY_FIELDS:
            yield Problem("unknown_item", at, f"{name} looks at {item}, which the list lacks.")
    for leaf in conditions.leaves(condition):
        derived = leaf.get("derived", leaf.get("above_derived"))
        if derived is not None and derived not in conditions.DERIVED:
            yield Problem("unknown_derived", at, f"{name}: nothing derives {derived}.")
        known = catalogue.items.get(leaf.get("item", ""))
        if known and known.values:
            for value in set(leaf.get("in", ())) - set(known.by_code):
                yield Problem("unknown_value", at, f"{name}: {known.code} has no value {value}.")


def is_in_force(status: str, effective_from: date | None, on: date) -> bool:
    """Whether a version counts on a day, newer versions left aside."""
    return status in IN_FORCE and effective_from is not None and effective_from <= on
