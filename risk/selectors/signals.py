"""Questions about signals."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, Case, CharField, Count, Q, QuerySet, Value, When

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.domain.lifecycle import OPEN_SIGNALS, SIGNAL, Level, SignalStatus
from risk.models import Signal

OPEN = [status.value for status in OPEN_SIGNALS]
UNANSWERED = [status for status in OPEN if status != SignalStatus.ANSWERED]
PEOPLES = ("check", "answer", "close", "release", "dismiss")


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
    people = ("claimed_by", "answered_by", "release_proposed_by", "released_by", "closed_by")
    rows = Signal.objects.select_related("case", *people).prefetch_related("occurrences")
    return one(rows, pk=signal_id)


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
    if wanted.is_open is not None:
        rows = rows.filter(status__in=OPEN) if wanted.is_open else rows.exclude(status__in=OPEN)
    if wanted.claimed_by is not None:
        rows = rows.filter(claimed_by_id=wanted.claimed_by)
    if wanted.overdue_on is not None:
        rows = rows.filter(_overdue(wanted.overdue_on))
    return rows


def of_enterprise(uscc: str, *, actor: Actor) -> list[Signal]:
    """Return an enterprise's signals with their history, the newest first."""
    actor.require(permissions.VIEW_SIGNAL)
    rows = Signal.objects.filter(uscc=uscc).prefetch_related("occurrences")
    return list(rows.order_by("-raised_at", "-pk"))


def queue(*, actor: Actor, on: date) -> QuerySet[Signal]:
    """
    Return all signals, ready to be narrowed and ordered as a queue.

    Annotated with `level_rank` (0 is red), `is_over`, `deadline` (overdue, today, in_time,
    answered or over, on that business day) and `holder` (mine, others or nobody).
    """
    actor.require(permissions.VIEW_SIGNAL)
    ranks = [When(level=level.value, then=Value(rank)) for rank, level in enumerate(Level)]
    return Signal.objects.select_related("claimed_by", "case").annotate(
        level_rank=Case(*ranks),
        is_over=Case(
            When(status__in=OPEN, then=Value(False)),
            default=Value(True),
            output_field=BooleanField(),
        ),
        deadline=Case(
            When(_overdue(on), then=Value("overdue")),
            When(_due_on(on), then=Value("today")),
            When(status=SignalStatus.ANSWERED.value, then=Value("answered")),
            When(status__in=OPEN, then=Value("in_time")),
            default=Value("over"),
            output_field=CharField(),
        ),
        holder=Case(
            When(claimed_by__isnull=True, then=Value("nobody")),
            When(claimed_by_id=actor.user_id, then=Value("mine")),
            default=Value("others"),
            output_field=CharField(),
        ),
    )


def counts(*, actor: Actor, on: date) -> dict[str, int]:
    """
    Count the open signals in one query.

    By level, and under `open`, `overdue`, `today`, `unclaimed`, `mine`, `to_review` (answered,
    and not by the actor) and `to_agree` (red, proposed for release by somebody else).
    """
    actor.require(permissions.VIEW_SIGNAL)
    asked = {level.value: Q(level=level.value) for level in Level}
    asked |= {
        "open": Q(),
        "overdue": _overdue(on),
        "today": _due_on(on),
        "unclaimed": Q(status=SignalStatus.RAISED.value),
        "mine": Q(claimed_by_id=actor.user_id, status__in=UNANSWERED),
        "to_review": Q(status=SignalStatus.ANSWERED.value) & ~Q(answered_by_id=actor.user_id),
        "to_agree": Q(release_proposed_by__isnull=False) & ~Q(release_proposed_by_id=actor.user_id),
    }
    counted = {name: Count("pk", filter=wanted) for name, wanted in asked.items()}
    return Signal.objects.filter(status__in=OPEN).aggregate(**counted)


def steps_from(signal: Signal) -> tuple[str, ...]:
    """Return what people may do about a signal in its state, a note among it while it is open."""
    possible = SIGNAL.actions_from(signal.status)
    steps = tuple(step for step in PEOPLES if step in possible)
    return (*steps, "note") if signal.is_open else steps


def built_from(signal: Signal, *, actor: Actor) -> list[Signal]:
    """Return the signals that a combination names, the oldest first."""
    actor.require(permissions.VIEW_SIGNAL)
    if not signal.built_from:
        return []
    return list(Signal.objects.filter(pk__in=signal.built_from).order_by("raised_at", "pk"))


def _overdue(on: date) -> Q:
    late = Q(status=SignalStatus.RAISED.value, claim_due_on__lt=on)
    return late | Q(status__in=UNANSWERED, answer_due_on__lt=on)


def _due_on(on: date) -> Q:
    due = Q(status=SignalStatus.RAISED.value, claim_due_on=on)
    return due | Q(status__in=UNANSWERED, answer_due_on=on)
