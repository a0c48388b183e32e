"""The life of a warning signal and of the case that people open on it."""

from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle


class Level(StrEnum):
    """How urgent a signal is, the most urgent first (domain: red, orange, yellow, blue)."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def one_lower(self) -> "Level":
        """The next less urgent level; blue stays blue."""
        levels = list(Level)
        return levels[min(levels.index(self) + 1, len(levels) - 1)]


class SignalSource(StrEnum):
    FACTOR = "factor"
    REGISTER = "register"
    SERVICING = "servicing"
    USE_OF_FUNDS = "use_of_funds"
    BANK = "bank"
    GRAPH = "graph"
    PLATFORM = "platform"
    COMBINATION = "combination"


class SignalStatus(StrEnum):
    RAISED = "raised"  # nobody has it yet
    CLAIMED = "claimed"  # an officer has it
    CHECKED = "checked"  # the officer has looked into it
    ACTING = "acting"  # something is being done about it
    ANSWERED = "answered"  # the result has been reported
    RELEASED = "released"  # its condition ended, or people said so
    CLOSED = "closed"  # answered and reviewed, or a false alarm with its reason
    UPGRADED = "upgraded"  # a more urgent signal on the same matter took its place
    WITHDRAWN = "withdrawn"  # the record behind it vanished


S = SignalStatus

OPEN_SIGNALS = frozenset({S.RAISED, S.CLAIMED, S.CHECKED, S.ACTING, S.ANSWERED})

SIGNAL = Lifecycle(
    initial=S.RAISED,
    transitions={
        "claim": (frozenset({S.RAISED}), S.CLAIMED),
        "check": (frozenset({S.CLAIMED}), S.CHECKED),
        "act": (frozenset({S.CLAIMED, S.CHECKED, S.ACTING}), S.ACTING),
        "answer": (frozenset({S.CLAIMED, S.CHECKED, S.ACTING}), S.ANSWERED),
        "release": (OPEN_SIGNALS, S.RELEASED),
        "close": (frozenset({S.ANSWERED}), S.CLOSED),
        "dismiss": (frozenset({S.CLAIMED, S.CHECKED, S.ACTING, S.ANSWERED}), S.CLOSED),
        "upgrade": (OPEN_SIGNALS, S.UPGRADED),
        # From any state: a record that was repaired leaves no trace in what is over, either.
        "withdraw": (frozenset(S) - {S.WITHDRAWN}, S.WITHDRAWN),
    },
)


class LineKind(StrEnum):
    """What a line of a signal's history tells."""

    FACT = "fact"
    REPEATED = "repeated"  # the same fact, delivered again
    DISPUTED = "disputed"
    UNDISPUTED = "undisputed"
    CLAIMED = "claimed"
    CHECKED = "checked"
    ACTED = "acted"
    ANSWERED = "answered"
    NOTE = "note"
    CONDITION_MET = "condition_met"
    RELEASE_PROPOSED = "release_proposed"
    RELEASED = "released"
    CLOSED = "closed"
    UPGRADED = "upgraded"
    WITHDRAWN = "withdrawn"


class CaseStatus(StrEnum):
    OPEN = "open"
    ACTING = "acting"
    ANSWERED = "answered"
    CLOSED = "closed"


C = CaseStatus

OPEN_CASES = frozenset({C.OPEN, C.ACTING, C.ANSWERED})

CASE = Lifecycle(
    initial=C.OPEN,
    transitions={
        "act": (frozenset({C.OPEN, C.ACTING, C.ANSWERED}), C.ACTING),
        "answer": (frozenset({C.OPEN, C.ACTING}), C.ANSWERED),
        "close": (frozenset({C.OPEN, C.ACTING, C.ANSWERED}), C.CLOSED),
    },
)


class CaseActionKind(StrEnum):
    """What a bank does about a case; the names are those of post-loan management."""

    WATCH = "watch"
    EXTRA_CHECK = "extra_check"
    ASK_BUREAU = "ask_bureau"
    LIMIT_CUT = "limit_cut"
    FREEZE_UNDRAWN = "freeze_undrawn"
    LIFT_FREEZE = "lift_freeze"
    EARLY_RECALL = "early_recall"
    COLLATERAL = "collateral"
    COLLECTION = "collection"
    ANSWER = "answer"
    NOTE = "note"


class ReleaseCause(StrEnum):
    CONDITION = "condition"  # what the rule waits for has come about
    PERSON = "person"  # an officer decided so, with a reason
    TWO_PEOPLE = "two_people"  # the only way out of red
