"""
Checking a stored file: what is wrong with it, and what it would change.

Nothing in here writes to the database. A file is read once and checked against the list and the
register; the rows that differ from what was last imported are then looked at again beside the
stored values. The same file in the same state gives the same outcome, so a check may be repeated.
"""

import json
from collections.abc import Callable
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
from factors.domain.item_types import Source
from sharing.domain import assembly, cells, reading, uscc
from sharing.domain.column_facts import SheetFacts, facts_of
from sharing.domain.columns import Field, Vocabulary
from sharing.domain.corrections import Corrections, lay_over
from sharing.domain.findings import ERROR, SEVERITIES, FindingTable
from sharing.domain.headers import HeaderSearch, Layout, settle
from sharing.domain.normalization import trimmed
from sharing.domain.pipeline import CheckedImport, RowCounts, check_sheet, originals
from sharing.domain.row_digests import hexadecimal
from sharing.domain.sheets import Sheet
from sharing.domain.surroundings import Surroundings
from sharing.models import ImportBatch
from sharing.services import import_lookups as lookups

Mask = npt.NDArray[np.bool_]
Tell = Callable[[str, float], None]
STANDING_AT_ONCE = 50_000
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
    source: Source | None = None


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
    batch: ImportBatch, *, catalogue: Catalogue, on: date, corrections: Corrections
) -> Task:
    """Describe a check of a file that an organization has uploaded."""
    return Task(
        batch.owner_id,
        batch.owner.region_id,
        batch.file_name,
        catalogue,
        batch.mapping,
        on,
        corrections,
        source=lookups.source_behind(batch),
    )


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
    theirs = _elsewhere(sheet, task, codes, named, known)
    # A check uses its columns up; rows of enterprises that are known are looked at twice.
    columns = list(sheet.columns) if len(known) else []
    checked = check_sheet(sheet, vocabulary, around, tell)
    checked = _keep_out(checked, theirs, layout)
    news = _news(checked.accepted)
    standing = _standing(news, known)
    if len(standing):
        sheet = replace(sheet, columns=columns)
        checked, news = _again(sheet, codes, vocabulary, around, checked, news, task, standing)
    return CheckedFile(
        checked=checked,
        news=news,
        same=checked.same,
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
        source=task.source or lookups.source_of(task.region),
        register=_frame(known.select(["uscc", "name", "region"])) if len(known) else None,
        pending=lookups.pending_elsewhere(task.owner_id, task.catalogue.code, codes),
        consents=lookups.consents(task.owner_id, items, codes, task.today) if items else {},
        settled=_settled(known),
    )


def _elsewhere(
    sheet: Sheet, task: Task, codes: pa.Array, named: pa.Array, known: pa.Table
) -> Sheet:
    """Return the rows of enterprises that the register has in another jurisdiction."""
    elsewhere: set[str] = set()
    if len(known) < len(named):
        unknown = named.filter(pc.invert(pc.is_in(named, value_set=known["uscc"])))
        elsewhere = lookups.registered_elsewhere(task.owner_id, unknown.to_pylist())
    return _rows_about(sheet, codes, pa.array(sorted(elsewhere), pa.string()))


def _keep_out(checked: CheckedImport, theirs: Sheet, layout: Layout) -> CheckedImport:
    """
    Keep out rows of enterprises that the register has in another jurisdiction.

    A bureau cannot take an enterprise over by naming it; the province, which answers for
    both places, can.
    """
    column = layout.find(Field("region")) or layout.find(Field("uscc"))
    if column is None or not len(theirs.row_numbers):
        return checked
    codes = _codes(theirs, layout)
    accepted = checked.accepted
    entered = accepted["uscc"].isin(codes.to_pylist())
    let_in = pa.array(accepted.loc[entered, "uscc"].tolist(), pa.string())
    chosen = np.array(pc.is_in(codes, value_set=let_in), dtype=np.bool_)
    chosen &= ~np.isin(theirs.row_numbers, checked.faulty_rows["row"].to_numpy(dtype=np.int64))
    rows = theirs.row_numbers[chosen]
    added = FindingTable()
    added.add(
        "region_outside",
        rows=rows,
        column=column.text,
        values=trimmed(theirs.columns[column.position].filter(pa.array(chosen)).combine_chunks()),
        params=ELSEWHERE,
    )
    typed = [cells.column(texts) for texts in theirs.columns]
    faulty = assembly.faulty(chosen, originals(theirs, typed), theirs.row_numbers)
    warned = checked.warned_rows
    return replace(
        checked,
        rows=_moved(checked.rows, len(rows)),
        findings=_in_order(pd.concat([checked.findings, added.frame()])),
        accepted=accepted.loc[~entered],
        faulty_rows=pd.concat([checked.faulty_rows, faulty]).sort_values("row"),
        warned_rows=warned.loc[~warned["row"].isin(rows)],
    )


def _moved(rows: RowCounts, count: int) -> RowCounts:
    """Count rows among those kept out that were let in before."""
    return RowCounts(rows.total, rows.valid - count, rows.invalid + count)


def _settled(known: pa.Table) -> pa.Table:
    """Return code and digest of the rows that say nothing new if they come again."""
    return known.filter(pc.equal(known["is_current"], "1")).select(["uscc", "digest"])


