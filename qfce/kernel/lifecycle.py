"""Life cycles as tables: which actions lead from which states to which."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from qfce.kernel.errors import Conflict

S = TypeVar("S", bound=StrEnum)


class IllegalTransition(Conflict):
    code = "lifecycle.illegal_transition"
    title = "The action does not start from the present state."


class Lifecycle(Generic[S]):
    """
    Which actions lead from which states to which.

    `transitions` maps an action to (the states it may start from, the state it ends in).
    A table that leaves a state unreachable does not construct.

    >>> class Door(StrEnum):
    ...     OPEN = "open"
    ...     SHUT = "shut"
    >>> door = Lifecycle(
    ...     initial=Door.OPEN,
    ...     transitions={
    ...         "close": (frozenset({Door.OPEN}), Door.SHUT),
    ...         "open": (frozenset({Door.SHUT}), Door.OPEN),
    ...     },
    ... )
    >>> door.target("close", state="open")
    <Door.SHUT: 'shut'>
    """

    def __init__(self, *, initial: S, transitions: Mapping[str, tuple[frozenset[S], S]]) -> None:
        self.states = type(initial)
        self.initial = initial
        self.transitions = transitions

        reachable = {initial} | {target for _, target in transitions.values()}
        unreachable = set(self.states) - reachable
        if unreachable:
            raise ValueError(f"No transition leads to {sorted(unreachable)}.")

    @property
    def final(self) -> frozenset[S]:
        """The states that nothing leads out of."""
        left = {source for sources, _ in self.transitions.values() for source in sources}
        return frozenset(set(self.states) - left)

    def actions_from(self, state: str) -> frozenset[str]:
        return frozenset(a for a, (sources, _) in self.transitions.items() if state in sources)

    def target(self, action: str, *, state: str) -> S:
        """
        Return the state that `action` leads to from `state`.

        :raises IllegalTransition: if the action does not start from that state.
        """
        sources, target = self.transitions[action]
        if state not in sources:
            raise IllegalTransition(
                f"Cannot {action.replace('_', ' ')} while {state.replace('_', ' ')}.",
                hint=f"Possible now: {', '.join(sorted(self.actions_from(state))) or 'nothing'}.",
                state=str(state),
                action=action,
            )
        return target

    def as_mermaid(self) -> str:
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for action, (sources, target) in self.transitions.items():
            lines += [f"    {source} --> {target}: {action}" for source in sorted(sources)]
        lines += [f"    {state} --> [*]" for state in sorted(self.final)]
        return "\n".join(lines)
