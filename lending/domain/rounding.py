"""Rounding of money to a unit: the only place that knows the modes."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum


class Rounding(StrEnum):
    """How an amount that lies between two units is settled."""

    HALF_UP = "half_up"  # 0.005 becomes 0.01: what Chinese banks do unless they say otherwise
    HALF_EVEN = "half_even"  # 0.005 becomes 0.00, 0.015 becomes 0.02
    CEILING = "ceiling"  # up to the next unit, for instalments only


_MODES = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.CEILING: ROUND_CEILING,
}


_NOISE = Decimal("1e-20")
_DIGITS = 80


def to_unit(amount: Decimal, *, mode: Rounding, unit: Decimal) -> Decimal:
    """
    Return `amount` rounded to a whole number of `unit`s.

    Thirds and three hundred and sixtieths are no finite decimals: what they leave beyond the
    twentieth place is dropped first, or a true half would fall to either side by chance.

    :param unit: more than zero; 0.01 is the fen, 5 a five-yuan step.

    >>> to_unit(Decimal("254217.765"), mode=Rounding.HALF_EVEN, unit=Decimal("0.01"))
    Decimal('254217.76')
    >>> to_unit(Decimal("933.34"), mode=Rounding.CEILING, unit=Decimal("5"))
    Decimal('935')
    """
    with localcontext(Context(prec=_DIGITS)):
        units = (amount / unit).quantize(_NOISE, rounding=ROUND_HALF_EVEN)
        return units.quantize(Decimal(1), rounding=_MODES[mode]) * unit
