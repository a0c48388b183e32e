"""
Facts of many enterprises as columns, one array an item: what `scoring_frame` computes on.

A column of codes holds small integers into its categories, a column of numbers float64 with
NaN, a column of dates datetime64[D] with NaT. Bins compare, they do not calculate, so doubles
decide as exact decimals do for every number of up to 15 digits.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.domain.conditions import Comparison, Condition, Either, Every, Name, Not, Subject
from evaluation.domain.derived import AGED, AWARD_MONTHS, LABORATORY_ORDER, NONE, TELLING
from evaluation.domain.facts import Fact, Facts, FactState, Value

OLDEST = 1000
"""More full years than any enterprise has."""

STATES = tuple(FactState)
_IN_FORCE = STATES.index(FactState.IN_FORCE)
_NO_DATA = STATES.index(FactState.NO_DATA)

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Column:
    """
    One item of every enterprise, shape (n,).

    `categories` are the values behind the codes in `values` (-1: missing); None for numbers
    and dates. `states` index STATES. `flagged` and `declared` (said by the enterprise itself)
    are None where nothing is.
    """

    values: NDArray[Any]
    categories: tuple[str | bool, ...] | None
    states: NDArray[np.int8]
    flagged: Mask | None = None
    declared: Mask | None = None

    @property
    def missing(self) -> Mask:
        if self.categories is None:
            is_day = self.values.dtype.kind == "M"
            found: Mask = np.isnat(self.values) if is_day else np.isnan(self.values)
            return found
        absent: Mask = self.values < 0
        return absent

    def lookup(self, found: Sequence[Any], otherwise: Any, dtype: Any) -> NDArray[Any]:
        """Return for every row what `found` says about its category."""
        table: NDArray[Any] = np.array([*found, otherwise], dtype=dtype)
        said: NDArray[Any] = table[self.values]
        return said

    def among(self, wanted: Iterable[str | bool | Decimal]) -> Mask:
        values = tuple(wanted)
        if self.categories is None:
            numbers = [float(v) for v in values if isinstance(v, Decimal)]
            return np.isin(self.values, numbers)
        return self.lookup(
            [any(c == v and type(c) is type(v) for v in values) for c in self.categories],
            False,
            np.bool_,
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """The facts of `size` enterprises; an item without a column has no data anywhere."""

    size: int
    established_on: NDArray[np.datetime64]
    columns: Mapping[str, Column]

    def column(self, code: str) -> Column:
        return self.columns.get(code) or _empty(self.size)


def from_facts(all_facts: Sequence[Facts], codes: Iterable[str]) -> Frame:
    """Return facts that were read one by one as a frame of the columns wanted."""
    days = [facts.established_on for facts in all_facts]
    return Frame(
        size=len(all_facts),
        established_on=np.array(days, dtype="datetime64[D]"),
        columns={code: _of_facts([f.get(code) for f in all_facts]) for code in codes},
    )


def from_table(table: pd.DataFrame, codes: Iterable[str]) -> Frame:
    """
    Return a table of typed columns, named by item code, as a frame.

    Enumerations are categorical or text, booleans nullable or objects, numbers float64 or
    nullable, dates datetime64; empty cells have no data. `established_on` is a column.
    """
    days = table.get("established_on", pd.Series([None] * len(table), dtype="datetime64[s]"))
    return Frame(
        size=len(table),
        established_on=pd.to_datetime(days).to_numpy().astype("datetime64[D]"),
        columns={code: _of_series(table[code]) for code in codes if code in table},
    )


def mask(condition: Condition, frame: Frame, on: date) -> Mask:
    """Return for every enterprise whether a condition holds."""
    match condition:
        case Every(parts):
            return reduce(np.logical_and, [mask(part, frame, on) for part in parts])
        case Either(parts):
            return reduce(np.logical_or, [mask(part, frame, on) for part in parts])
        case Not(part):
            return ~mask(part, frame, on)
    return _passes(condition, look(condition.name, frame, on))


def look(name: Name, frame: Frame, on: date) -> Column:
    """Return the column of what a condition or a characteristic looks at."""
    if name.subject == Subject.DERIVED:
        return _DERIVED[name.code](frame, on)
    return frame.column(name.code)


def _passes(asked: Comparison, column: Column) -> Mask:
    holds = np.ones(len(column.values), dtype=np.bool_)
    if asked.missing is not None:
        holds &= column.missing == asked.missing
    if asked.values is not None:
        holds &= column.among(asked.values)
    numeric = column.categories is None and column.values.dtype.kind == "f"
    for bound, compare in ((asked.at_least, np.greater_equal), (asked.below, np.less)):
        if bound is not None:
            holds &= compare(column.values, float(bound)) if numeric else np.False_
    return holds


def _age_years(frame: Frame, on: date) -> Column:
    known = ~np.isnat(frame.established_on)
    # The age is the number of anniversaries reached; dates are compared, never taken apart.
    first_days = [np.datetime64(_back(on, 12 * years)) for years in range(OLDEST, -1, -1)]
    reached = OLDEST - np.searchsorted(np.array(first_days), frame.established_on, side="left")
    age = np.where(known & (reached >= 0), reached, np.nan).astype(np.float64)
    states = np.where(np.isnan(age), _NO_DATA, _IN_FORCE).astype(np.int8)
    return Column(age, None, states)


def _award_in_force(frame: Frame, on: date) -> Column:
    award, dated = frame.column("QM-01"), frame.column("QM-02")
    categories = (*(award.categories or ()), AGED)
    codes = award.values if award.categories else np.full(frame.size, -1)
    states = award.states.copy()
    held = (codes >= 0) & ~award.among([NONE])
    if dated.values.dtype.kind == "M":
        undated = held & dated.missing
        aged = held & (dated.values <= np.datetime64(_back(on, AWARD_MONTHS + 1)))
    else:
        undated, aged = held, np.zeros(frame.size, dtype=np.bool_)
    codes = np.where(undated, -1, np.where(aged, len(categories) - 1, codes))
    states[held] = _IN_FORCE
    states[undated] = dated.states[undated]
    return Column(codes, categories, states)


def _best_laboratory_status(frame: Frame, on: date) -> Column:
    both = [frame.column("QF-25"), frame.column("QF-26")]
    worst = len(LABORATORY_ORDER)
    ranks = np.stack([_laboratory_rank(column) for column in both])
    telling = np.array([TELLING.index(state) for state in STATES])
    better = np.where(ranks[1] < ranks[0], 1, 0)
    neither = (ranks == worst).all(axis=0)
    told = np.stack([telling[column.states] for column in both])
    chosen = np.where(neither, np.where(told[1] < told[0], 1, 0), better)
    rows = np.arange(frame.size)
    states = np.stack([column.states for column in both])[chosen, rows]
    best = ranks[chosen, rows]
    return Column(np.where(neither, -1, best), LABORATORY_ORDER, states)


_DERIVED = {
    "age_years": _age_years,
    "award_in_force": _award_in_force,
    "best_laboratory_status": _best_laboratory_status,
}


def _laboratory_rank(column: Column) -> NDArray[np.int64]:
    worst = len(LABORATORY_ORDER)
    if column.categories is None:
        return np.full(len(column.values), worst)
    order: list[str | bool] = list(LABORATORY_ORDER)
    found = [order.index(c) if c in order else worst for c in column.categories]
    return column.lookup(found, worst, np.int64)


def _back(on: date, months: int) -> date:
    """
    Return the last day from which so many full months have passed on a day.

    >>> _back(date(2028, 2, 29), 12), _back(date(2026, 10, 30), 61)
    (datetime.date(2027, 2, 28), datetime.date(2021, 9, 30))
    """
    year, month = divmod(12 * on.year + on.month - 1 - months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def _empty(size: int) -> Column:
    return Column(np.full(size, -1), (), np.full(size, _NO_DATA, dtype=np.int8))


def _of_facts(facts: Sequence[Fact]) -> Column:
    states = np.array([STATES.index(fact.state) for fact in facts], dtype=np.int8)
    flagged = np.array([fact.flagged for fact in facts], dtype=np.bool_)
    declared = np.array([fact.source == "enterprise" for fact in facts], dtype=np.bool_)
    values, categories = _coded([fact.value for fact in facts])
    return Column(values, categories, states, flagged, declared)


def _coded(values: list[Value | None]) -> tuple[NDArray[Any], tuple[str | bool, ...] | None]:
    known = next((value for value in values if value is not None), None)
    if isinstance(known, date):
        return np.array(values, dtype="datetime64[D]"), None
    if isinstance(known, int | Decimal) and not isinstance(known, bool):
        return np.array([np.nan if v is None else float(v) for v in values]), None  # type: ignore[arg-type]  # a number where it is not none
    categories = tuple(dict.fromkeys(v for v in values if isinstance(v, str | bool)))
    codes = {value: code for code, value in enumerate(categories)}
    return np.array([-1 if v is None else codes[v] for v in values], dtype=np.int64), categories  # type: ignore[index]  # a code where it is not none


def _of_series(series: "pd.Series[Any]") -> Column:
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        values, categories = series.to_numpy().astype("datetime64[D]"), None
    elif pd.api.types.is_bool_dtype(series.dtype) or not pd.api.types.is_numeric_dtype(
        series.dtype
    ):
        coded = pd.Categorical(series)
        values, categories = coded.codes, tuple(coded.categories.tolist())
    else:
        values, categories = series.to_numpy(dtype=np.float64, na_value=np.nan), None
    column = Column(values, categories, np.zeros(len(series), dtype=np.int8))
    return Column(values, categories, np.where(column.missing, _NO_DATA, _IN_FORCE).astype(np.int8))
