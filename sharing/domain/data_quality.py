"""How good collected data are: complete, in time and right, and what that is worth as a score."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """What is measured, each as a share from 0 to 1."""

    COMPLETENESS = "completeness"  # of the cells there could be, those with a value
    TIMELINESS = "timeliness"  # of the values, those confirmed within the item's promise
    ACCURACY = "accuracy"  # of the values held against a source or a question, those upheld


class Grouping(StrEnum):
    COUNTY = "county"
    CITY = "city"
    ITEM = "item"
    CATEGORY = "category"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of some cells of the report, and what they come to."""

    key: str
    possible: int
    filled: int
    timely: int
    checked: int
    upheld: int

    @property
    def missing(self) -> int:
        return self.possible - self.filled

    @property
    def late(self) -> int:
        return self.filled - self.timely

    @property
    def refuted(self) -> int:
        return self.checked - self.upheld

    @property
    def completeness(self) -> float | None:
        return share(self.filled, self.possible)

    @property
    def timeliness(self) -> float | None:
        return share(self.timely, self.filled)

    @property
    def accuracy(self) -> float | None:
        """None where nothing was held against anything: unknown is not good, nor bad."""
        return share(self.upheld, self.checked)

    def of(self, measure: Measure) -> float | None:
        found: float | None = getattr(self, measure.value)
        return found


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def score(parts: Mapping[str, float | None], weights: Mapping[str, int]) -> int | None:
    """
    Return a score of 0 to 100 from shares, by their weights; what is unknown does not count.

    >>> score({"completeness": 0.5, "accuracy": None}, {"completeness": 30, "accuracy": 70})
    50
    """
    known = {name: value for name, value in parts.items() if value is not None and name in weights}
    total = sum(weights[name] for name in known)
    if not total:
        return None
    return round(100 * sum(weights[name] * value for name, value in known.items()) / total)
