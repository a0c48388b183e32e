"""
Checking a stored file: what is wrong with it, and what it would change.

Nothing in here writes to the database. A file is read once and checked against the list and
the register; the rows that differ from what was last imported are then looked at again
beside the stored values. The same file in the same state gives the same outcome, so a check
may be repeated from the start at any time.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.catalogue import Catalogue
from qfce.kernel.tenancy.models import Organization
from sharing.domain import reading, uscc
from sharing.domain.column_facts import SheetFacts, facts_of
from sharing.domain.columns import Field, Vocabulary
from sharing.domain.corrections import Corrections, lay_over
from sharing.domain.findings import ERROR, SEVERITIES, FindingTable
from sharing.domain.headers import HeaderSearch, Layout, settle
from sharing.domain.pipeline import CheckedImport, RowCounts, check_sheet
from sharing.domain.sheets import Sheet
from sharing.domain.surroundings import Surroundings
from sharing.services import import_lookups as lookups

Mask = npt.NDArray[np.bool_]
Tell = Callable[[str, float], None]
KEPT = (
    "row",
    "records",
    "uscc",
    "name",
    "region",
    "industry",
    "size",
    "established_on",
    "registered_capital",
    "values_json",
    "details_json",
    "cleared",
    "row_digest",
)
ELSEWHERE = {
    "detail_zh": "登记簿中该企业属于其他地区。",
    "detail_en": "The register has this enterprise in another jurisdiction.",
}


@dataclass(frozen=True, slots=True)
class Task:
    """
    A file to check, for whom, against which version of a list, on which business day.

    `corrections` are laid over what is read, before anything is checked.
    """

    owner_id: UUID
    region: str | None
    file_name: str
    catalogue: Catalogue
    mapping: dict[str, str]
    today: date
    corrections: Corrections = field(default_factory=Corrections)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """
    The outcome: findings and counts, and which of the accepted rows are news.

    `news` are the accepted rows to publish; `same` are code and digest of those that say what
    was last imported; `named` are all codes of the file, errors or not; `registered` those
    that the register knows. `position` is the number of the list's newest publication when
    the look-ups began. `codes` are row and regular code of the whole file, empty where it is
    malformed; `facts` describe the columns; `corrected_to` is the newest correction heeded.
    """

    checked: CheckedImport
    news: pa.Table
    same: pa.Table
    named: pa.Array
    registered: pa.ChunkedArray
    position: int
    codes: pa.Table
    facts: SheetFacts
    corrected_to: int = 0


def task_for(
    owner: Organization,
    *,
    file_name: str,
    catalogue: Catalogue,
    mapping: dict[str, str],
    on: date,
    corrections: Corrections,
) -> Task:
    """Describe a check of a file that an organization has uploaded."""
    return Task(owner.pk, owner.region_id, file_name, catalogue, mapping, on, corrections)


def check(file: BinaryIO, task: Task, *, tell: Tell) -> CheckedFile:
    """
    Check a file.

    :param tell: called with a phase and 0..1, or `rows` and their number; what it raises ends
        the check.
    :raises UnreadableFile: if the file can't be read at all.
    """
    vocabulary = Vocabulary(task.catalogue, task.mapping)
    sheet = reading.read(
        file,
        file_name=task.file_name,
        find_header=HeaderSearch(vocabulary),
        progress=lambda share: tell("reading", share),
    )
    tell("rows", len(sheet.row_numbers))
    lay_over(sheet, task.corrections)
    return judge(sheet, vocabulary, task, tell=tell)


def judge(sheet: Sheet, vocabulary: Vocabulary, task: Task, *, tell: Tell) -> CheckedFile:
    """Check a sheet that has been read, or some of its rows. It is used up."""
    position = lookups.position(task.owner_id, task.catalogue.code)
    layout = settle(sheet.header, vocabulary, [True] * len(sheet.columns))
    facts = facts_of(sheet, layout)
    codes = _codes(sheet, layout)
    formed = pa.array(uscc.are_well_formed(codes))
    named = pc.unique(codes.filter(formed))
    lines = {"row": pa.array(sheet.row_numbers), "uscc": pc.if_else(formed, codes, "")}
    known = lookups.known(task.owner_id, named, task.catalogue)
    around = _surroundings(task, layout, named, known)
    # A check uses its columns up; those of a list that is known are looked at twice.
    columns = list(sheet.columns) if pc.any(pc.equal(known["profiled"], "1")).as_py() else []
    checked = check_sheet(sheet, vocabulary, around, tell)
    checked = _keep_out_others(checked, task, named, known, layout)
    news, same = _apart(checked.accepted, known)
    profiled = _profiled(news, known)
    if len(profiled):
        sheet = replace(sheet, columns=columns)
        checked, news = _again(sheet, codes, vocabulary, around, checked, news, task, profiled)
    return CheckedFile(
        checked=checked,
        news=news,
        same=same,
        named=named,
        registered=known["uscc"],
        position=position,
        codes=pa.table(lines),
        facts=facts,
        corrected_to=task.corrections.newest,
    )


def _codes(sheet: Sheet, layout: Layout) -> pa.Array:
    """Return the regular credit code of every row of the sheet, empty where there is none."""
    header = layout.find(Field("uscc"))
    if header is None:
        return pa.repeat(pa.scalar(""), len(sheet.row_numbers))
    column = sheet.columns[header.position]
    texts = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(texts, pa.ChunkedArray):
        texts = pa.concat_arrays(texts.chunks)
    return uscc.regular(pc.fill_null(texts, ""))


def _surroundings(task: Task, layout: Layout, named: pa.Array, known: pa.Table) -> Surroundings:
    """Fetch what the checks of all rows need; stored values come later, for few."""
    codes = named.to_pylist()
    subjects = {column.field.subject for column in layout.columns}
    items = [
        item.code
        for item in task.catalogue.items.values()
        if item.consent_required and (item.code in subjects or layout.is_long)
    ]
    return Surroundings(
        catalogue=task.catalogue,
        regions=lookups.regions(),
        jurisdiction=lookups.jurisdiction_of(task.region),
        today=task.today,
        source=lookups.source_of(task.region),
        register=_frame(known.select(["uscc", "name", "region"])) if len(known) else None,
        pending=lookups.pending_elsewhere(task.owner_id, task.catalogue.code, codes),
        consents=lookups.consents(task.owner_id, items, codes, task.today) if items else {},
    )


def _keep_out_others(
    checked: CheckedImport, task: Task, named: pa.Array, known: pa.Table, layout: Layout
) -> CheckedImport:
    """
    Keep out rows of enterprises that the register has in another jurisdiction.

    A bureau cannot take an enterprise over by naming it; the province, which answers for
    both places, can.
    """
    unknown = named.filter(pc.invert(pc.is_in(named, value_set=known["uscc"])))
    elsewhere = lookups.registered_elsewhere(task.owner_id, unknown.to_pylist())
    if not elsewhere:
        return checked
    accepted = checked.accepted
    theirs = accepted["uscc"].isin(sorted(elsewhere))
    if not theirs.any():
        return checked
    header = layout.find(Field("region")) or layout.find(Field("uscc"))
    rows = accepted.loc[theirs, "row"].to_numpy(dtype=np.int64)
    added = FindingTable()
    added.add(
        "region_outside",
        rows=rows,
        column=header.text if header else None,
        values=accepted.loc[theirs, header.field.key].tolist() if header else None,
        params=ELSEWHERE,
    )
    moved = _rows_of(accepted.loc[theirs])
    return replace(
        checked,
        rows=RowCounts(
            checked.rows.total, checked.rows.valid - moved, checked.rows.invalid + moved
        ),
        findings=_in_order(pd.concat([checked.findings, added.frame()])),
        accepted=accepted.loc[~theirs],
    )


def _apart(accepted: pd.DataFrame, known: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Set rows that say something apart from those that say what was last imported."""
    table = pa.table({name: _texts(accepted[name]) for name in KEPT if name in accepted.columns})
    digests = _hexadecimal(table["row_digest"])
    table = table.set_column(table.schema.get_field_index("row_digest"), "digest", digests)
    if not len(known):
        return table, table.select(["uscc", "digest"]).slice(0, 0)
    current = pc.if_else(pc.equal(known["is_current"], "1"), known["digest"], None)
    places = pc.index_in(table["uscc"], value_set=known["uscc"])
    same = pc.fill_null(pc.equal(pc.take(current, places), table["digest"]), False)
    return table.filter(pc.invert(same)), table.filter(same).select(["uscc", "digest"])


