"""
Unified social credit codes (统一社会信用代码), GB 32100-2015: the only place that knows them.

Eighteen characters: registrar, kind of entity, six of the region of first registration,
nine of the organization, one check character. Whole columns at once.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sharing.domain.normalization import normalized, without_invisible

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a code, in the order of their values; I, O, S, V and Z are left out."""

LENGTH = 18
FORMAT = f"^[{ALPHABET}]{{{LENGTH}}}$"
"""What a code looks like. Lists of kinds and regions differ from place to place: none is asked."""

_DAMAGED = r"^(?:[0-9](?:\.[0-9]+)?E\+[0-9]+|[0-9]\.[0-9]+E[0-9]+|[0-9]{15}000)$"
_WEIGHTS = np.array([pow(3, place, 31) for place in range(LENGTH - 1)], dtype=np.int32)

Mask = npt.NDArray[np.bool_]


@lru_cache(maxsize=1)
def _values() -> npt.NDArray[np.int32]:
    """Return the value of each byte as a character of a code; -1 for one that is none."""
    table = np.full(256, -1, dtype=np.int32)
    for value, character in enumerate(ALPHABET):
        table[ord(character)] = value
    return table


def regular(texts: pa.StringArray) -> pa.StringArray:
    """
    Return codes as they are stored: half width, upper case, without blanks and hyphens, and
    without what nobody sees: whoever asks who is named asks for the code that is checked.

    >>> regular(pa.array(["９１33 0113-aln0kxmq6e"])).to_pylist()
    ['91330113ALN0KXMQ6E']
    """
    folded = pc.utf8_upper(normalized(without_invisible(texts)))
    return pc.replace_substring_regex(folded, r"[\s\-‐‑‒–—−]+", "")


def regular_text(text: str) -> str:
    """Return one code as it is regularly written."""
    return str(regular(pa.array([text], pa.string()))[0].as_py())


def are_damaged(codes: pa.StringArray) -> Mask:
    """
    Say which regular codes a spreadsheet has turned into a number, beyond repair.

    >>> are_damaged(pa.array(["9.13301E+17", "913301060000123000", "91330113ALN0KXMQ6E"])).tolist()
    [True, True, False]
    """
    return _mask(pc.match_substring_regex(codes, _DAMAGED))


def are_well_formed(codes: pa.StringArray) -> Mask:
    """Say which regular codes are 18 characters of the alphabet."""
    return _mask(pc.match_substring_regex(codes, FORMAT))


def check_characters_fit(codes: pa.StringArray) -> Mask:
    """
    Say for which well-formed codes the last character is the one that the others ask for.

    Real codes exist that fail this, so a failure is a doubt and no refusal.

    :raises ValueError: if a code has not 18 characters of one byte each.
    """
    if len(codes) == 0:
        return np.zeros(0, dtype=np.bool_)
    if set(pc.unique(pc.binary_length(codes)).to_pylist()) != {LENGTH}:
        raise ValueError("Only codes of 18 characters have a check character.")
    joined = pc.binary_join(pa.ListArray.from_arrays([0, len(codes)], codes), "")[0]
    letters = np.frombuffer(joined.as_buffer(), dtype=np.uint8).reshape(-1, LENGTH)
    values = _values()[letters]
    total = values[:, : LENGTH - 1] @ _WEIGHTS
    return np.asarray((31 - total % 31) % 31 == values[:, -1], dtype=np.bool_)


def is_well_formed(code: str) -> bool:
    """Say whether one regular code has the form of a code."""
    return bool(are_well_formed(pa.array([code], pa.string()))[0])


def is_valid(code: str) -> bool:
    """
    Say whether one regular code is well formed and its check character fits.

    >>> is_valid("91110000101623741K"), is_valid("91350211M0000XUF46"), is_valid("9111")
    (True, False, False)
    """
    return is_well_formed(code) and bool(check_characters_fit(pa.array([code], pa.string()))[0])


def with_check_character(first_seventeen: str) -> str:
    """
    Return the code whose first seventeen characters are given.

    :raises ValueError: if they are not seventeen characters of the alphabet.
    """
    if len(first_seventeen) != LENGTH - 1 or not set(first_seventeen) <= set(ALPHABET):
        raise ValueError(f"{first_seventeen!r} is not seventeen characters of a code.")
    total = sum(
        ALPHABET.index(character) * int(weight)
        for character, weight in zip(first_seventeen, _WEIGHTS, strict=True)
    )
    return first_seventeen + ALPHABET[(31 - total % 31) % 31]


def region_of_registration(code: str) -> str:
    """Return the region in which a code was first given; it need not be today's, nor exist."""
    return code[2:8]


def is_sole_proprietor(code: str) -> bool:
    """Say whether a code is a sole proprietor's (个体工商户), which is a person's."""
    return code.startswith("92")


def _mask(values: pa.BooleanArray) -> Mask:
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=np.bool_)
