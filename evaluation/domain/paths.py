"""
The path to the next grade: which single step would bring it, and which would not.

Every step improves one characteristic and is worth what remains of it under the cap of its
category. Confirming what nobody has recorded comes before anything that has to be achieved.
"""

from dataclasses import dataclass
from enum import StrEnum

from evaluation.domain.facts import FactState
from evaluation.domain.reasons import gain
from evaluation.domain.scorecards import Bin, Grade, Scorecard
from evaluation.domain.scoring import Basis, Contribution, Outcome, Result

NOT_A_GOAL = frozenset(
    {
        "NONE",
        "AGED",
        "EXPIRED",
        "SUSPENDED",
        "REVOKED",
        "CANCELLED",
        "NOT_SAMPLED",
        "FAIL_GENERAL",
        "FAIL_SERIOUS",
        "REFUSED",
        False,
    }
)
"""Values that may earn points and that nobody would be advised to strive for."""


class StepKind(StrEnum):
    """What it takes, easiest first."""

    CONSENT = "consent"  # the value is there; the enterprise has not opened it
    CONFIRM = "confirm"  # nobody has recorded a value: have it confirmed, or achieve it
    ACHIEVE = "achieve"
    WAIT = "wait"  # only time does it


_ORDER = list(StepKind)


@dataclass(frozen=True, slots=True)
class Step:
    """
    One improvement of one characteristic.

    `gain` is what the score gains, at most `points` - `points_now`; `capped` says that the
    category's cap takes the rest.
    """

    characteristic: str
    category: str
    zh: str
    en: str
    kind: StepKind
    goal: Bin
    points_now: int
    points: int
    gain: int
    reaches: bool

    @property
    def capped(self) -> bool:
        return self.gain < self.points - self.points_now


@dataclass(frozen=True, slots=True)
class Path:
    """
    How far the next grade is, and what would bring it.

    `steps` suffice each by itself; `short` are the others, with what little they bring.
    `blocked_by` are gates that decline: until they are cured no points help.
    """

    grade: str | None
    next_grade: str | None
    needed: int
    steps: tuple[Step, ...]
    short: tuple[Step, ...]
    blocked_by: tuple[str, ...] = ()


def to_next_grade(card: Scorecard, result: Result) -> Path | None:
    """Return the path of an evaluation; None where there are no points to gain."""
    if result.score is None:
        return None
    if result.outcome == Outcome.DECLINED:
        return Path(None, None, 0, (), (), blocked_by=result.declined_by)
    target = _next_grade(card, result.score)
    if target is None:
        return Path(result.grade, None, 0, (), ())
    needed = target.low - result.score
    steps = [step for each in result.contributions for step in _steps(card, result, each, needed)]
    steps.sort(key=_easiest)
    return Path(
        grade=result.grade,
        next_grade=target.grade,
        needed=needed,
        steps=tuple(step for step in steps if step.reaches),
        short=tuple(
            sorted((step for step in steps if not step.reaches), key=lambda step: -step.gain)
        ),
    )


def _easiest(step: Step) -> tuple[int, int]:
    """What is achieved goes by the size of the step, what is merely confirmed by the gain."""
    achieved = step.kind in (StepKind.ACHIEVE, StepKind.WAIT)
    size = step.points - step.points_now if achieved else -step.gain
    return _ORDER.index(step.kind), size


def _next_grade(card: Scorecard, score: int) -> Grade | None:
    better = [grade for grade in card.grades if grade.low > score]
    return min(better, key=lambda grade: grade.low, default=None)


def _steps(card: Scorecard, result: Result, each: Contribution, needed: int) -> list[Step]:
    """Return the least step that suffices, or the best that there is; none if none helps."""
    if each.basis == Basis.SPECIAL:
        return []
    goals = sorted(
        (
            goal
            for goal in each.characteristic.bins
            if goal.points > each.points
            and not (goal.values and NOT_A_GOAL.issuperset(goal.values))
        ),
        key=lambda goal: goal.points,
    )
    steps = [_step(card, result, each, goal, needed) for goal in goals]
    enough = [step for step in steps if step.reaches]
    return enough[:1] or [step for step in steps[-1:] if step.points > step.points_now]


def _step(card: Scorecard, result: Result, each: Contribution, goal: Bin, needed: int) -> Step:
    gained = gain(card, result, each, goal.points)
    return Step(
        characteristic=each.code,
        category=each.characteristic.category,
        zh=each.characteristic.zh,
        en=each.characteristic.en,
        kind=_kind(each),
        goal=goal,
        points_now=each.points,
        points=goal.points,
        gain=gained,
        reaches=gained >= needed,
    )


def _kind(each: Contribution) -> StepKind:
    if each.characteristic.derived == "age_years":
        return StepKind.WAIT
    if each.basis != Basis.MISSING:
        return StepKind.ACHIEVE
    state = each.fact.state
    return StepKind.CONSENT if state == FactState.NOT_AUTHORISED else StepKind.CONFIRM