def _profiled(news: pa.Table, known: pa.Table) -> pa.ChunkedArray:
    """Return the codes of the news that have a profile on the list."""
    on_list = known.filter(pc.equal(known["profiled"], "1"))["uscc"]
    return news.filter(pc.is_in(news["uscc"], value_set=on_list))["uscc"]


def _again(
    sheet: Sheet,
    codes: pa.Array,
    vocabulary: Vocabulary,
    around: Surroundings,
    checked: CheckedImport,
    news: pa.Table,
    task: Task,
    profiled: pa.ChunkedArray,
) -> tuple[CheckedImport, pa.Table]:
    """Check the rows that differ from what is stored once more, beside what is stored."""
    wanted = profiled.to_pylist()
    stored = lookups.stored_values(task.owner_id, wanted, task.catalogue.code)
    if stored is None:
        return checked, news
    chosen = np.asarray(pc.is_in(codes, value_set=pa.array(wanted)).to_numpy(zero_copy_only=False))
    part = replace(
        sheet,
        columns=[column.filter(pa.array(chosen)) for column in sheet.taken()],
        row_numbers=sheet.row_numbers[chosen],
    )
    beside = check_sheet(part, vocabulary, replace(around, stored=stored), lambda *_: None)
    rows = set(part.row_numbers.tolist())
    file_level = frozenset({sheet.header_row, None})
    findings = pd.concat(
        [
            checked.findings[~checked.findings["row"].isin(rows)],
            beside.findings[beside.findings["row"].isin(rows - file_level)],
        ]
    )
    invalid = beside.rows.invalid - _among(checked.faulty_rows, rows)
    merged = replace(
        checked,
        rows=RowCounts(
            checked.rows.total, checked.rows.valid - invalid, checked.rows.invalid + invalid
        ),
        findings=_in_order(findings),
        faulty_rows=pd.concat(
            [checked.faulty_rows[~checked.faulty_rows["row"].isin(rows)], beside.faulty_rows]
        ).sort_values("row"),
        warned_rows=pd.concat(
            [checked.warned_rows[~checked.warned_rows["row"].isin(rows)], beside.warned_rows]
        ).sort_values("row"),
    )
    renewed, _ = _apart(beside.accepted, _nobody_known())
    others = news.filter(pc.invert(pc.is_in(news["uscc"], value_set=pa.array(wanted))))
    return merged, pa.concat_tables([others, renewed], promote_options="default")


