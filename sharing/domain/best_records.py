"""Which of several records of one item counts, where a file gives more than one."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from factors.domain.catalogue import Item
from sharing.domain import identities, identity_checks, values
from sharing.domain.cells import Cells
from sharing.domain.columns import VALID_FROM, VALID_TO
from sharing.domain.grid import Column, Grid, Rows
from sharing.domain.normalization import Mask

_EPOCH = dt.date(1970, 1, 1)
_WORST_RANK = 1_000


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one item: their places in the file, and their columns."""

    item: Item
    places: Rows
    grid: Grid


def best_places(group: Group, owner: Rows, invalid: Mask, count: int, today: dt.date) -> Rows:
    """
    Return for each enterprise the place of the record that counts, -1 if it has none.

    The best value in force: a sound record before a faulty one, then one that says anything,
    then one that has not ended, the better rank, the later end, the later start, the later row.
    """
    value = group.grid.get(group.item.code)
    assert value is not None  # a file is in the long layout only if it has values
    ends, starts = (
        group.grid.get(group.item.code, VALID_TO),
        group.grid.get(group.item.code, VALID_FROM),
    )
    nothing = np.full(len(group.places), np.inf)
    last = nothing if ends is None else np.nan_to_num(ends.number(), nan=np.inf)
    start = -nothing if starts is None else np.nan_to_num(starts.number(), nan=-np.inf)
    ranks = [
        _WORST_RANK if code is None else group.item.rank_of(code) or _WORST_RANK
        for code in value.parsed.canonical.to_pylist()
    ]
    rank = value.cells.spread(np.array(ranks, dtype=np.int64))
    running = last >= (today - _EPOCH).days
    sound = ~invalid[group.places]
    places = np.arange(len(group.places))
    order = np.lexsort((places, start, last, -rank, running, value.is_touched, sound))
    chosen = np.full(count, -1, dtype=np.int64)
    owners = owner[group.places[order]]
    named = owners >= 0
    chosen[owners[named]] = order[named]  # the last written is the best
    return chosen


def with_all_evidence(column: Column, group: Group, owner: Rows) -> Column:
    """Give every record of an enterprise the evidence of all its records of the item."""
    owners = owner[group.places]
    if len(np.unique(owners)) == len(owners):
        return column
    texts = identity_checks.plain(column.canonical()).to_numpy(zero_copy_only=False)
    frame = pd.DataFrame({"owner": owners, "text": texts}).dropna()
    joined = frame.groupby("owner")["text"].agg(lambda parts: ";".join(dict.fromkeys(parts)))
    whole = pd.Series(owners).map(joined).astype(object)
    cells = Cells(pa.array(whole.fillna("").tolist(), pa.string()), None)
    together = identities.read_text(column.header, cells, column.numbers, 100 * len(cells) + 10_000)
    together.state[column.is_wrong] = values.WRONG
    return together
