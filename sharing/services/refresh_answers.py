"""
What becomes of a reader's question when a second person decides about its answer.

Apart from the questions themselves, because the release of a change comes here, and the
answer to a question prepares such changes.
"""

from datetime import datetime

from qfce.kernel.audit import events as audit
from qfce.kernel.tenancy.actors import Actor
from sharing.domain.refresh_requests import REFRESH_REQUEST
from sharing.models import RecordChange, RefreshRequest


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
