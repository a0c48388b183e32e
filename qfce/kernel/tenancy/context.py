"""
The one piece of ambient state: which organisation PostgreSQL shows rows to.

It lasts for the current transaction and no longer, so a pooled connection can never carry
one tenant's view into another's request. Without it, tenant tables look empty.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from qfce.kernel.tenancy.actors import Actor

SETTINGS = ("qfce.organization_id", "qfce.user_id", "qfce.client_id", "qfce.channel")
Bound = tuple[str, str, str, str]


def bind(
    organization_id: UUID,
    *,
    user_id: UUID | None = None,
    client_id: str | None = None,
    channel: str = "task",
) -> None:
    """Show this organisation's rows until the current transaction ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("A tenant can only be bound inside a transaction.")
    _set((str(organization_id), str(user_id or ""), client_id or "", channel))


def bind_actor(actor: Actor) -> None:
    """Bind the actor's organisation, and for the read log the person or program."""
    bind(
        actor.organization_id,
        user_id=actor.user_id,
        client_id=actor.client_id,
        channel=actor.channel,
    )


@contextmanager
def acting_as(
    organization_id: UUID, *, user_id: UUID | None = None, channel: str = "task"
) -> Iterator[None]:
    """
    Run a block in its own transaction, seeing this organisation's rows.

    For workers, commands and tests. Blocks nest; leaving one restores the one outside.
    """
    with transaction.atomic():
        outside = _get()
        _set((str(organization_id), str(user_id or ""), "", channel))
        yield
        # Not in a `finally`: on an exception, rolling back undoes the settings as well.
        _set(outside)


def _get() -> Bound:
    columns = ", ".join("coalesce(current_setting(%s, true), '')" for _ in SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", SETTINGS)
        bound: Bound = cursor.fetchone()
    return bound


def _set(values: Bound) -> None:
    calls = ", ".join("set_config(%s, %s, true)" for _ in SETTINGS)
    arguments = [part for pair in zip(SETTINGS, values, strict=True) for part in pair]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", arguments)
