"""The parts of an explanation as a page shows them, all in the reader's words."""

from dataclasses import dataclass

from evaluation.models import Evaluation


@dataclass(frozen=True, slots=True)
class ShownSource:
    """One value behind a characteristic: what it is, whether it counts, where it is from."""

    code: str
    name: str
    value: str
    state: str
    tone: str
    is_struck: bool
    is_flagged: bool
    source: str
    valid_to: str
    recorded: str
    basis: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    code: str
    name: str
    bin: str
    points: int
    best: int
    lost: int
    why: str
    sources: tuple[ShownSource, ...]

    @property
    def tone(self) -> str:
        if self.points >= self.best:
            return "good"
        return "bad" if self.points == 0 else "warn"


@dataclass(frozen=True, slots=True)
class ShownCategory:
    name: str
    points: int
    cap: int
    before_cap: int
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class ShownGate:
    code: str
    name: str
    when: str
    outcome: str
    tone: str
    exception: str
    evidence: str
    why: str


@dataclass(frozen=True, slots=True)
class ShownStep:
    icon: str
    kind: str
    name: str
    goal: str
    gain: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class ShownMissing:
    code: str
    name: str
    state: str
    state_code: str
    tone: str
    remedy: str

    @property
    def may_be_asked(self) -> bool:
        """Whether the bureau could say more: it may be seen, and is not there or too old."""
        return self.state_code in {"no_data", "lapsed", "expired"}


@dataclass(frozen=True, slots=True)
class Told:
    """One evaluation of a history, with what it changed."""

    evaluation: Evaluation
    change: str
    tone: str
    icon: str
    cause: str
