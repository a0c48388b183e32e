"""What a check of a file needs to know beside the file, and what comes out of a layout."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import Source
from sharing.domain.grid import Grid
from sharing.domain.normalization import Mask
from sharing.domain.regions import RegionTable


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    What a check needs to know beside the file.

    :param today: the business day, in Asia/Shanghai.
    :param jurisdiction: lowest and highest region code of the uploader.
    :param source: the uploader's place in the order of sources.
    :param register: columns uscc, name, region of known enterprises; None if none is known.
    :param stored: stored values by uscc: a column for each item in canonical form, and
        `<item>|valid_to`, `<item>|source`, and identity fields.
    :param pending: codes named by other bureaus' imports that wait for release.
    :param consents: item to the codes of enterprises with a consent in force.
    :param settled: uscc and digest of each enterprise's row as it was last imported, where the
        same row says nothing new.
    """

    catalogue: Catalogue
    regions: RegionTable
    jurisdiction: tuple[str, str]
    today: dt.date
    source: Source | None = None
    register: pd.DataFrame | None = None
    stored: pd.DataFrame | None = None
    pending: set[str] | None = None
    consents: Mapping[str, Collection[str]] | None = None
    settled: pa.Table | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What the checks of one layout came to.

    `grid` has one row an enterprise, of which those in `enters` are let in; `invalid` are the
    rows of the file that are kept out. In the wide layout the two are the same rows; in the
    long one `records` says how many valid rows of the file each enterprise has.
    """

    grid: Grid
    enters: Mask
    invalid: Mask
    repairs: Counter[str] = field(default_factory=Counter)
    records: npt.NDArray[np.int64] | None = None
