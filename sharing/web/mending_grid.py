"""What the page of faulty rows shows: kinds of findings, rows, their cells, what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.formats import moment
from sharing import permissions
from sharing.domain.import_lifecycle import CHECKED
from sharing.models import ImportBatch, ImportFinding
from sharing.selectors import import_rows
from sharing.services import mending_checks, mending_rows
from sharing.services.import_mending import NoSuchCell
from sharing.services.mending_checks import Mended
from sharing.services.mending_rows import FaultyRow
from sharing.web import import_words as words

ROWS = 25
HEAD = ("uscc", "name")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of the rows with findings are wanted, and which page of them."""

    code: str | None
    column: str | None
    severity: str | None
    page: int


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A cell of the grid.

    `said` are (tone, sentence) of what was found; `suggestion` is one thing that may be meant,
    and `offer` says it in the reader's words; `alike` how many other faulty cells of the column
    hold the same text; `note` who corrected it.
    """

    place: int
    header: str
    text: str
    said: tuple[tuple[str, str], ...]
    suggestion: str
    offer: str
    alike: int
    note: str

    @property
    def tone(self) -> str:
        return "bad" if any(tone == "bad" for tone, _said in self.said) else "warn"


@dataclass(frozen=True, slots=True)
class Line:
    """
    A row of the grid.

    `whose` are the texts that say whose the row is; `said` is what was found in the row and in
    none of its cells.
    """

    number: int
    whose: tuple[str, ...]
    cells: tuple[Cell, ...]
    said: tuple[tuple[str, str], ...]
    is_left_out: bool


def may_mend(actor: Actor, batch: ImportBatch) -> bool:
    try:
        permissions.check_can_mend(actor, batch)
    except NotPermitted:
        return False
    return batch.status in CHECKED


def asked(given: Mapping[str, str], batch: ImportBatch) -> Asked:
    """Return what an address asks for; errors first, as long as there are any."""
    severity = given.get("severity")
    if severity not in {"error", "warning", "all"}:
        severity = "error" if batch.error_count and not given.get("code") else "all"
    page = given.get("page", "1")
    return Asked(
        given.get("code") or None,
        given.get("column") or None,
        None if severity == "all" else severity,
        int(page) if page.isdecimal() and 0 < len(page) < 7 else 1,
    )


def contents(mended: Mended, wanted: Asked, *, actor: Actor) -> dict[str, Any]:
    """Return the grid and what stands above it."""
    batch, header_row = mended.batch, mended.facts.header_row
    found = import_rows.faulty_rows(
        batch.pk,
        header_row=header_row,
        code=wanted.code,
        column=wanted.column,
        severity=wanted.severity,
        actor=actor,
    )
    total = found.count()
    pages = max((total + ROWS - 1) // ROWS, 1)
    page = min(max(wanted.page, 1), pages)
    shown = found[(page - 1) * ROWS : page * ROWS]
    numbers = [row for row in shown if row is not None]
    rows = mending_rows.load(mended, numbers, actor=actor)
    whose = _whose(mended)
    alike = _alike(mended, rows)
    kinds = import_rows.kinds(batch.pk, header_row=header_row, actor=actor)
    return {
        "kinds": [_kind(kind, wanted) for kind in kinds],
        "wanted": wanted,
        "severity": wanted.severity or "all",
        "heads": [mended.facts.columns[place].text for place in whose],
        "lines": [_line(mended, row, _places(mended, row), alike) for row in rows],
        "total": total,
        "page": page,
        "pages": pages,
        "is_mendable": mended.facts.is_mendable,
    }


def whole_row(mended: Mended, number: int, *, actor: Actor) -> Line:
    """
    Return all cells of one row.

    :raises NoSuchCell: if the file does not have it.
    """
    rows = mending_rows.load(mended, [number], actor=actor)
    if not rows or (not mending_checks.says_anything(rows[0].cells) and not rows[0].is_left_out):
        raise NoSuchCell(f"The file has no row {number}.", row=number, column="")
    return _line(mended, rows[0], range(len(mended.facts.columns)), {})


def _kind(kind: import_rows.Kind, wanted: Asked) -> dict[str, Any]:
    return {
        "code": kind.code,
        "column": kind.column,
        "label": words.finding(kind.code),
        "tone": words.SEVERITY_TONES[kind.severity],
        "severity": words.word(words.SEVERITIES, kind.severity),
        "count": kind.count,
        "suggested": kind.suggested if kind.column else 0,
        "is_wanted": kind.code == wanted.code and (kind.column or None) == wanted.column,
    }


def _whose(mended: Mended) -> list[int]:
    """Return the columns that say whose a row is."""
    heads = [mended.facts.place_of_field(field) for field in HEAD]
    return [place for place in heads if place is not None]


def _places(mended: Mended, row: FaultyRow) -> list[int]:
    """Return the columns in which a row has a finding, or was corrected."""
    named = {finding.column for finding in row.findings if finding.column}
    faulty = {place for text in named if (place := mended.facts.place_of(text)) is not None}
    return sorted(faulty | set(row.corrected))


def _alike(mended: Mended, rows: Sequence[FaultyRow]) -> dict[tuple[str, str], int]:
    """Return how many faulty cells of a column hold each text that the page shows."""
    shown = [finding for row in rows for finding in row.findings if finding.column]
    if not shown:
        return {}
    found = ImportFinding.objects.filter(
        batch=mended.batch,
        column__in={finding.column for finding in shown},
        value__in={finding.value for finding in shown if finding.value},
        code__in={finding.code for finding in shown} - {"duplicate_uscc"},
    )
    counted = found.values_list("column", "value").annotate(n=Count("row", distinct=True))
    return {(column, value): n for column, value, n in counted}


def _line(
    mended: Mended,
    row: FaultyRow,
    places: Sequence[int],
    alike: Mapping[tuple[str, str], int],
) -> Line:
    by_place: dict[int | None, list[ImportFinding]] = {}
    for finding in row.findings:
        place = mended.facts.place_of(finding.column) if finding.column else None
        by_place.setdefault(place, []).append(finding)
    cells = tuple(_cell(mended, row, place, by_place.get(place, []), alike) for place in places)
    whose = tuple(row.cells[place] for place in _whose(mended))
    return Line(row.number, whose, cells, _said(by_place.get(None, [])), row.is_left_out)


def _cell(
    mended: Mended,
    row: FaultyRow,
    place: int,
    findings: Sequence[ImportFinding],
    alike: Mapping[tuple[str, str], int],
) -> Cell:
    header, text = mended.facts.columns[place].text, row.cells[place]
    last = row.corrected.get(place)
    note = ""
    if last is not None:
        note = _("%(who)s, %(when)s: was “%(was)s”") % {
            "who": last.corrected_by,
            "when": moment(last.corrected_at),
            "was": last.was,
        }
    suggestion = next((one for finding in findings if (one := _suggested(finding))), "")
    return Cell(
        place,
        header,
        text,
        _said(findings),
        suggestion,
        _offer(mended, place, suggestion),
        alike.get((header, text.strip()), 0) - 1 if findings else 0,
        note,
    )


def _offer(mended: Mended, place: int, suggestion: str) -> str:
    """Return a suggestion in the reader's words; a code of an item with its label."""
    return words.offer(suggestion, mended.catalogue.items.get(mended.facts.columns[place].field))


def _suggested(finding: ImportFinding) -> str:
    several = finding.code in {"region_unknown", "region_superseded"}
    text = finding.suggestion or ""
    return "" if several and "; " in text else text


def _said(findings: Sequence[ImportFinding]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (words.SEVERITY_TONES[finding.severity], words.finding_message(finding))
        for finding in findings
    )
