"""
A scorecard carried to a newer version of its factor list: a new document, and what it lost.

Renamed items are followed, and values by the table of their migration. What cannot be carried
is left out of the new document and listed, with its reason, for a person to decide about; the
document holds together, so that it can be kept as a draft at once.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.domain.carrying_conditions import Uncarried, carried_condition, followed
from evaluation.domain.conditions import Fault
from evaluation.domain.facts import EXPIRED
from evaluation.domain.scorecard_checks import faults_of
from evaluation.domain.scorecard_documents import InvalidScorecard, from_document
from factors.domain.catalogue import Catalogue
from factors.domain.ways_forward import Forward, Way

CARRIED = "carried"
"""The member of a draft's document that says where it comes from and what was left out."""

PARTS = ("gates", "characteristics", "tiers")
Ways = Mapping[str, Way]
Carry = Callable[[dict[str, Any], str], dict[str, Any]]
Origins = dict[str, list[int]]
"""By the name of a part, where each one that is kept stood in the older document."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One part, at its place in the older document, that does not go on as it was, and why."""

    pointer: str
    part: str
    item: str
    reason: str


def carried(
    document: Mapping[str, Any], ways: Ways, catalogue: Catalogue, *, from_version: int
) -> dict[str, Any]:
    """
    Return the document for another version of the list, with a member `carried`.

    :param ways: where items of the list version that the document binds go on; others stay.
    :param from_version: the number of the scorecard version that it comes from.
    :raises InvalidScorecard: if nothing is left that holds together.
    """
    new = deepcopy(dict(document))
    left: list[LeftOut] = []
    carry: dict[str, Carry] = {
        "gates": lambda gate, at: _gate(gate, ways),
        "characteristics": lambda each, at: _characteristic(each, at, ways, catalogue, left),
        "tiers": lambda tier, at: _tier(tier, at, ways, left),
    }
    origins: Origins = {}
    for name in PARTS:
        kept = _parts(new, name, carry[name], left)
        new[name], origins[name] = [part for _, part in kept], [place for place, _ in kept]
    new["vectors"] = [_vector(vector, ways) for vector in _listed(new, "vectors")]
    for name in (*PARTS, "vectors"):
        if not new[name] and name not in document:
            del new[name]
    binds = dict(document["binds"])
    new["binds"] = {**binds, "version": catalogue.version}
    _settle(new, catalogue, origins, left)
    new[CARRIED] = {
        "from_version": from_version,
        "from_list_version": binds["version"],
        "renamed": {
            old: way.code
            for old, way in ways.items()
            if isinstance(way, Forward) and way.code != old
        },
        "left_out": [asdict(each) for each in left],
    }
    return new


def _parts(
    new: dict[str, Any], name: str, carry: Carry, left: list[LeftOut]
) -> list[tuple[int, dict[str, Any]]]:
    """Return what goes on, each part with its place in the older document."""
    kept = []
    for place, part in enumerate(_listed(new, name)):
        at = f"/{name}/{place}"
        try:
            kept.append((place, carry(part, at)))
        except Uncarried as why:
            left.append(LeftOut(at, _named(part), why.item, why.reason))
    return kept


def _gate(gate: dict[str, Any], ways: Ways) -> dict[str, Any]:
    return {**gate, "when": carried_condition(gate["when"], ways)}


def _tier(tier: dict[str, Any], at: str, ways: Ways, left: list[LeftOut]) -> dict[str, Any]:
    """A tier stands as long as one of its conditions does."""
    kept, last = [], Uncarried("", "dropped")
    for place, when in enumerate(tier["any"]):
        try:
            kept.append(carried_condition(when, ways))
        except Uncarried as why:
            last = why
            if len(tier["any"]) > 1:
                left.append(LeftOut(f"{at}/any/{place}", _named(tier), why.item, why.reason))
    if not kept:
        raise last
    return {**tier, "any": kept}


def _characteristic(
    each: dict[str, Any], at: str, ways: Ways, catalogue: Catalogue, left: list[LeftOut]
) -> dict[str, Any]:
    if each.get("derived") and any(source in ways for source in each["source"]):
        gone = next(source for source in each["source"] if source in ways)
        raise Uncarried(gone, "derived")
    source = each["source"][0]
    new = {**each, "source": [followed(code, ways) for code in each["source"]]}
    special = []
    for place, bin_ in enumerate(each.get("special", [])):
        try:
            special.append({**bin_, "when": carried_condition(bin_["when"], ways)})
        except Uncarried as why:
            left.append(LeftOut(f"{at}/special/{place}", each["code"], why.item, why.reason))
    if "special" in each:
        new["special"] = special
    if not each.get("derived") and each["kind"] != "number":
        _value_bins(new, source, at, ways, catalogue, left)
    return new


