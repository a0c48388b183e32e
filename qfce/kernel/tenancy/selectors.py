"""Who belongs to an organization, and which programs it has: for its administrators."""

from uuid import UUID

from django.db.models import QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Client, Membership, UserKind

MANAGES = "tenancy.member.manage"


def members(*, actor: Actor) -> QuerySet[Membership]:
    """Return the people of the actor's organization; programs have a list of their own."""
    actor.require(MANAGES)
    return Membership.objects.select_related("user", "organization").filter(
        organization_id=actor.organization_id, user__kind=UserKind.PERSON.value
    )


def member(membership_id: UUID, *, actor: Actor) -> Membership:
    return one(members(actor=actor), pk=membership_id)


def clients(*, actor: Actor) -> QuerySet[Client]:
    """Return the programs of the actor's organization."""
    actor.require(MANAGES)
    found: QuerySet[Client] = Client.objects.select_related("user")
    return found.filter(organization_id=actor.organization_id)


def client(client_pk: int, *, actor: Actor) -> Client:
    return one(clients(actor=actor), pk=client_pk)


def roles_of(client: Client) -> list[str]:
    """Return the roles that a program's account holds."""
    membership = Membership.objects.filter(
        user_id=client.user_id, organization_id=client.organization_id
    ).first()
    return membership.roles if membership else []
