"""
One column of a file as its distinct texts and where each stands.

Most columns of a list hold few distinct texts, whatever its length. What is worked out for
the distinct texts is spread over the rows by their codes: a million cells cost what their
few texts do. A column of distinct texts (credit codes, names) is kept as it is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_SAMPLE_ROWS = 20_000
_DISTINCT_SHARE = 0.95

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cells:
    """
    A column: `texts` are its distinct texts, `codes` the place of each row's text in them.

    Without codes every row has a text of its own, in order.
    """

    texts: pa.StringArray
    codes: npt.NDArray[np.int32] | None

    def __len__(self) -> int:
        return len(self.texts) if self.codes is None else len(self.codes)

    def spread(self, per_text: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return for each row what was worked out for its text."""
        return per_text if self.codes is None else per_text[self.codes]

    def spread_arrow(self, per_text: pa.Array) -> pa.Array:
        """Return an Arrow column of what was worked out for the texts."""
        if self.codes is None:
            return per_text
        return pa.DictionaryArray.from_arrays(pa.array(self.codes), per_text)

    def at(self, rows: npt.NDArray[np.int64], per_text: pa.Array | None = None) -> pa.Array:
        """Return the texts, or what was worked out for them, of some rows by position."""
        places = rows if self.codes is None else self.codes[rows]
        return (self.texts if per_text is None else per_text).take(pa.array(places))

    def weights(self) -> npt.NDArray[np.int64]:
        """Return how many rows have each text."""
        if self.codes is None:
            return np.ones(len(self.texts), dtype=np.int64)
        return np.bincount(self.codes, minlength=len(self.texts))

    def keep(self, rows: Mask) -> "Cells":
        """Return the same column with some of its rows."""
        if self.codes is None:
            return Cells(self.texts.filter(pa.array(rows)), None)
        return Cells(self.texts, self.codes[rows])

    def take(self, rows: npt.NDArray[np.int64]) -> "Cells":
        """Return the same column with the rows at some positions, in that order."""
        if self.codes is None:
            return Cells(self.texts.take(pa.array(rows)), None)
        return Cells(self.texts, self.codes[rows])

    def compact(self) -> "Cells":
        """Return the same column without the texts that none of its rows has."""
        if self.codes is None:
            return self
        used, codes = np.unique(self.codes, return_inverse=True)
        return Cells(self.texts.take(pa.array(used)), codes.astype(np.int32))


def column(texts: pa.ChunkedArray | pa.Array) -> Cells:
    """Return a column of texts as cells; a text that is missing is empty."""
    whole = texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array([texts])
    filled = pc.fill_null(whole, "") if whole.null_count else whole
    sample = filled.slice(0, _SAMPLE_ROWS)
    distinct = pc.count_distinct(sample).as_py()
    if len(filled) > _SAMPLE_ROWS and distinct > _DISTINCT_SHARE * len(sample):
        return Cells(_one(filled, pa.string()), None)
    encoded = _one(pc.dictionary_encode(filled), None)
    codes = np.asarray(encoded.indices.to_numpy(), dtype=np.int32)
    return Cells(encoded.dictionary.cast(pa.string()), codes)


def _one(chunks: pa.ChunkedArray, type_: pa.DataType | None) -> pa.Array:
    if chunks.num_chunks == 0:
        if type_ is None:
            return pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), pa.array([], "string"))
        return pa.array([], type_)
    return pa.concat_arrays(chunks.unify_dictionaries().chunks)
