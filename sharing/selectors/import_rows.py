"""Rows of an import that people mend: what is wrong with them, and what their cells hold now."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from qfce.kernel.tenancy.actors import Actor
from sharing.domain.corrections import Corrections
from sharing.models import ImportCorrection, ImportFinding
from sharing.selectors import imports

CURRENT = """
SELECT DISTINCT ON (c."row", c.place) c."row", c.place, c.became, c.id
FROM sharing_importcorrection c WHERE c.batch_id = %(batch)s {which}
ORDER BY c."row", c.place, c.id DESC
"""
OF_ROWS = 'AND c."row" = ANY (%(rows)s)'


@dataclass(frozen=True, slots=True)
class Kind:
    """Findings of one code in one column: how many, and how many say what may be meant."""

    code: str
    column: str | None
    severity: str
    count: int
    suggested: int


def current_corrections(import_id: UUID, rows: Collection[int] | None = None) -> Corrections:
    """Return what people have made of an import's cells, of all rows or of some."""
    which = "" if rows is None else OF_ROWS
    with connection.cursor() as cursor:
        cursor.execute(CURRENT.format(which=which), {"batch": import_id, "rows": list(rows or ())})
        return Corrections.of(cursor.fetchall())


def history(import_id: UUID, *, actor: Actor) -> QuerySet[ImportCorrection]:
    """
    Return all corrections of an import, each with who made it, newest first.

    :raises NoSuchRecord: if the actor sees no such import.
    """
    batch = imports.get(import_id, actor=actor)
    return batch.corrections.select_related("corrected_by").order_by("-pk")


def kinds(import_id: UUID, *, header_row: int, actor: Actor) -> list[Kind]:
    """Return the findings of cells and rows by code and column, errors first, then the largest."""
    found = _of_rows(import_id, header_row, actor)
    counted = found.values("code", "column", "severity").annotate(
        n=Count("pk"), suggested=Count("pk", filter=single_suggestion())
    )
    return [
        Kind(line["code"], line["column"], line["severity"], line["n"], line["suggested"])
        for line in counted.order_by("severity", "-n", "code", "column")
    ]


def single_suggestion() -> Q:
    """Return the condition that a finding says one thing that may be meant, and not several."""
    several = Q(code__in=("region_unknown", "region_superseded"), suggestion__contains="; ")
    return Q(suggestion__isnull=False) & ~Q(suggestion="") & ~several


def faulty_rows(
    import_id: UUID,
    *,
    header_row: int,
    code: str | None = None,
    column: str | None = None,
    severity: str | None = None,
    actor: Actor,
) -> QuerySet[ImportFinding, int | None]:
    """Return the numbers of the rows with findings, in the order of the file, as a queryset."""
    found = _of_rows(import_id, header_row, actor)
    if code:
        found = found.filter(code=code)
    if column:
        found = found.filter(column=column)
    if severity:
        found = found.filter(severity=severity)
    return found.values_list("row", flat=True).distinct().order_by("row")


def findings_of(
    import_id: UUID, rows: Collection[int], *, actor: Actor
) -> dict[int, list[ImportFinding]]:
    """Return the findings of some rows, by row."""
    found: dict[int, list[ImportFinding]] = {row: [] for row in rows}
    for finding in imports.findings(import_id, actor=actor).filter(row__in=list(rows)):
        assert finding.row is not None  # the filter
        found[finding.row].append(finding)
    return found


def last_corrections(
    import_id: UUID, rows: Collection[int], *, actor: Actor
) -> dict[tuple[int, int], ImportCorrection]:
    """Return the last correction of each cell of some rows, by row and place."""
    kept = history(import_id, actor=actor).filter(row__in=list(rows)).order_by("pk")
    return {(line.row, line.place): line for line in kept}


def _of_rows(import_id: UUID, header_row: int, actor: Actor) -> QuerySet[ImportFinding]:
    found = imports.findings(import_id, actor=actor).filter(row__isnull=False)
    return found.exclude(row=header_row).exclude(code="ignored_row")
