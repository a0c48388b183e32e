"""Doubts about the register and mergers of codes, as the bureau that keeps them sees them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.duplicates import DuplicateReason
from sharing.models import DuplicateCandidate, Enterprise, EnterpriseMerge, FactorProfile

WORTH = Case(
    *(When(reason=reason.value, then=Value(place)) for place, reason in enumerate(DuplicateReason)),
    default=Value(len(DuplicateReason)),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two codes that are compared: who it is, and all its values on all lists."""

    enterprise: Enterprise
    values: dict[str, Any]


def candidates_for(*, actor: Actor, status: str | None = None) -> QuerySet[DuplicateCandidate]:
    """Return the doubts that the actor sees, with both names, those worth most first."""
    _require(actor)
    rows = DuplicateCandidate.objects.annotate(
        worth=WORTH,
        first_name=_name(OuterRef("first")),
        second_name=_name(OuterRef("second")),
    )
    if status:
        rows = rows.filter(status=status)
    return rows.order_by("worth", "first", "pk")


def candidate(candidate_id: UUID, *, actor: Actor) -> DuplicateCandidate:
    """
    :raises NoSuchRecord: if the actor's organization sees no such doubt.
    """
    return one(candidates_for(actor=actor), pk=candidate_id)


def sides(first: str, second: str, *, actor: Actor) -> tuple[Side, Side]:
    """
    Return two codes to be held against each other.

    :raises NoSuchRecord: if the register of the jurisdiction lacks one of them.
    """
    _require(actor)
    return _side(first), _side(second)


def merges_for(*, actor: Actor) -> QuerySet[EnterpriseMerge]:
    """Return the mergers that the actor sees, the newest first: whoever sees imports does."""
    actor.require(permissions.VIEW_IMPORT)
    rows = EnterpriseMerge.objects.select_related("publication", "prepared_by")
    return rows.annotate(
        kept_name=_name(OuterRef("kept")), former_name=_name(OuterRef("former"))
    ).order_by(F("prepared_at").desc(), "pk")


def merge(merge_id: UUID, *, actor: Actor) -> EnterpriseMerge:
    """
    :raises NoSuchRecord: if the actor's organization sees no such merger.
    """
    return one(merges_for(actor=actor), pk=merge_id)


def _side(uscc: str) -> Side:
    enterprise = one(Enterprise.objects.all(), pk=uscc)
    values: dict[str, Any] = {}
    for profile in FactorProfile.objects.filter(uscc=uscc).order_by("publication_id"):
        values |= profile.values
    return Side(enterprise, values)


def _name(uscc: OuterRef) -> Subquery:
    return Subquery(Enterprise.objects.filter(pk=uscc).values("name")[:1])


def _require(actor: Actor) -> None:
    if not actor.may(permissions.RELEASE_RECORD):
        actor.require(permissions.WRITE_RECORD)
