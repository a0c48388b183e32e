"""
Records of a text file with fewer or more cells than most, which Arrow leaves to its caller.

There may be as many of them as of the others, where rows gain a comma halfway: those of one
width are read together, whole columns at once, like the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from sharing.domain.unreadable import MAXIMUM_COLUMNS, UnreadableFile

Table = Callable[[pa.BufferReader, int], pa.Table]


@dataclass(slots=True)
class Uneven:
    """Records as they are met: by how many cells they have, their numbers from 1 and texts."""

    by_width: dict[int, tuple[list[int], list[str]]] = field(default_factory=dict)
    count: int = 0

    def keep(self, row: pv.InvalidRow) -> str:
        """Keep a record that Arrow has no place for."""
        numbers, texts = self.by_width.setdefault(row.actual_columns, ([], []))
        numbers.append(row.number)
        texts.append(row.text)
        self.count += 1
        return "skip"

    def groups(self, read: Table) -> list["Group"]:
        """
        Read all records, those of one width together.

        :param read: reads text of so many cells in each record.
        """
        groups = []
        for width in sorted(self.by_width):
            numbers, texts = self.by_width.pop(width)
            text = pa.BufferReader(("\n".join(texts) + "\n").encode())
            table = read(text, width)
            if table.num_rows != len(numbers):
                raise UnreadableFile("file_damaged")
            groups.append(Group(np.array(numbers, dtype=np.int64), table))
        return groups


@dataclass(frozen=True, slots=True)
class Group:
    """Records of one width, in their order."""

    numbers: np.ndarray
    table: pa.Table

    @property
    def used(self) -> int:
        """How many columns there are to the last that holds anything."""
        columns = self.table.columns
        while columns and not pc.any(pc.match_substring_regex(columns[-1], r"\S")).as_py():
            columns.pop()
        return len(columns)


def joined(table: pa.Table, groups: list[Group]) -> tuple[tuple[pa.ChunkedArray, ...], np.ndarray]:
    """Put uneven records back in their places among the others; also the number of each."""
    total = table.num_rows + sum(len(group.numbers) for group in groups)
    every = np.arange(1, total + 1, dtype=np.int64)
    if not groups:
        return tuple(table.columns), every
    widest = max(table.num_columns, *(group.used for group in groups))
    if widest > MAXIMUM_COLUMNS:
        raise UnreadableFile("file_damaged")
    uneven = np.concatenate([group.numbers for group in groups])
    others = np.setdiff1d(every, uneven, assume_unique=True)
    order = pa.array(np.argsort(np.concatenate([others, uneven]), kind="stable"))
    tables = [table, *(group.table for group in groups)]
    return tuple(
        pa.chunked_array(list(_chunks(tables, place)), pa.string()).take(order)
        for place in range(widest)
    ), every


def _chunks(tables: list[pa.Table], place: int) -> Iterator[pa.Array]:
    for table in tables:
        if place < table.num_columns:
            yield from table.column(place).chunks
        else:
            yield pa.repeat(pa.scalar(""), table.num_rows)
