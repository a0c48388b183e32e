"""Who may see and handle signals and cases: the actor and the object, never its state."""

from uuid import UUID

from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.actors import Actor
from risk.models import CaseAction, Signal

VIEW_SIGNAL = "risk.signal.view"
HANDLE_SIGNAL = "risk.signal.handle"
VIEW_CASE = "risk.case.view"
WRITE_CASE = "risk.case.write"
FREEZE = "risk.exposure.freeze"


class NotClaimedByYou(NotPermitted):
    code = "risk.signal.not_claimed_by_you"
    title = "Another officer holds this signal."


class SecondPersonNeeded(NotPermitted):
    code = "risk.second_person_needed"
    title = "A second person has to agree."


def person(actor: Actor) -> UUID:
    """
    Return who decides; a task of the platform decides nothing.

    :raises SecondPersonNeeded: if there is no person behind the actor.
    """
    if actor.user_id is None:
        raise SecondPersonNeeded("A person has to decide this.", hint="Sign in and decide it.")
    return actor.user_id


def check_holds(actor: Actor, signal: Signal) -> None:
    """
    The officer who claimed a signal checks, answers and dismisses it.

    :raises MissingPermission: if the actor's role handles no signals.
    :raises NotClaimedByYou: if another officer holds it.
    """
    actor.require(HANDLE_SIGNAL)
    if signal.claimed_by_id is not None and signal.claimed_by_id != actor.user_id:
        raise NotClaimedByYou(
            f"{signal.rule} was claimed by another officer.",
            hint="Leave a note for that officer, or have the answer reviewed by you.",
        )


def check_reviews(actor: Actor, signal: Signal) -> None:
    """
    Whoever answered a signal has it reviewed and closed by somebody else.

    :raises SecondPersonNeeded: if the actor gave the answer.
    """
    actor.require(HANDLE_SIGNAL)
    if signal.answered_by_id == person(actor):
        raise SecondPersonNeeded(
            "You answered this signal, so somebody else has to review and close it.",
            hint="Ask another risk manager.",
        )


def check_agrees(actor: Actor, signal: Signal) -> None:
    """
    The second of the two people who release a red signal is not the first.

    :raises SecondPersonNeeded: if the actor proposed the release.
    """
    if signal.release_proposed_by_id == person(actor):
        raise SecondPersonNeeded(
            "You proposed this release, and red signals are released by two people.",
            hint="Ask another risk manager to agree.",
        )


def check_confirms(actor: Actor, action: CaseAction) -> None:
    """
    What takes two people is confirmed by another one than proposed it.

    :raises SecondPersonNeeded: if the actor proposed the action.
    """
    actor.require(WRITE_CASE)
    if action.by_id == person(actor):
        raise SecondPersonNeeded(
            "You proposed this step, so somebody else has to confirm it.",
            hint="Ask another risk manager.",
        )