def _news(accepted: pd.DataFrame) -> pa.Table:
    """Return what is staged of the rows that are let in."""
    table = pa.table({name: _texts(accepted[name]) for name in KEPT if name in accepted.columns})
    digests = table["row_digest"].combine_chunks()
    place = table.schema.get_field_index("row_digest")
    return table.set_column(place, "digest", hexadecimal(digests))


def _standing(news: pa.Table, known: pa.Table) -> pa.ChunkedArray:
    """Return the codes of the news that the register knows."""
    both = known["uscc"].filter(pc.is_in(known["uscc"], value_set=news["uscc"]))
    return news["uscc"].filter(pc.is_in(news["uscc"], value_set=both))


def _again(
    sheet: Sheet,
    codes: pa.Array,
    vocabulary: Vocabulary,
    around: Surroundings,
    checked: CheckedImport,
    news: pa.Table,
    task: Task,
    standing: pa.ChunkedArray,
) -> tuple[CheckedImport, pa.Table]:
    """
    Check the rows that differ from what is stored once more, beside what is stored.

    Some enterprises at a time: what is stored of all would fill the memory. All rows of one
    enterprise are looked at together.
    """
    seen = np.zeros(int(sheet.row_numbers.max()) + 1, dtype=np.bool_)
    outcomes: list[CheckedImport] = []
    for start in range(0, len(standing), STANDING_AT_ONCE):
        wanted = pa.array(standing.slice(start, STANDING_AT_ONCE).to_pylist(), pa.string())
        stored = lookups.stored_values(task.owner_id, wanted.to_pylist(), task.catalogue.code)
        if stored is None:
            continue
        part = _rows_about(sheet, codes, wanted)
        seen[part.row_numbers] = True
        beside = replace(around, stored=stored, settled=None)
        outcomes.append(check_sheet(part, vocabulary, beside, lambda *_: None))
    if not outcomes:
        return checked, news
    renewed = [_news(outcome.accepted) for outcome in outcomes]
    others = news.filter(pa.array(~seen[np.asarray(news["row"], dtype=np.int64)]))
    joined = pa.concat_tables([others, *renewed], promote_options="default")
    merged = _merged(checked, outcomes, seen, sheet.header_row)
    first = checked.accepted[seen[checked.accepted["row"].to_numpy(dtype=np.int64)]]
    again = [outcome.accepted for outcome in outcomes]
    findings = _consents_again(merged.findings, first, again, around)
    return replace(merged, findings=findings), joined


def _rows_about(sheet: Sheet, codes: pa.Array, wanted: pa.Array) -> Sheet:
    """Return the rows of a sheet that name one of some enterprises."""
    chosen = pc.is_in(codes, value_set=wanted)
    return replace(
        sheet,
        columns=[column.filter(chosen) for column in sheet.columns],
        row_numbers=sheet.row_numbers[np.asarray(chosen, dtype=np.bool_)],
    )


def _merged(
    checked: CheckedImport, outcomes: list[CheckedImport], seen: Mask, header_row: int
) -> CheckedImport:
    """Put what the second look found in place of what the first found in the same rows."""

    def elsewhere(frame: pd.DataFrame) -> pd.DataFrame:
        rows = frame["row"].fillna(0).to_numpy(dtype=np.int64)
        return frame[~np.where(rows < len(seen), seen[np.minimum(rows, len(seen) - 1)], False)]

    def of_rows(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["row"].notna() & (frame["row"] != header_row)]

    faulty = elsewhere(checked.faulty_rows)
    invalid = sum(outcome.rows.invalid for outcome in outcomes)
    moved = invalid - (len(checked.faulty_rows) - len(faulty))
    return replace(
        checked,
        rows=_moved(checked.rows, moved),
        findings=_in_order(
            pd.concat([elsewhere(checked.findings), *(of_rows(o.findings) for o in outcomes)])
        ),
        faulty_rows=pd.concat([faulty, *(o.faulty_rows for o in outcomes)]).sort_values("row"),
        warned_rows=pd.concat(
            [elsewhere(checked.warned_rows), *(o.warned_rows for o in outcomes)]
        ).sort_values("row"),
    )


def _consents_again(
    findings: pd.DataFrame,
    first: pd.DataFrame,
    again: list[pd.DataFrame],
    around: Surroundings,
) -> pd.DataFrame:
    """Take from the counts of missing consents the rows that only the first look let in."""
    by_name = {item.name_zh: item.code for item in around.catalogue.items.values()}
    findings = findings.copy()
    for place in findings.index[findings["code"] == "consent_missing"]:
        params = json.loads(str(findings.at[place, "params"]))
        item = by_name[params["item_zh"]]
        agreed = set((around.consents or {}).get(item, ()))
        later = sum(_without_consent(accepted, item, agreed) for accepted in again)
        params["count"] -= _without_consent(first, item, agreed) - later
        findings.at[place, "params"] = json.dumps(params, ensure_ascii=False)
        findings.at[place, "value"] = str(params["count"])
    gone = (findings["code"] == "consent_missing") & (findings["value"] == "0")
    return findings[~gone].reset_index(drop=True)


def _without_consent(accepted: pd.DataFrame, item: str, agreed: set[str]) -> int:
    if item not in accepted:
        return 0
    return len(set(accepted.loc[accepted[item].notna(), "uscc"]) - agreed)


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
