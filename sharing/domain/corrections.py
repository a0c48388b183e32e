"""
Cells of a file as people have corrected them: laid over what was read, before any check.

A correction names the file's own row number and the column's place in the file, from 0. A row
may be left out whole; it then reads as empty.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sharing.domain.normalization import Mask
from sharing.domain.sheets import Sheet

WHOLE_ROW = -1
"""The place that stands for all cells of a row."""

LEFT_OUT = "left_out"
"""What a whole row becomes that is left out; anything else takes it in again."""


MOST_WARNED = 20_000
"""A warning may stand beside every row; more of them than this nobody looks through."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """
    What cells hold now: place of the column to {row: text}, and the rows left out.

    `newest` is the number of the last correction among them; 0 where there is none.
    """

    cells: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    newest: int = 0

    @classmethod
    def of(cls, lines: Iterable[tuple[int, int, str, int]]) -> "Corrections":
        """Put together (row, place, text, number) of the last correction of each cell."""
        cells: dict[int, dict[int, str]] = {}
        left_out: set[int] = set()
        newest = 0
        for row, place, text, number in lines:
            newest = max(newest, number)
            if place != WHOLE_ROW:
                cells.setdefault(place, {})[row] = text
            elif text == LEFT_OUT:
                left_out.add(row)
        return cls(cells, frozenset(left_out), newest)

    def rows(self) -> set[int]:
        """Return the rows in which anything was corrected, or that are left out."""
        return {row for texts in self.cells.values() for row in texts} | self.left_out


def lay_over(sheet: Sheet, corrections: Corrections) -> None:
    """Put corrected cells in place of those of a sheet, and empty the rows left out."""
    gone = _places(sheet.row_numbers, sorted(corrections.left_out))
    for place, column in enumerate(sheet.columns):
        texts = corrections.cells.get(place)
        if texts:
            sheet.columns[place] = column = _with(column, sheet.row_numbers, texts)
        if len(gone):
            sheet.columns[place] = _replaced(column, gone, [""] * len(gone))


def _with(
    column: pa.ChunkedArray, numbers: npt.NDArray[np.int64], texts: Mapping[int, str]
) -> pa.ChunkedArray:
    rows = sorted(texts)
    places = _places(numbers, rows)
    known = set(numbers[places].tolist())
    return _replaced(column, places, [texts[row] for row in rows if row in known])


def _places(numbers: npt.NDArray[np.int64], rows: list[int]) -> npt.NDArray[np.int64]:
    """Return where some rows stand in a sheet, without those that it does not have."""
    wanted = np.asarray(rows, dtype=np.int64)
    if not len(wanted) or not len(numbers):
        return np.zeros(0, dtype=np.int64)
    places = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return np.asarray(places[numbers[places] == wanted], dtype=np.int64)


def _replaced(
    column: pa.ChunkedArray, places: npt.NDArray[np.int64], texts: list[str]
) -> pa.ChunkedArray:
    where = np.zeros(len(column), dtype=np.bool_)
    where[places] = True
    plain = column.cast(pa.string())
    whole = pa.concat_arrays(plain.chunks) if isinstance(plain, pa.ChunkedArray) else plain
    replaced = pc.replace_with_mask(whole, pa.array(where), pa.array(texts, pa.string()))
    return pa.chunked_array([replaced])


def warned(findings: pd.DataFrame, invalid: Mask, numbers: np.ndarray) -> Mask:
    """Say which rows have a finding and are let in: the first `MOST_WARNED` of them."""
    named = findings["row"].dropna().to_numpy(dtype=np.int64)
    places = np.flatnonzero(np.isin(numbers, named) & ~invalid)[:MOST_WARNED]
    chosen = np.zeros(len(numbers), dtype=np.bool_)
    chosen[places] = True
    return chosen
