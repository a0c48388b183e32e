"""
What a release would mean: gates and honours gained and lost, and who would see it.

Of the enterprises of a file that are new or changed, as they would stand afterwards. Works on
the temporary tables of a comparison; what comes out is plain figures, to be kept with it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from factors.domain.catalogue import Catalogue, Gate
from factors.domain.item_types import NOT_APPLICABLE, Kind

MOST_TURNED = 200
"""So many enterprises that gain or lose something are named; the counts are of all."""

NO_HONOUR = (False, "NONE", "NO", 0, "0")
HELD = """
CREATE TEMP TABLE held ON COMMIT DROP AS
SELECT i.uscc, g.code, coalesce(i.name, s.old_name) AS name,
       (s.old_vals -> g.code)::text AS before,
       CASE WHEN t.kept THEN s.old_vals -> g.code WHEN t.clears THEN NULL
            ELSE coalesce(i.vals -> g.code, s.old_vals -> g.code) END::text AS value
FROM incoming i LEFT JOIN standing s USING ("row")
JOIN unnest(%(codes)s::text[]) g (code) ON i.vals ? g.code OR s.old_vals ? g.code
LEFT JOIN item t ON t."row" = i."row" AND t.code = g.code
"""
VALUES = """
SELECT code, before, value, count(*) FROM held GROUP BY code, before, value
"""
GATES_MET = """
SELECT m.outcome, count(DISTINCT held.uscc)
FROM held
JOIN unnest(%(codes)s::text[], %(values)s::text[], %(outcomes)s::text[]) m (code, value, outcome)
  ON m.code = held.code AND m.value = held.value
GROUP BY m.outcome
"""
TURNED = """
SELECT held.uscc, held.name, held.code, held.before, held.value
FROM held
JOIN unnest(%(codes)s::text[], %(before)s::text[], %(values)s::text[]) m (code, before, value)
  ON m.code = held.code AND coalesce(m.before, '') = coalesce(held.before, '')
     AND coalesce(m.value, '') = coalesce(held.value, '')
ORDER BY held.code, held.uscc LIMIT %(limit)s
"""
READERS = """
SELECT r.name_zh, r.name_en, r.enterprises FROM (
    SELECT array_agg(i.uscc::text) AS usccs,
           array_agg(coalesce(i.region, s.old_region)::text) AS regions,
           (SELECT array_agg(DISTINCT k.key)
            FROM incoming v CROSS JOIN LATERAL jsonb_object_keys(v.vals) k (key)) AS items
    FROM incoming i LEFT JOIN standing s USING ("row")) f
CROSS JOIN LATERAL qfce_covering_agreements(%(list)s, %(on)s, f.usccs, f.regions, f.items) r
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """
    How many enterprises would meet a suggested gate, or hold an honour.

    `outcome` is the gate's, empty for an honour; `gained` did not before, `lost` do no more.
    """

    item: str
    outcome: str
    enterprises: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Turned:
    """An enterprise that gains (`is_gain`) or loses a gate or an honour."""

    uscc: str
    name: str
    item: str
    before: Any
    after: Any
    is_gain: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """An organization whose agreement covers some of the enterprises and items, and how many."""

    name_zh: str
    name_en: str
    enterprises: int


@dataclass(frozen=True, slots=True)
class Effects:
    """What a release would mean; `outcomes` are enterprises by the outcome of a gate they meet."""

    effects: tuple[Effect, ...]
    outcomes: Mapping[str, int]
    turned: tuple[Turned, ...]
    readers: tuple[Reader, ...]

    @property
    def gates(self) -> tuple[Effect, ...]:
        return tuple(effect for effect in self.effects if effect.outcome)

    @property
    def honours(self) -> tuple[Effect, ...]:
        return tuple(effect for effect in self.effects if not effect.outcome)

    def to_document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Effects":
        return cls(
            tuple(Effect(**entry) for entry in document["effects"]),
            document["outcomes"],
            tuple(Turned(**entry) for entry in document["turned"]),
            tuple(Reader(**entry) for entry in document["readers"]),
        )


