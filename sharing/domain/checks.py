"""
Checking the items of a file, column by column, against the factor list.

Each check reports its findings and puts the cells in error that it finds so; the order of
the calls is the order of the table of findings.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.catalogue import Catalogue, Item
from factors.domain.item_types import ItemType, Source
from sharing.domain import units, values
from sharing.domain.cells import Cells
from sharing.domain.columns import EVIDENCE, VALID_FROM, VALID_TO, VALUE, Field
from sharing.domain.findings import FindingTable
from sharing.domain.grid import Column, Grid, Rows
from sharing.domain.headers import ColumnHeader
from sharing.domain.identities import read_text
from sharing.domain.normalization import Mask, mask, regular
from sharing.domain.stored import Stored
from sharing.domain.values import GIVEN

EVIDENCE_CHARACTERS = 500
_JUMP_TIMES = 10.0
_CAPITAL_TIMES = 100.0
_COUNT_FLOOR = 10.0
"""A count is compared as if it were at least this, so that 1 to 9 is no jump."""

_EPOCH = dt.date(1970, 1, 1)


def read_item(
    item: Item,
    header: ColumnHeader,
    cells: Cells,
    numbers: Rows,
    *,
    today: dt.date,
    money_unit: str,
    epoch: dt.date | None,
) -> tuple[Column, str]:
    """
    Read a column of an item or one of its companions.

    :returns: the column, and the header's unit if it cannot be converted to the item's.
    """
    part = header.field.part
    if part == EVIDENCE:
        return read_text(header, cells, numbers, EVIDENCE_CHARACTERS), ""
    if part == VALUE and item.type == ItemType.TEXT:
        return read_text(header, cells, numbers, item.max_length), ""
    weights = cells.weights()
    seen = regular(cells.texts, weights)
    if part in (VALID_FROM, VALID_TO):
        reader = values.date_reader(None, today=None, epoch=epoch)
        parsed = values.read(seen, weights, reader, repair="date")
        return Column(header, cells, parsed, numbers), ""
    times, mismatch = _factor(item, header.unit, money_unit)
    parsed = values.read(
        seen,
        weights,
        values.reader_of(item, factor=times, today=today, epoch=epoch),
        apart=item.allows_not_applicable,
        suggest=values.nearest_value(item) if item.type.is_coded else None,
        repair=_repair(item),
    )
    parsed.params["not_allowed"] = values.allowed(item)
    parsed.params["out_of_range"] = dict(values.range_params(item))
    parsed.is_signed = mask(pc.ends_with(seen.texts, "%"))
    return Column(header, cells, parsed, numbers), mismatch


def _factor(item: Item, stated: str, money_unit: str) -> tuple[Decimal, str]:
    """Return the factor to stored units; a unit above the header never is a mismatch."""
    if not item.type.is_numeric:
        return Decimal(1), ""
    if not stated and money_unit and item.type == ItemType.MONEY:
        return units.money_factor(money_unit) or item.unit_factor, ""
    if not stated:
        return item.unit_factor, ""
    found = units.factor(stated, own=item.unit_zh or stated, own_factor=item.unit_factor)
    if isinstance(found, Decimal):
        return found, ""
    return item.unit_factor, stated if found == units.MISMATCH else ""


def _repair(item: Item) -> str:
    if item.type.is_coded:
        return "label"
    if item.type == ItemType.DATE:
        return "date"
    return "boolean" if item.type == ItemType.BOOLEAN else "figure"


def report_unit(
    column: Column, item: Item | None, stated: str, findings: FindingTable, *, header_row: int
) -> None:
    """Report a unit that cannot be converted: once, and every value under it is in error."""
    findings.add(
        "unit_mismatch",
        rows=[header_row],
        column=column.header.text,
        position=column.header.position,
        values=[stated],
        suggestions=[item.unit_zh if item else "万元"],
        params={
            "stated": stated,
            "unit_zh": item.unit_zh if item else "万元",
            "unit_en": item.unit_en if item else "CNY 10k",
        },
    )
    column.is_unusable = True
    column.state[column.is_touched] = values.WRONG


def check_percent_scale(
    column: Column,
    item: Item,
    findings: FindingTable,
    *,
    header_row: int,
    doubted: set[int],
) -> None:
    """
    Doubt a percentage of which every value lies within 0 and 1, but for those with a sign.

    Beside values with a sign mere zeros say nothing.

    :param doubted: places of columns that were doubted already, in the long layout for another
        item; this one is added.
    """
    position = column.header.position
    if not item.is_percentage or position in doubted:
        return
    given = column.state == GIVEN
    signed = np.zeros(len(column), dtype=np.bool_)
    if column.parsed.is_signed is not None:
        signed = given & column.cells.spread(column.parsed.is_signed)
    bare = column.number()[given & ~signed]
    if len(bare) and bare.min() >= 0 and bare.max() <= 1 and (bare.max() > 0 or not signed.any()):
        doubted.add(position)
        findings.add(
            "percent_scale",
            rows=[header_row],
            column=column.header.text,
            position=position,
        )


def check_validity(grid: Grid, item: str, findings: FindingTable, today: dt.date) -> None:
    """Check that validity has not passed, and does not end before it starts."""
    ends = grid.get(item, VALID_TO)
    if ends is None:
        return
    last = ends.number()
    ends.report(findings, "already_expired", last < (today - _EPOCH).days)
    starts = grid.get(item, VALID_FROM)
    if starts is None:
        return
    reversed_ = last < starts.number()
    days = starts.canonical().take(pa.array(np.flatnonzero(reversed_)))
    each: list[Mapping[str, object]] = [{"valid_from": day.as_py()} for day in days]
    ends.fail(findings, "validity_reversed", reversed_, each=each)


def check_evidence(grid: Grid, item: str, findings: FindingTable) -> None:
    """Warn where a value stands beside an empty cell of its evidence."""
    value, evidence = grid.get(item), grid.get(item, EVIDENCE)
    if value is not None and evidence is not None:
        nothing = evidence.state == values.EMPTY
        evidence.report(findings, "evidence_missing", (value.state == GIVEN) & nothing)


def check_owner(
    grid: Grid, item: Item, stored: Stored, source: Source, findings: FindingTable
) -> None:
    """
    Warn where a source that stands higher holds another value; ours is not stored there.

    The cells become empty, so that what is stored stays.
    """
    column = grid.get(item.code)
    known = stored.column(item.code)
    senders = stored.sources(item.code)
    if column is None or known is None or senders is None or source not in item.source_order:
        return
    ours = item.source_order.index(source)
    higher = pa.array([str(sender) for sender in item.source_order[:ours]], pa.string())
    outranked = mask(pc.is_in(senders, higher))
    same = mask(pc.equal(column.cells.spread_arrow(column.parsed.canonical), known.texts))
    where = outranked & column.is_given & known.is_given & ~same
    places = np.flatnonzero(where)
    each: list[Mapping[str, object]] = [
        {"source": senders[place].as_py(), "stored": known.texts[place].as_py()}
        for place in places.tolist()
    ]
    column.report(findings, "not_owner", where, each=each)
    column.state[where] = values.EMPTY
    _check_end_owner(grid, item, stored, outranked & known.is_given & ~where, senders, findings)


def _check_end_owner(
    grid: Grid,
    item: Item,
    stored: Stored,
    outranked: Mask,
    senders: pa.Array,
    findings: FindingTable,
) -> None:
    """Warn where a higher source's value ends on another day than the file says."""
    ends, known = grid.get(item.code, VALID_TO), stored.column(f"{item.code}|valid_to")
    if ends is None or known is None:
        return
    where = outranked & (ends.state == GIVEN) & known.is_given & (ends.number() != known.number)
    each: list[Mapping[str, object]] = [
        {"source": senders[place].as_py(), "stored": known.texts[place].as_py()}
        for place in np.flatnonzero(where).tolist()
    ]
    ends.report(findings, "not_owner", where, each=each)
    ends.state[where] = values.EMPTY


