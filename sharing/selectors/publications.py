"""What a regulator asks of the publications that it sees."""

from uuid import UUID

from django.db.models import Q

from qfce.kernel.tenancy.models import Organization
from sharing.domain.agreements import prefix_of
from sharing.domain.import_lifecycle import Cause
from sharing.models import Publication


def newest_change(organization_id: UUID) -> int | None:
    """
    Return the newest publication that may have changed what a regulator sees of enterprises.

    Of any list, as all of them write names and regions; not of other jurisdictions, and not
    of access. As long as it stays, so does whatever was computed from the profiles.
    """
    region = str(Organization.objects.values_list("region_id", flat=True).get(pk=organization_id))
    above = Q(region__in=[f"{region[:2]}0000", f"{region[:4]}00"])
    concerned = Publication.objects.filter(
        above | Q(region__startswith=prefix_of(region)), number__isnull=False
    ).exclude(cause=Cause.ACCESS.value)
    return concerned.order_by("-number").values_list("number", flat=True).first()
