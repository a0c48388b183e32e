"""
A factor list as a value: what is collected about an enterprise, item by item.

The only place that knows how a list is written down as a document (JSON) and read back.
Everybody above works with the frozen dataclasses; nobody reads the document's keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from factors.domain.documents import plain
from factors.domain.item_types import (
    BankDefault,
    EmptyMeans,
    GateOutcome,
    ItemType,
    Kind,
    Polarity,
    Sensitivity,
    Severity,
    Source,
    UpdateFrequency,
    ValidityKind,
)

Condition = Mapping[str, Any]
"""A condition over items, as cross rules and gates write it: {"item": "QC-05", "at_least": 1}."""

Bound = Decimal | date | None


@dataclass(frozen=True, slots=True)
class Category:
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Value:
    """
    One allowed value of an enumeration or a grade.

    `rank` 1 is the best; None stands outside the ladder ("not yet rated", "not sampled"),
    so that nobody takes the order of the codes for an order of merit.
    """

    code: str
    label_zh: str
    label_en: str
    rank: int | None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """
    A suggestion to banks: where `when` holds, decline, or refer to a person.

    It is no verdict of the platform. A value that is missing satisfies no condition.
    """

    outcome: GateOutcome
    when: Condition


@dataclass(frozen=True)
class Item:
    """
    One information item (信息项).

    `minimum`, `maximum` and `decimals` are in the item's stated unit (`unit_zh`), as people
    write it; `base_minimum` and `base_maximum` are in the unit that is stored (yuan for
    money, per cents as they are), which is stated times `unit_factor`.
    """

    code: str
    category: str
    kind: Kind
    name_zh: str
    name_en: str
    former_names: tuple[str, ...]
    type: ItemType
    unit_zh: str
    unit_en: str
    unit_factor: Decimal
    minimum: Bound
    maximum: Bound
    no_future: bool
    decimals: int
    max_length: int
    validity_kind: ValidityKind
    validity_months: int | None
    max_age_days: int
    empty_means: EmptyMeans
    allows_not_applicable: bool
    values: tuple[Value, ...]
    polarity: Polarity
    evidence_zh: str
    evidence_en: str
    issuing_authority_zh: str
    issuing_authority_en: str
    source_system_zh: str
    source_system_en: str
    update_frequency: UpdateFrequency
    collected_by_level: Source
    source_order: tuple[Source, ...]
    sensitivity: Sensitivity
    consent_required: bool
    consent_when_zh: str
    consent_when: str
    bank_default: BankDefault
    suggested_gate: Gate | None
    in_workbook: bool
    implausible_jump: bool
    fill_zh: str
    fill_en: str
    bank_zh: str
    bank_en: str
    description_zh: str
    description_en: str
    basis: str

    @cached_property
    def by_code(self) -> Mapping[str, Value]:
        return {value.code: value for value in self.values}

    @property
    def base_minimum(self) -> Bound:
        return self._in_base_units(self.minimum)

    @property
    def base_maximum(self) -> Bound:
        return self._in_base_units(self.maximum)

    @property
    def is_term(self) -> bool:
        """Whether the value ends on a day of its own, and so has a column for that day."""
        return self.validity_kind == ValidityKind.TERM

    @property
    def is_percentage(self) -> bool:
        return self.unit_en == "%"

    def name(self, language: str) -> str:
        return self.name_en if language.startswith("en") else self.name_zh

    def rank_of(self, value: str) -> int | None:
        """Return the rank of a value's code; 1 is the best, None is outside the ladder."""
        known = self.by_code.get(value)
        return known.rank if known else None

    def _in_base_units(self, bound: Bound) -> Bound:
        return bound * self.unit_factor if isinstance(bound, Decimal) else bound


