"""
What a check of a file has to know of the database, fetched for all its codes at once.

Each look-up is a short transaction of its own, so that nothing is held while a file is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
from django.db import connection
from psycopg import sql

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import Source
from qfce.kernel import copying
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Region
from sharing.domain.regions import RegionTable
from sharing.models import ImportBatch
from sharing.services import publication_rows
from sharing.services.publication_rows import expect_many

ASKED_AT_ONCE = 200_000
NATIONAL = "000000"

FEW = "e.uscc = ANY (ARRAY(SELECT uscc FROM asked))"
KNOWN_COLUMNS = ("uscc", "name", "region", "digest", "is_current", "profiled")
KNOWN = """
SELECT e.uscc, e.name, e.region, coalesce(encode(p.row_digest, 'hex'), ''),
       coalesce(p.list_version = %s AND p.listed, false)::int, (p.uscc IS NOT NULL)::int
FROM asked a
JOIN sharing_enterprise e ON e.uscc = a.uscc
LEFT JOIN sharing_factorprofile p ON p.uscc = e.uscc AND p.factor_list = %s
WHERE {few}
"""
# A table of the largest file's enterprises is then put together in memory, in the file's order.
ROOM = "SET LOCAL work_mem = '64MB'"
STORED_IDENTITY = ("industry", "size", "established_on", "registered_capital")
STORED = sql.SQL("""
SELECT e.uscc, e.industry, e.size, e.established_on::text, trim_scale(e.registered_capital)::text
       {columns}
FROM sharing_enterprise e
LEFT JOIN sharing_factorprofile p ON p.uscc = e.uscc AND p.factor_list = %s
WHERE e.uscc = ANY (%s::text[])
""")
VALUE = sql.SQL(', p."values" ->> {code}')
ORIGIN = sql.SQL(
    ', CASE WHEN p."values" ? {code} THEN coalesce(p.origins ->> {code},'
    " p.base_publication_id::text) END"
)
VALID_TO = sql.SQL(", p.details -> {code} ->> 'valid_to'")
# The items of which anything is stored, and those of which an end of validity is.
STORED_ITEMS = """
SELECT k.key, bool_or(coalesce(p.details -> k.key ? 'valid_to', false))
FROM sharing_factorprofile p CROSS JOIN LATERAL (
    SELECT jsonb_object_keys(p."values") UNION ALL SELECT jsonb_object_keys(p.details)) k (key)
WHERE p.factor_list = %s AND p.uscc = ANY (%s::text[])
GROUP BY k.key ORDER BY k.key
"""
SOURCES = "SELECT id, region, self_declared FROM sharing_publication WHERE id = ANY (%s)"


@contextmanager
def _reading(owner_id: UUID) -> Iterator[Any]:
    with acting_as(owner_id), connection.cursor() as cursor:
        yield cursor


def source_of(region: str | None, *, self_declared: bool = False) -> Source:
    """
    Return which source a bureau is, by the level of its region.

    :param self_declared: it passes on what enterprises have declared of themselves, so that
        they are the source.

    >>> source_of("330100")
    <Source.CITY: 'city'>
    >>> source_of("330100", self_declared=True)
    <Source.ENTERPRISE: 'enterprise'>
    """
    if self_declared:
        return Source.ENTERPRISE
    if region in (None, NATIONAL):
        return Source.REGISTER
    assert region is not None
    if region.endswith("0000"):
        return Source.PROVINCE
    return Source.CITY if region.endswith("00") else Source.COUNTY


def source_behind(batch: ImportBatch) -> Source:
    """Return which source stands behind the values of an import."""
    return source_of(batch.owner.region_id, self_declared=batch.self_declared)


def source_ranks(catalogue: Catalogue) -> dict[str, dict[str, int]]:
    """Return item code to {source: rank}; 0 stands highest."""
    return {
        item.code: {str(source): rank for rank, source in enumerate(item.source_order)}
        for item in catalogue.items.values()
    }


def jurisdiction_of(region: str | None) -> tuple[str, str]:
    """Return the lowest and highest region code that a bureau answers for."""
    if region in (None, NATIONAL):
        return (NATIONAL, "999999")
    assert region is not None
    prefix = region.removesuffix("00").removesuffix("00")
    return (prefix.ljust(6, "0"), prefix.ljust(6, "9"))


@lru_cache(maxsize=1)
def regions() -> RegionTable:
    """Return the table of regions; it changes with a release only."""
    fields = ("code", "name_zh", "level", "parent_id", "valid_to", "replaced_by")
    return RegionTable(
        {
            "code": code,
            "name_zh": name,
            "level": level,
            "parent": parent or "",
            "valid_to": "" if valid_to is None else str(valid_to),
            "replaced_by": list(replaced_by),
        }
        for code, name, level, parent, valid_to, replaced_by in Region.objects.values_list(*fields)
    )


def position(owner_id: UUID, factor_list: str) -> int:
    """Return the number of the list's newest publication that the bureau sees; 0 before any."""
    with _reading(owner_id) as cursor:
        cursor.execute(
            "SELECT coalesce(max(number), 0) FROM sharing_publication WHERE factor_list = %s",
            [factor_list],
        )
        return int(cursor.fetchone()[0])


