from qfce.kernel.tenancy.models.clients import Client
from qfce.kernel.tenancy.models.organizations import (
    BankKind,
    Organization,
    OrganizationKind,
    Region,
    RegionLevel,
    TenantOwned,
)
from qfce.kernel.tenancy.models.people import Membership, User, UserKind

__all__ = [
    "BankKind",
    "Client",
    "Membership",
    "Organization",
    "OrganizationKind",
    "Region",
    "RegionLevel",
    "TenantOwned",
    "User",
    "UserKind",
]
