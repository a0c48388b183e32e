"""The largest amount that may be lent: the lowest of its limits, rounded down."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal


@dataclass(frozen=True, slots=True)
class LargestAmount:
    """What may be lent at most in yuan, and the name of the limit that decides it."""

    amount: Decimal
    bound_by: str


def largest_amount(limits: Mapping[str, Decimal | None], *, step: Decimal) -> LargestAmount:
    """
    Return the lowest limit rounded down to a whole number of steps.

    :param limits: by name, in yuan; None where a limit does not apply. The first of equal
        limits is named.
    :param step: more than zero.
    :raises ValueError: if no limit applies.

    >>> largest_amount(
    ...     {"cap_by_grade": Decimal("6000000"), "requested": Decimal("5005000")},
    ...     step=Decimal("10000.00"),
    ... )
    LargestAmount(amount=Decimal('5000000.00'), bound_by='requested')
    """
    applying = {name: limit for name, limit in limits.items() if limit is not None}
    if not applying:
        raise ValueError("There is no limit, so there is no largest amount.")
    name = min(applying, key=lambda each: applying[each])
    steps = (applying[name] / step).to_integral_value(rounding=ROUND_DOWN)
    return LargestAmount(max(steps, Decimal(0)) * step, name)
