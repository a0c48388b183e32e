"""
What an answer to a reader's question has to be, and how a question comes to its end.

Apart from the questions themselves, because the release of a change comes here, and the
answer to a question prepares such changes.
"""

from collections.abc import Mapping
from datetime import datetime

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Invalid
from qfce.kernel.tenancy.actors import Actor
from sharing.domain.refresh_requests import REFRESH_REQUEST, AnswerKind, ItemAnswer
from sharing.models import RecordChange, RefreshRequest


class AnswersUnfit(Invalid):
    code = "sharing.refresh.answers"
    title = "The answers do not fit what was asked."


def settle(change: RecordChange, *, actor: Actor, at: datetime) -> None:
    """
    Answer the question that a change was prepared for, now that it is released.

    If it was dropped instead, the question stands again. Most changes belong to no question.
    """
    waiting = RefreshRequest.objects.select_for_update(of=("self",))
    asked = waiting.filter(prepared_change=change.pk, status="prepared").first()
    if asked is None:
        return
    if change.publication is None:
        asked.status = REFRESH_REQUEST.target("reopen", state=asked.status).value
        asked.prepared_change, asked.answers = None, {}
        asked.save(update_fields=["status", "prepared_change", "answers"])
        audit.record("sharing.refresh.reopened", asked, actor=actor, at=at, uscc=asked.uscc)
        return
    asked.publication_number = change.publication.number
    close(asked, action="answer", actor=actor, at=at)
    audit.record("sharing.refresh.answered", asked, actor=actor, at=at, uscc=asked.uscc)


def close(asked: RefreshRequest, *, action: str, actor: Actor, at: datetime) -> None:
    """
    Bring a question to its end, and save it.

    :raises IllegalTransition: if it is over already.
    """
    asked.status = REFRESH_REQUEST.target(action, state=asked.status).value
    asked.closed_at, asked.closed_by_id = at, actor.account_id
    asked.save()


def check_complete(asked: RefreshRequest, answers: Mapping[str, ItemAnswer]) -> None:
    """
    :raises AnswersUnfit: if an item has no answer, one that nobody asked for, or no reason.
    """
    errors = [
        {"pointer": f"/answers/{code}", "detail": "Not answered."}
        for code in asked.items
        if code not in answers
    ]
    errors += [
        {"pointer": f"/answers/{code}", "detail": "Nobody asked."}
        for code in answers
        if code not in asked.items
    ]
    errors += [
        {"pointer": f"/answers/{code}/reason", "detail": "Say why it cannot be said."}
        for code, each in answers.items()
        if each.kind is AnswerKind.UNKNOWN and not each.reason.strip()
    ]
    if all(each.kind is AnswerKind.UNKNOWN for each in answers.values()):
        errors.append({"pointer": "/answers", "detail": "Decline the question instead."})
    if errors:
        raise AnswersUnfit(
            f"{len(errors)} of the answers are missing or do not fit.",
            hint="Answer each item that was asked about; decline if nothing can be said.",
            errors=errors,
        )
