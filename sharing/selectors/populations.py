"""
All enterprises of a list that a reader may look at, as typed columns: for models and tables.

The shards give what was known at their position, the database what has changed since. What
may be seen is projected here, by the rights that the database states: whole columns where an
agreement leaves an item out, single cells where a consent decides. One row of the read log
tells of each look, with position, count and digest; nobody gets a path to a file.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from psycopg import sql

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain import shard_columns
from sharing.domain.shard_columns import DETAILS, IDENTITY, Mark, detail
from sharing.policies import check_purpose
from sharing.selectors import shards

RIGHTS = "SELECT * FROM qfce_population_rights(%s, %s)"
CONSENTS = "SELECT * FROM qfce_population_consents(%s, %s)"
# What changed, and how far the feed had come: of one moment, so that the two belong together.
CHANGED = """
CREATE TEMP TABLE changed_population ON COMMIT DROP AS
SELECT r.*, c.n AS position FROM sharing_feedcounter c
LEFT JOIN qfce_population_rows(%s, %s, %s, %s) r ON true
"""
AGAIN = "DROP TABLE IF EXISTS pg_temp.changed_population"
POSITION = """
SELECT min(position), coalesce(array_agg(uscc) FILTER (WHERE uscc IS NOT NULL), '{}')
FROM changed_population
"""
DETAILED = "SELECT DISTINCT jsonb_object_keys(details) FROM changed_population"
ROWS = "SELECT * FROM changed_population WHERE NOT is_gone"
LOG = "SELECT qfce_log_population(%s, %s, %s, %s, %s, %s)"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Population:
    """
    What a reader may look at of a list: one row an enterprise, by credit code.

    `table` has the columns of `sharing.domain.shard_columns`, those of items that no ground
    covers left out. A cell that is not the reader's is null and marked `NOT_SHOWN`. `position`
    is the feed's; `shard_position` how much of it came from shards. `digest` is that of the
    read log, over the table's columns.

    A value stands whatever its days: whoever asks about a day leaves out what has ended by
    `<code>:valid_to` or begins after it by `<code>:valid_from`.
    """

    table: pa.Table
    factor_list: str
    list_version: int
    position: int
    shard_position: int
    digest: str


@dataclass(frozen=True, slots=True)
class _Right:
    """One ground: the items and the enterprises that it covers; None is every one."""

    ground: str
    items: frozenset[str] | None
    consent_items: frozenset[str]
    prefixes: tuple[str, ...]
    members: Sequence[str] | None
    own_uscc: str | None

    def shows(self, code: str) -> bool:
        return self.items is None or code in self.items

    def covers(self, rows: pa.Table) -> Mask:
        """Return for each row whether this ground covers its enterprise."""
        covered = np.zeros(len(rows), dtype=np.bool_)
        for prefix in self.prefixes:
            covered |= _numpy(pc.starts_with(rows["region"], prefix))
        if self.members is not None:
            covered &= _numpy(pc.is_in(rows["uscc"], pa.array(self.members, pa.string())))
        if self.own_uscc is not None:
            covered &= _numpy(pc.equal(rows["uscc"], self.own_uscc))
        return covered


def population(
    factor_list: str,
    *,
    purpose: str,
    actor: Actor,
    at: datetime,
    items: Sequence[str] | None = None,
) -> Population:
    """
    Return the enterprises of a list that the actor's organisation may look at, all at once.

    :param purpose: a `Purpose`; the rights are those of this moment.
    :param items: only these items' columns; unsaid, all that may be seen.
    :raises MissingPermission: if the actor reads no enterprises.
    :raises UnknownPurpose: if there is no such purpose.
    :raises NoSuchRecord: if no version of the list is in force.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    check_purpose(purpose)
    catalogue = factor_lists.in_force(factor_list, business_day(at))
    rights = _rights(purpose, factor_list)
    codes = [
        code
        for code in catalogue.items
        if (items is None or code in items)
        and any(right.shows(code) or code in right.consent_items for right in rights)
    ]
    position, shard_position, rows = _rows(catalogue, codes, purpose, rights)
    table = _projected(rows, codes, rights, _consents(purpose, factor_list))
    digest = _digest(table)
    with connection.cursor() as cursor:
        basis = [right.ground for right in rights]
        cursor.execute(LOG, [purpose, factor_list, basis, position, len(table), digest])
    return Population(table, factor_list, catalogue.version, position, shard_position, digest)


def _rights(purpose: str, factor_list: str) -> list[_Right]:
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS, [purpose, factor_list])
        return [
            _Right(
                ground,
                None if items is None else frozenset(items),
                frozenset(consent_items),
                tuple(prefix.rstrip("%") for prefix in prefixes),
                members,
                own,
            )
            for ground, items, consent_items, prefixes, members, own in cursor.fetchall()
        ]


