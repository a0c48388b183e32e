"""Writing down what was done, in the transaction that does it: both or neither."""

from datetime import datetime
from typing import Any

from django.db import models

from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy.actors import Actor

Target = models.Model | tuple[str, str]


def record(action: str, target: Target, *, actor: Actor, at: datetime, **detail: Any) -> AuditEvent:
    """
    Write down one action.

    :param action: `app.thing.past_participle`.
    :param target: the row acted on, or a (type, id) pair where there is none.
    :param detail: JSON values; amounts and dates as strings; never a secret.
    """
    kind, identifier = (
        target if isinstance(target, tuple) else (target._meta.label_lower, str(target.pk))
    )
    facts = {name: _plain(value) for name, value in detail.items()}
    return AuditEvent.objects.create(
        owner_id=actor.organization_id,
        action=action,
        target_type=kind,
        target_id=identifier,
        actor_id=actor.user_id,
        actor_name=actor.name,
        client_id=actor.client_id,
        channel=actor.channel,
        occurred_at=at,
        detail=facts,
    )


def _plain(value: Any) -> Any:
    """Return a JSON value: whatever JSON has no form for is kept as its text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(member) for member in value]
    return str(value)
