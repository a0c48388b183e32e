"""
The same request twice has one effect and one answer.

The answer is stored in the transaction of the effect, so neither exists without the other.
While a request with a key is at work, an advisory lock says so, and dies with it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response

from qfce.kernel.api.models import StoredAnswer
from qfce.kernel.canonical import canonical
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.problems import BodyMismatch
from qfce.kernel.tenancy.actors import Actor

KEPT = timedelta(hours=24)
LONGEST_KEY = LONGEST_ROUTE = 200


class StillRunning(Conflict):
    code = "idempotency.running"
    title = "A request with this idempotency key is still running."


class BadKey(Invalid):
    code = "idempotency.key"
    title = "The idempotency key is not usable."


@dataclass(frozen=True, slots=True)
class Ticket:
    """One keyed request: whose, where, and what was asked."""

    actor: Actor
    route: str
    key: str
    digest: str

    @property
    def caller(self) -> str:
        return self.actor.client_id or str(self.actor.user_id)


def ticket_of(request: Request, actor: Actor) -> Ticket | None:
    """
    Return the ticket of a POST with an Idempotency-Key; None for any other request.

    :raises BadKey: if the key is empty, too long, or not printable.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or request.method != "POST":
        return None
    if not key.strip() or len(key) > LONGEST_KEY or not key.isprintable():
        raise BadKey(f"An idempotency key is 1 to {LONGEST_KEY} printable characters.")
    return Ticket(actor, _route(request.path), key, _digest(request))


def _route(path: str) -> str:
    """Return a path as the column keeps it: a longer one by what tells it from all others."""
    if len(path) <= LONGEST_ROUTE:
        return path
    return "sha256:" + hashlib.sha256(path.encode("utf-8", "replace")).hexdigest()


def begin(ticket: Ticket, *, at: datetime) -> StoredAnswer | None:
    """
    Take the key for this transaction; return the answer if the request was answered before.

    :raises StillRunning: if another request with the key has not ended yet.
    :raises BodyMismatch: if the key came with another body before.
    """
    _lock("pg_try_advisory_xact_lock", ticket)
    rows = StoredAnswer.objects.filter(
        owner_id=ticket.actor.organization_id,
        caller=ticket.caller,
        route=ticket.route,
        key=ticket.key,
    )
    rows.filter(stored_at__lt=at - KEPT).delete()
    stored = rows.first()
    if stored is not None and stored.request_digest != ticket.digest:
        raise BodyMismatch(
            "This idempotency key came with another body before.",
            hint="Use a new key for a new request.",
        )
    return stored


@contextmanager
def held(ticket: Ticket) -> Iterator[None]:
    """
    Hold the key for a block with several transactions of its own; `begin` and `keep` in it.

    :raises StillRunning: if another request with the key has not ended yet.
    """
    _lock("pg_try_advisory_lock", ticket)
    try:
        yield
    finally:
        _lock("pg_advisory_unlock", ticket)


def _lock(function: str, ticket: Ticket) -> None:
    name = "|".join((str(ticket.actor.organization_id), ticket.caller, ticket.route, ticket.key))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 7))", [name])
        if not cursor.fetchone()[0]:
            raise StillRunning(
                "The first request with this key has not ended.", hint="Ask again in a second."
            )


def keep(ticket: Ticket, response: Response, *, at: datetime) -> None:
    """Store an answer in the present transaction; a fault of ours is never stored."""
    if response.status_code >= 500:
        return
    StoredAnswer.objects.get_or_create(
        owner_id=ticket.actor.organization_id,
        caller=ticket.caller,
        route=ticket.route,
        key=ticket.key,
        defaults={
            "request_digest": ticket.digest,
            "status": response.status_code,
            "content_type": response.content_type or "application/json",
            "body": canonical_body(response),
            "headers": {n: v for n, v in response.items() if n in {"Location", "Retry-After"}},
            "stored_at": at,
        },
    )


def canonical_body(response: Response) -> bytes:
    from qfce.kernel.api.rendering import JSONRenderer

    return JSONRenderer().render(response.data)


def _digest(request: Request) -> str:
    """Digest the body as parsed; an uploaded file counts by its content."""
    hasher = hashlib.sha256()
    data: Any = request.data
    if hasattr(data, "lists"):
        fields = {
            name: [str(v) for v in values]
            for name, values in data.lists()
            if name not in request.FILES
        }
        hasher.update(canonical(fields))
        for name in sorted(request.FILES):
            for file in request.FILES.getlist(name):
                hasher.update(f"\0{name}\0{file.name}\0".encode())
                for chunk in file.chunks():
                    hasher.update(chunk)
                file.seek(0)
    elif isinstance(data, bytes):
        hasher.update(data)
    else:
        hasher.update(canonical(data))
    return hasher.hexdigest()
