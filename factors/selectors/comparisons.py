"""Two versions side by side: what differs, and how much of what exists each change touches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.module_loading import import_string

from factors.domain.catalogue import Catalogue
from factors.domain.comparison import Change, compare
from factors.models import FactorListVersion
from factors.selectors import factor_lists
from qfce.consequences import COUNTERS, STORED
from qfce.kernel.tenancy.actors import Actor

Counter = Callable[..., Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Touched:
    """
    One change, and how much it touches.

    `records` are profiles of the reader's jurisdiction that the change bears on; `imports`
    the reader's files on their way in; `scorecards` whether any bank scores with the item.
    None: not the reader's to know.
    """

    change: Change
    records: int | None
    imports: int | None
    scorecards: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    old: FactorListVersion
    new: FactorListVersion
    changes: tuple[Touched, ...]


def comparison(code: str, old: int, new: int, *, actor: Actor) -> Comparison:
    """
    Compare two versions of one list that the actor sees, published or not, either way round.

    :raises NoSuchRecord: if the actor sees no such version.
    """
    before = factor_lists.version(code, old, actor=actor)
    after = factor_lists.version(code, new, actor=actor)
    changes = compare(factor_lists.content(before), factor_lists.content(after))
    return Comparison(before, after, tuple(_touched(before, after, changes, actor=actor)))


def _touched(
    before: FactorListVersion,
    after: FactorListVersion,
    changes: Sequence[Change],
    *,
    actor: Actor,
) -> list[Touched]:
    found: dict[str, Mapping[int, int]] = {}
    contents = {"old": factor_lists.content(before), "new": factor_lists.content(after)}
    for name, path in COUNTERS.items():
        counter: Counter = import_string(path)
        found[name] = counter(**contents, changes=changes, actor=actor)
    return [
        Touched(
            change,
            records=found["records"].get(place),
            imports=found["imports"].get(place),
            scorecards=bool(found["scorecards"][place]) if place in found["scorecards"] else None,
        )
        for place, change in enumerate(changes)
    ]


def stored_values(old: Catalogue, new: Catalogue, *, actor: Actor) -> Mapping[str, int]:
    """Return, by item of one version, how many records hold a value that another lacks."""
    counted: Mapping[str, int] = import_string(STORED)(old=old, new=new, actor=actor)
    return counted
