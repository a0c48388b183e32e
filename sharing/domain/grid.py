"""Columns that have been read, side by side: what all checks work on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sharing.domain.cells import Cells
from sharing.domain.columns import Field
from sharing.domain.findings import SEVERITIES, FindingTable
from sharing.domain.headers import ColumnHeader
from sharing.domain.normalization import Mask, trimmed
from sharing.domain.values import APART, EMPTY, GIVEN, WRONG, Parsed, error_number

Rows = npt.NDArray[np.int64]


@dataclass(slots=True)
class Column:
    """
    One column: its header, its cells as typed, what their texts come to, and each row's state.

    `numbers` are the file's own row numbers, as long as the column. `state` begins as what
    the texts come to and changes when a check finds a cell to be in error. A column is unusable
    if its header says that no value under it can be what it seems. In the long layout
    `has_no_record` says which enterprises have no record of the item.
    """

    header: ColumnHeader
    cells: Cells
    parsed: Parsed
    numbers: Rows
    state: npt.NDArray[np.uint8] = field(init=False)
    is_unusable: bool = False
    has_no_record: Mask | None = None

    def __post_init__(self) -> None:
        self.state = np.array(self.cells.spread(self.parsed.state), dtype=np.uint8)

    def __len__(self) -> int:
        return len(self.state)

    @property
    def field(self) -> Field:
        return self.header.field

    @property
    def is_given(self) -> Mask:
        """Where the cell holds a value, or says that the item cannot apply."""
        return np.asarray((self.state == GIVEN) | (self.state == APART), dtype=np.bool_)

    @property
    def is_wrong(self) -> Mask:
        return np.asarray(self.state == WRONG, dtype=np.bool_)

    @property
    def is_touched(self) -> Mask:
        """Where the file says anything at all about the field."""
        return np.asarray(self.state != EMPTY, dtype=np.bool_)

    def number(self) -> npt.NDArray[np.float64]:
        """Return each row's value for comparisons; not a number where there is none."""
        values = np.array(self.cells.spread(self.parsed.number), dtype=np.float64)
        values[self.state != GIVEN] = np.nan
        return values

    def canonical(self) -> pa.Array:
        """Return each row's canonical text; null where none is stored."""
        spread = self.cells.spread_arrow(self.parsed.canonical)
        hidden = ~self.is_given
        if not (hidden & self.cells.spread(_present(self.parsed.canonical))).any():
            return spread
        if isinstance(spread, pa.DictionaryArray):
            indices = pa.array(spread.indices.to_numpy(), mask=hidden)
            return pa.DictionaryArray.from_arrays(indices, spread.dictionary)
        return pc.if_else(pa.array(hidden), pa.scalar(None, pa.string()), spread)

    def report(
        self,
        findings: FindingTable,
        code: str,
        where: Mask,
        *,
        params: Mapping[str, Any] | None = None,
        suggestions: pa.Array | None = None,
        each: list[Mapping[str, Any]] | None = None,
    ) -> None:
        """
        Add a finding for each row of a mask, with what was typed in its cell.

        `suggestions` and `each` (parameters) are one for each row of the mask, in order.
        """
        places = np.flatnonzero(where)
        if len(places) == 0:
            return
        findings.add(
            code,
            rows=self.numbers[places],
            column=self.header.text,
            position=self.header.position,
            values=trimmed(self.cells.at(places)),
            suggestions=suggestions,
            params=each if each is not None else params,
        )

    def fail(
        self,
        findings: FindingTable,
        code: str,
        where: Mask,
        *,
        params: Mapping[str, Any] | None = None,
        each: list[Mapping[str, Any]] | None = None,
    ) -> None:
        """Put rows in error that are not yet, and report them: a cell has one error at most."""
        new = where & ~self.is_wrong
        if each is not None:
            chosen = new[where]
            each = [params for params, keep in zip(each, chosen, strict=True) if keep]
        self.report(findings, code, new, params=params, each=each)
        self.state[new] = WRONG

    def report_parsed(self, findings: FindingTable) -> None:
        """Report what was wrong with the texts themselves, and which begin like formulas."""
        errors = self.cells.spread(self.parsed.error)
        for code in () if self.is_unusable else _codes_of(self.parsed):
            where = errors == error_number(code)
            self.report(
                findings,
                code,
                where,
                params=self.parsed.params.get(code),
                suggestions=self._suggestions(where),
            )
        formula = self.parsed.is_formula
        if formula is not None and formula.any():
            self.report(findings, "formula_text", self.cells.spread(formula))

    def _suggestions(self, where: Mask) -> pa.Array | None:
        if not self.parsed.suggestions:
            return None
        known = [self.parsed.suggestions.get(place) for place in range(len(self.cells.texts))]
        return self.cells.at(np.flatnonzero(where), pa.array(known, pa.string()))

    def pivoted(self, places: Rows, numbers: Rows) -> "Column":
        """Return the column with the rows at some places; -1 is a row that says nothing."""
        end = len(self.cells.texts)
        parsed = Parsed(
            np.append(self.parsed.state, np.uint8(EMPTY)),
            pa.concat_arrays([self.parsed.canonical, pa.nulls(1, pa.string())]),
            np.append(self.parsed.number, np.nan),
            np.append(self.parsed.error, np.uint8(0)),
        )
        texts = pa.concat_arrays([self.cells.texts, pa.array([""], pa.string())])
        codes = np.arange(end, dtype=np.int32) if self.cells.codes is None else self.cells.codes
        chosen = np.where(places < 0, end, codes[places]).astype(np.int32)
        column = Column(self.header, Cells(texts, chosen), parsed, numbers)
        column.state = np.where(places < 0, EMPTY, self.state[places]).astype(np.uint8)
        column.has_no_record = places < 0
        return column


@dataclass(slots=True)
class Grid:
    """Columns of the same rows, by what they are about, with the file's own row numbers."""

    numbers: Rows
    columns: dict[Field, Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def get(self, subject: str, part: str = "value") -> Column | None:
        return self.columns.get(Field(subject, part))

    def has_error(self) -> Mask:
        """Where at least one cell of the row is in error."""
        found = np.zeros(len(self), dtype=np.bool_)
        for column in self.columns.values():
            found |= column.is_wrong
        return found


def _codes_of(parsed: Parsed) -> list[str]:
    known = list(SEVERITIES)
    return [known[number - 1] for number in np.unique(parsed.error).tolist() if number]


def _present(texts: pa.Array) -> Mask:
    return np.asarray(texts.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