def check_jump(grid: Grid, item: Item, stored: Stored, findings: FindingTable) -> None:
    """
    Doubt a value that is more than ten times what is stored, or less than a tenth.

    A count that falls to 0 is doubted whatever it was.
    """
    column, known = grid.get(item.code), stored.column(item.code)
    if not item.implausible_jump or column is None or known is None:
        return
    floor = _COUNT_FLOOR if item.type == ItemType.COUNT else 0.0
    new, old = np.maximum(column.number(), floor), np.maximum(known.number, floor)
    jump = (new > _JUMP_TIMES * old) | (old > _JUMP_TIMES * new)
    if item.type == ItemType.COUNT:
        jump |= column.number() == 0
    jump &= (column.state == GIVEN) & known.is_given & (known.number > 0)
    each: list[Mapping[str, object]] = [
        {"stored": known.texts[place].as_py()} for place in np.flatnonzero(jump).tolist()
    ]
    column.report(findings, "implausible", jump, each=each)


def check_capital_jump(grid: Grid, stored: Stored, findings: FindingTable) -> None:
    """Doubt a registered capital a hundred times what is stored, or a hundredth: a wrong unit."""
    column, known = grid.get("registered_capital"), stored.column("registered_capital")
    asked = any(item.implausible_jump for item in stored.catalogue.items.values())
    if column is None or known is None or not asked:
        return
    new, old = column.number(), known.number
    jump = (new >= _CAPITAL_TIMES * old) | (old >= _CAPITAL_TIMES * new)
    jump &= (column.state == GIVEN) & known.is_given & (known.number > 0)
    each: list[Mapping[str, object]] = [
        {"stored": known.texts[place].as_py()} for place in np.flatnonzero(jump).tolist()
    ]
    column.report(findings, "implausible", jump, each=each)


def count_without_consent(
    grid: Grid,
    catalogue: Catalogue,
    findings: FindingTable,
    *,
    valid: Mask,
    consents: Mapping[str, Collection[str]] | None,
    header_row: int,
) -> None:
    """Say once for each item how many enterprises have not agreed to banks seeing it."""
    codes = grid.columns[Field("uscc")].canonical()
    for item in catalogue.items.values():
        column = grid.get(item.code)
        if not item.consent_required or column is None:
            continue
        lacking = valid & column.is_given
        agreed: Sequence[str] = sorted((consents or {}).get(item.code, ()))
        if agreed:
            lacking &= ~mask(pc.is_in(codes, pa.array(agreed, pa.string())))
        count = len(pc.unique(codes.filter(pa.array(lacking))))
        if count:
            findings.add(
                "consent_missing",
                rows=[header_row],
                column=column.header.text,
                position=column.header.position,
                values=[str(count)],
                params={
                    "count": count,
                    "item_zh": item.name_zh,
                    "item_en": item.name_en,
                },
            )
