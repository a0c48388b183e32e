"""The names of regions, for pages."""

from qfce.kernel.tenancy.models import Region


def of_province(region: str | None) -> dict[str, Region]:
    """Return the regions of the province that a region lies in, by code; all where none is."""
    found = Region.objects.order_by("code")
    if region:
        found = found.filter(code__startswith=region[:2])
    return {known.code: known for known in found}
