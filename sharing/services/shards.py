"""
Keeping the shards of a list up to the feed: derived files, never authoritative.

A city that changed is written anew beside its old file, changed rows put in place of their
old ones; last of all the manifest is replaced, which names one file a city. Whoever is
killed leaves the old manifest with its files, and whoever reads meanwhile reads those.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain import folding, shard_columns
from sharing.selectors import shards
from sharing.selectors.shards import Manifest

FEW = 20_000
"""So many changed enterprises of a city are put in place; more, and the city is made anew."""

# The list's newest publication, and how far the feed has come.
NEWEST = """
SELECT coalesce(p.number, 0), coalesce(p.uid::text, ''), c.n
FROM sharing_feedcounter c LEFT JOIN LATERAL (
    SELECT number, uid FROM sharing_publication
    WHERE factor_list = %s AND number <= c.n ORDER BY number DESC LIMIT 1) p ON true
"""
# Who changed since a position, by every city that such an enterprise was ever in. What another
# list says of an enterprise itself is of this one too; who may look at it is in no shard.
CHANGED = """
WITH changed AS (
    SELECT DISTINCT c.uscc, left(c.region, 4) AS city, c.changes ? 'region' AS moved
    FROM sharing_publication p JOIN sharing_factorchange c ON c.publication_id = p.id
    WHERE p.number > %(after)s AND p.number <= %(until)s AND p.cause <> 'access' AND c.uscc <> ''
      AND (p.factor_list = %(list)s OR c.changes ?| %(identity)s)
), placed AS (
    SELECT uscc, city FROM changed
    UNION
    SELECT c.uscc, left(c.region, 4) FROM sharing_factorchange c
    WHERE c.uscc IN (SELECT uscc FROM changed WHERE moved)
)
SELECT city, CASE WHEN count(*) <= %(few)s THEN array_agg(uscc::text) END
FROM placed GROUP BY city
"""
CITIES = """
SELECT DISTINCT left(region, 4), NULL FROM sharing_factorprofile WHERE factor_list = %(list)s
"""
DETAILED = """
SELECT DISTINCT k FROM sharing_factorprofile f, LATERAL jsonb_object_keys(f.details) k
WHERE f.factor_list = %s AND f.region LIKE %s AND f.details <> '{}'
"""
PROFILES = """
SELECT f.uscc, f.region, p.number, f."row", f.listed, e.industry, e.size, e.established_on,
       e.registered_capital, f."values" AS vals, f.details, l.lapsed,
       CASE WHEN f.flags <> '{{}}' THEN (
           SELECT ',' || string_agg(k, ',') || ',' FROM jsonb_object_keys(f.flags) k
           WHERE f."values" ? k) END AS flagged
FROM sharing_factorprofile f
JOIN sharing_enterprise e ON e.uscc = f.uscc AND e.successor_uscc IS NULL
JOIN sharing_publication p ON p.id = f.publication_id
LEFT JOIN (
    SELECT c.uscc, ',' || string_agg(DISTINCT k.code, ',') || ',' AS lapsed
    FROM sharing_factorchange c
    JOIN sharing_publication q ON q.id = c.publication_id AND q.factor_list = {list}
    JOIN sharing_factorprofile h ON h.uscc = c.uscc AND h.factor_list = {list},
    LATERAL jsonb_object_keys(c.changes) k (code)
    WHERE c.kind = 'lapsed' AND h."values" ? k.code AND {whose_lapse}
      AND q.recorded_at > (SELECT o.recorded_at FROM sharing_publication o WHERE o.id =
          coalesce((h.origins ->> k.code)::bigint, h.base_publication_id))
    GROUP BY c.uscc
) l ON l.uscc = f.uscc
WHERE f.factor_list = {list} AND f.list_version = {version} AND f.region LIKE {city} AND {whose}
"""


@transaction.atomic
def follow(factor_list: str, *, actor: Actor, at: datetime) -> int:
    """
    Bring the shards of a list up to the feed; return how many cities were written.

    Doing it twice writes nothing the second time, and nothing while somebody else is at it:
    what is left then is the next run's. A shard holds the version that is in force on the
    day; profiles of another one are read from the database until they are migrated.

    :raises MissingPermission: if the actor reads no enterprises.
    :raises NoSuchRecord: if no version of the list is in force.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    catalogue = factor_lists.in_force(factor_list, business_day(at))
    if not _locked("SELECT pg_try_advisory_xact_lock(hashtext(%s))", factor_list):
        return 0
    home = shards.folder(catalogue)
    kept = shards.manifest(home, catalogue)
    if kept is not None and not all((home / file).exists() for file in kept.cities.values()):
        kept = None
    return _bring_up(home, catalogue, kept)


@transaction.atomic
def rebuild(factor_list: str, *, actor: Actor, at: datetime) -> int:
    """
    Make the shards of a list anew from the database, whatever lies there.

    Whoever is at them already is waited for. Refusals are those of `follow`.
    """
    actor.require(permissions.VIEW_ENTERPRISE)
    catalogue = factor_lists.in_force(factor_list, business_day(at))
    _locked("SELECT pg_advisory_xact_lock(hashtext(%s))", factor_list)
    return _bring_up(shards.folder(catalogue), catalogue, None)


def _locked(statement: str, factor_list: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [f"shards:{factor_list}"])
        return cursor.fetchone()[0] is not False