def _consents(purpose: str, factor_list: str) -> dict[str, list[str]]:
    """Return who has consented to each item."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(CONSENTS, [purpose, factor_list])
        for uscc, code in cursor.fetchall():
            found.setdefault(code, []).append(uscc)
    return found


def _rows(
    catalogue: Catalogue, codes: Sequence[str], purpose: str, rights: Sequence[_Right]
) -> tuple[int, int, pa.Table]:
    """Return the feed's position, the shards', and all rows: theirs or newer ones."""
    wanted = [*IDENTITY, *(name for code in codes for name in _columns(code))]
    manifest, kept = shards.read(catalogue, wanted, _common(rights)) if rights else (None, None)
    after = manifest.position if manifest else 0
    with connection.cursor() as cursor:
        cursor.execute(AGAIN)
        cursor.execute(CHANGED, [purpose, catalogue.code, after, catalogue.version])
        cursor.execute(POSITION)
        position, changed = cursor.fetchone()
        cursor.execute(DETAILED)
        detailed = sorted({code for (code,) in cursor.fetchall()} & set(codes))
    parts = [_none(catalogue, wanted)]
    if changed:
        pieces = shards.exported(sql.SQL(ROWS), catalogue, detailed=detailed)
        parts += [piece.select(_present(piece, wanted)) for piece in pieces]
    if kept is not None and kept.column_names:
        stays = pc.invert(pc.is_in(kept["uscc"], pa.array(changed, pa.string())))
        parts.append(kept.filter(stays))
    return position, after, shard_columns.newest(shard_columns.together(parts))


def _columns(code: str) -> tuple[str, ...]:
    return (code, detail(code, "marks"), *(detail(code, member) for member in DETAILS))


def _present(rows: pa.Table, wanted: Sequence[str]) -> list[str]:
    return [name for name in wanted if name in rows.column_names]


def _none(catalogue: Catalogue, wanted: Sequence[str]) -> pa.Table:
    names = (*IDENTITY, *shards.CODES, *catalogue.items)
    empty = pa.table({name: pa.array([], pa.string()) for name in names})
    rows = shard_columns.typed(empty, catalogue.items)
    return rows.select(_present(rows, wanted))


def _common(rights: Sequence[_Right]) -> str:
    """Return what the codes of all cities that the rights reach begin with, at most a city's."""
    prefixes = [prefix[:4] for right in rights for prefix in right.prefixes]
    first, last = min(prefixes, default=""), max(prefixes, default="")
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[: min(len(first), len(last)) if length is None else length]


def _projected(
    rows: pa.Table,
    codes: Sequence[str],
    rights: Sequence[_Right],
    consents: Mapping[str, Sequence[str]],
) -> pa.Table:
    """Return the covered rows, with every cell that no ground shows taken out and marked."""
    masks = {right.ground: right.covers(rows) for right in rights}
    covered = np.logical_or.reduce([*masks.values(), np.zeros(len(rows), dtype=np.bool_)])
    rows = rows.filter(pa.array(covered))
    masks = {ground: mask[covered] for ground, mask in masks.items()}
    for code in codes:
        shown = np.zeros(len(rows), dtype=np.bool_)
        for right in rights:
            if right.shows(code):
                shown |= masks[right.ground]
            elif code in right.consent_items and code in consents:
                given = pc.is_in(rows["uscc"], pa.array(consents[code], pa.string()))
                shown |= masks[right.ground] & _numpy(given)
        if not shown.all():
            rows = _blanked(rows, code, pa.array(shown))
    return rows


def _blanked(rows: pa.Table, code: str, shown: pa.Array) -> pa.Table:
    """Take an item's cells out where they are not shown, with all that qualifies them."""
    hidden = pa.scalar(int(Mark.NOT_SHOWN), pa.uint8())
    for name in _present(rows, _columns(code)):
        instead = hidden if name == detail(code, "marks") else None
        place = rows.schema.get_field_index(name)
        column = pc.if_else(shown, rows[name], pa.scalar(instead, rows[name].type))
        rows = rows.set_column(place, name, column)
    return rows


def _numpy(column: pa.ChunkedArray | pa.Array) -> Mask:
    truths: Mask = np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), np.bool_)
    return truths


def _digest(table: pa.Table) -> str:
    """Return the SHA-256 of the columns, as Arrow writes them to a stream in one piece."""
    sink = pa.BufferOutputStream()
    whole = table.combine_chunks()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return hashlib.sha256(sink.getvalue()).hexdigest()