def of_comparison(catalogue: Catalogue, *, on: date) -> Effects:
    """Work out the effects of the comparison whose tables this transaction has."""
    known = {
        item.code: item.suggested_gate
        for item in catalogue.items.values()
        if item.suggested_gate or item.kind == Kind.HONOUR
    }
    with connection.cursor() as cursor:
        cursor.execute(f"{HELD};{VALUES}", {"codes": sorted(known)})
        cursor.nextset()
        held = [
            (str(code), before, value, int(count))
            for code, before, value, count in cursor.fetchall()
        ]
        cursor.execute(READERS, {"list": catalogue.code, "on": on})
        readers = tuple(Reader(zh, en, int(count)) for zh, en, count in cursor.fetchall())
    return Effects(_effects(known, held), _outcomes(known, held), _turned(known, held), readers)


Held = list[tuple[str, str | None, str | None, int]]
Known = Mapping[str, Gate | None]


def _effects(known: Known, held: Held) -> tuple[Effect, ...]:
    counted: dict[str, list[int]] = {}
    for code, before, value, count in held:
        had, has = _has(known[code], _json(before)), _has(known[code], _json(value))
        totals = counted.setdefault(code, [0, 0, 0])
        for place, is_so in enumerate((has, has and not had, had and not has)):
            totals[place] += count * is_so
    found = [Effect(code, _outcome(known[code]), *n) for code, n in counted.items() if any(n)]
    return tuple(sorted(found, key=lambda e: (e.outcome, -e.gained - e.lost, -e.enterprises)))


def _outcomes(known: Known, held: Held) -> dict[str, int]:
    """Return the enterprises that would meet any gate, by the gate's outcome."""
    met = [
        (code, value)
        for code, _before, value, _count in held
        if known[code] and _has(known[code], _json(value))
    ]
    facts: dict[str, Any] = {
        "codes": [code for code, _ in dict.fromkeys(met)],
        "values": [value for _, value in dict.fromkeys(met)],
        "outcomes": [_outcome(known[code]) for code, _ in dict.fromkeys(met)],
    }
    with connection.cursor() as cursor:
        cursor.execute(GATES_MET, facts)
        return {str(outcome): int(count) for outcome, count in cursor.fetchall()}


def _turned(known: Known, held: Held) -> tuple[Turned, ...]:
    """Name the enterprises that gain or lose a gate or an honour."""
    lines = [
        (code, before, value)
        for code, before, value, _count in held
        if _has(known[code], _json(before)) != _has(known[code], _json(value))
    ]
    facts: dict[str, Any] = {
        "codes": [code for code, _, _ in lines],
        "before": [before for _, before, _ in lines],
        "values": [value for _, _, value in lines],
        "limit": MOST_TURNED,
    }
    with connection.cursor() as cursor:
        cursor.execute(TURNED, facts)
        return tuple(
            Turned(uscc, name or "", code, _json(b), _json(v), _has(known[code], _json(v)))
            for uscc, name, code, b, v in cursor.fetchall()
        )


def meets(gate: Gate, value: Any) -> bool:
    """Test whether a value meets a gate on its own item; a word that is not known meets none."""
    when: Mapping[str, Any] = gate.when
    if "in" in when:
        return value in when["in"]
    if "equals" in when:
        return bool(value == when["equals"])
    if isinstance(value, bool):
        return False
    try:
        figure = Decimal(str(value))
    except ArithmeticError:
        return False
    if "at_least" in when:
        return figure >= Decimal(str(when["at_least"]))
    return "below" in when and figure < Decimal(str(when["below"]))


def _has(gate: Gate | None, value: Any) -> bool:
    """Say whether a value meets an item's gate, or is the honour that the item is."""
    if value is None or value == NOT_APPLICABLE:
        return False
    return meets(gate, value) if gate else value not in NO_HONOUR


def _outcome(gate: Gate | None) -> str:
    return gate.outcome.value if gate else ""


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
