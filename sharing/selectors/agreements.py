"""All questions about agreements and recalls that an actor is party to."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from factors.selectors import factor_lists
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization
from sharing import permissions
from sharing.domain.agreements import CompiledTerms, compile_terms
from sharing.models import Agreement, Recall

NOT_BY_AGREEMENT = ("market_regulator", "enterprise", "operator")


def get(agreement_id: UUID, *, actor: Actor) -> Agreement:
    """
    :raises NoSuchRecord: if the actor's organisation is party to no such agreement.
    """
    actor.require(permissions.VIEW_AGREEMENT)
    return one(Agreement.objects.select_related("owner", "recipient"), pk=agreement_id)


def list_for(*, actor: Actor, status: str | None = None) -> QuerySet[Agreement]:
    """Return the agreements that the actor's organisation is party to."""
    actor.require(permissions.VIEW_AGREEMENT)
    found = Agreement.objects.select_related("owner", "recipient")
    return found.filter(status=status) if status else found


def recipients(*, actor: Actor) -> QuerySet[Organization]:
    """Return the organizations that anything can be shared with, by kind and name."""
    actor.require(permissions.VIEW_AGREEMENT)
    found = Organization.objects.filter(is_active=True).exclude(kind__in=NOT_BY_AGREEMENT)
    return found.order_by("kind", "short_name")


def preview(agreement: Agreement, *, on: date) -> CompiledTerms:
    """Return the compiled terms, or for a draft what they would be on a day."""
    if agreement.activated_at is not None:
        return CompiledTerms(
            tuple(agreement.items),
            tuple(agreement.consent_items),
            tuple(agreement.withheld_items),
        )
    return compile_terms(factor_lists.in_force(agreement.factor_list, on), agreement.categories)


def recalls(*, actor: Actor) -> QuerySet[Recall]:
    """Return the recalls that the actor's organisation issued or received."""
    actor.require(permissions.READ_FEED)
    return Recall.objects.all()