def known(owner_id: UUID, codes: pa.Array, catalogue: Catalogue) -> pa.Table:
    """
    Return the enterprises of the bureau's jurisdiction among some codes.

    Columns, all text: uscc, name, region, `digest` of the last imported row (empty where
    something else happened since), `is_current` and `profiled`, 1 or 0: whether the row was
    read against this version and is listed, and whether there is a profile at all.
    """
    with _reading(owner_id) as cursor:
        cursor.execute("CREATE TEMP TABLE asked (uscc text) ON COMMIT DROP")
        with cursor.cursor.copy("COPY asked (uscc) FROM STDIN") as copy:
            for start in range(0, len(codes), ASKED_AT_ONCE):
                copy.write("\n".join(codes[start : start + ASKED_AT_ONCE].to_pylist()) + "\n")
        cursor.execute("ANALYZE asked")
        cursor.execute(ROOM)
        expect_many(cursor, len(codes))
        statement = KNOWN.format(few=FEW if len(codes) <= publication_rows.FEW else "true")
        return copying.columns(
            cursor, statement, [catalogue.version, catalogue.code], KNOWN_COLUMNS
        )


def registered_elsewhere(owner_id: UUID, codes: Sequence[str]) -> set[str]:
    """Return those codes that the register knows outside the bureau's jurisdiction."""
    return _asked(owner_id, "SELECT qfce_registered_elsewhere(%s::text[])", [], codes)


def pending_elsewhere(owner_id: UUID, factor_list: str, codes: Sequence[str]) -> set[str]:
    """Return those codes that another bureau's waiting import names too."""
    with _reading(owner_id) as cursor:
        cursor.execute("SELECT qfce_anything_pending(%s)", [factor_list])
        if not cursor.fetchone()[0]:
            return set()
    statement = "SELECT qfce_pending_elsewhere(%s, %s::text[])"
    return _asked(owner_id, statement, [factor_list], codes)


def consents(
    owner_id: UUID, items: Sequence[str], codes: Sequence[str], on: date
) -> dict[str, set[str]]:
    """Return, for each item that needs consent, the codes with one in force on a day."""
    found: dict[str, set[str]] = {item: set() for item in items}
    with _reading(owner_id) as cursor:
        for part in _parts(codes):
            cursor.execute(
                "SELECT item, uscc FROM qfce_consented(%s, %s::text[], %s)", [list(items), part, on]
            )
            for item, uscc in cursor.fetchall():
                found[item].add(uscc)
    return found


def stored_values(owner_id: UUID, codes: Sequence[str], factor_list: str) -> pd.DataFrame | None:
    """
    Return what is stored of some enterprises, as the checks compare it; None where nothing is.

    A column for each item, and `<item>|valid_to`, `<item>|source` beside it, and the identity
    fields that rules look at.
    """
    found = [_stored(owner_id, part, factor_list) for part in _parts(codes)]
    table = pa.concat_tables(found, promote_options="default")
    if not len(table):
        return None
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame.set_index("uscc")


def _stored(owner_id: UUID, codes: str, factor_list: str) -> pa.Table:
    names, shown = ["uscc", *STORED_IDENTITY], []
    with _reading(owner_id) as cursor:
        cursor.execute(STORED_ITEMS, [factor_list, codes])
        for item, ends in cursor.fetchall():
            code = sql.Literal(item)
            names += [item, f"{item}|source"]
            shown += [VALUE.format(code=code), ORIGIN.format(code=code)]
            if ends:
                names.append(f"{item}|valid_to")
                shown.append(VALID_TO.format(code=code))
        query = STORED.format(columns=sql.SQL("").join(shown))
        table = copying.columns(cursor, query, [factor_list, codes], names)
        return _with_sources(cursor, table)


def _with_sources(cursor: Any, table: pa.Table) -> pa.Table:
    """Put the kind of whoever sent a value in place of the publication that brought it."""
    places = [place for place, name in enumerate(table.schema.names) if name.endswith("|source")]
    encoded = {place: table.column(place).combine_chunks().dictionary_encode() for place in places}
    sources = _sources(
        cursor, {int(number) for each in encoded.values() for number in each.dictionary.to_pylist()}
    )
    for place, each in encoded.items():
        said = pa.array([sources[int(n)] for n in each.dictionary.to_pylist()], pa.string())
        table = table.set_column(place, table.schema.names[place], said.take(each.indices))
    return table


def _sources(cursor: Any, publications: set[int]) -> Mapping[int, str]:
    cursor.execute(SOURCES, [sorted(publications)])
    known = {
        number: str(source_of(region, self_declared=declared))
        for number, region, declared in cursor.fetchall()
    }
    # A publication of another province is hidden; its sender stands below nobody here.
    return {number: known.get(number, str(Source.COUNTY)) for number in publications}


def _asked(owner_id: UUID, statement: str, arguments: list[Any], codes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    with _reading(owner_id) as cursor:
        for part in _parts(codes):
            cursor.execute(statement, [*arguments, part])
            found.update(row[0] for row in cursor.fetchall())
    return found


def _parts(codes: Sequence[str]) -> Iterator[str]:
    """Yield codes as PostgreSQL arrays; one text is taken up faster than many parameters."""
    for start in range(0, len(codes), ASKED_AT_ONCE):
        yield "{" + ",".join(codes[start : start + ASKED_AT_ONCE]) + "}"
