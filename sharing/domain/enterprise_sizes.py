"""
How large an enterprise is, by the statistical table of 2017 (统计上大中小微型企业划分办法).

Large, medium and small need the lower bound of every figure that the sector is measured by;
whoever misses one falls a class. The rest is micro. The bounds are a parameter of this app,
`parameters/enterprise_sizes.toml`, with their source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

UNIT = Decimal(10_000)
"""Revenue and assets stand in the table in units of 10,000 yuan."""


class Size(StrEnum):
    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"


CLASSES = (Size.SMALL, Size.MEDIUM, Size.LARGE)
Bounds = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What size is measured by: persons at the year's end, yuan of the year. None: not known."""

    employees: int | None = None
    revenue: Decimal | None = None
    assets: Decimal | None = None


def missing(figures: Figures, bounds: Bounds) -> list[str]:
    """
    Return which figures the sector is measured by and nobody has stated.

    >>> missing(Figures(employees=12), {"employees": [20, 300, 1000], "revenue": [9, 20, 40]})
    ['revenue']
    """
    return [name for name in bounds if getattr(figures, name) is None]


def size_of(figures: Figures, bounds: Bounds) -> Size:
    """
    Return the class of an enterprise of a sector with these bounds; every figure is known.

    >>> bounds = {"employees": [20, 300, 1000], "revenue": [300, 2000, 40000]}
    >>> size_of(Figures(employees=1200, revenue=Decimal(25_000_000)), bounds)
    <Size.MEDIUM: 'medium'>
    """
    reached = min(_reached(_stated(figures, name), bounds[name]) for name in bounds)
    return CLASSES[reached - 1] if reached else Size.MICRO


def _stated(figures: Figures, name: str) -> Decimal:
    value = getattr(figures, name)
    return Decimal(value) if name == "employees" else Decimal(value) / UNIT


def _reached(value: Decimal, bounds: Sequence[int]) -> int:
    """Return how many lower bounds a figure reaches: 0 is micro, 3 large."""
    return sum(value >= bound for bound in bounds)