@dataclass(frozen=True, slots=True)
class CrossRule:
    """
    What values of one enterprise may not say together.

    `yields` names the column that must give way, `when` the condition under which the rule
    fires. With `for_each` the condition holds a placeholder: `{i}` is each of those items in
    turn, and `{i}>` its end of validity; `yields` then reads `{item}` or `{item} valid_to`.
    `only_if_column` restricts a rule to files that have that column.
    """

    code: str
    severity: Severity
    yields: str
    when: Condition
    message_zh: str
    message_en: str
    for_each: tuple[str, ...] = ()
    only_if_column: str = ""


@dataclass(frozen=True)
class Catalogue:
    """One version of a factor list; `items` keep the order of the list."""

    code: str
    version: int
    name_zh: str
    name_en: str
    region: str
    categories: tuple[Category, ...]
    items: Mapping[str, Item]
    rules: tuple[CrossRule, ...]
    effective_from: date | None
    report_rules: tuple[CrossRule, ...] = field(default=())

    @cached_property
    def category_codes(self) -> tuple[str, ...]:
        return tuple(category.code for category in self.categories)

    def of_category(self, *categories: str) -> tuple[Item, ...]:
        """Return the items of some categories, in the order of the list."""
        return tuple(item for item in self.items.values() if item.category in categories)

    def numbered(self, number: int, *, effective_from: date | None) -> "Catalogue":
        """Return the same list under another version number and first day."""
        return replace(self, version=number, effective_from=effective_from)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Catalogue":
        """
        Read a list from its document.

        :raises KeyError, ValueError, TypeError: if the document has not the form that
            `to_document` gives it (a fault: documents are written by `to_document` alone).
        """
        day = document["effective_from"]
        items = [_item(entry) for entry in document["items"]]
        return cls(
            code=document["code"],
            version=document["version"],
            name_zh=document["name_zh"],
            name_en=document["name_en"],
            region=document["region"],
            categories=tuple(Category(**entry) for entry in document["categories"]),
            items={item.code: item for item in items},
            rules=tuple(_rule(entry) for entry in document["rules"]),
            effective_from=date.fromisoformat(day) if day else None,
            report_rules=tuple(_rule(entry) for entry in document["report_rules"]),
        )

    def to_document(self) -> dict[str, Any]:
        """Return the list as JSON: strings, whole numbers, booleans, lists and objects."""
        return {
            "code": self.code,
            "version": self.version,
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "region": self.region,
            "effective_from": plain(self.effective_from),
            "categories": [plain(category) for category in self.categories],
            "items": [plain(item) for item in self.items.values()],
            "rules": [plain(rule) for rule in self.rules],
            "report_rules": [plain(rule) for rule in self.report_rules],
        }


_TYPES: Mapping[str, Any] = {
    "kind": Kind,
    "type": ItemType,
    "validity_kind": ValidityKind,
    "empty_means": EmptyMeans,
    "polarity": Polarity,
    "update_frequency": UpdateFrequency,
    "collected_by_level": Source,
    "sensitivity": Sensitivity,
    "bank_default": BankDefault,
    "unit_factor": Decimal,
}


def _item(entry: Mapping[str, Any]) -> Item:
    known = {name: _TYPES.get(name, _same)(value) for name, value in entry.items()}
    gate = entry["suggested_gate"]
    return Item(
        **known
        | {
            "former_names": tuple(entry["former_names"]),
            "minimum": _bound(entry["minimum"], known["type"]),
            "maximum": _bound(entry["maximum"], known["type"]),
            "source_order": tuple(Source(source) for source in entry["source_order"]),
            "values": tuple(
                Value(**value | {"aliases": tuple(value["aliases"])}) for value in entry["values"]
            ),
            "suggested_gate": gate and Gate(GateOutcome(gate["outcome"]), gate["when"]),
        }
    )


def _rule(entry: Mapping[str, Any]) -> CrossRule:
    return CrossRule(
        **dict(entry)
        | {"severity": Severity(entry["severity"]), "for_each": tuple(entry["for_each"])}
    )


def _bound(stated: str | None, type_: ItemType) -> Bound:
    if stated is None:
        return None
    return date.fromisoformat(stated) if type_ == ItemType.DATE else Decimal(stated)


def _same(value: Any) -> Any:
    return value
