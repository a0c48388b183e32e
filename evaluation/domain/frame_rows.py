"""
Results of many enterprises as the rows that are stored, without a loop over enterprises.

Few different texts occur, however many enterprises there are: each is written as JSON once
and handed out by place.
"""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from evaluation.domain.scorecards import Pattern
from evaluation.domain.scoring_frame import OUTCOMES, FrameResult

COLUMNS = (
    "uscc",
    "position_number",
    "position_row",
    "score",
    "grade",
    "cap",
    "outcome",
    "gates",
    "reasons",
    "category_points",
)
"""The columns of `csv_of`, in order."""


def csv_of(usccs: Sequence[str], positions: NDArray[np.int64], result: FrameResult) -> bytes:
    """
    Return the rows of a result as CSV without a header; an empty cell is null.

    :param usccs: the enterprises, in the order of the result.
    :param positions: number and row of each profile's position, shape (n, 2).
    """
    points = result.card.pattern == Pattern.POINTS
    caps = {grade.grade: grade.cap for grade in result.card.grades}
    caps |= {tier.grade: tier.cap for tier in result.card.tiers}
    worth = [str(caps[grade]) for grade in result.grades]
    columns = [
        pa.array(usccs, type=pa.string()),
        pa.array(positions[:, 0]),
        pa.array(positions[:, 1]),
        pa.array(result.score) if points else pa.nulls(len(usccs), pa.int16()),
        _taken(list(result.grades), result.grade),
        _taken(worth, result.grade),
        _taken([outcome.value for outcome in OUTCOMES], result.outcome),
        _gates(result),
        _reasons(result),
        _category_points(result),
    ]
    rows = io.BytesIO()
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    csv.write_csv(pa.Table.from_arrays(columns, names=list(COLUMNS)), rows, options)
    return rows.getvalue()


def _taken(texts: list[str], places: NDArray[Any]) -> Any:
    """Return the text at each place; -1 is null."""
    indices = pa.array(places.astype(np.int64), mask=places < 0)
    return pa.array(texts, type=pa.string()).take(indices)


def _joined(parts: list[tuple[list[str], NDArray[Any]]], before: str, after: str, size: int) -> Any:
    """
    Return the texts at each row's places between brackets, with commas; -1 is left out.

    Arrow's own way of leaving out nulls loses rows where all are null, so what is left out is
    an empty text here, and every text brings its comma.
    """
    if not parts:
        return _taken([before + after], np.zeros(size, dtype=np.int64))
    columns = []
    for texts, places in parts:
        ended = [f"{text}," if text else "" for text in texts]
        columns.append(_taken([*ended, ""], np.where(places < 0, len(ended), places)))
    inside = pc.utf8_rtrim(pc.binary_join_element_wise(*columns, ""), ",")
    return pc.binary_join_element_wise(before, inside, after, "")


def _gates(result: FrameResult) -> Any:
    def text(row: int) -> str:
        held = zip(result.card.gates, result.gates[row], strict=True)
        return json.dumps(
            [{"code": gate.code, "outcome": gate.outcome.value} for gate, holds in held if holds]
        )

    return _taken(*_once_each(result.gates, text))


def _reasons(result: FrameResult) -> Any:
    def text(row: int) -> str:
        return ",".join(map(json.dumps, result.referring_codes(row)))

    referring = _once_each(np.concatenate([result.gates, result.flagged], axis=1), text)
    known = [json.dumps(result.reason_code(index)) for index in range(result.reason_codes)]
    costly = [(known, column) for column in result.reasons.T]
    return _joined([referring, *costly], "[", "]", len(result.outcome))


def _category_points(result: FrameResult) -> Any:
    parts = [
        ([f"{json.dumps(category.code)}: {n}" for n in range(101)], column)
        for category, column in zip(result.card.categories, result.category_points.T, strict=False)
    ]
    return _joined(parts, "{", "}", len(result.outcome))


def _once_each(
    table: NDArray[Any], text: Callable[[int], str]
) -> tuple[list[str], NDArray[np.int64]]:
    """
    Return the texts of the different rows of a table, and for every row the place of its own.

    Columns are folded into one number; before that could overflow, the combinations that
    occur are numbered afresh.
    """
    keys, widest = np.zeros(len(table), dtype=np.int64), 1
    for column in table.T:
        width = int(column.max(initial=0)) + 1
        if width == 1:
            continue
        if widest * width > 2**62:
            keys, different = pd.factorize(keys)
            widest = len(different) + 1
        keys, widest = keys * width + column.astype(np.int64), widest * width
    places, different = pd.factorize(keys)
    first = np.zeros(len(different), dtype=np.int64)
    first[places[::-1]] = np.arange(len(places))[::-1]
    return [text(int(row)) for row in first], places.astype(np.int64)
