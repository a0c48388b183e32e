"""What is remembered of a sheet once it was read: its header, and what each column looks like."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.value_texts import EXCEL_EPOCH
from sharing.domain.columns import visible
from sharing.domain.headers import Layout
from sharing.domain.normalization import are_blank
from sharing.domain.sheets import Header, Sheet

_LOOKED_AT = 2_000
_SAMPLES = 5
_SAMPLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """
    One column: its header's text, the field it was read as, and what stands in it.

    `field` is empty for a column that was not read; `samples` are its first distinct texts,
    `filled` the share of the first rows that say anything.
    """

    text: str
    field: str
    samples: tuple[str, ...]
    filled: float


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """
    A sheet without its rows: enough to read some of them again as part of the whole.

    `epoch` is the day from which a workbook counts days, as text; empty for a text file.
    """

    header: Header
    epoch: str
    is_long: bool
    is_mendable: bool
    columns: tuple[ColumnFacts, ...]

    @property
    def header_row(self) -> int:
        return self.header.first_row + 1

    def place_of(self, text: str) -> int | None:
        """Return the place of the first column with a header text; None if there is none."""
        wanted = visible(text)
        return next((n for n, column in enumerate(self.columns) if column.text == wanted), None)

    def place_of_field(self, field: str) -> int | None:
        return next((n for n, column in enumerate(self.columns) if column.field == field), None)

    def part(self, columns: list[pa.ChunkedArray], numbers: npt.NDArray[np.int64]) -> Sheet:
        """Return some rows of the sheet, as the sheet that they come from."""
        epoch = dt.date.fromisoformat(self.epoch) if self.epoch else None
        return Sheet(self.header, columns, numbers, epoch)

    def to_document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "SheetFacts":
        header = document["header"]
        return cls(
            Header(**{**header, "texts": tuple(header["texts"])}),
            _epoch_of(document),
            document["is_long"],
            document["is_mendable"],
            tuple(
                ColumnFacts(**{**column, "samples": tuple(column["samples"])})
                for column in document["columns"]
            ),
        )


def facts_of(sheet: Sheet, layout: Layout) -> SheetFacts:
    """
    Describe a sheet that has been read.

    Cells can be mended one by one where a row is an enterprise and every column is itself.
    """
    fields = {column.position: column.field.key for column in layout.columns}
    texts = [visible(text) for text in sheet.header.texts]
    texts += [""] * (len(sheet.columns) - len(texts))
    columns = tuple(
        _facts(texts[place], fields.get(place, ""), column)
        for place, column in enumerate(sheet.columns)
    )
    is_mendable = not layout.is_long and not layout.duplicate and layout.has_credit_code
    epoch = sheet.epoch.isoformat() if sheet.epoch else ""
    return SheetFacts(sheet.header, epoch, layout.is_long, is_mendable, columns)


def _epoch_of(document: Mapping[str, Any]) -> str:
    """Return the day 0 of a sheet; documents of earlier say only whether it is a workbook."""
    if "epoch" in document:
        return str(document["epoch"])
    return EXCEL_EPOCH.isoformat() if document["is_workbook"] else ""


def _facts(text: str, field: str, column: pa.ChunkedArray) -> ColumnFacts:
    given = pc.fill_null(column.slice(0, _LOOKED_AT).cast(pa.string()), "")
    whole = given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
    whole = pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    said = whole.filter(pa.array(~are_blank(whole)))
    distinct = pc.unique(said).to_pylist()[:_SAMPLES]
    samples = tuple(sample.strip()[:_SAMPLE_CHARACTERS] for sample in distinct)
    return ColumnFacts(text, field, samples, round(len(said) / max(len(whole), 1), 3))
