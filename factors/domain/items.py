"""One information item of a factor list, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from factors.domain.item_parts import Bound, Citation, Evidence, Gate, Owner, Value
from factors.domain.item_types import (
    BankDefault,
    EmptyMeans,
    Extension,
    ItemType,
    Kind,
    Polarity,
    Sensitivity,
    Source,
    UpdateFrequency,
    ValidityKind,
)


@dataclass(frozen=True)
class Item:
    """
    One information item (信息项).

    `minimum`, `maximum` and `decimals` are in the item's stated unit (`unit_zh`), as people
    write it; `base_minimum` and `base_maximum` are in the unit that is stored (yuan for
    money, per cents as they are), which is stated times `unit_factor`.

    `core_item` is the item of the national core that this one says the same as or refines;
    an item of the core names itself, and "" stands for none. `publication_*` and `repair_*`
    say how long the fact is public and how it ends being so; "" where no rule is recorded.
    """

    code: str
    category: str
    extension: Extension
    core_item: str
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
    evidences: tuple[Evidence, ...]
    issuing_authority_zh: str
    issuing_authority_en: str
    source_system_zh: str
    source_system_en: str
    update_frequency: UpdateFrequency
    collected_by_level: Source
    source_order: tuple[Source, ...]
    owners: tuple[Owner, ...]
    publication_zh: str
    publication_en: str
    repair_zh: str
    repair_en: str
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
    citations: tuple[Citation, ...]

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

    @property
    def evidence_zh(self) -> str:
        """The evidence in a line; what is enough alone is joined by “or”."""
        return _joined([each.name_zh for each in self.evidences], self._any_serves, "或", "、")

    @property
    def evidence_en(self) -> str:
        return _joined([each.name_en for each in self.evidences], self._any_serves, " or ", ", ")

    @property
    def basis(self) -> str:
        """What the item rests on, in a line of English."""
        return "; ".join(citation.source_en for citation in self.citations)

    @property
    def basis_zh(self) -> str:
        return "；".join(citation.source_zh for citation in self.citations)

    def name(self, language: str) -> str:
        return self.name_en if language.startswith("en") else self.name_zh

    def rank_of(self, value: str) -> int | None:
        """Return the rank of a value's code; 1 is the best, None is outside the ladder."""
        known = self.by_code.get(value)
        return known.rank if known else None

    @property
    def _any_serves(self) -> bool:
        return not any(each.required for each in self.evidences)

    def _in_base_units(self, bound: Bound) -> Bound:
        return bound * self.unit_factor if isinstance(bound, Decimal) else bound


def _joined(names: list[str], any_serves: bool, either: str, both: str) -> str:
    return (either if any_serves else both).join(names)
