"""
What is made regular without a word: width, invisible characters, blanks, ways of saying empty.

Whole columns of distinct texts at once. Each repair is counted, so that the page can say how
many cells are stored otherwise than they were typed.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.value_texts import CLEAR, EMPTY, INVISIBLE, NUMBER

Mask = npt.NDArray[np.bool_]

_FORMULA = r"^[=+\-@]"


@dataclass(frozen=True, slots=True)
class Regular:
    """
    Distinct texts made regular, and what each of them amounts to.

    `is_empty` says nothing was meant, `is_clear` that a stored value ends, `is_formula` that
    it begins like a formula and is no number.
    """

    texts: pa.StringArray
    is_empty: Mask
    is_clear: Mask
    is_formula: Mask
    repairs: Counter[str]


def regular(
    raw: pa.StringArray, weights: npt.NDArray[np.int64], *, keep_width: bool = False
) -> Regular:
    """
    Make distinct texts regular.

    :param weights: how many cells have each text, for the counts of repairs.
    :param keep_width: for official names, which may carry full-width brackets: only blanks
        at the ends and invisible characters go.
    """
    repairs: Counter[str] = Counter()
    seen = _step(raw, pc.replace_substring_regex(raw, INVISIBLE, ""), weights, repairs, "invisible")
    half = seen if is_ascii(seen) else pc.utf8_normalize(seen, form="NFKC")
    if not keep_width:
        seen = _step(seen, half, weights, repairs, "width")
    texts = _step(seen, pc.utf8_trim_whitespace(seen), weights, repairs, "blanks")
    compared = pc.utf8_trim_whitespace(half)
    lower = pc.utf8_lower(compared)
    empty = mask(pc.is_in(lower, pa.array(EMPTY)))
    repairs["empty"] += int(weights[empty & mask(pc.not_equal(raw, ""))].sum())
    formula = mask(pc.match_substring_regex(compared, _FORMULA))
    if formula.any():
        formula &= ~empty & ~mask(pc.match_substring_regex(compared, NUMBER))
    clear = mask(pc.is_in(lower, pa.array(CLEAR)))
    return Regular(texts, empty, clear, formula, repairs)


def are_blank(raw: pa.StringArray) -> Mask:
    """Say which texts show nothing, or one of the ways of writing that there is nothing."""
    seen = pc.replace_substring_regex(raw, INVISIBLE, "")
    half = seen if is_ascii(seen) else pc.utf8_normalize(seen, form="NFKC")
    return mask(pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(half)), pa.array(EMPTY)))


def trimmed(raw: pa.StringArray) -> pa.StringArray:
    """Return texts as a finding repeats them: as typed, without blanks at the ends."""
    return pc.utf8_trim_whitespace(raw)


def is_ascii(texts: pa.StringArray) -> bool:
    """Say whether a column is plain ASCII, which needs none of the slow steps."""
    return bool(pc.all(pc.string_is_ascii(texts)).as_py() is not False)


def mask(values: pa.BooleanArray) -> Mask:
    """Return an Arrow column of yes and no as numpy; what is missing is no."""
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def count_repairs(
    repairs: Counter[str], kind: str, changed: Mask, weights: npt.NDArray[np.int64]
) -> None:
    """Add the cells whose texts were changed in one way."""
    cells = int(weights[changed].sum())
    if cells:
        repairs[kind] += cells


def _step(
    before: pa.StringArray,
    after: pa.StringArray,
    weights: npt.NDArray[np.int64],
    repairs: Counter[str],
    kind: str,
) -> pa.StringArray:
    if after is not before:
        count_repairs(repairs, kind, mask(pc.not_equal(before, after)), weights)
    return after
