"""The price of a loan: a published base rate and a spread in basis points."""

from collections.abc import Mapping
from decimal import Decimal

BASIS_POINT = Decimal("0.0001")


def annual_rate(base_rate: Decimal, spread_bp: int) -> Decimal:
    """
    Return the nominal annual rate as a fraction.

    :param base_rate: the loan prime rate on the day of the contract, a fraction.
    :param spread_bp: basis points above it, or below where negative.
    :raises ValueError: if the rate would be negative.

    >>> annual_rate(Decimal("0.0300"), 10)
    Decimal('0.0310')
    """
    rate = base_rate + spread_bp * BASIS_POINT
    if rate < 0:
        raise ValueError(f"{base_rate} with {spread_bp} basis points is below zero.")
    return rate


def spread_of(grade: str | None, spreads: Mapping[str, int | None]) -> int | None:
    """
    Return the spread that a product has for a grade, or None where it is not offered.

    >>> spread_of("B", {"A": -15, "B": 10, "E": None}), spread_of("E", {"E": None})
    (10, None)
    """
    return None if grade is None else spreads.get(grade)
