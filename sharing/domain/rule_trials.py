"""Which stored profiles a cross rule would have found, before anybody adopts it."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa

from factors.domain.catalogue import Catalogue, CrossRule
from factors.domain.conditions import bound_to
from sharing.domain.cross_checks import Folded, field_of, holds, leaves_of
from sharing.domain.grid import Grid
from sharing.domain.normalization import Mask
from sharing.domain.stored import Stored


def fields_of(rule: CrossRule) -> list[str]:
    """Return the fields that a rule looks at, as columns of stored values are named."""
    named = [
        field_of(leaf).key
        for item in rule.for_each or ("",)
        for leaf in leaves_of(bound_to(rule.when, item) if item else rule.when)
    ]
    return list(dict.fromkeys(named))


def found(rule: CrossRule, frame: pd.DataFrame, catalogue: Catalogue, *, today: dt.date) -> Mask:
    """
    Say for each row of stored values whether the rule would have found it.

    :param frame: a column `uscc`, and one for each of `fields_of`, in canonical form.
    """
    codes = pa.array(frame["uscc"].astype(str), pa.string())
    grid = Grid(np.arange(len(frame), dtype=np.int64))
    folded = Folded(grid, Stored(catalogue, frame, codes), today)
    where = np.zeros(len(frame), dtype=np.bool_)
    for item in rule.for_each or ("",):
        where |= holds(bound_to(rule.when, item) if item else rule.when, folded)
    return where
