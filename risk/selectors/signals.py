"""Questions about signals."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.domain.lifecycle import OPEN_SIGNALS
from risk.models import Signal


@dataclass(frozen=True, slots=True)
class SignalFilter:
    """What a list of signals is narrowed to; None leaves a member out of account."""

    uscc: str | None = None
    level: str | None = None
    status: str | None = None
    rule: str | None = None
    is_open: bool | None = None
    claimed_by: UUID | None = None
    overdue_on: date | None = None


def get(signal_id: UUID, *, actor: Actor) -> Signal:
    """
    :raises NoSuchRecord: if the actor's organization has no such signal.
    """
    actor.require(permissions.VIEW_SIGNAL)
    return one(Signal.objects.prefetch_related("occurrences"), pk=signal_id)


def matching(wanted: SignalFilter, *, actor: Actor) -> QuerySet[Signal]:
    """Return the signals of the actor's organization and below, to be ordered by the caller."""
    actor.require(permissions.VIEW_SIGNAL)
    rows = Signal.objects.all()
    exact = {
        name: getattr(wanted, name)
        for name in ("uscc", "level", "status", "rule")
        if getattr(wanted, name) is not None
    }
    rows = rows.filter(**exact)
    if wanted.rule is not None:
        # A withdrawn signal no longer says what it was about, to a filter either.
        rows = rows.filter(withdrawn_at__isnull=True)
    open_states = [status.value for status in OPEN_SIGNALS]
    if wanted.is_open is not None:
        rows = (
            rows.filter(status__in=open_states)
            if wanted.is_open
            else rows.exclude(status__in=open_states)
        )
    if wanted.claimed_by is not None:
        rows = rows.filter(claimed_by_id=wanted.claimed_by)
    if wanted.overdue_on is not None:
        late = rows.filter(status="raised", claim_due_on__lt=wanted.overdue_on)
        unanswered = rows.filter(
            status__in=set(open_states) - {"answered"}, answer_due_on__lt=wanted.overdue_on
        )
        rows = late | unanswered
    return rows


def of_enterprise(uscc: str, *, actor: Actor) -> list[Signal]:
    """Return an enterprise's signals with their history, the newest first."""
    actor.require(permissions.VIEW_SIGNAL)
    rows = Signal.objects.filter(uscc=uscc).prefetch_related("occurrences")
    return list(rows.order_by("-raised_at", "-pk"))
