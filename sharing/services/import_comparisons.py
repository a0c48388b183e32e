"""
What a checked file would change, beside what is stored: for whoever releases it.

Nothing is written. The staged rows are put into temporary tables as publishing puts them, and
compared by the very statements that publishing runs, so that the page shows what will happen.
Bound to the reader's organization, inside the reader's transaction.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from factors.domain.catalogue import Catalogue
from qfce.kernel.calendar import business_day
from sharing.domain.import_lifecycle import CHECKED, ImportMode
from sharing.models import ImportBatch
from sharing.services import import_comparison_sql as sql
from sharing.services import import_effects, import_lookups, publication_rows, staged_rows
from sharing.services.import_effects import Effects

MOST_ROWS = 50_000
"""Beyond so many rows a page would wait too long; counts alone are shown."""


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One line of the comparison.

    `what` is new, added, changed, cleared, listed, kept or left_out. `old` and `new` are
    canonical values; of a new enterprise `new` is the number of its values. `old_until` and
    `new_until` are ends of validity.
    """

    uscc: str
    name: str
    region: str
    what: str
    code: str | None
    old: Any
    new: Any
    old_until: str | None
    new_until: str | None


def compare(batch: ImportBatch, catalogue: Catalogue, *, at: datetime) -> "Comparison | None":
    """
    Set a checked import beside what is stored; None where there is nothing to compare.

    Nothing: the import waits for no release, its staged rows are gone, or there are more
    than `MOST_ROWS` of them.
    """
    staged = staged_rows.find(batch.pk) if batch.status in CHECKED else None
    if staged is None or staged.count > MOST_ROWS:
        return None
    publication_rows.load(staged_rows.read_batches(staged.rows))
    publication_rows.preview(
        factor_list=batch.factor_list,
        today=business_day(at),
        source=str(import_lookups.source_of(batch.owner.region_id)),
        source_ranks=import_lookups.source_ranks(catalogue),
    )
    named = staged_rows.read_batches(staged.named) if batch.mode == ImportMode.FULL else ()
    publication_rows.load_named(named)
    low, high = import_lookups.jurisdiction_of(batch.owner.region_id)
    facts: dict[str, Any] = {
        "list": batch.factor_list,
        "full": batch.mode == ImportMode.FULL,
        "low": low,
        "high": high,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"{sql.ENTERED};{sql.COMPARED}", facts)
    return Comparison(import_effects.of_comparison(catalogue, on=business_day(at)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of this transaction; a source of rows for a table of the pages."""

    effects: Effects

    def page(self, wanted: Any, offset: int, limit: int) -> tuple[list[Difference], int]:
        """Return some lines of those that are wanted, and how many there are in all."""
        facts = {
            "sought": f"%{_escaped(wanted.search)}%" if wanted.search else None,
            "what": wanted.filters.get("what"),
            "code": wanted.filters.get("item"),
            "region": wanted.filters.get("region"),
            "offset": offset,
            "limit": limit,
        }
        with connection.cursor() as cursor:
            cursor.execute(sql.COUNT_LINES, facts)
            total = int(cursor.fetchone()[0])
            cursor.execute(sql.LINES, facts)
            return [_difference(line) for line in cursor.fetchall()], total

    def by_item(self) -> dict[str, dict[str, int]]:
        """Return item to {what: how many values}, values of new enterprises under `new`."""
        return _nested(sql.BY_ITEM)

    def by_region(self) -> dict[str, dict[str, int]]:
        """Return region code to {what: how many enterprises}."""
        return _nested(sql.BY_REGION)


def _nested(statement: str) -> dict[str, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: dict[str, dict[str, int]] = {}
        for key, what, count in cursor.fetchall():
            found.setdefault(key, {})[what] = int(count)
        return found


def _difference(line: tuple[Any, ...]) -> Difference:
    uscc, name, region, what, code, old, new, old_until, new_until = line
    return Difference(
        uscc, name or "", region or "", what, code, _json(old), _json(new), old_until, new_until
    )


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
