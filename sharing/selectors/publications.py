"""What a regulator asks of the publications that it sees."""

from django.db.models import Q

from sharing.domain.agreements import prefix_of
from sharing.domain.import_lifecycle import Cause
from sharing.models import Publication


def newest_change(region: str) -> int | None:
    """
    Return the newest publication that may have changed what a regulator sees of enterprises.

    Of any list, as all of them write names and regions; not of other jurisdictions, and not
    of access. As long as it stays, so does whatever was computed from the profiles.

    :param region: that the regulator answers for.
    """
    above = Q(region__in=[f"{region[:2]}0000", f"{region[:4]}00"])
    concerned = Publication.objects.filter(
        above | Q(region__startswith=prefix_of(region)), number__isnull=False
    ).exclude(cause=Cause.ACCESS.value)
    return concerned.order_by("-number").values_list("number", flat=True).first()
