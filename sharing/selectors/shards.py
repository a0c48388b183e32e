"""
Where a list's shards lie, what they are made of, and how they are read.

A shard is one city's profiles as typed Parquet, under DATA and outside anything served. It is
derived: whoever loses the folder makes it again from the database. A file has no row
security, so this is one wall only: nobody but `sharing.selectors.populations` reads them for
somebody, and nobody but `sharing.services.shards` writes them.
"""

import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv as pv
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection
from psycopg import sql

from factors.domain.catalogue import Catalogue
from factors.domain.items import Item
from qfce.kernel import copying
from sharing.domain import shard_columns
from sharing.domain.shard_columns import DETAILS, IDENTITY, detail

MANIFEST = "manifest.json"
BLOCK_BYTES = 1 << 24
TRIES = 5

# One line of text a profile, in the form that `shard_columns.typed` reads.
EXPORT = """
COPY (
    SELECT {shown} FROM ({source}) s
    CROSS JOIN LATERAL jsonb_to_record(coalesce(s.vals, '{{}}')) AS v ({columns})
) TO STDOUT (FORMAT csv)
"""
CODES = ("flagged", "lapsed")
IS_ANCHOR = "SELECT qfce_is_anchor(%s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    The shards of a list: all feed publications up to `position` are in them.

    `anchor` is the list's newest publication among those, by number and uid, so that shards
    of another database, or of a later state than one that was restored, are known as such.
    """

    list_version: int
    position: int
    anchor: tuple[int, str]
    format: int = shard_columns.FORMAT
    cities: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


def folder(catalogue: Catalogue) -> Path:
    """Return where the shards of a list lie: `<data>/shards/<province>/<list>/`."""
    return Path(settings.QFCE_DATA) / "shards" / catalogue.region[:2] / catalogue.code


def manifest(home: Path, catalogue: Catalogue) -> Manifest | None:
    """
    Return what the shards of a list say of themselves.

    None where there are none of this form and version, or they are another database's: of
    one that was restored to an earlier day, say, while the files stayed.
    """
    try:
        said = json.loads((home / MANIFEST).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    if said.get("format") != shard_columns.FORMAT:
        return None
    found = Manifest(**{**said, "anchor": tuple(said["anchor"])})
    if found.list_version != catalogue.version:
        return None
    with connection.cursor() as cursor:
        cursor.execute(IS_ANCHOR, [catalogue.code, found.position, *found.anchor])
        return found if cursor.fetchone()[0] else None


def read(
    catalogue: Catalogue, columns: Collection[str], cities: str = ""
) -> tuple[Manifest | None, pa.Table]:
    """
    Return some columns of the shards of cities whose code begins so, as of one manifest.

    Columns that no shard has are left out. Files that were replaced between the manifest
    and their opening are looked up again.
    """
    home = folder(catalogue)
    for _ in range(TRIES):
        found = manifest(home, catalogue)
        if found is None:
            break
        try:
            files = [home / file for city, file in found.cities.items() if city.startswith(cities)]
            tables = [_columns(file, columns) for file in files]
            return found, shard_columns.together(tables) if tables else pa.table({})
        except FileNotFoundError:  # replaced since the manifest was read: the next one names it
            continue
    return None, pa.table({})


def _columns(file: Path, columns: Collection[str]) -> pa.Table:
    with pq.ParquetFile(file, memory_map=True) as parquet:
        wanted = set(columns)
        return parquet.read([name for name in parquet.schema_arrow.names if name in wanted])


def exported(
    source: sql.Composable, catalogue: Catalogue, *, detailed: Sequence[str]
) -> Iterator[pa.Table]:
    """
    Yield typed rows of a query, piece by piece: through a file, so that memory is bounded.

    :param source: a query with the identity columns, `vals`, `details`, `flagged`, `lapsed`.
    :param detailed: codes of the items whose days of validity are wanted.
    """
    items = catalogue.items
    with tempfile.TemporaryFile() as file:
        _copy(source, list(items), detailed, file)
        if not file.tell():
            return
        file.seek(0)
        yield from _pieces(file, items, detailed)


def _copy(
    source: sql.Composable, codes: Sequence[str], detailed: Sequence[str], file: IO[bytes]
) -> None:
    days = [[code, member] for code in detailed for member in DETAILS]
    shown = [
        *(sql.SQL("s.{}::text").format(sql.Identifier(name)) for name in (*IDENTITY, *CODES)),
        *(sql.SQL("v.{}").format(sql.Identifier(code)) for code in codes),
        *(sql.SQL("s.details #>> {}").format(sql.Literal(path)) for path in days),
    ]
    columns = (sql.SQL("{} text").format(sql.Identifier(code)) for code in codes)
    statement = sql.SQL(EXPORT).format(
        shown=sql.SQL(", ").join(shown), source=source, columns=sql.SQL(", ").join(columns)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for data in copy:
            file.write(data)


def _pieces(
    file: IO[bytes], items: Mapping[str, Item], detailed: Sequence[str]
) -> Iterator[pa.Table]:
    days = [detail(code, member) for code in detailed for member in DETAILS]
    names = [*IDENTITY, *CODES, *items, *days]
    reader = pv.open_csv(file, **copying.options(names, block_bytes=BLOCK_BYTES))
    with reader:
        for batch in reader:
            yield shard_columns.typed(pa.Table.from_batches([batch]), items)
