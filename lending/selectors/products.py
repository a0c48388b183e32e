"""All questions about products and who may approve what."""

from datetime import date
from uuid import UUID

from django.db import models

from lending import permissions
from lending.domain.authorities import Authority
from lending.domain.lifecycle import ProductStatus
from lending.models import AuthorityLimit, LoanProduct
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


def get(product_id: UUID, *, actor: Actor) -> LoanProduct:
    """
    :raises NoSuchRecord: if the actor's organization has no such product.
    """
    actor.require(permissions.VIEW_PRODUCT)
    return one(LoanProduct.objects.all(), pk=product_id)


def list_for(*, actor: Actor) -> models.QuerySet[LoanProduct]:
    """Return the products that the actor may see; order and page as needed."""
    actor.require(permissions.VIEW_PRODUCT)
    return LoanProduct.objects.all()


def on_sale(*, actor: Actor) -> models.QuerySet[LoanProduct]:
    """Return the products that the actor's bank takes applications for, by code."""
    actor.require(permissions.VIEW_PRODUCT)
    published = ProductStatus.PUBLISHED.value
    own = LoanProduct.objects.filter(owner=actor.organization_id, status=published)
    return own.order_by("code")


def limits(*, actor: Actor, on: date) -> list[AuthorityLimit]:
    """Return the set of authority limits in force on a day, smallest first."""
    actor.require(permissions.VIEW_PRODUCT)
    known = AuthorityLimit.objects.filter(owner=actor.organization_id, effective_from__lte=on)
    newest = known.aggregate(day=models.Max("effective_from"))["day"]
    return list(known.filter(effective_from=newest).order_by("up_to", "role"))


def limits_to_come(*, actor: Actor, on: date) -> list[AuthorityLimit]:
    """Return the limits that are set from days after `on`, by day, smallest first."""
    actor.require(permissions.VIEW_PRODUCT)
    later = AuthorityLimit.objects.filter(owner=actor.organization_id, effective_from__gt=on)
    return list(later.order_by("effective_from", "up_to", "role"))


def authorities(*, actor: Actor, on: date) -> list[Authority]:
    """Return the limits in force on a day as the domain reads them."""
    return [
        Authority(
            role=limit.role,
            up_to=limit.up_to,
            grades=tuple(limit.grades),
            conditions=limit.conditions,
            votes_required=limit.votes_required,
            votes_of=limit.votes_of,
        )
        for limit in limits(actor=actor, on=on)
    ]
