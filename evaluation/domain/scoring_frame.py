"""
Scoring many enterprises at once: the same rules as `scoring`, on whole columns.

Nothing here loops over enterprises. A test holds it to the scalar result row by row: score,
grade, outcome, points, gates and reasons.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.domain.frames import STATES, Column, Frame, Mask, look, mask
from evaluation.domain.reasons import FLAGGED, LOW, TOP
from evaluation.domain.scorecards import (
    Characteristic,
    CharacteristicKind,
    GateOutcome,
    Pattern,
    Scorecard,
)
from evaluation.domain.scoring import Outcome, items_used

OUTCOMES = tuple(Outcome)
_LOW = len(STATES)  # the tail of a reason that is no state: the bin was poor
_WIDTH = _LOW + 1
_PLACES = 128  # more characteristics than any card has


@dataclass(frozen=True, slots=True)
class FrameResult:
    """
    The results of n enterprises under one card.

    `score` shape (n,), 0 to 100, all -1 for a cap table; `grade` indexes `grades`, -1 where
    there is none; `outcome` indexes OUTCOMES; `points` (n, characteristics) and
    `category_points` (n, categories) are in the order of the card; `gates` (n, gates) says
    which hold; `flagged` (n, items) which disputed items refer; `reasons` (n, TOP) index
    `reason_codes`, -1 where there are fewer.
    """

    card: Scorecard
    grades: tuple[str, ...]
    outcome: NDArray[np.int8]
    score: NDArray[np.int16]
    grade: NDArray[np.int8]
    points: NDArray[np.int16]
    category_points: NDArray[np.int16]
    gates: Mask
    flagged: Mask
    flagged_items: tuple[str, ...]
    reasons: NDArray[np.int16]

    def reason_code(self, index: int) -> str:
        """Return the code behind one index of `reasons`."""
        characteristic, tail = divmod(index, _WIDTH)
        word = LOW if tail == _LOW else STATES[tail]
        return f"{self.card.characteristics[characteristic].code}.{word}"

    @property
    def reason_codes(self) -> int:
        """How many codes there are for `reasons` to index."""
        return len(self.card.characteristics) * _WIDTH

    def referring_codes(self, row: int) -> tuple[str, ...]:
        """Return the gates that hold for one enterprise, declining ones first, and the flags."""
        held = [gate for gate, holds in zip(self.card.gates, self.gates[row], strict=True) if holds]
        ordered = sorted(held, key=lambda gate: gate.outcome != GateOutcome.DECLINE)
        flagged = [
            f"{code}.{FLAGGED}"
            for code, is_ in zip(self.flagged_items, self.flagged[row], strict=True)
            if is_
        ]
        return (*(gate.code for gate in ordered), *flagged)

    def codes(self, row: int) -> tuple[str, ...]:
        """Return the top reasons of one enterprise, as `reasons.codes` would."""
        costly = [self.reason_code(int(index)) for index in self.reasons[row] if index >= 0]
        return (*self.referring_codes(row), *costly)


def score_frame(
    card: Scorecard, frame: Frame, on: date, *, with_reasons: bool = True
) -> FrameResult:
    """
    Score every enterprise of a frame on one day; see `scoring.evaluate` for the rules.

    :param with_reasons: whether the costly characteristics are wanted; half the time.
    """
    gates = _stack((mask(gate.when, frame, on) for gate in card.gates), frame.size)
    used = tuple(sorted(items_used(card)))
    flagged = _stack((_flags(frame.column(code)) for code in used), frame.size)
    declining = [gate.outcome == GateOutcome.DECLINE for gate in card.gates]
    declined: Mask = np.any(gates[:, declining], axis=1)
    referred = gates.any(axis=1) | flagged.any(axis=1)
    outcome = np.where(
        declined,
        OUTCOMES.index(Outcome.DECLINED),
        np.where(referred, OUTCOMES.index(Outcome.REFERRED), OUTCOMES.index(Outcome.GRADED)),
    ).astype(np.int8)
    common: dict[str, Any] = {
        "card": card,
        "outcome": outcome,
        "gates": gates,
        "flagged": flagged,
        "flagged_items": used,
    }
    if card.pattern == Pattern.CAP_TABLE:
        return _by_tier(common, card, frame, on, declined)
    return _by_points(common, card, frame, on, declined, with_reasons=with_reasons)


def _by_points(
    common: dict[str, Any],
    card: Scorecard,
    frame: Frame,
    on: date,
    declined: Mask,
    *,
    with_reasons: bool,
) -> FrameResult:
    size, width = frame.size, len(card.characteristics)
    # A column is written at a time, so columns lie together in memory.
    points = np.empty((width, size), dtype=np.int16).T
    tails = np.empty((width, size), dtype=np.int16).T
    for place, each in enumerate(card.characteristics):
        points[:, place], tails[:, place] = _characteristic(card, each, frame, on)
    before, after = _categories(card, points)
    score = after.sum(axis=1, dtype=np.int16)
    grade = _grade_table(card)[score]
    grade[declined] = -1
    return FrameResult(
        **common,
        grades=tuple(grade.grade for grade in card.grades),
        score=score,
        grade=grade,
        points=points,
        category_points=after,
        reasons=_top_reasons(card, points, tails, before)
        if with_reasons
        else np.full((size, TOP), -1, dtype=np.int16),
    )


def _by_tier(
    common: dict[str, Any], card: Scorecard, frame: Frame, on: date, declined: Mask
) -> FrameResult:
    tiers = sorted(card.tiers, key=lambda tier: tier.tier)
    grade = np.full(frame.size, -1, dtype=np.int8)
    for place in reversed(range(len(tiers))):
        grade[mask(tiers[place].when, frame, on)] = place
    grade[declined] = -1
    return FrameResult(
        **common,
        grades=tuple(tier.grade for tier in tiers),
        score=np.full(frame.size, -1, dtype=np.int16),
        grade=grade,
        points=np.empty((frame.size, 0), dtype=np.int16),
        category_points=np.empty((frame.size, 0), dtype=np.int16),
        reasons=np.full((frame.size, TOP), -1, dtype=np.int16),
    )


def _characteristic(
    card: Scorecard, each: Characteristic, frame: Frame, on: date
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Return the points, and the tail of the reason code: the state, or that the bin is low."""
    column = look(each.name, frame, on)
    place = _bin_places(each, column)
    table = np.array([*(bin_.points for bin_ in each.bins), each.missing], dtype=np.int16)
    points = table[place]
    limit = card.points_limit(each.code)
    if limit is not None and column.declared is not None:
        said = column.declared & (place >= 0)
        points = np.where(said, np.minimum(points, limit), points)
    tails = np.where(place < 0, column.states, _LOW).astype(np.int16)
    for special in reversed(each.special):
        applies = mask(special.when, frame, on)
        points = np.where(applies, np.int16(special.points), points)
        tails = np.where(applies, np.int16(_LOW), tails)
    return points, tails


