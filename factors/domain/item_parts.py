"""What an item of a factor list is made of: values, gates, owners, evidence, citations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from factors.domain.item_types import Confidence, GateOutcome, Source

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


@dataclass(frozen=True, slots=True)
class Owner:
    """The agency that answers for an item at one level, from the register to the enterprise."""

    level: Source
    agency_zh: str
    agency_en: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    One kind of evidence for an item; an item may ask for several.

    `required` ones are all needed; of the others any one serves.
    """

    name_zh: str
    name_en: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Citation:
    """
    What an item rests on: a law, a rule, a scheme in use.

    `dated` is the day of the text, None where it is not known for certain; `confidence` says
    how it was learned, so that nobody quotes what nobody has read.
    """

    source_zh: str
    source_en: str
    dated: date | None
    confidence: Confidence
