"""How much: the lowest of the limits that apply, rounded down; and a second way to a cap."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

STEP = Decimal("10000.00")
"""An amount is offered in whole ten thousands of yuan."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The amount in yuan, and the limits that were lowest (more than one when they tie)."""

    amount: Decimal
    bound_by: tuple[str, ...]


def amount(limits: Mapping[str, Decimal | None], *, step: Decimal = STEP) -> Amount:
    """
    Return the lowest of the limits that apply, rounded down.

    :param limits: yuan by name (cap by grade, amount asked for, product maximum, what is left
        of the group limit and of the limit for one client); None does not apply.
    :raises ValueError: if no limit applies: nothing is lent without one.

    >>> amount({"grade": Decimal("6000000.00"), "asked": Decimal("5014999.99")}).amount
    Decimal('5010000.00')
    """
    applying = {name: limit for name, limit in limits.items() if limit is not None}
    if not applying:
        raise ValueError("At least one limit must apply.")
    lowest = min(applying.values())
    steps = (max(lowest, Decimal(0)) / step).to_integral_value(rounding=ROUND_FLOOR)
    return Amount(
        amount=(steps * step).quantize(Decimal("0.01")),
        bound_by=tuple(name for name, limit in applying.items() if limit == lowest),
    )


def alternative_card(
    document: Mapping[str, Any],
    *,
    code: str = "LJ-CAP-01",
    name_zh: str = "质量融资额度表（示例）",
    name_en: str = "Quality financing cap table (example)",
) -> dict[str, Any]:
    """
    Return the document of the cap table that a scorecard shows as its alternative.

    Its gates are the declining ones of the scorecard; then the highest tier wins and nothing
    is added up.
    """
    gates = [gate for gate in document["gates"] if gate["outcome"] == "decline"]
    return {
        "code": code,
        "version": 1,
        "name_zh": name_zh,
        "name_en": name_en,
        "notice_zh": document.get("notice_zh", ""),
        "notice_en": document.get("notice_en", ""),
        "binds": document["binds"],
        "gates": gates,
        "tiers": document["alternative_cap_table"]["tiers"],
    }
