"""The usual layout: one enterprise a row, one item a column."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from sharing.domain import checks, cross_checks, identities, identity_checks
from sharing.domain.cells import Cells
from sharing.domain.columns import Field, Vocabulary
from sharing.domain.findings import FindingTable
from sharing.domain.grid import Column, Grid, Rows
from sharing.domain.headers import ColumnHeader, Layout
from sharing.domain.normalization import Mask, mask
from sharing.domain.sheets import Sheet
from sharing.domain.stored import Stored
from sharing.domain.surroundings import Outcome, Surroundings

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
    """Check all rows of a file in the wide layout; findings go into the table."""
    grid = Grid(numbers)
    for done, header in enumerate(layout.columns):
        cells = typed[header.position]
        grid.columns[header.field] = _read(header, cells, numbers, sheet, around, findings)
        tell("checking", 0.6 * done / len(layout.columns))
    excused = frozenset(column.field for column in layout.duplicate)
    if Field("uscc") not in grid.columns:
        return _unusable(grid, typed, layout, around)
    lacking = check_identities(grid, vocabulary, around, findings, excused=excused, one_row=True)
    check_items(grid, sheet, around, findings, doubted=set())
    tell("checking", 0.8)
    stored = Stored(around.catalogue, around.stored, _codes(grid))
    check_against_store(grid, stored, around, findings)
    cross_checks.run(around.catalogue.rules, grid, stored, findings, today=around.today)
    invalid = grid.has_error() | lacking
    if layout.duplicate:
        invalid[:] = True
    checks.count_without_consent(
        grid,
        around.catalogue,
        findings,
        valid=~invalid,
        consents=around.consents,
        header_row=sheet.header_row,
    )
    return Outcome(grid, ~invalid, invalid, repairs_of(grid))


def read_identity(
    header: ColumnHeader,
    cells: Cells,
    numbers: Rows,
    sheet: Sheet,
    around: Surroundings,
    findings: FindingTable,
) -> Column:
    """Read an identity column as what it is."""
    subject = header.field.subject
    if subject == "uscc":
        return identities.read_uscc(header, cells, numbers)
    if subject == "region":
        return identities.read_region(
            header, cells, numbers, table=around.regions, jurisdiction=around.jurisdiction
        )
    if subject == "industry":
        return identities.read_industry(header, cells, numbers)
    if subject == "size":
        return identities.read_size(header, cells, numbers)
    if subject == "established_on":
        return identities.read_established(
            header, cells, numbers, today=around.today, epoch=sheet.epoch
        )
    if subject == "registered_capital":
        column, stated = identities.read_capital(
            header, cells, numbers, money_unit=sheet.header.money_unit
        )
        if stated:
            checks.report_unit(column, None, stated, findings, header_row=sheet.header_row)
        return column
    return identities.read_name(header, cells, numbers)


def check_identities(
    grid: Grid,
    vocabulary: Vocabulary,
    around: Surroundings,
    findings: FindingTable,
    *,
    excused: frozenset[Field],
    one_row: bool,
) -> Mask:
    """Check all identity columns; return the rows that lack one the file does not have."""
    registered = _registered(grid, around)
    known = mask(registered.is_valid())
    lacking = identity_checks.check_required(
        grid, findings, vocabulary=vocabulary, known=known, excused=excused
    )
    identity_checks.check_codes(grid, findings, pending=around.pending, one_row=one_row)
    identity_checks.check_names(grid, findings, registered)
    identity_checks.check_regions(grid, findings, around.regions)
    for field, column in grid.columns.items():
        if field.is_identity and field.subject not in ("uscc", "region"):
            column.report_parsed(findings)
    return lacking


def check_items(
    grid: Grid,
    sheet: Sheet,
    around: Surroundings,
    findings: FindingTable,
    *,
    doubted: set[int],
) -> None:
    """
    Check every item's column and its companions, beside what the texts say.

    :param doubted: places of columns whose scale was doubted already, which is said once.
    """
    subjects = dict.fromkeys(field.subject for field in grid.columns if not field.is_identity)
    for subject in subjects:
        item = around.catalogue.items[subject]
        for field, column in grid.columns.items():
            if field.subject == subject:
                column.report_parsed(findings)
        value = grid.get(subject)
        if value is not None:
            checks.check_percent_scale(
                value, item, findings, header_row=sheet.header_row, doubted=doubted
            )
        checks.check_validity(grid, subject, findings, around.today)
        checks.check_evidence(grid, subject, findings)


def check_against_store(
    grid: Grid, stored: Stored, around: Surroundings, findings: FindingTable
) -> None:
    """Compare items with what is stored: who may replace it, and how far it jumps."""
    for field in list(grid.columns):
        item = around.catalogue.items.get(field.subject)
        if item is None or field.part != "value":
            continue
        if around.source is not None:
            checks.check_owner(grid, item, stored, around.source, findings)
        checks.check_jump(grid, item, stored, findings)
    checks.check_capital_jump(grid, stored, findings)


def repairs_of(grid: Grid) -> Counter[str]:
    """Return how many cells were made regular, by kind, over all columns."""
    repairs: Counter[str] = Counter()
    for column in grid.columns.values():
        repairs.update(column.parsed.repairs)
    return repairs


def _read(
    header: ColumnHeader,
    cells: Cells,
    numbers: Rows,
    sheet: Sheet,
    around: Surroundings,
    findings: FindingTable,
) -> Column:
    if header.field.is_identity:
        return read_identity(header, cells, numbers, sheet, around, findings)
    item = around.catalogue.items[header.field.subject]
    column, stated = checks.read_item(
        item,
        header,
        cells,
        numbers,
        today=around.today,
        money_unit=sheet.header.money_unit,
        epoch=sheet.epoch,
    )
    if stated:
        checks.report_unit(column, item, stated, findings, header_row=sheet.header_row)
    return column


def _codes(grid: Grid) -> pa.Array:
    return identity_checks.plain(grid.columns[Field("uscc")].canonical())


def _registered(grid: Grid, around: Surroundings) -> pa.Array:
    """Return each row's name in the register, null where it does not know the code."""
    if around.register is None or around.register.empty:
        return pa.nulls(len(grid), pa.string())
    keys = pa.array(around.register["uscc"].astype(str), pa.string())
    names = pa.array(around.register["name"].astype(str), pa.string())
    return names.take(identity_checks.places_in(keys, _codes(grid)))


def _unusable(grid: Grid, typed: list[Cells], layout: Layout, around: Surroundings) -> Outcome:
    """Return an outcome that lets nothing in, since the credit code stands there twice."""
    first = next(column for column in layout.duplicate if column.field == Field("uscc"))
    grid.columns[Field("uscc")] = identities.read_uscc(first, typed[first.position], grid.numbers)
    everything = np.ones(len(grid), dtype=np.bool_)
    return Outcome(grid, ~everything, everything)