def _bin_places(each: Characteristic, column: Column) -> NDArray[Any]:
    """Return for every row the place of its bin, -1 where none holds its value."""
    nothing = np.full(len(column.values), -1)
    if each.kind == CharacteristicKind.NUMBER:
        if column.categories is not None or column.values.dtype.kind != "f":
            return nothing
        lows = [-np.inf if bin_.low is None else float(bin_.low) for bin_ in each.bins]
        places = np.searchsorted(np.array(lows), column.values, side="right") - 1
        return np.where(np.isnan(column.values), -1, places)
    if column.categories is None:
        return nothing
    found = [
        next((place for place, bin_ in enumerate(each.bins) if value in bin_.values), -1)
        for value in column.categories
    ]
    return column.lookup(found, -1, np.int64)


def _categories(
    card: Scorecard, points: NDArray[np.int16]
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    before = np.zeros((len(card.categories), len(points)), dtype=np.int16).T
    codes = [category.code for category in card.categories]
    for place, each in enumerate(card.characteristics):
        before[:, codes.index(each.category)] += points[:, place]
    caps = np.array([category.cap for category in card.categories], dtype=np.int16)
    return before, np.minimum(before, caps)


def _grade_table(card: Scorecard) -> NDArray[np.int8]:
    table = np.empty(101, dtype=np.int8)
    for place, grade in enumerate(card.grades):
        table[grade.low : grade.high + 1] = place
    return table


def _top_reasons(
    card: Scorecard,
    points: NDArray[np.int16],
    tails: NDArray[np.int16],
    before: NDArray[np.int16],
) -> NDArray[np.int16]:
    """Return the most costly characteristics of every row; see `reasons.costly` for the order."""
    codes = [category.code for category in card.categories]
    # Each key holds what is gained, what is short, and last the order of the card; the best
    # few of a row are kept by comparing and exchanging whole columns.
    best = [np.full(len(points), -1, dtype=np.int32) for _ in range(TOP)]
    for place, each in enumerate(card.characteristics):
        category = codes.index(each.category)
        cap, held = np.int32(card.categories[category].cap), before[:, category].astype(np.int32)
        short = np.int32(each.best) - points[:, place]
        gained = np.minimum(cap, held + short) - np.minimum(cap, held)
        key = (gained * 128 + short) * _PLACES + (_PLACES - 1 - place)
        key[short <= 0] = -1
        for rank in range(TOP):
            best[rank], key = np.maximum(best[rank], key), np.minimum(best[rank], key)
    top = np.empty((TOP, len(points)), dtype=np.int16).T
    rows = np.arange(len(points))
    for rank, key in enumerate(best):
        order: NDArray[Any] = _PLACES - 1 - key % _PLACES
        order[key < 0] = 0
        top[:, rank] = np.where(key < 0, -1, order * _WIDTH + tails[rows, order])
    return top


def _flags(column: Column) -> Mask:
    if column.flagged is None:
        return np.zeros(len(column.values), dtype=np.bool_)
    return column.flagged


def _stack(columns: Iterable[Mask], size: int) -> Mask:
    found = list(columns)
    return np.stack(found).T if found else np.zeros((size, 0), dtype=np.bool_)
