"""Where what was said of items of an older version of a list is said in a newer one."""

from itertools import pairwise

from factors.domain import ways_forward
from factors.domain.ways_forward import Way
from factors.models import FactorListVersion
from factors.selectors.factor_lists import catalogue


def between(code: str, older: int, newer: int) -> dict[str, Way]:
    """
    Return the ways of an older version's items that changed since, through each version between.

    Items that are not named go on under their own code. A version that was taken out of force
    led nowhere, unless it is the newer one.
    """
    numbers = FactorListVersion.objects.in_force().filter(
        factor_list__code=code, number__gt=older, number__lt=newer
    )
    path = [older, *numbers.order_by("number").values_list("number", flat=True), newer]
    steps = []
    for before, after in pairwise(path):
        new = catalogue(code, after)
        base = before if new.migration is None else new.migration.from_version
        steps.append(ways_forward.forward(catalogue(code, base), new))
    return ways_forward.joined(steps)
