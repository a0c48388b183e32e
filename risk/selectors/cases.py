"""Questions about cases."""

from datetime import date
from uuid import UUID

from django.db.models import BooleanField, Case, CharField, Count, Q, QuerySet, Value, When

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.domain.lifecycle import OPEN_CASES, CaseStatus
from risk.models import RiskCase

OPEN = [status.value for status in OPEN_CASES]
UNANSWERED = [status for status in OPEN if status != CaseStatus.ANSWERED]


def get(case_id: UUID, *, actor: Actor) -> RiskCase:
    """
    :raises NoSuchRecord: if the actor's organization has no such case.
    """
    actor.require(permissions.VIEW_CASE)
    rows = RiskCase.objects.select_related("opened_by", "closed_by")
    return one(rows.prefetch_related("actions", "actions__confirmed_by", "signals"), pk=case_id)


def matching(
    *, uscc: str | None = None, status: str | None = None, actor: Actor
) -> QuerySet[RiskCase]:
    """Return the cases of the actor's organization and below, to be ordered by the caller."""
    actor.require(permissions.VIEW_CASE)
    rows = RiskCase.objects.prefetch_related("actions", "signals")
    if uscc is not None:
        rows = rows.filter(uscc=uscc)
    if status is not None:
        rows = rows.filter(status=status)
    return rows


def queue(*, actor: Actor, on: date) -> QuerySet[RiskCase]:
    """
    Return all cases, ready to be narrowed and ordered as a queue.

    Annotated with `is_over`, `waiting` (steps that wait for a second person) and `deadline`
    (overdue, today, in_time, answered or over, on that business day).
    """
    actor.require(permissions.VIEW_CASE)
    rows = RiskCase.objects.select_related("opened_by").prefetch_related("signals")
    return rows.annotate(
        waiting=Count("actions", filter=Q(actions__awaits_second=True)),
        is_over=Case(
            When(status__in=OPEN, then=Value(False)),
            default=Value(True),
            output_field=BooleanField(),
        ),
        deadline=Case(
            When(status__in=UNANSWERED, answer_due_on__lt=on, then=Value("overdue")),
            When(status__in=UNANSWERED, answer_due_on=on, then=Value("today")),
            When(status=CaseStatus.ANSWERED.value, then=Value("answered")),
            When(status__in=OPEN, then=Value("in_time")),
            default=Value("over"),
            output_field=CharField(),
        ),
    )


def counts(*, actor: Actor, on: date) -> dict[str, int]:
    """
    Count the open cases: `open`, `overdue`, `answered`, and `to_confirm` (a step waits for
    somebody else than whoever proposed it, and that may be the actor).
    """
    actor.require(permissions.VIEW_CASE)
    another = Q(actions__awaits_second=True) & ~Q(actions__by_id=actor.user_id)
    return RiskCase.objects.filter(status__in=OPEN).aggregate(
        open=Count("pk", distinct=True),
        overdue=Count("pk", filter=Q(status__in=UNANSWERED, answer_due_on__lt=on), distinct=True),
        answered=Count("pk", filter=Q(status=CaseStatus.ANSWERED.value), distinct=True),
        to_confirm=Count("pk", filter=another, distinct=True),
    )