def _nobody_known() -> pa.Table:
    """Return a table of known enterprises without any."""
    return pa.table({name: pa.array([], pa.string()) for name in lookups.KNOWN_COLUMNS})


def _among(frame: pd.DataFrame, rows: Collection[int]) -> int:
    return int(frame["row"].isin(rows).sum())


def _rows_of(accepted: pd.DataFrame) -> int:
    """Return how many rows of the file some accepted enterprises stand on."""
    return int(accepted["records"].sum()) if "records" in accepted else len(accepted)


def _in_order(findings: pd.DataFrame) -> pd.DataFrame:
    return findings.sort_values("row", kind="stable", na_position="last").reset_index(drop=True)


def counts(findings: pd.DataFrame) -> tuple[dict[str, int], int, int]:
    """Return how many findings each code has, and how many errors and warnings there are."""
    by_code = {str(code): int(n) for code, n in findings["code"].value_counts().items()}
    errors = sum(n for code, n in by_code.items() if SEVERITIES[code] == ERROR)
    return by_code, errors, sum(by_code.values()) - errors


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def _texts(series: "pd.Series[Any]") -> pa.Array | pa.ChunkedArray:
    """Return a column as Arrow has it, distinct texts spread over the rows again."""
    column = pa.array(series)
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _hexadecimal(digests: pa.ChunkedArray) -> pa.Array:
    """Return 16 bytes a row as 32 digits a row."""
    joined = b"".join(digests.to_pylist())
    digits = pa.py_buffer(joined.hex().encode("ascii"))
    offsets = np.arange(len(digests) + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(offsets), digits)
