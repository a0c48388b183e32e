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
from factors.domain.item_parts import (
    Bound,
    Category,
    Citation,
    Condition,
    Evidence,
    Gate,
    Owner,
    Value,
)
from factors.domain.item_types import (
    BankDefault,
    Confidence,
    EmptyMeans,
    Extension,
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
from factors.domain.items import Item
from factors.domain.migrations import Migration

__all__ = [
    "Bound",
    "Catalogue",
    "Category",
    "Citation",
    "Condition",
    "CrossRule",
    "Evidence",
    "Gate",
    "Item",
    "Owner",
    "Value",
]


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
    """
    One version of a factor list; `items` keep the order of the list.

    `migration` says how records of the version before become records of this one.
    """

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
    migration: Migration | None = None

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
            rules=tuple(read_rule(entry) for entry in document["rules"]),
            effective_from=date.fromisoformat(day) if day else None,
            report_rules=tuple(read_rule(entry) for entry in document["report_rules"]),
            migration=Migration.from_document(steps)
            if (steps := document.get("migration"))
            else None,
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
            **({"migration": self.migration.to_document()} if self.migration else {}),
        }


_TYPES: Mapping[str, Any] = {
    "extension": Extension,
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
    entry = brought_up(entry)
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
            "evidences": tuple(Evidence(**evidence) for evidence in entry["evidences"]),
            "owners": tuple(
                Owner(**owner | {"level": Source(owner["level"])}) for owner in entry["owners"]
            ),
            "citations": tuple(_citation(citation) for citation in entry["citations"]),
            "suggested_gate": gate and Gate(GateOutcome(gate["outcome"]), gate["when"]),
        }
    )


def brought_up(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Return an item's entry with every member that items have by now.

    The first documents had one line of evidence and one of what the item rests on, and they
    held items of the national core alone.
    """
    now = dict(entry)
    evidence = {name: now.pop(f"evidence_{name[-2:]}", "") for name in ("name_zh", "name_en")}
    basis = now.pop("basis", "")
    general = {"dated": None, "confidence": Confidence.GENERAL.value}
    earlier = {
        "extension": Extension.CORE.value,
        "core_item": now["code"],
        "evidences": [evidence | {"required": True}] if any(evidence.values()) else [],
        "owners": [],
        **dict.fromkeys(("publication_zh", "publication_en", "repair_zh", "repair_en"), ""),
        "citations": [
            {"source_zh": part.strip(), "source_en": part.strip(), **general}
            for part in basis.split(";")
            if part.strip()
        ],
    }
    return earlier | now


def _citation(entry: Mapping[str, Any]) -> Citation:
    dated, confidence = entry["dated"], Confidence(entry["confidence"])
    day = date.fromisoformat(dated) if dated else None
    return Citation(**dict(entry) | {"dated": day, "confidence": confidence})


def read_rule(entry: Mapping[str, Any]) -> CrossRule:
    """Return the cross rule that a document's entry says."""
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
