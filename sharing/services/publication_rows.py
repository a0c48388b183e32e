"""
A whole file's rows into ledger, register and profiles, set by set.

No loop over rows: the rows are copied into a temporary table (COPY into a table with row
security is refused), compared there with what is stored, and inserted. Only what changed is
written. `sharing.domain.folding` says the same rules one enterprise at a time.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import IntegrityError, connection
from django.db.backends.utils import CursorWrapper

from qfce.kernel.errors import Conflict
from sharing.models import Publication
from sharing.services import projection
from sharing.services import publication_sql as sql

COLUMNS = (
    "row",
    "uscc",
    "region",
    "name",
    "industry",
    "size",
    "established_on",
    "registered_capital",
    "vals",
    "details",
    "cleared",
    "digest",
)
COPY_ROWS = 20_000
REGISTER = "sharing_enterprise_pkey"
MANY = 2_000  # to be joined as sets
FEW = 20_000  # to be looked up by their keys, however large the tables are
ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))


class Overtaken(Conflict):
    """Between check and publication somebody else registered an enterprise of the file."""

    code = "sharing.import.overtaken"
    title = "The register changed after the file was checked."


def expect_many(cursor: CursorWrapper, count: int) -> None:
    """
    Tell the planner, for the rest of the transaction, to join sets and not row by row.

    It takes a policy's range of regions for a handful of rows, whatever the jurisdiction
    holds, and would look for each of them through the whole of a temporary table.
    """
    if count > MANY:
        cursor.execute("SET LOCAL enable_nestloop = off")


@dataclass(frozen=True, slots=True)
class Applied:
    """What a file's rows came to: enterprises new on the list, changed, taken off it."""

    new: int
    changed: int
    delisted: int


def load(batches: Iterable[pa.RecordBatch]) -> int:
    """
    Copy staged rows into the temporary table `incoming`; return how many there were.

    Every column is text: `vals` and `details` the JSON of canonical values, `cleared` a
    PostgreSQL array, `digest` hexadecimal. Null where a row does not say.
    """
    count = 0
    with connection.cursor() as cursor:
        cursor.execute(sql.INCOMING)
        # The plain cursor: Django's wrapper would log a statement per chunk.
        with cursor.cursor.copy(sql.COPY_INCOMING) as copy:
            for batch in batches:
                for start in range(0, batch.num_rows, COPY_ROWS):
                    copy.write(as_copy_text(batch.slice(start, COPY_ROWS)))
                count += batch.num_rows
    return count


def as_copy_text(batch: pa.RecordBatch) -> memoryview:
    """Return rows in the text form of COPY: tabs between, backslashes doubled, null as \\N."""
    columns = [_copy_column(batch.column(name)) for name in COLUMNS[:-1]]
    columns.append(_bytea(batch.column("digest")).fill_null("\\N"))
    return joined_lines(columns)


def copy_lines(table: pa.Table | pa.RecordBatch) -> memoryview:
    """Return any columns of text and numbers in the text form of COPY."""
    return joined_lines([_copy_column(_whole(table.column(n))) for n in table.schema.names])


def _whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column


def joined_lines(columns: list[pa.Array]) -> memoryview:
    """Return lines of columns that are in the form of COPY already."""
    lines = pc.binary_join_element_wise(*columns, "\t")
    ended = pc.binary_join_element_wise(lines, pa.scalar("\n"), "").cast(pa.large_string())
    offsets = np.frombuffer(ended.buffers()[1], dtype=np.int64)
    first, last = offsets[ended.offset], offsets[ended.offset + len(ended)]
    return memoryview(ended.buffers()[2])[first:last]


