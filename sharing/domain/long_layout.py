"""
The long layout: one record a row, as registers export certificates.

Each row names an enterprise, an item and its value. The records of an item are checked like a
column of their own; then the enterprises are put together, one row each, for what needs the
whole enterprise. Of several records of one item the best in force counts, and the evidence of
all is kept.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from sharing.domain import (
    checks,
    cross_checks,
    identity_checks,
    values,
    wide_layout,
)
from sharing.domain.best_records import Group, best_places, with_all_evidence
from sharing.domain.cells import Cells
from sharing.domain.columns import (
    EVIDENCE,
    LONG,
    VALID_FROM,
    VALID_TO,
    VALUE,
    Field,
    Vocabulary,
)
from sharing.domain.findings import FindingTable
from sharing.domain.grid import Column, Grid, Rows
from sharing.domain.headers import ColumnHeader, Layout
from sharing.domain.normalization import Mask, regular
from sharing.domain.sheets import Sheet
from sharing.domain.stored import Stored
from sharing.domain.surroundings import Outcome, Surroundings
from sharing.domain.values import EMPTY, GIVEN

Tell = Callable[[str, float], None]


def check(
    sheet: Sheet,
    layout: Layout,
    numbers: Rows,
    typed: list[Cells],
    vocabulary: Vocabulary,
    around: Surroundings,
    findings: FindingTable,
    tell: Tell,
) -> Outcome:
    """Check all records of a file in the long layout; findings go into the table."""
    records = _identities(sheet, layout, numbers, typed, around, findings)
    excused = frozenset(column.field for column in layout.duplicate)
    invalid = np.zeros(len(numbers), dtype=np.bool_)
    if Field("uscc") in records.columns:
        invalid |= wide_layout.check_identities(
            records, vocabulary, around, findings, excused=excused, one_row=False
        )
    if layout.duplicate:  # which of two columns is meant nobody knows, so nothing enters
        everything = np.ones(len(numbers), dtype=np.bool_)
        return Outcome(records, ~everything, everything)
    names = _item_column(layout, typed, numbers, vocabulary, around, findings)
    invalid |= records.has_error() | names.is_wrong
    groups = _groups(sheet, layout, names, typed, numbers, around, findings, tell)
    for group in groups.values():
        invalid[group.places[group.grid.has_error()]] = True
    return _enterprises(records, groups, invalid, sheet, around, findings)


def _identities(
    sheet: Sheet,
    layout: Layout,
    numbers: Rows,
    typed: list[Cells],
    around: Surroundings,
    findings: FindingTable,
) -> Grid:
    grid = Grid(numbers)
    for header in layout.columns:
        if header.field.is_identity:
            grid.columns[header.field] = wide_layout.read_identity(
                header, typed[header.position], numbers, sheet, around, findings
            )
    return grid


def _item_column(
    layout: Layout,
    typed: list[Cells],
    numbers: Rows,
    vocabulary: Vocabulary,
    around: Surroundings,
    findings: FindingTable,
) -> Column:
    """Read the column that says which item a record is about."""

    def reader(text: str) -> values.Answer:
        named = vocabulary.recognize(text)
        known = named is not None and named.field.part == VALUE
        if named is None or not known or named.field.subject not in around.catalogue.items:
            return None, np.nan, "not_allowed"
        return named.field.subject, np.nan, None

    header = _header(layout, "item")
    cells = typed[header.position]
    weights = cells.weights()
    parsed = values.read(
        regular(cells.texts, weights), weights, reader, suggest=vocabulary.guess_item
    )
    parsed.params["not_allowed"] = {
        "allowed_zh": "清单中的信息项",
        "allowed_en": "the items of the factor list",
    }
    column = Column(header, cells, parsed, numbers)
    column.report_parsed(findings)
    nothing = (column.state == EMPTY) | (column.state == values.CLEARED)
    column.fail(findings, "required", nothing, params={"field_zh": "信息项", "field_en": "item"})
    return column


def _groups(
    sheet: Sheet,
    layout: Layout,
    names: Column,
    typed: list[Cells],
    numbers: Rows,
    around: Surroundings,
    findings: FindingTable,
    tell: Tell,
) -> dict[str, Group]:
    """Read and check the records of each item like a column of its own."""
    codes = names.parsed.canonical.to_pylist()
    per_text = pd.Categorical(codes)
    per_row = names.cells.spread(np.asarray(per_text.codes))
    groups: dict[str, Group] = {}
    doubted: set[int] = set()
    for number, code in enumerate(per_text.categories):
        places = np.flatnonzero(per_row == number).astype(np.int64)
        item = around.catalogue.items[code]
        grid = Grid(numbers[places])
        for part in (VALUE, VALID_FROM, VALID_TO, EVIDENCE):
            if (found := layout.find(Field(LONG, part))) is None:
                continue
            header = dataclasses.replace(
                found, field=Field(code, part), unit=found.unit if item.type == "money" else ""
            )
            cells = typed[found.position].take(places).compact()
            column, stated = checks.read_item(
                item,
                header,
                cells,
                grid.numbers,
                today=around.today,
                money_unit=sheet.header.money_unit,
                epoch=sheet.epoch,
            )
            if stated:
                checks.report_unit(column, item, stated, findings, header_row=sheet.header_row)
            grid.columns[header.field] = column
        wide_layout.check_items(grid, sheet, around, findings, doubted=doubted)
        groups[code] = Group(item, places, grid)
        tell("checking", 0.8 * number / len(per_text.categories))
    return groups


def _enterprises(
    records: Grid,
    groups: dict[str, Group],
    invalid: Mask,
    sheet: Sheet,
    around: Surroundings,
    findings: FindingTable,
) -> Outcome:
    """Put the enterprises together, check what needs the whole of each, and map it back."""
    codes = records.columns[Field("uscc")]
    known = identity_checks.plain(codes.canonical()).to_numpy(zero_copy_only=False)
    owner, distinct = pd.factorize(known, use_na_sentinel=True)
    first = _first_places(owner, codes.state == GIVEN, len(distinct))
    grid = Grid(records.numbers[first])
    for field, column in records.columns.items():
        places = np.where(
            (said := _first_places(owner, column.is_given, len(distinct))) >= 0, said, first
        )
        grid.columns[field] = column.pivoted(places, column.numbers[places])
    chosen: dict[str, Rows] = {}
    for code, group in groups.items():
        chosen[code] = best_places(group, owner, invalid, len(distinct), around.today)
        numbers = np.where(chosen[code] < 0, grid.numbers, group.grid.numbers[chosen[code]])
        for field, column in group.grid.columns.items():
            joined = with_all_evidence(column, group, owner) if field.part == EVIDENCE else column
            grid.columns[field] = joined.pivoted(chosen[code], numbers)
    stored = Stored(around.catalogue, around.stored, _plain_codes(grid))
    wide_layout.check_against_store(grid, stored, around, findings)
    cross_checks.run(around.catalogue.rules, grid, stored, findings, today=around.today)
    _map_back(grid, groups, chosen, owner, invalid)
    count = np.bincount(owner[~invalid & (owner >= 0)], minlength=len(distinct))
    enters = count > 0
    _count_consents(grid, enters, sheet, around, findings)
    repairs = wide_layout.repairs_of(records)
    for group in groups.values():
        repairs.update(wide_layout.repairs_of(group.grid))
    return Outcome(grid, enters, invalid, Counter(repairs), count[enters].astype(np.int64))


def _map_back(
    grid: Grid,
    groups: dict[str, Group],
    chosen: dict[str, Rows],
    owner: Rows,
    invalid: Mask,
) -> None:
    """Keep whole records out of which a cross check found a cell in error."""
    for field, column in grid.columns.items():
        wrong = np.flatnonzero(column.is_wrong)
        if field.subject in groups:
            local = chosen[field.subject][wrong]
            invalid[groups[field.subject].places[local[local >= 0]]] = True
        elif len(wrong):  # an error of the enterprise itself keeps all its records out
            invalid |= np.isin(owner, wrong)
    for code, group in groups.items():
        picked = chosen[code]
        out = (picked >= 0) & invalid[group.places[picked]]
        for part in (VALUE, VALID_FROM, VALID_TO, EVIDENCE):
            companion = grid.get(code, part)
            if companion is not None:
                companion.state[out] = values.WRONG


def _first_places(owner: Rows, where: Mask, count: int) -> Rows:
    """Return for each enterprise the first row of a mask that is its own, -1 if none is."""
    places = np.full(count, -1, dtype=np.int64)
    rows = np.flatnonzero(where & (owner >= 0))[::-1]
    places[owner[rows]] = rows
    return places


def _header(layout: Layout, part: str) -> ColumnHeader:
    found = layout.find(Field(LONG, part))
    assert found is not None  # a file is in the long layout only if it has this column
    return found


def _plain_codes(grid: Grid) -> pa.Array:
    return identity_checks.plain(grid.columns[Field("uscc")].canonical())


def _count_consents(
    grid: Grid, enters: Mask, sheet: Sheet, around: Surroundings, findings: FindingTable
) -> None:
    checks.count_without_consent(
        grid,
        around.catalogue,
        findings,
        valid=enters,
        consents=around.consents,
        header_row=sheet.header_row,
    )
