"""
Checking a file of enterprises from its bytes to what is let in: the whole pipeline.

Pure: what the register, the store, other bureaus and the enterprises' consents say comes in
as arguments, and so does the day.
"""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import Source
from sharing.domain import (
    assembly,
    cells,
    corrections,
    long_layout,
    reading,
    row_digests,
    wide_layout,
)
from sharing.domain.cells import Cells
from sharing.domain.columns import Field, Vocabulary, visible
from sharing.domain.findings import FindingTable
from sharing.domain.headers import HeaderSearch, Layout, settle
from sharing.domain.normalization import Mask, are_blank
from sharing.domain.regions import RegionTable
from sharing.domain.sheets import Sheet
from sharing.domain.surroundings import Surroundings
from sharing.domain.unreadable import MAXIMUM_ROWS, UnreadableFile
from sharing.domain.uscc import are_well_formed, regular


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of the file that name an enterprise: total = valid + invalid."""

    total: int
    valid: int
    invalid: int


@dataclass(frozen=True, slots=True)
class CheckedImport:
    """
    What became of a file.

    `rows` counts rows of the file; `accepted.records` how many of the valid ones each enterprise
    has (1, but in the long layout). `findings` has row, column, code, severity, value,
    suggestion, params; `accepted` and `same` are what `assembly.accepted` says, one row an
    enterprise; `faulty_rows` are the rows kept out with their original cells, `warned_rows`
    those that are let in and have a finding all the same. `mapping` is header text to field
    key. `repairs` counts cells made regular, by kind.
    """

    rows: RowCounts
    findings: pd.DataFrame
    accepted: pd.DataFrame
    same: pa.Table
    faulty_rows: pd.DataFrame
    warned_rows: pd.DataFrame
    layout: str
    header_row: int
    mapping: Mapping[str, str]
    fields: tuple[str, ...]
    repairs: Mapping[str, int]


def check_file(  # noqa: PLR0913 - each a fact of its own, by keyword
    file: BinaryIO | bytes,
    *,
    file_name: str,
    catalogue: Catalogue,
    regions: RegionTable,
    jurisdiction: tuple[str, str],
    today: dt.date,
    mapping: Mapping[str, str | None] | None = None,
    source: Source | None = None,
    register: pd.DataFrame | None = None,
    stored: pd.DataFrame | None = None,
    pending: set[str] | None = None,
    consents: Mapping[str, Collection[str]] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> CheckedImport:
    """
    Read a file and find everything that is wrong with it; see `Surroundings`.

    :param mapping: header text to field key (`QF-17`, `QF-17|valid_to`), by hand; an empty
        key passes a column over.
    :param progress: called with a phase (`reading`, `checking`, `assembling`) and 0..1.
    :raises UnreadableFile: if the file cannot be read at all, with a code and a sentence.
    """
    around = Surroundings(
        catalogue, regions, jurisdiction, today, source, register, stored, pending, consents
    )
    tell = progress or (lambda phase, share: None)
    vocabulary = Vocabulary(catalogue, mapping)
    sheet = reading.read(
        file,
        file_name=file_name,
        find_header=HeaderSearch(vocabulary),
        progress=lambda share: tell("reading", share),
    )
    tell("checking", 0.0)
    checked = check_sheet(sheet, vocabulary, around, tell)
    tell("assembling", 1.0)
    return checked


def check_sheet(
    sheet: Sheet,
    vocabulary: Vocabulary,
    around: Surroundings,
    tell: Callable[[str, float], None],
) -> CheckedImport:
    """Check a sheet that has been read."""
    findings = FindingTable()
    typed = [cells.column(texts) for texts in sheet.taken()]
    blank = [are_blank(column.texts) for column in typed]
    layout = settle(sheet.header, vocabulary, [bool((~nothing).any()) for nothing in blank])
    numbers, typed = _rows_below(sheet, typed, blank, findings)
    if len(numbers) == 0:
        raise UnreadableFile("file_empty")
    if len(numbers) > MAXIMUM_ROWS:
        raise UnreadableFile("file_too_many_rows")
    _report_columns(sheet, layout, vocabulary, findings)
    if not layout.has_credit_code:
        return _refused(sheet, layout, numbers, typed, findings)
    read = long_layout.check if layout.is_long else wide_layout.check
    outcome = read(sheet, layout, numbers, typed, vocabulary, around, findings, tell)
    tell("assembling", 0.0)
    kept_out = int(outcome.invalid.sum())
    found = findings.frame()
    as_typed = originals(sheet, typed)
    warned = corrections.warned(found, outcome.invalid, numbers)
    faulty = assembly.faulty(outcome.invalid, as_typed, numbers)
    warned_rows = assembly.faulty(warned, as_typed, numbers)
    as_typed.clear()
    typed.clear()
    accepted, same = assembly.accepted(
        outcome.grid,
        outcome.enters,
        around.catalogue,
        records=outcome.records,
        settled=around.settled,
    )
    return CheckedImport(
        rows=RowCounts(len(numbers), len(numbers) - kept_out, kept_out),
        findings=found,
        accepted=accepted,
        same=same,
        faulty_rows=faulty,
        warned_rows=warned_rows,
        layout="long" if layout.is_long else "wide",
        header_row=sheet.header_row,
        mapping=layout.mapping,
        fields=tuple(column.field.key for column in layout.columns),
        repairs={kind: count for kind, count in sorted(outcome.repairs.items()) if count},
    )


def _rows_below(
    sheet: Sheet, typed: list[Cells], blank: list[Mask], findings: FindingTable
) -> tuple[npt.NDArray[np.int64], list[Cells]]:
    """
    Leave out empty rows in silence, and notes below the list with a word.

    A note stands below the last row that has a second cell, and its one cell is no code.
    """
    count = len(sheet.row_numbers)
    filled = np.zeros(count, dtype=np.int32)
    for column, nothing in zip(typed, blank, strict=True):
        filled += column.spread(~nothing)
    several = np.flatnonzero(filled > 1)
    last = int(several[-1]) if len(several) else -1
    keep = filled > 0
    tail = np.flatnonzero(keep[last + 1 :]) + last + 1
    if len(tail):
        texts = [_first_text(typed, blank, int(row)) for row in tail.tolist()]
        is_note = ~are_well_formed(regular(pa.array(texts, pa.string())))
        notes = tail[is_note]
        values = [text for text, note in zip(texts, is_note.tolist(), strict=True) if note]
        findings.add("ignored_row", rows=sheet.row_numbers[notes], column=None, values=values)
        keep[notes] = False
    if keep.all():
        return sheet.row_numbers, typed
    return sheet.row_numbers[keep], [column.keep(keep) for column in typed]


def _first_text(typed: list[Cells], blank: list[Mask], row: int) -> str:
    for column, nothing in zip(typed, blank, strict=True):
        place = row if column.codes is None else int(column.codes[row])
        if not nothing[place]:
            return str(column.texts[place].as_py()).strip()
    return ""


def _report_columns(
    sheet: Sheet, layout: Layout, vocabulary: Vocabulary, findings: FindingTable
) -> None:
    """Report sheets that were not read, and columns that are unknown, repeated or missing."""
    row = sheet.header_row
    for name in sheet.other_sheets:
        findings.add("other_sheet", rows=[None], column=None, values=[name], params={"sheet": name})
    for text, place in {text: place for place, text in reversed(layout.unknown)}.items():
        findings.add(
            "unknown_column",
            rows=[row],
            column=text,
            position=place,
            values=[text],
            suggestions=[vocabulary.guess(text)],
        )
    _report_yielding(sheet, layout, findings)
    for text, column in {column.text: column for column in layout.duplicate}.items():
        findings.add(
            "duplicate_column",
            rows=[row],
            column=text,
            position=column.position,
            values=[text],
            params=_names(vocabulary, column.field),
        )
    if not layout.has_credit_code:
        findings.add(
            "missing_column",
            rows=[row],
            column=None,
            suggestions=[vocabulary.label(Field("uscc"))],
            params=_names(vocabulary, Field("uscc")),
        )


def _report_yielding(sheet: Sheet, layout: Layout, findings: FindingTable) -> None:
    """Report columns that were not read as another names their field better."""
    read = {column.field: column.text for column in (*layout.duplicate, *layout.columns)}
    for text, column in {column.text: column for column in layout.yielding}.items():
        findings.add(
            "unknown_column",
            rows=[sheet.header_row],
            column=text,
            position=column.position,
            values=[text],
            params={
                "instead_zh": f"（已按“{read[column.field]}”列读取）",
                "instead_en": f", as “{read[column.field]}” is read instead",
            },
        )


def _names(vocabulary: Vocabulary, field: Field) -> dict[str, str]:
    return {"field_zh": vocabulary.name(field, "zh"), "field_en": vocabulary.name(field, "en")}


def _refused(
    sheet: Sheet,
    layout: Layout,
    numbers: npt.NDArray[np.int64],
    typed: list[Cells],
    findings: FindingTable,
) -> CheckedImport:
    """Return a file of which no row can be let in, since nothing says whose rows they are."""
    everything = np.ones(len(numbers), dtype=np.bool_)
    as_typed = originals(sheet, typed)
    return CheckedImport(
        rows=RowCounts(len(numbers), 0, len(numbers)),
        findings=findings.frame(),
        accepted=pd.DataFrame({"row": pd.Series(dtype="int64"), "uscc": pd.Series(dtype="str")}),
        same=row_digests.SAME.empty_table(),
        faulty_rows=assembly.faulty(everything, as_typed, numbers),
        warned_rows=assembly.faulty(~everything, as_typed, numbers),
        layout="long" if layout.is_long else "wide",
        header_row=sheet.header_row,
        mapping=layout.mapping,
        fields=tuple(column.field.key for column in layout.columns),
        repairs={},
    )


def originals(sheet: Sheet, typed: list[Cells]) -> list[tuple[str, Cells]]:
    """Return every column of the file as it was typed, by the text of its header."""
    texts = [visible(text) for text in sheet.header.texts]
    texts += [""] * (len(typed) - len(texts))
    return list(zip(texts, typed, strict=False))
