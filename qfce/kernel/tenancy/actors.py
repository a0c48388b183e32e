"""Who asks: a value that every service and selector takes as `actor=`."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from qfce import roles
from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.models import Membership, Organization


class MissingPermission(NotPermitted):
    code = "tenancy.permission.missing"
    title = "Your role does not include this action."


@dataclass(frozen=True, slots=True)
class Actor:
    """
    Who asks, for which organisation, with which rights.

    A value, not a user: it is resolved once, where the request enters, and it can be
    built in a test without a database. `user_id` is None for the platform's own tasks.
    """

    user_id: UUID | None
    organization_id: UUID
    organization_kind: str
    region: str | None
    uscc: str | None
    roles: frozenset[str]
    permissions: frozenset[str]
    channel: str = "web"
    client_id: str | None = None
    name: str = ""

    @property
    def account_id(self) -> UUID:
        """The person or program that acts, where only one of them may: a task has none."""
        assert self.user_id is not None, "The platform's own tasks sign nothing."
        return self.user_id

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """
        :raises MissingPermission: if neither role nor token grants `permission`.
        """
        if not self.may(permission):
            scopes = roles.PERMISSIONS.get(permission, ())
            raise MissingPermission(
                f"This needs the permission {permission}.",
                hint="Ask an administrator of your organisation for a role that has it"
                + (f", or ask for the scope {' or '.join(scopes)}." if scopes else "."),
                permission=permission,
            )


def actor_of(
    membership: Membership,
    scopes: Iterable[str] | None = None,
    *,
    channel: str = "web",
    client_id: str | None = None,
) -> Actor:
    """Return who a member is; `scopes` are those of a program's token, None for a person."""
    organization = membership.organization
    permissions = roles.permissions_of(membership.roles, kind=organization.kind)
    if scopes is not None:
        permissions = roles.within_scopes(permissions, scopes)
    return Actor(
        user_id=membership.user_id,
        organization_id=organization.pk,
        organization_kind=organization.kind,
        region=organization.region_id,
        uscc=organization.uscc,
        roles=frozenset(membership.roles),
        permissions=permissions,
        channel=channel,
        client_id=client_id,
        name=str(membership.user),
    )


def service_actor(organization_id: UUID, name: str) -> Actor:
    """Return the platform acting for an organisation in a task, with all that its kind may do."""
    organization = Organization.objects.get(pk=organization_id)
    return Actor(
        user_id=None,
        organization_id=organization.pk,
        organization_kind=organization.kind,
        region=organization.region_id,
        uscc=organization.uscc,
        roles=frozenset(),
        permissions=roles.permissions_of_kind(organization.kind),
        channel="task",
        name=name,
    )
