"""What is stored about the enterprises of a file, aligned with its rows."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from sharing.domain.normalization import Mask, mask

_DAYS = frozenset(("established_on",))
_FIGURES = frozenset(("registered_capital",))


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One field: canonical texts (null where nothing is stored), and figures to compare."""

    texts: pa.Array
    number: npt.NDArray[np.float64]
    is_given: Mask


@dataclass(slots=True)
class Stored:
    """
    Stored values of the enterprises of a file, one row for each of its rows.

    `frame` has a column `uscc` or is indexed by it, and columns named by item, by
    `<item>|valid_to`, by `<item>|source` and by identity field; values in canonical form.
    """

    catalogue: Catalogue
    frame: pd.DataFrame | None
    codes: pa.Array
    _places: pa.Array | None = None
    _known: dict[str, StoredColumn | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.frame is None or self.frame.empty:
            self.frame = None
            return
        if "uscc" not in self.frame.columns:
            self.frame = self.frame.rename_axis("uscc").reset_index()
        keys = pa.array(self.frame["uscc"].astype(str), pa.string())
        self._places = pc.index_in(self.codes, value_set=keys)

    def column(self, key: str) -> StoredColumn | None:
        """Return what is stored of a field; None if nothing is known of it for any row."""
        if key not in self._known:
            self._known[key] = self._column(key)
        return self._known[key]

    def sources(self, item: str) -> pa.Array | None:
        """Return who sent the stored value of an item."""
        return self._texts(f"{item}|source")

    def _texts(self, key: str) -> pa.Array | None:
        if self.frame is None or key not in self.frame.columns:
            return None
        return _texts_of(self.frame[key]).take(self._places)

    def _column(self, key: str) -> StoredColumn | None:
        texts = self._texts(key)
        if texts is None or texts.null_count == len(texts):
            return None
        return StoredColumn(texts, self._numbers(key, texts), mask(texts.is_valid()))

    def _numbers(self, key: str, texts: pa.Array) -> npt.NDArray[np.float64]:
        subject, _, part = key.partition("|")
        item = self.catalogue.items.get(subject)
        plain = pc.if_else(pc.equal(texts, NOT_APPLICABLE), pa.scalar(None, pa.string()), texts)
        if part or subject in _DAYS or (item and item.type == ItemType.DATE):
            days = pc.cast(pc.cast(plain, pa.date32()), pa.int32())
            return _floats(pc.cast(days, pa.float64()))
        if item and item.type == ItemType.BOOLEAN:
            return _floats(pc.cast(pc.equal(plain, "true"), pa.float64()))
        if subject in _FIGURES or (item and item.type.is_numeric):
            return _floats(pc.cast(plain, pa.float64()))
        return np.full(len(texts), np.nan)


def _texts_of(values: "pd.Series[Any]") -> pa.Array:
    """Return canonical texts; those that come as columns of text are canonical already."""
    if isinstance(values.dtype, pd.ArrowDtype):
        texts = pa.array(values, pa.string())
        return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return pa.array([canonical_text(value) for value in values.tolist()], pa.string())


def canonical_text(value: object) -> str | None:
    """Return a stored value as canonical text, whether it came as text, number or truth."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return str(value)


def _floats(values: pa.Array) -> npt.NDArray[np.float64]:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)
