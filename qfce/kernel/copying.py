"""Whole columns out of the database: what COPY writes, read as columns of text."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.csv as pv
from django.db.backends.utils import CursorWrapper
from psycopg import sql

BLOCK_BYTES = 16 * 1024**2


def options(names: Sequence[str], *, block_bytes: int = BLOCK_BYTES) -> dict[str, Any]:
    """Return how pyarrow reads what `COPY … (FORMAT csv)` writes, every column as text."""
    return {
        "read_options": pv.ReadOptions(column_names=list(names), block_size=block_bytes),
        "parse_options": pv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        "convert_options": pv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            # Nothing between two commas is null; a text of no characters stands in quotes.
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    }


def columns(
    cursor: CursorWrapper,
    query: str | sql.Composed,
    arguments: Sequence[Any] | None,
    names: Sequence[str],
) -> pa.Table:
    """Return what a query finds: a column of text for each name, in one piece."""
    found = list(pieces(cursor, query, arguments, names))
    return pa.concat_tables([_empty(names), *found]).combine_chunks()


def pieces(
    cursor: CursorWrapper,
    query: str | sql.Composed,
    arguments: Sequence[Any] | None,
    names: Sequence[str],
    *,
    bytes_at_once: int = BLOCK_BYTES,
) -> Iterator[pa.Table]:
    """Yield what a query finds in its order, about so many bytes at a time."""
    text = query if isinstance(query, sql.Composed) else sql.SQL(query)
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(text)
    held = BytesIO()
    # The plain cursor: Django's wrapper knows no COPY.
    with cursor.cursor.copy(statement, arguments) as copy:
        for line in copy:  # the server sends a row at a time
            held.write(line)
            if held.tell() >= bytes_at_once:
                yield _read(held, names)
                held = BytesIO()
    if held.tell():
        yield _read(held, names)


def _read(held: BytesIO, names: Sequence[str]) -> pa.Table:
    known = options(names, block_bytes=held.tell())
    return pv.read_csv(pa.BufferReader(held.getbuffer()), **known)


def _empty(names: Sequence[str]) -> pa.Table:
    return pa.schema([(name, pa.string()) for name in names]).empty_table()
