"""All questions about applications: which there are, who waits, who may decide."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q

from lending import permissions, policies
from lending.domain.authorities import Answer, answer
from lending.domain.lifecycle import ApplicationStatus
from lending.models import LoanApplication
from lending.models.applications import LoanApplicationQuerySet
from lending.selectors import products
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One line of the credit officer's queue, ready to be shown."""

    application_id: UUID
    uscc: str
    requested_principal: Decimal
    grade: str | None
    status: str
    waiting_days: int
    held_by: str


@dataclass(frozen=True, slots=True)
class DecisionRights:
    """Who may approve an application at an amount, and why this actor may or may not."""

    amount: Decimal
    grade: str | None
    largest_amount: Decimal
    bound_by: str
    answer: Answer
    may: bool
    reasons: tuple[str, ...]


def get(application_id: UUID, *, actor: Actor) -> LoanApplication:
    """
    :raises NoSuchRecord: if the actor's organization has no such application.
    """
    actor.require(permissions.VIEW)
    return one(_with_product(), pk=application_id)


def list_for(*, actor: Actor, status: str = "", uscc: str = "") -> LoanApplicationQuerySet:
    """Return the applications that the actor may see, narrowed; order and page as needed."""
    actor.require(permissions.VIEW)
    wanted = {"status": status, "uscc": uscc}
    return _with_product().filter(**{name: value for name, value in wanted.items() if value})


def counts(*, actor: Actor) -> dict[str, int]:
    """Count the applications that the actor may see by state; one query."""
    actor.require(permissions.VIEW)
    found = LoanApplication.objects.values_list("status").annotate(number=Count("pk"))
    return dict(found.order_by())


def waiting_for(*, actor: Actor) -> dict[str, int]:
    """Count what waits at the actor's organization by what it waits for; one query."""
    actor.require(permissions.VIEW)
    reviewed = Q(status=ApplicationStatus.UNDER_REVIEW.value)
    own = Q(reviewed_by=actor.user_id)
    approved = Q(status=ApplicationStatus.APPROVED.value, contract__isnull=True)
    return LoanApplication.objects.filter(owner=actor.organization_id).aggregate(
        submitted=Count("pk", filter=Q(status=ApplicationStatus.SUBMITTED.value)),
        held=Count("pk", filter=reviewed & own),
        others=Count("pk", filter=reviewed & ~own),
        returned=Count("pk", filter=Q(status=ApplicationStatus.RETURNED.value)),
        draft=Count("pk", filter=Q(status=ApplicationStatus.DRAFT.value)),
        unsigned=Count("pk", filter=approved),
    )


def queue(*, actor: Actor, at: datetime) -> list[QueueEntry]:
    """
    Return the applications awaiting a decision, longest wait first.

    One query, whatever the length of the queue.
    """
    actor.require(permissions.VIEW)
    waiting = (
        LoanApplication.objects.awaiting_decision()
        .select_related("reviewed_by")
        .order_by("submitted_at", "pk")
    )
    entries = []
    for row in waiting:
        assert row.submitted_at  # awaiting_decision() starts at submission
        entries.append(
            QueueEntry(
                application_id=row.pk,
                uscc=row.uscc,
                requested_principal=row.requested_principal,
                grade=(row.snapshot or {}).get("grade"),
                status=row.status,
                waiting_days=(at - row.submitted_at).days,
                held_by=str(row.reviewed_by or ""),
            )
        )
    return entries


def decision_rights(
    application: LoanApplication, *, actor: Actor, on: date, amount: Decimal | None = None
) -> DecisionRights:
    """
    Return who may approve an application, to the yuan, and why the actor may or may not.

    :param amount: what would be offered; without it, the largest amount that may be.
    """
    actor.require(permissions.VIEW)
    most = policies.largest(application)
    offered = most.amount if amount is None else amount
    grade = (application.snapshot or {}).get("grade")
    found = answer(products.authorities(actor=actor, on=on), actor.roles, offered, grade)
    reasons = []
    if not actor.may(permissions.DECIDE):
        reasons.append("Your role decides no applications.")
    own = permissions.not_second_person(actor, application)
    if own:
        reasons.append(own)
    if found.why_not:
        reasons.append(found.why_not)
    if offered > most.amount:
        reasons.append(
            f"At most {most.amount:,.2f} may be lent, set by {most.bound_by.replace('_', ' ')}."
        )
    return DecisionRights(
        amount=offered,
        grade=grade,
        largest_amount=most.amount,
        bound_by=most.bound_by,
        answer=found,
        may=not reasons,
        reasons=tuple(reasons),
    )


def _with_product() -> LoanApplicationQuerySet:
    return LoanApplication.objects.select_related("product", "reviewed_by", "contract")
