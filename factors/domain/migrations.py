"""
How the records of one version of a factor list become those of the next, step by step.

A migration is part of the version that it leads to, so it is signed and published with it.
The only place that knows how a migration is written down as a document (JSON).
`migration_plans` says what a migration does to a record, `migration_checks` what is wrong
with one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from factors.domain.documents import plain


@dataclass(frozen=True, slots=True)
class Pair:
    """One old value, in canonical form, and the new value that takes its place."""

    source: Any
    target: Any


@dataclass(frozen=True, slots=True)
class Band:
    """Numbers under `below` (base units), down to the band before; None is open upwards."""

    below: Decimal | None
    target: Any


@dataclass(frozen=True, slots=True)
class Way:
    """
    How an old value becomes a new one: by a table, by thresholds, or as it is (neither).

    A code that both items have keeps its meaning unless the table says otherwise.
    `otherwise` takes what nothing else takes; None leaves it without a target.
    """

    table: tuple[Pair, ...] = ()
    bands: tuple[Band, ...] = ()
    otherwise: Any = None

    @property
    def is_as_it_is(self) -> bool:
        return not self.table and not self.bands


@dataclass(frozen=True, slots=True)
class Target:
    """The item of the new version that a value goes to, and how."""

    to: str
    way: Way = Way()


@dataclass(frozen=True, slots=True)
class Rename:
    """The same item under another code; its values stay as they are."""

    item: str
    to: str
    kind: str = "rename"

    @property
    def targets(self) -> tuple[Target, ...]:
        return (Target(self.to),)


@dataclass(frozen=True, slots=True)
class MapValues:
    """Other values for an item, under its own code or another, often of another type."""

    item: str
    to: str
    way: Way
    kind: str = "map"

    @property
    def targets(self) -> tuple[Target, ...]:
        return (Target(self.to, self.way),)


@dataclass(frozen=True, slots=True)
class Split:
    """One item that becomes several, each with a part of what it said."""

    item: str
    into: tuple[Target, ...]
    kind: str = "split"

    @property
    def targets(self) -> tuple[Target, ...]:
        return self.into


@dataclass(frozen=True, slots=True)
class Drop:
    """An item that is collected no longer; what it said stays in the ledger alone."""

    item: str
    kind: str = "drop"

    @property
    def targets(self) -> tuple[Target, ...]:
        return ()


Step = Rename | MapValues | Split | Drop


@dataclass(frozen=True, slots=True)
class Migration:
    """
    The steps from version `from_version` of a list to the version that carries them.

    >>> Migration.from_document(Migration(1, (Drop("QF-01"),)).to_document()).steps
    (Drop(item='QF-01', kind='drop'),)
    """

    from_version: int
    steps: tuple[Step, ...]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Migration":
        """
        Read a migration from its document.

        :raises KeyError, ValueError, TypeError: if it has not the form of `to_document`.
        """
        return cls(
            from_version=int(document["from_version"]),
            steps=tuple(_step(entry) for entry in document["steps"]),
        )

    def to_document(self) -> dict[str, Any]:
        """Return the migration as JSON."""
        return {"from_version": self.from_version, "steps": [_plain(step) for step in self.steps]}


def _step(entry: Mapping[str, Any]) -> Step:
    kind, item = entry["kind"], str(entry["item"])
    if kind == "rename":
        return Rename(item, str(entry["to"]))
    if kind == "map":
        return MapValues(item, str(entry["to"]), _way(entry))
    if kind == "split":
        return Split(item, tuple(Target(str(part["to"]), _way(part)) for part in entry["into"]))
    if kind == "drop":
        return Drop(item)
    raise ValueError(f"{kind!r} is no kind of step: rename, map, split or drop.")


def _way(entry: Mapping[str, Any]) -> Way:
    return Way(
        table=tuple(Pair(pair["from"], pair["to"]) for pair in entry.get("table", ())),
        bands=tuple(_band(band) for band in entry.get("thresholds", ())),
        otherwise=entry.get("otherwise"),
    )


def _band(entry: Mapping[str, Any]) -> Band:
    below = entry["below"]
    return Band(None if below is None else Decimal(str(below)), entry["to"])


def _plain(step: Step) -> dict[str, Any]:
    written: dict[str, Any] = {"kind": step.kind, "item": step.item}
    if isinstance(step, Split):
        written["into"] = [{"to": part.to, **_plain_way(part.way)} for part in step.into]
    elif isinstance(step, MapValues):
        written |= {"to": step.to, **_plain_way(step.way)}
    elif isinstance(step, Rename):
        written["to"] = step.to
    return written


def _plain_way(way: Way) -> dict[str, Any]:
    return {
        "table": [{"from": pair.source, "to": pair.target} for pair in way.table],
        "thresholds": [{"below": plain(band.below), "to": band.target} for band in way.bands],
        "otherwise": way.otherwise,
    }


def sources(steps: Iterable[Step]) -> tuple[str, ...]:
    """Return the codes of the old version that the steps say something about, in order."""
    return tuple(dict.fromkeys(step.item for step in steps))
