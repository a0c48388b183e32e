"""
A migration's plan as statements over whole tables.

Every value, code and table goes in as a parameter; what is put together here is the shape
alone. `factors.domain.migration_plans.moved` says the same rules one record at a time.
Parameters beside the plan's own: %(list)s, %(version)s, %(publication)s, %(late)s.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from factors.domain.item_types import NOT_APPLICABLE
from factors.domain.migration_plans import Move, Plan

# The rows of one statement pass through memory, not through a file.
ROOM = "SET LOCAL work_mem = '128MB'"
LATE = """
SELECT coalesce(array_agg(id), '{}') FROM sharing_publication
WHERE factor_list = %(list)s AND list_version >= %(version)s
  AND number IS NOT NULL AND recipient_id IS NULL
"""
ROWS = "CREATE TEMP SEQUENCE migrated_row CACHE 1000"
FORGET_ROWS = "DROP SEQUENCE IF EXISTS pg_temp.migrated_row"

FLAGGED = """
CREATE TEMP TABLE flagged_before ON COMMIT DROP AS
SELECT p.uscc, p.region, p.flags FROM sharing_factorprofile p
WHERE p.factor_list = %(list)s AND p.flags <> '{}' AND p.flags ?| %(sources)s
"""
# A dispute's mark goes with the item it was on, in words that every reader of the feed knows.
FLAG_CHANGES = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes)
SELECT %(publication)s, nextval('pg_temp.migrated_row'), m.uscc, m.region, left(m.region, 2),
       m.kind, m.changes
FROM (
    SELECT f.uscc, f.region, 'unflagged' AS kind, (
        SELECT jsonb_object_agg(k.key, NULL) FROM jsonb_each(f.flags) k
        WHERE NOT p.flags ? k.key) AS changes
    FROM flagged_before f
    JOIN sharing_factorprofile p ON p.uscc = f.uscc AND p.factor_list = %(list)s
    UNION ALL
    SELECT f.uscc, f.region, 'flagged', (
        SELECT jsonb_object_agg(k.key, k.value) FROM jsonb_each(p.flags) k
        WHERE NOT f.flags ? k.key)
    FROM flagged_before f
    JOIN sharing_factorprofile p ON p.uscc = f.uscc AND p.factor_list = %(list)s
) m
WHERE m.changes IS NOT NULL ORDER BY m.uscc, m.kind DESC
"""
FLAGGED_USCCS = "SELECT uscc FROM flagged_before"

# Profiles in which nothing moves are of the new version all the same.
UNCHANGED = """
UPDATE sharing_factorprofile SET list_version = %(version)s
WHERE factor_list = %(list)s AND list_version < %(version)s
"""
# The position of those about whom further rows were written.
PLACE = """
UPDATE sharing_factorprofile p SET publication_id = %(publication)s, "row" = l."row"
FROM (SELECT c.uscc, max(c."row") AS "row" FROM sharing_factorchange c
      WHERE c.publication_id = %(publication)s AND c.uscc = ANY (%(usccs)s) GROUP BY c.uscc) l
WHERE p.uscc = l.uscc AND p.factor_list = %(list)s
"""
# Enterprises with a fact of an old item that holds from a later day on.
AHEAD = """
SELECT DISTINCT c.uscc
FROM sharing_factorchange c
JOIN sharing_publication q ON q.id = c.publication_id
CROSS JOIN LATERAL jsonb_each(c.details) d
WHERE q.factor_list = %(list)s AND q.number IS NOT NULL AND c.details IS NOT NULL
  AND d.key = ANY (%(sources)s) AND (d.value ->> 'valid_from')::date > %(today)s
ORDER BY c.uscc
"""
# Back to the version before, where nothing of the later one was written since.
BACK = """
UPDATE sharing_factorprofile p SET list_version = %(before)s
FROM sharing_publication q
WHERE p.factor_list = %(list)s AND p.list_version = %(version)s
  AND q.id = p.publication_id AND q.list_version < %(version)s
"""


