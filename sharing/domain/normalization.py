"""
What is made regular without a word: width, invisible characters, blanks, ways of saying empty.

Whole columns of distinct texts at once. Each repair is counted, so that the page can say how
many cells are stored otherwise than they were typed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.value_texts import CLEAR, CONTROLS, EMPTY, INVISIBLE, NUMBER

Mask = npt.NDArray[np.bool_]

_FORMULA = r"^[=+\-@]"

_MAYBE_EMPTY = r"^(?:[\s\-–—―/#nNaA\x00-\x1f\x7f]|[^\x00-\x7f一-龥])*$"
"""What may turn out empty: nothing, its signs, or what width and invisible characters hide."""

CONTROL_BYTES = bytes((*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F))
# First bytes in UTF-8: of the invisible characters, and of all but ASCII and U+4000 to U+9FFF,
# which NFKC leaves as they are.
_INVISIBLE_BYTES = frozenset(
    (*CONTROL_BYTES, *(text.encode()[0] for text in "\u00a0\u034f\u061c\u180e\u200b\ufe0f"))
)
_BYTES_AT_ONCE = 1024 * 1024
_FOLDED_BYTES = frozenset({*range(0xC2, 0xE4), *range(0xEA, 0xF5)})


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
    seen = _step(raw, without_invisible(raw), weights, repairs, "invisible")
    half = normalized(seen)
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
    blank = mask(pc.match_substring_regex(raw, _MAYBE_EMPTY))
    if blank.any():
        places = np.flatnonzero(blank)
        half = normalized(without_invisible(raw.take(pa.array(places))))
        words = pc.utf8_lower(pc.utf8_trim_whitespace(half))
        blank[places] = mask(pc.is_in(words, pa.array(EMPTY)))
    return blank


def trimmed(raw: pa.StringArray) -> pa.StringArray:
    """Return texts as a finding repeats them: as typed, without blanks at the ends."""
    return pc.utf8_trim_whitespace(raw)


def has_bytes(texts: pa.StringArray, wanted: frozenset[int]) -> bool:
    """Say whether one of some bytes stands anywhere in a column's texts, looking at all at once."""
    looked_for = np.isin(np.arange(256), sorted(wanted))
    return any(looked_for[piece].any() for piece in _bytes(texts))


def _bytes(texts: pa.StringArray) -> Iterator[npt.NDArray[np.uint8]]:
    offsets, held = texts.buffers()[1:]
    if held is None or len(texts) == 0:
        return
    ends = np.frombuffer(offsets, dtype=np.int32)[[texts.offset, texts.offset + len(texts)]]
    whole = np.frombuffer(held, dtype=np.uint8)[ends[0] : ends[1]]
    for start in range(0, len(whole), _BYTES_AT_ONCE):
        yield whole[start : start + _BYTES_AT_ONCE]


def normalized(texts: pa.StringArray) -> pa.StringArray:
    """Return texts in NFKC; most columns are ASCII and plain ideographs, and are so already."""
    return pc.utf8_normalize(texts, form="NFKC") if has_bytes(texts, _FOLDED_BYTES) else texts


def without_invisible(texts: pa.StringArray) -> pa.StringArray:
    """Return texts without what nobody sees."""
    if not has_bytes(texts, _INVISIBLE_BYTES):
        return texts
    return pc.replace_substring_regex(texts, INVISIBLE, "")


def without_controls(texts: pa.StringArray) -> pa.StringArray:
    """Return texts without control characters, which no database keeps and no file means."""
    if not any(holds_controls(piece) for piece in _bytes(texts)):
        return texts
    return pc.replace_substring_regex(texts, f"[{CONTROLS}]", "")


def holds_controls(text: npt.NDArray[np.uint8] | bytes) -> bool:
    """Say whether a control character stands in some UTF-8; comparing beats looking bytes up."""
    piece = np.frombuffer(text, dtype=np.uint8)
    low = (piece < 0x20) & (piece != 0x09) & (piece != 0x0A) & (piece != 0x0D)
    return bool((low | (piece == 0x7F)).any())


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