def _bring_up(home: Path, catalogue: Catalogue, kept: Manifest | None) -> int:
    """Write what has changed since the shards that are kept, or all; return how many cities."""
    anchor, position = _newest(catalogue.code)
    if kept is not None and kept.position == position:
        return 0
    written = {}
    for city, usccs in _changed(catalogue.code, kept.position if kept else 0, position):
        old = home / kept.cities[city] if kept and city in kept.cities else None
        written[city] = _write(home, catalogue, city, old, usccs, position)
    fresh = Manifest(
        list_version=catalogue.version,
        position=position,
        anchor=anchor,
        cities={**(kept.cities if kept else {}), **written},
    )
    _adopt(home, fresh)
    return len(written)


def _newest(factor_list: str) -> tuple[tuple[int, str], int]:
    """Return the list's newest publication, and the feed's own position."""
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [factor_list])
        number, uid, position = cursor.fetchone()
    return (number, uid), position


def _changed(factor_list: str, after: int, until: int) -> Iterator[tuple[str, list[str] | None]]:
    """Yield each city with something to write, and whose rows; None: the whole city's."""
    facts: dict[str, Any] = {"list": factor_list, "after": after, "until": until, "few": FEW,
                             "identity": list(folding.IDENTITY)}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(CHANGED if after else CITIES, facts)
        yield from cursor.fetchall()


def _write(
    home: Path,
    catalogue: Catalogue,
    city: str,
    old: Path | None,
    usccs: Sequence[str] | None,
    position: int,
) -> str:
    """Write one city's shard beside the old one; return its name in the list's folder."""
    named = f"{city}/{position:012d}-{uuid4().hex[:8]}.parquet"
    _make_private(home / city)
    source = _source(catalogue, city, usccs if old else None)
    rows = shards.exported(source, catalogue, detailed=_detailed(catalogue.code, city))
    if old is not None and usccs is not None:
        _save(
            _in_place(old, shard_columns.together([_none(catalogue), *rows]), usccs), home / named
        )
    else:
        _stream(rows, home / named, _none(catalogue))
    return named


def _source(catalogue: Catalogue, city: str, usccs: Sequence[str] | None) -> sql.Composable:
    chosen: sql.Composable = sql.SQL("true")
    lapses: sql.Composable = sql.SQL("true")
    if usccs is not None:
        chosen = sql.SQL("f.uscc = ANY ({})").format(sql.Literal(list(usccs)))
        lapses = sql.SQL("c.uscc = ANY ({})").format(sql.Literal(list(usccs)))
    return sql.SQL(PROFILES).format(
        list=sql.Literal(catalogue.code),
        version=sql.Literal(catalogue.version),
        city=sql.Literal(f"{city}%"),
        whose=chosen,
        whose_lapse=lapses,
    )


def _detailed(factor_list: str, city: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(DETAILED, [factor_list, f"{city}%"])
        return sorted(code for (code,) in cursor.fetchall())


def _none(catalogue: Catalogue) -> pa.Table:
    """Return no rows, with every column that rows of the list have at least."""
    names = (*shard_columns.IDENTITY, *shards.CODES, *catalogue.items)
    empty = pa.table({name: pa.array([], pa.string()) for name in names})
    return shard_columns.typed(empty, catalogue.items)


def _in_place(old: Path, rows: pa.Table, usccs: Sequence[str]) -> pa.Table:
    """Return a city's rows with those of some enterprises in place of their old ones."""
    kept = pq.read_table(old)
    stays = pc.invert(pc.is_in(kept["uscc"], pa.array(usccs, pa.string())))
    return shard_columns.together([kept.filter(stays), rows])


def _save(rows: pa.Table, file: Path) -> None:
    with _finished(file) as place:
        pq.write_table(rows, place, compression="zstd")


def _stream(pieces: Iterator[pa.Table], file: Path, none: pa.Table) -> None:
    """Write pieces as they come, so that memory holds one of them."""
    with _finished(file) as place:
        writer = None
        try:
            for piece in pieces:
                writer = writer or pq.ParquetWriter(place, piece.schema, compression="zstd")
                writer.write_table(piece)
            if writer is None:
                pq.write_table(none, place, compression="zstd")
        finally:
            if writer is not None:
                writer.close()


class _finished:  # noqa: N801 reads as a word of the language
    """A file that has its name once it is whole and on the disk."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __enter__(self) -> Path:
        handle, name = tempfile.mkstemp(dir=self.file.parent, prefix="writing-")
        os.close(handle)
        self.place = Path(name)
        return self.place

    def __exit__(self, kind: object, *exc: object) -> None:
        if kind is not None:
            self.place.unlink(missing_ok=True)
            return
        with self.place.open("rb") as written:
            os.fsync(written.fileno())
        self.place.replace(self.file)


def _make_private(folder: Path) -> None:
    """Make a folder under DATA that is nobody else's to look into; `mkdir` spares parents."""
    data = Path(settings.QFCE_DATA)
    for place in [*reversed(folder.relative_to(data).parents), folder.relative_to(data)]:
        if place.parts:
            (data / place).mkdir(exist_ok=True, mode=0o700)


def _adopt(home: Path, fresh: Manifest) -> None:
    """Let the manifest name the new files, and take away what it names no more."""
    _make_private(home)
    with _finished(home / shards.MANIFEST) as place:
        place.write_text(fresh.to_json(), encoding="ascii")
    named = set(fresh.cities.values())
    for file in home.glob("*/*"):
        if str(file.relative_to(home)) not in named:
            with suppress(OSError):  # the next run takes away what this one could not
                file.unlink()
