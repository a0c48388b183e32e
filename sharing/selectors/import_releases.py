"""Who may release an import: somebody of the bureau itself, or by delegation of one above it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from qfce import roles
from qfce.kernel.tenancy.models import Membership, Organization
from sharing.models import ImportBatch, ImportCorrection
from sharing.permissions import RELEASE_IMPORT

HIGHEST = 5
"""Levels of administration that there are above a bureau, at most."""


@dataclass(frozen=True, slots=True)
class Releasers:
    """
    How many people could release an import, and where.

    `own` are those of the bureau that sent it; where there is none, `above` is the nearest
    bureau above it that has somebody, and releases by delegation.
    """

    own: int
    above: Organization | None

    @property
    def is_delegated(self) -> bool:
        return self.own == 0 and self.above is not None


def releasers_of(batch: ImportBatch) -> Releasers:
    """Say who could release an import; who sent it or corrected its cells does not count."""
    corrected = ImportCorrection.objects.filter(batch=batch).values("corrected_by")
    owner: Organization = batch.owner
    own = _count(owner, batch, corrected)
    above, levels = owner.parent, HIGHEST
    while not own and above is not None and levels:
        if _count(above, batch, corrected):
            return Releasers(0, above)
        above, levels = above.parent, levels - 1
    return Releasers(own, None)


def released_from(batch: ImportBatch) -> Organization | None:
    """Return the bureau above that released an import by delegation; None if it was its own."""
    if batch.released_by_id is None:
        return None
    places = list(
        Membership.objects.select_related("organization").filter(user_id=batch.released_by_id)
    )
    if not places or any(place.organization_id == batch.owner_id for place in places):
        return None
    return places[0].organization


def _count(organization: Organization, batch: ImportBatch, corrected: QuerySet[Any, Any]) -> int:
    held = [
        role
        for role in roles.ROLES
        if RELEASE_IMPORT in roles.permissions_of([role], kind=organization.kind)
    ]
    people = Membership.objects.filter(
        organization=organization, is_active=True, user__is_active=True, roles__overlap=held
    )
    others = people.exclude(user_id=batch.uploaded_by_id).exclude(user__in=corrected)
    return others.count()