@dataclass(slots=True)
class Statements:
    """The statements of one plan, and the parameters that they name."""

    plan: Plan
    late: list[int]
    parameters: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parameters |= {"sources": list(self.plan.sources), "late": self.late}
        self.parameters["origins"] = json.dumps(
            {
                move.target: {"moved_from": move.source}
                for move in self.plan.moves
                if not move.in_place
            }
        )
        self.parameters["nothing"] = json.dumps(dict.fromkeys(self.plan.sources))
        for place, code in enumerate(self.plan.sources):
            self.parameters[f"gone{place}"] = code
            self.parameters[f"nothing{place}"] = json.dumps({code: None})
        for place, move in enumerate(self.plan.moves):
            self.parameters |= {
                f"s{place}": move.source,
                f"t{place}": move.target,
                f"table{place}": json.dumps(_table(move), ensure_ascii=False),
                f"otherwise{place}": json.dumps(move.otherwise, ensure_ascii=False),
                f"from{place}": json.dumps({"moved_from": move.source}),
            }
            for number, (below, target) in enumerate(move.bands):
                self.parameters[f"below{place}_{number}"] = below
                self.parameters[f"band{place}_{number}"] = json.dumps(target, ensure_ascii=False)

    @property
    def staying(self) -> frozenset[str]:
        """Codes that both versions have: only their values change."""
        return frozenset(move.source for move in self.plan.moves if move.in_place)

    def apply(self) -> str:
        """Return the statement that moves profiles and writes the ledger's rows of it."""
        return f"""
WITH changed AS (
    UPDATE sharing_factorprofile p
    SET list_version = greatest(p.list_version, %(version)s),
        "values" = (p."values" - {self._ending("p")}) || {self._object(self._value)},
        details = {self._carried("details")},
        origins = {self._carried("origins")},
        flags = CASE WHEN p.flags = '{{}}' THEN p.flags ELSE {self._flags()} END,
        publication_id = %(publication)s, "row" = nextval('pg_temp.migrated_row'),
        row_digest = NULL
    WHERE p.factor_list = %(list)s AND ({self._concerned()} OR p.flags ?| %(sources)s)
    RETURNING WITH (OLD AS o, NEW AS n)
        n.uscc, n.region, n."row", {_of_old(self._ended())} AS ended,
        {_of_old(self._came())} AS came, {_of_old(self._details())} AS details
)
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes,
                                  details)
SELECT %(publication)s, "row", uscc, region, left(region, 2),
       CASE WHEN came = '{{}}' THEN 'cleared' ELSE 'observed' END, ended || came,
       nullif(details, '{{}}')
FROM changed WHERE ended <> '{{}}' OR came <> '{{}}'
"""  # noqa: S608 values and codes are parameters

    def count_without_target(self) -> str:
        """Return the statement that counts values that would become nothing."""
        lost = [f"count(*) FILTER (WHERE {self.lost(code)})" for code in self._movable()]
        return f"""
SELECT {" + ".join(lost) or "0"} FROM sharing_factorprofile p WHERE p.factor_list = %(list)s
"""  # noqa: S608 as above  # noqa: S608 as above

    def counts(self) -> str:
        """Return the statement that counts profiles, those concerned, and each source's values."""
        present = [f"count(*) FILTER (WHERE {self._present(code)})" for code in self.plan.sources]
        lost = [
            f"count(*) FILTER (WHERE {self.lost(code)})" if code in self._movable() else "0"
            for code in self.plan.sources
        ]
        return f"""
SELECT count(*), count(*) FILTER (WHERE {self._concerned()}), {", ".join([*present, *lost])}
FROM sharing_factorprofile p WHERE p.factor_list = %(list)s
"""  # noqa: S608 as above

    def flow(self, place: int) -> str:
        """Return the statement that counts which values one move makes of which."""
        move = self.plan.moves[place]
        old = "NULL" if move.bands else f'p."values" ->> %(s{place})s'
        return f"""
SELECT {old}, ({self._new(place)}) #>> '{{}}', count(*)
FROM sharing_factorprofile p
WHERE p.factor_list = %(list)s AND {self._moves(place)}
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 40
"""  # noqa: S608 as above

    def values_without_target(self, code: str) -> str:
        """Return the statement that lists a source's values that would become nothing."""
        key = f"%(gone{self.plan.sources.index(code)})s"
        return f"""
SELECT p."values" ->> {key}, count(*) FROM sharing_factorprofile p
WHERE p.factor_list = %(list)s AND {self.lost(code)}
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 200
"""  # noqa: S608 as above

    def lost(self, code: str) -> str:
        """Return the condition that a source's value becomes nothing in any of its targets."""
        places = [n for n, move in enumerate(self.plan.moves) if move.source == code]
        new = " AND ".join(f"({self._new(n)}) IS NULL" for n in places)
        taken = [f'p."values" ? %(t{n})s' for n in places if not self.plan.moves[n].in_place]
        free = f" AND NOT ({' OR '.join(taken)})" if taken else ""
        return f"({self._present(code)} AND {new}{free})"

    def _movable(self) -> list[str]:
        """Sources whose values go somewhere, and might not: dropped ones end on purpose."""
        return list(dict.fromkeys(m.source for m in self.plan.moves if not m.as_it_is))

    def _late(self, key: str, row: str = "p") -> str:
        """Whether a value was recorded under the new version already."""
        origin = f"coalesce(({row}.origins ->> {key})::bigint, {row}.base_publication_id)"
        return f"{origin} = ANY (%(late)s::bigint[])"

    def _present(self, code: str) -> str:
        key = f"%(gone{self.plan.sources.index(code)})s"
        there = f'p."values" ? {key}'
        if self.late and code in self.staying:
            return f"({there} AND NOT {self._late(key)})"
        return there

    def _concerned(self) -> str:
        if not (self.late and self.staying):
            return 'p."values" ?| %(sources)s'
        return "(" + " OR ".join(self._present(code) for code in self.plan.sources) + ")"

    def _ending(self, row: str) -> str:
        """The keys that go: all sources, but for values of the new version under an old code."""
        if not (self.late and self.staying):
            return "%(sources)s::text[]"
        keys = [
            f"CASE WHEN {self._late(f'%(gone{n})s', row)} THEN NULL ELSE %(gone{n})s END"
            if code in self.staying
            else f"%(gone{n})s"
            for n, code in enumerate(self.plan.sources)
        ]
        return f"array_remove(ARRAY[{', '.join(keys)}]::text[], NULL)"

    def _moves(self, place: int) -> str:
        """Whether a value is there that this move may take."""
        move = self.plan.moves[place]
        # Before anything was recorded under the new version, no target has a value.
        free = "" if move.in_place or not self.late else f' AND NOT p."values" ? %(t{place})s'
        return self._present(move.source) + free

    def _new(self, place: int) -> str:
        """
        The new value for the old one, NULL where there is none to take or to give.

        As few looks into the JSON as will do: this is evaluated for every row.
        """
        move, old = self.plan.moves[place], f'p."values" -> %(s{place})s'
        text = f'(p."values" ->> %(s{place})s)'
        otherwise = f"%(otherwise{place})s::jsonb" if move.otherwise is not None else "NULL"
        if move.as_it_is:
            same = f"to_jsonb({text})" if move.as_text else old
            if move.keeps_not_applicable:
                return same
            return f"CASE WHEN {text} = '{NOT_APPLICABLE}' THEN {otherwise} ELSE {same} END"
        if not move.bands:
            found = f"%(table{place})s::jsonb -> {text}"
            if move.otherwise is None:
                return found
            return f"CASE WHEN {text} IS NOT NULL THEN coalesce({found}, {otherwise}) END"
        return f"CASE {' '.join(self._cases(place, move, text))} END"

    def _cases(self, place: int, move: Move, text: str) -> Iterable[str]:
        named = f"%(table{place})s::jsonb"
        if _table(move):
            yield f"WHEN {named} ? {text} THEN {named} -> {text}"
        else:
            yield f"WHEN {text} = '{NOT_APPLICABLE}' THEN NULL"
        for number, (below, _) in enumerate(move.bands):
            target = f"%(band{place}_{number})s::jsonb"
            limit = f"< %(below{place}_{number})s" if below is not None else "IS NOT NULL"
            yield f"WHEN {text}::numeric {limit} THEN {target}"
        if move.otherwise is not None:
            yield f"WHEN {text} IS NOT NULL THEN %(otherwise{place})s::jsonb"

    def _value(self, place: int) -> str:
        return self._new(place) if not self.late else self._guarded(place)

    def _guarded(self, place: int) -> str:
        return f"CASE WHEN {self._moves(place)} THEN {self._new(place)} END"

    def _arrives(self, place: int) -> str:
        """Whether this move makes a value."""
        if self.plan.moves[place].as_it_is and self.plan.moves[place].keeps_not_applicable:
            return self._moves(place)
        return f"({self._moves(place)} AND ({self._new(place)}) IS NOT NULL)"

    def _object(self, member: Any) -> str:
        """A JSON object with what `member` says for each target, nulls left out."""
        if not self.plan.moves:
            return "'{}'::jsonb"
        members = [f"%(t{n})s::text, {member(n)}" for n in range(len(self.plan.moves))]
        return f"jsonb_strip_nulls(jsonb_build_object({', '.join(members)}))"

    def _carried(self, column: str) -> str:
        """Details or origins under the codes that the values have now."""
        members = self._object(
            lambda n: f"CASE WHEN {self._arrives(n)} THEN p.{column} -> %(s{n})s END"
        )
        return (
            f"CASE WHEN p.{column} = '{{}}' OR NOT p.{column} ?| %(sources)s THEN p.{column}"
            f" ELSE (p.{column} - {self._ending('p')}) || {members} END"
        )

    def _flags(self) -> str:
        members = self._object(lambda n: f"p.flags -> %(s{n})s")
        return f"(p.flags - {self._ending('p')}) || {members}"

    def _ended(self) -> str:
        """The ledger's word that an old item has no value any more."""
        parts = [
            f"CASE WHEN {self._present(code)} THEN %(nothing{n})s::jsonb ELSE '{{}}' END"
            for n, code in enumerate(self.plan.sources)
        ]
        each = "(" + " || ".join(parts) + ")"
        if self.late:
            return each
        return f'CASE WHEN p."values" ?& %(sources)s THEN %(nothing)s::jsonb ELSE {each} END'

    def _came(self) -> str:
        def came(place: int) -> str:
            value = f'n."values" -> %(t{place})s'
            return f"CASE WHEN {self._moves(place)} THEN {value} END" if self.late else value

        return self._object(came)

    def _details(self) -> str:
        """Beside a value that moved: its dates and evidence, and the item it was of if another."""

        def beside(place: int) -> str:
            own = f"p.details -> %(s{place})s"
            if not self.plan.moves[place].in_place:
                own = f"coalesce({own}, '{{}}') || %(from{place})s::jsonb"
            return f"CASE WHEN {self._arrives(place)} THEN {own} END"

        def plainly(place: int) -> str:
            if self.plan.moves[place].in_place:
                return "NULL"
            return f"CASE WHEN {self._arrives(place)} THEN %(from{place})s::jsonb END"

        plain = f"CASE WHEN p.details = '{{}}' THEN {self._object(plainly)}"
        if not self.late and all(move.as_it_is or move.in_place for move in self.plan.moves):
            # A record with every item and no details takes two looks instead of many.
            whole = "p.details = '{}' AND p.\"values\" ?& %(sources)s"
            plain = f"CASE WHEN {whole} THEN %(origins)s::jsonb {plain.removeprefix('CASE ')}"
        return f"{plain} ELSE {self._object(beside)} END"


def _table(move: Move) -> dict[str, Any]:
    """Return a move's table with what becomes of a value that does not apply."""
    table = dict(move.table)
    kept = NOT_APPLICABLE if move.keeps_not_applicable else move.otherwise
    if kept is not None:
        table.setdefault(NOT_APPLICABLE, kept)
    return table


def _of_old(fragment: str) -> str:
    """Return a fragment about the row as it was before; in RETURNING `p` is what it became."""
    return re.sub(r"\bp\.", "o.", fragment)
