"""
Looking again at some rows of a file, as though the whole of it were checked.

The rows that were corrected are judged by the very code that checks a file, together with the
rows that share a credit code with them: who comes first decides who is a duplicate. Of an
earlier row that is as it was, its code alone is set beside them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.catalogue import Catalogue
from sharing.domain import reading, uscc
from sharing.domain.column_facts import SheetFacts
from sharing.domain.columns import Vocabulary
from sharing.domain.corrections import Corrections, lay_over
from sharing.domain.findings import ERROR
from sharing.domain.headers import HeaderSearch
from sharing.domain.normalization import are_blank
from sharing.domain.sheets import Sheet
from sharing.models import ImportBatch
from sharing.services import import_checks, mending_files, stored_files
from sharing.services.import_checks import CheckedFile

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LookedAgain:
    """
    What some rows come to now.

    `rows` are all that were judged; `present` those that are not empty; `invalid` those kept
    out; `new` and `changed` those of the others that say something. `findings` are theirs.
    """

    rows: frozenset[int]
    present: frozenset[int]
    invalid: frozenset[int]
    new: frozenset[int]
    changed: frozenset[int]
    findings: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Mended:
    """An import with its corrections, as a check of rows needs it."""

    batch: ImportBatch
    catalogue: Catalogue
    facts: SheetFacts
    corrections: Corrections
    today: date

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.catalogue, self.batch.mapping)


def cells(mended: Mended, rows: Collection[int]) -> dict[int, list[str]]:
    """
    Return what the cells of some rows hold now, by row; rows that the file lacks are missing.

    Rows without findings are fetched from the file itself, once.

    :raises NotAtHand: if nothing is kept of the file.
    """
    numbers, columns = _columns(mended, rows)
    lists = [column.to_pylist() for column in columns]
    return {int(row): [texts[place] or "" for texts in lists] for place, row in enumerate(numbers)}


def look_again(mended: Mended, rows: Collection[int], codes_before: Collection[str]) -> LookedAgain:
    """
    Judge corrected rows again, and those that depend on them.

    :param codes_before: the regular codes that the rows had before their correction.
    """
    chosen, beside = _who_depends(mended, rows, codes_before)
    numbers, columns = _columns(mended, chosen)
    present = _present(numbers, columns)
    sheet = _sheet(mended.facts, numbers, columns, beside)
    task = import_checks.task_for(
        mended.batch,
        catalogue=mended.catalogue,
        on=mended.today,
        corrections=mended.corrections,
    )
    checked = import_checks.judge(sheet, mended.vocabulary, task, tell=lambda *_: None)
    return _outcome(checked, frozenset(numbers.tolist()), present)


def _outcome(checked: CheckedFile, rows: frozenset[int], present: frozenset[int]) -> LookedAgain:
    found = checked.checked.findings
    found = found[found["row"].isin(rows & present)]
    invalid = frozenset(int(row) for row in found.loc[found["severity"] == ERROR.value, "row"])
    standing = pc.is_in(checked.news["uscc"], value_set=checked.registered)
    news = dict(zip(checked.news["row"].to_pylist(), standing.to_pylist(), strict=True))
    return LookedAgain(
        rows=rows,
        present=present,
        invalid=invalid,
        new=frozenset(row for row, known in news.items() if row in rows and not known),
        changed=frozenset(row for row, known in news.items() if row in rows and known),
        findings=found,
    )


def codes_now(mended: Mended) -> tuple[Numbers, pa.Array]:
    """Return the rows of the whole file and their codes, with what was corrected."""
    numbers, base = mending_files.codes(mended.batch.pk)
    place = mended.facts.place_of_field("uscc")
    columns = [pa.chunked_array([pa.concat_arrays(base.chunks)])]
    typed = mended.corrections.cells.get(-1 if place is None else place, {})
    texts = pa.array(list(typed.values()), pa.string())
    regular = uscc.regular(texts)
    formed = pc.if_else(pa.array(uscc.are_well_formed(regular)), regular, "").to_pylist()
    corrections = Corrections(
        {0: dict(zip(typed, formed, strict=True))}, mended.corrections.left_out
    )
    sheet = mended.facts.part(columns, numbers)
    lay_over(sheet, corrections)
    return numbers, pa.concat_arrays(sheet.columns[0].chunks)


def _who_depends(
    mended: Mended, rows: Collection[int], codes_before: Collection[str]
) -> tuple[set[int], dict[int, str]]:
    """Return the rows to judge whole, and the earlier ones whose code alone matters."""
    numbers, codes = codes_now(mended)
    own = pc.is_in(pa.array(numbers), value_set=pa.array(sorted(rows), pa.int64()))
    touched = set(pc.unique(codes.filter(own)).to_pylist()) | set(codes_before)
    touched.discard("")
    named = pc.is_in(codes, value_set=pa.array(sorted(touched), pa.string()))
    places = np.flatnonzero(named.to_numpy(zero_copy_only=False))
    sharing = dict(
        zip(numbers[places].tolist(), codes.take(pa.array(places)).to_pylist(), strict=True)
    )
    first: dict[str, int] = {}
    for row in sorted(sharing):
        first.setdefault(sharing[row], row)
    others = set(sharing) - set(rows)
    kept = set(mending_files.rows(mended.batch.pk, others)["row"].to_pylist())
    leading = {row for row in others - kept if first[sharing[row]] == row}
    return set(rows) | (others - leading), {row: sharing[row] for row in leading}


def _columns(mended: Mended, rows: Collection[int]) -> tuple[Numbers, list[pa.ChunkedArray]]:
    """Return some rows with their corrections, from what is kept or else from the file."""
    table = mending_files.rows(mended.batch.pk, rows)
    lacking = set(rows) - set(table["row"].to_pylist())
    if lacking:
        mending_files.add(mended.batch.pk, _from_file(mended, lacking))
        table = mending_files.rows(mended.batch.pk, rows)
    numbers = np.asarray(table["row"].to_numpy(), dtype=np.int64)
    sheet = mended.facts.part([table[f"c{n}"] for n in range(table.num_columns - 1)], numbers)
    lay_over(sheet, mended.corrections)
    return numbers, list(sheet.columns)


def _from_file(mended: Mended, rows: Collection[int]) -> pa.Table:
    """Read some rows from the uploaded file."""
    with stored_files.path_of(mended.batch.file_sha256).open("rb") as file:
        sheet = reading.read(
            file,
            file_name=mended.batch.file_name,
            find_header=HeaderSearch(mended.vocabulary),
        )
    chosen = np.isin(sheet.row_numbers, np.asarray(sorted(rows), dtype=np.int64))
    where = pa.array(chosen)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {"row": pa.array(sheet.row_numbers[chosen])}
    for place, column in enumerate(sheet.columns):
        columns[f"c{place}"] = pc.fill_null(column.filter(where).cast(pa.string()), "")
    return pa.table(columns)


def says_anything(texts: Collection[str]) -> bool:
    """Say whether any cell of a row holds more than a way of writing nothing."""
    return bool((~are_blank(pa.array(list(texts), pa.string()))).any())


def _present(numbers: Numbers, columns: list[pa.ChunkedArray]) -> frozenset[int]:
    """Return the rows in which any cell says something."""
    filled = np.zeros(len(numbers), dtype=np.bool_)
    for column in columns:
        texts = pc.fill_null(column.cast(pa.string()), "")
        filled |= ~are_blank(pa.concat_arrays(texts.chunks) if texts.num_chunks else texts)
    return frozenset(numbers[filled].tolist())


def _sheet(
    facts: SheetFacts,
    numbers: Numbers,
    columns: list[pa.ChunkedArray],
    beside: dict[int, str],
) -> Sheet:
    """
    Return the rows as a sheet, with the earlier holders of their codes.

    A line at the end keeps a row with a single cell from being taken for a note below a list.
    """
    code = facts.place_of_field("uscc")
    last = int(max([0, *numbers.tolist(), *beside])) + 1
    added = [*beside, last]
    every = np.concatenate([numbers, np.asarray(added, dtype=np.int64)])
    order = pa.array(np.argsort(every, kind="stable"))
    whole = []
    for place, column in enumerate(columns):
        texts = [*beside.values(), "x"] if place == code else ["" for _ in beside] + ["x"]
        joined = [*column.cast(pa.string()).chunks, pa.array(texts, pa.string())]
        whole.append(pa.chunked_array([pa.concat_arrays(joined).take(order)]))
    return facts.part(whole, np.sort(every))