def _copy_column(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not pa.types.is_string(column.type):
        return column.cast(pa.string()).fill_null("\\N")
    # Nearly no text holds one of these, and looking costs less than replacing.
    if pc.any(pc.match_substring_regex(column, r"[\\\t\n\r]")).as_py():
        for character, written in ESCAPES:
            column = pc.replace_substring(column, character, written)
    return column.fill_null("\\N")


def _bytea(hexadecimal: pa.Array) -> pa.Array:
    """Return hexadecimal digits as COPY reads bytes: its own backslash, doubled."""
    return pc.binary_join_element_wise(pa.scalar("\\\\x"), hexadecimal, "")


def apply(
    publication: Publication, *, today: date, source: str, source_ranks: Mapping[str, Any]
) -> Applied:
    """
    Bring the loaded rows into register, ledger and profiles.

    :param source: which source the publishing bureau is (`province`, `city`, …).
    :param source_ranks: item code to {source: rank}, 0 the highest.
    :raises Overtaken: if an enterprise of the file is on the register of another jurisdiction.
    """
    facts = {
        "publication": publication.pk,
        "list": publication.factor_list,
        "version": publication.list_version,
        "today": projection.recording_day(today),
        "source": source,
        "ranks": json.dumps(source_ranks),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incoming (uscc)")
        incoming = _run(cursor, sql.COUNT_INCOMING, facts)
        standing = _stand(cursor, facts, incoming)
        fresh = incoming - standing
        if fresh:
            _insert_fresh(cursor, facts, anti_join=bool(standing))
            _tell_planner(cursor, fresh)
        entered, changed = _update_standing(cursor, facts) if standing else (0, 0)
    return Applied(new=fresh + entered, changed=changed, delisted=0)


def _stand(cursor: CursorWrapper, facts: dict[str, Any], incoming: int) -> int:
    """Put the rows whose enterprise the register knows beside what is stored; return how many."""
    few = sql.FEW_STANDING if incoming <= FEW else ""
    standing = _run(cursor, sql.STANDING + few, facts)
    cursor.execute("ANALYZE standing")
    return standing


def _find_items(cursor: CursorWrapper, facts: dict[str, Any]) -> None:
    """Find what the standing rows say that is not stored already."""
    _run(cursor, sql.ITEM, facts)
    if late := _run(cursor, sql.COUNT_LATE, facts):
        _run(cursor, sql.DROP_KNOWN_LATE + (sql.FEW_LATE if late <= FEW else ""), facts)


def preview(
    *, factor_list: str, today: date, source: str, source_ranks: Mapping[str, Any]
) -> list[tuple[int, bool]]:
    """
    Tell what the loaded rows would come to, writing nothing.

    Returns the number of each row of an enterprise that the register knows and that would be
    written, and whether it would be new on the list.
    """
    facts = {
        "list": factor_list,
        "today": projection.recording_day(today),
        "source": source,
        "ranks": json.dumps(source_ranks),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE incoming (uscc)")
        _stand(cursor, facts, _run(cursor, sql.COUNT_INCOMING, facts))
        _find_items(cursor, facts)
        _run(cursor, sql.LEDGER_ROW, facts)
        cursor.execute(sql.PREVIEW)
        return [(int(place), bool(is_new)) for place, is_new in cursor.fetchall()]


def _insert_fresh(cursor: CursorWrapper, facts: dict[str, Any], *, anti_join: bool) -> None:
    """Enterprises that the register has never seen: nothing to compare with."""
    only = sql.ONLY_FRESH if anti_join else ""
    try:
        _run(cursor, sql.FRESH_ENTERPRISES + only, facts)
    except IntegrityError as exc:
        if getattr(getattr(exc.__cause__, "diag", None), "constraint_name", "") != REGISTER:
            raise
        raise Overtaken(
            "Enterprises of this file were registered in another jurisdiction meanwhile.",
            hint="Have the file checked again.",
        ) from exc
    _run(cursor, sql.FRESH_CHANGES + only, facts)
    _run(cursor, sql.FRESH_PROFILES + only, facts)


def _tell_planner(cursor: CursorWrapper, fresh: int) -> None:
    """
    Have the tables counted before the commit, where they grew by much.

    The server counts by itself, but may do so in the middle of our transaction: then it finds
    a large table without a row in it, and whoever looks up codes in the next minute waits for
    a plan that compares all with all. Rows of our own transaction we count as what they are.
    """
    if fresh <= MANY:
        return
    cursor.execute(sql.OUTGROWN, {"fresh": fresh})
    if cursor.fetchone()[0]:
        cursor.execute("SET LOCAL default_statistics_target = 10")  # the server looks closer soon
        cursor.execute(sql.COUNT_ANEW)


def _update_standing(cursor: CursorWrapper, facts: dict[str, Any]) -> tuple[int, int]:
    """Enterprises that the register knows: write what differs, and nothing where nothing does."""
    few = _run(cursor, sql.COUNT_INCOMING, facts) <= FEW
    _find_items(cursor, facts)
    for statement in (
        sql.LEDGER_ROW,
        sql.STANDING_CHANGES,
        sql.STANDING_ENTERPRISES + (sql.FEW_ENTERPRISES if few else ""),
        sql.FOLDED,
    ):
        _run(cursor, statement, facts)
    entered = _run(cursor, sql.ENTER_PROFILES, facts)
    changed = _run(cursor, sql.UPDATE_PROFILES + (sql.FEW_PROFILES if few else ""), facts)
    again = _run(cursor, sql.ENTERED_AGAIN, facts)
    return entered + again, changed - again


def delist_others(publication: Publication) -> int:
    """
    Take off the list every listed enterprise of the bound jurisdiction that `named` lacks.

    Returns how many. They keep their profiles: nothing is deleted.
    """
    with connection.cursor() as cursor:
        facts = {"publication": publication.pk, "list": publication.factor_list}
        _run(cursor, sql.LEFT_OUT, facts)
        _run(cursor, sql.DELIST_CHANGES, facts)
        return _run(cursor, sql.DELIST_PROFILES, facts)


def count_left_out(factor_list: str) -> tuple[int, int]:
    """Return how many listed enterprises of the jurisdiction `named` lacks, and how many are."""
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNT_LEFT_OUT, {"list": factor_list})
        left_out, listed = cursor.fetchone()
    return int(left_out), int(listed)


def load_named(batches: Iterable[pa.RecordBatch]) -> None:
    """Copy every credit code that the file names, errors or not, into the table `named`."""
    with connection.cursor() as cursor:
        cursor.execute(sql.NAMED)
        with cursor.cursor.copy("COPY named (uscc) FROM STDIN") as copy:
            for batch in batches:
                copy.write(joined_lines([_whole(batch.column("uscc"))]))
        cursor.execute("ANALYZE named")
        cursor.execute("SELECT count(*) FROM named")
        expect_many(cursor, cursor.fetchone()[0])


def stale_digests(factor_list: str) -> int:
    """Count the rows of `known` whose profile no longer has the digest they were skipped for."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE known")
        return _run(cursor, sql.STALE, {"list": factor_list})


def load_known(batches: Iterable[pa.RecordBatch]) -> None:
    """Copy code and digest of the rows that the check skipped into the table `known`."""
    with connection.cursor() as cursor:
        cursor.execute(sql.KNOWN)
        count = 0
        with cursor.cursor.copy("COPY known (uscc, digest) FROM STDIN") as copy:
            for batch in batches:
                digests = _bytea(batch.column("digest"))
                copy.write(joined_lines([batch.column("uscc"), digests]))
                count += batch.num_rows
        expect_many(cursor, count)


def _run(cursor: CursorWrapper, statement: str, facts: Mapping[str, Any]) -> int:
    cursor.execute(statement, facts)
    if cursor.description:
        return int(cursor.fetchone()[0])
    written: int = cursor.rowcount
    return written
