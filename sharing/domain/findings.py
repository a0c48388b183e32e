"""
What a check of an import can say: the codes, how grave each is, and its sentences.

A finding has a row, a column, a code and what stood in the cell. The codes and their order
are public: clients rely on them. Messages are made from code and parameters when they are
shown, in the reader's language, so that no sentence is stored.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.item_types import Severity
from sharing.domain.finding_texts import TEXTS

ERROR = Severity.ERROR
WARNING = Severity.WARNING

SEVERITIES: Mapping[str, Severity] = {
    "missing_column": ERROR,
    "duplicate_column": ERROR,
    "unknown_column": WARNING,
    "other_sheet": WARNING,
    "ignored_row": WARNING,
    "required": ERROR,
    "uscc_damaged": ERROR,
    "uscc_format": ERROR,
    "uscc_check_digit": WARNING,
    "duplicate_uscc": ERROR,
    "pending_elsewhere": WARNING,
    "name_mismatch": WARNING,
    "not_owner": WARNING,
    "region_unknown": ERROR,
    "region_superseded": WARNING,
    "region_outside": ERROR,
    "not_boolean": ERROR,
    "not_number": ERROR,
    "not_integer": ERROR,
    "not_date": ERROR,
    "not_money": ERROR,
    "not_allowed": ERROR,
    "date_in_future": ERROR,
    "out_of_range": ERROR,
    "unit_mismatch": ERROR,
    "percent_scale": WARNING,
    "already_expired": WARNING,
    "validity_reversed": ERROR,
    "too_long": ERROR,
    "evidence_missing": WARNING,
    "conflict": ERROR,
    "doubtful": WARNING,
    "implausible": WARNING,
    "consent_missing": WARNING,
    "formula_text": WARNING,
}
"""Every code with its severity, in the order in which the checks are made."""

ORDER: Mapping[str, int] = {code: place for place, code in enumerate(SEVERITIES)}

SHOWN_CHARACTERS = 200
"""How much of a cell a finding repeats; the whole cell is kept with the import."""

COLUMNS = ("row", "column", "code", "severity", "value", "suggestion", "params")


def message(code: str, params: Mapping[str, Any] | str | None, language: str) -> str:
    """
    Return the sentence of a finding in the reader's language.

    `params` may be the JSON text that a table of findings holds. Parameters that end in
    `_zh` or `_en` are chosen by language.

    :raises KeyError: if the code is none of ours.
    """
    known = json.loads(params) if isinstance(params, str) else dict(params or {})
    suffix = "_en" if language.startswith("en") else "_zh"
    chosen = {name.removesuffix(suffix): value for name, value in known.items()}
    template = TEXTS[code][1 if suffix == "_en" else 0]
    return template.format_map(_Blank(chosen)).strip()


class _Blank(dict[str, Any]):
    """Parameters of a message, in which one that was not given is empty."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass
class FindingTable:
    """Collects findings, a whole column's at a time."""

    _parts: list[pa.Table] = field(default_factory=list)

    def add(
        self,
        code: str,
        *,
        rows: npt.NDArray[np.int64] | Sequence[int | None],
        column: str | None,
        position: int = -1,
        values: pa.Array | Sequence[str | None] | None = None,
        suggestions: pa.Array | Sequence[str | None] | None = None,
        params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """
        Add one finding for each row number; `values` and `suggestions` are as long as `rows`.

        `position` is the column's place in the file, for the order of the table. `params` is
        the same for all rows, or one for each.
        """
        count = len(rows)
        if count == 0:
            return
        if params is None or isinstance(params, Mapping):
            known = pa.repeat(pa.scalar(_as_json(params), pa.string()), count)
        else:
            known = pa.array([_as_json(entry) for entry in params], pa.string())
        self._parts.append(
            pa.table(
                {
                    "row": pa.array(rows, pa.int64()),
                    "position": pa.repeat(pa.scalar(position, pa.int32()), count),
                    "order": pa.repeat(pa.scalar(ORDER[code], pa.int32()), count),
                    "column": pa.repeat(pa.scalar(column, pa.string()), count),
                    "code": pa.repeat(pa.scalar(code, pa.string()), count),
                    "severity": pa.repeat(pa.scalar(SEVERITIES[code].value), count),
                    "value": _strings(values, count),
                    "suggestion": _strings(suggestions, count),
                    "params": known,
                }
            )
        )

    def frame(self) -> pd.DataFrame:
        """Return all findings in the order of the file: by row, column and table of codes."""
        if not self._parts:
            return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in COLUMNS})
        table = pa.concat_tables(self._parts)
        keys = [("row", "ascending"), ("position", "ascending"), ("order", "ascending")]
        table = table.sort_by([(name, order) for name, order in keys]).select(list(COLUMNS))
        frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
        return frame


def _as_json(params: Mapping[str, Any] | None) -> str | None:
    return json.dumps(params, ensure_ascii=False, default=str) if params else None


def _strings(values: pa.Array | Sequence[str | None] | None, count: int) -> pa.Array:
    if values is None:
        return pa.nulls(count, pa.string())
    texts = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    if isinstance(texts, pa.DictionaryArray):
        texts = texts.dictionary_decode()
    return pc.utf8_slice_codeunits(texts, 0, SHOWN_CHARACTERS)


def _dtype(name: str) -> pd.ArrowDtype:
    return pd.ArrowDtype(pa.int64() if name == "row" else pa.string())
