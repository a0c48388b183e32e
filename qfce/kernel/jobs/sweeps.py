"""Fanning a platform-wide sweep out: one task for each organisation of a kind."""

from qfce.kernel.jobs import outbox
from qfce.kernel.tenancy.models import Organization, OrganizationKind


def fan_out(task: str, *kinds: OrganizationKind) -> int:
    """Queue `task` once for each active organisation of these kinds; returns how many."""
    organizations = Organization.objects.filter(
        kind__in=[kind.value for kind in kinds], is_active=True
    ).values_list("pk", flat=True)
    for organization_id in organizations:
        outbox.send(task, {"organization_id": str(organization_id)})
    return len(organizations)
