"""
The digest of a row: 16 bytes over what it says, by which a row that comes again is known.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sharing.domain.columns import Field
from sharing.domain.grid import Column
from sharing.domain.identity_checks import places_in, plain
from sharing.domain.normalization import Mask, mask
from sharing.domain.values import CLEARED

SAME = pa.schema([("uscc", pa.string()), ("digest", pa.string())])
_HASH_KEY = "qfce.import.rows"
_ROWS_AT_ONCE = 100_000


def without_news(
    codes: Column, digest: pa.Array, settled: pa.Table | None
) -> tuple[Mask, pa.Table]:
    """Return which rows say what was last imported, and their codes and digests."""
    if settled is None or not len(settled):
        return np.zeros(len(codes), dtype=np.bool_), SAME.empty_table()
    uscc, ours = plain(codes.canonical()), hexadecimal(digest)
    known, before = (settled[name].combine_chunks() for name in SAME.names)
    theirs = before.take(places_in(known, uscc))
    same = pc.fill_null(pc.equal(ours, theirs), False)
    return mask(same), pa.table({"uscc": uscc, "digest": ours}, schema=SAME).filter(same)


def hexadecimal(digests: pa.FixedSizeBinaryArray) -> pa.StringArray:
    """
    Return 16 bytes a row as 32 digits a row.

    >>> hexadecimal(pa.array([bytes(range(16))], pa.binary(16)))[0].as_py()
    '000102030405060708090a0b0c0d0e0f'
    """
    held = digests.buffers()[1]
    raw = memoryview(held)[digests.offset * 16 : (digests.offset + len(digests)) * 16]
    digits = pa.py_buffer(raw.hex().encode("ascii"))
    offsets = np.arange(len(digests) + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(len(digests), pa.py_buffer(offsets), digits)


def digests(columns: Iterable[Column], count: int) -> pa.Array:
    """
    Return 16 bytes for each row over what the file says in all its fields but the code.

    The same row gives the same digest, whatever the order of the columns. A field's text is
    hashed once for each distinct text; the rows add up what their texts come to.
    """
    sums = np.zeros((2, count), dtype=np.uint64)
    for column in columns:
        if column.field == Field("uscc"):
            continue
        per_text = _hashed(column.parsed.canonical)
        salts = np.frombuffer(
            hashlib.blake2b(column.field.key.encode(), digest_size=32).digest(), dtype=np.uint64
        )
        for half in (0, 1):
            mixed = column.cells.spread(_mixed(per_text ^ salts[half]))
            sums[half] += np.where(column.is_given, mixed, np.uint64(0))
            sums[half] += np.where(column.state == CLEARED, salts[half + 2], np.uint64(0))
    pairs = np.ascontiguousarray(_mixed(sums).T)
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), count, [None, pa.py_buffer(pairs.tobytes())]
    )


def _hashed(texts: pa.Array) -> npt.NDArray[np.uint64]:
    """Return a hash of each text, a piece at a time: pandas wants them as Python's own."""
    hashes = [np.zeros(0, dtype=np.uint64)]
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        piece = texts.slice(start, _ROWS_AT_ONCE).fill_null("").to_numpy(zero_copy_only=False)
        own = np.asarray(piece, dtype=object)
        hashes.append(pd.util.hash_array(own, hash_key=_HASH_KEY, categorize=False))
    return np.concatenate(hashes)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return 64-bit numbers in which each bit depends on all (the finalizer of SplitMix64)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(numbers ^ (numbers >> np.uint64(31)))
