"""Reading records of a newer list version as an older one had them, as far as that goes."""

from factors.domain.migration_plans import WayBack, plan, ways_back
from factors.selectors.factor_lists import catalogue


def between(code: str, newer: int, older: int) -> dict[str, WayBack | None]:
    """
    Return, for items of an older version that migrations moved since, where to read them now.

    None where no value of the newer version tells the old one. Items that are not named are
    read as they are. More than one version apart, a way leads through each between.
    """
    found: dict[str, WayBack | None] = {}
    for number in range(older + 1, newer + 1):
        to = catalogue(code, number)
        if to.migration is None:
            continue
        step = ways_back(plan(to.migration, catalogue(code, to.migration.from_version), to))
        for old, way in found.items():
            if way is not None and way.code in step:
                found[old] = _joined(way, step[way.code])
        found |= {old: way for old, way in step.items() if old not in found}
    return found


def _joined(first: WayBack, second: WayBack | None) -> WayBack | None:
    """Return the way back through two versions."""
    if second is None:
        return None
    if first.table is None:
        return second
    if second.table is None:
        return WayBack(second.code, first.table)
    return WayBack(second.code, {new: first.value(middle) for new, middle in second.table.items()})
