"""What a file becomes before anything in it is judged: a header, and columns of text below."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MergedRange = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell, each as row and column from 0."""


@dataclass(frozen=True, slots=True)
class Header:
    """
    A header that was found: `first_row` and `last_row` count from 0, `texts` are its cells.

    `money_unit` is the unit of money named above it, if one is. A header that is not
    `complete` names no credit code.
    """

    first_row: int
    last_row: int
    texts: tuple[str, ...]
    money_unit: str = ""
    complete: bool = True


class HeaderFinder(Protocol):
    """Looks for the header among the first rows of a sheet; None if it is not there."""

    def __call__(
        self, rows: Sequence[Sequence[str]], merged: Sequence[MergedRange]
    ) -> Header | None: ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    What stands below a header, as text.

    `columns` are all cells below the header, one Arrow column for each column of the file,
    empty rows included; `row_numbers` are the file's own, from 1. `epoch` is the day from
    which a workbook counts days; None for text. `other_sheets` are the
    visible sheets with data that were not read.
    """

    header: Header
    columns: list[pa.ChunkedArray]
    row_numbers: npt.NDArray[np.int64]
    epoch: dt.date | None = None
    other_sheets: tuple[str, ...] = field(default=())

    def taken(self) -> Iterator[pa.ChunkedArray]:
        """Yield the columns one by one and let go of them, so that memory holds each once."""
        self.columns.reverse()
        while self.columns:
            yield self.columns.pop()

    @property
    def header_row(self) -> int:
        """The file's own number of the header's row, from 1; the first of two."""
        return self.header.first_row + 1