def _value_bins(
    new: dict[str, Any],
    source: str,
    at: str,
    ways: Ways,
    catalogue: Catalogue,
    left: list[LeftOut],
) -> None:
    """Put new values in the bins of the old ones, and values that are new in one of their own."""
    way = ways.get(source)
    item = catalogue.items.get(new["source"][0])
    if item is None:
        raise Uncarried(source, "dropped")
    kind = "boolean" if item.type == "boolean" else "enum" if item.type.is_coded else "number"
    if kind == "number":
        raise Uncarried(source, "type")
    allowed: list[Any] = [True, False] if kind == "boolean" else list(item.by_code)
    allowed = [*allowed, EXPIRED] if item.is_term and EXPIRED not in allowed else allowed
    bins: list[dict[str, Any]] = []
    for bin_ in new["bins"]:
        values = [_value(way, value) for value in bin_["values"]]
        bins.append({**bin_, "values": list(dict.fromkeys(v for v in values if v in allowed))})
    seen: set[Any] = set()
    for bin_ in bins:
        if seen & set(bin_["values"]):
            raise Uncarried(source, "merged")
        seen |= set(bin_["values"])
    bins = [bin_ for bin_ in bins if bin_["values"]]
    added = [value for value in allowed if value not in seen and value != EXPIRED]
    if added and bins:
        points = new["missing"]
        bins.append({"points": points, "zh": "新增取值", "en": "New values", "values": added})
        named = ", ".join(str(value) for value in added)
        left.append(LeftOut(f"{at}/bins", f"{new['code']}: {named}", item.code, "new_values"))
    if not bins:
        raise Uncarried(source, "type")
    new |= {"kind": kind, "bins": bins}


def _value(way: Way | None, value: Any) -> Any:
    if isinstance(way, Forward) and way.table is not None and value != EXPIRED:
        return way.value(value)
    return value


def _vector(vector: Any, ways: Ways) -> Any:
    """An example's record in the new words; its expectation is for a person to look at again."""
    if not isinstance(vector, Mapping) or not isinstance(vector.get("record"), Mapping):
        return vector
    record: dict[str, Any] = {}
    for code, value in vector["record"].items():
        way = ways.get(code)
        if way is None:
            record[code] = value
        elif isinstance(way, Forward):
            record[way.code] = way.value(value)
    return {**vector, "record": {code: v for code, v in record.items() if v is not None}}


def _settle(
    new: dict[str, Any], catalogue: Catalogue, origins: Origins, left: list[LeftOut]
) -> None:
    """
    Take out what the new list does not allow, and bring the caps down to what is left.

    :raises InvalidScorecard: if faults remain that no part of it can be blamed for.
    """
    for _ in range(sum(len(_listed(new, name)) for name in PARTS) + 2):
        _limit(new)
        _cap(new, left)
        card = from_document(new)
        faults = faults_of(card, catalogue)
        if not faults:
            return
        places = [place for place in map(_blamed, faults) if place is not None]
        if not places:
            raise InvalidScorecard.of(faults)
        name, place = places[0]
        part, origin = new[name].pop(place), origins[name].pop(place)
        left.append(LeftOut(f"/{name}/{origin}", _named(part), "", "not_allowed"))
    raise InvalidScorecard.of(faults_of(from_document(new), catalogue))


def _blamed(fault: Fault) -> tuple[str, int] | None:
    """Return the gate, characteristic or tier that a fault lies in."""
    parts = fault.pointer.split("/")
    if len(parts) > 2 and parts[1] in PARTS and parts[2].isdecimal():
        return parts[1], int(parts[2])
    return None


def _limit(new: dict[str, Any]) -> None:
    """The limit for what enterprises say of themselves names only what is still there."""
    limit = new.get("self_declared_limit")
    if not limit:
        return
    known = {each["code"] for each in new["characteristics"] if not each.get("derived")}
    kept = [code for code in limit["characteristics"] if code in known]
    new["self_declared_limit"] = {**limit, "characteristics": kept} if kept else None


def _cap(new: dict[str, Any], left: list[LeftOut]) -> None:
    """A category's cap is at most what its characteristics can give now."""
    for place, category in enumerate(_listed(new, "categories")):
        possible = sum(
            _best(each) for each in new["characteristics"] if each["category"] == category["code"]
        )
        if category["cap"] > possible:
            left.append(LeftOut(f"/categories/{place}/cap", category["code"], "", "cap"))
            category["cap"] = possible
        if "possible_before_cap" in category:
            category["possible_before_cap"] = possible


def _best(each: Mapping[str, Any]) -> int:
    points: list[int] = [bin_["points"] for bin_ in (*each["bins"], *each.get("special", []))]
    return max([*points, int(each["missing"])])


def _listed(document: Mapping[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else []


def _named(part: Mapping[str, Any]) -> str:
    return str(part.get("code", part.get("tier", "")))
