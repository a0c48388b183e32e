"""What an organization's administrators change: who holds which role, and its programs."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import get_access_token_model

from qfce import roles as all_roles
from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Client, Membership, User, UserKind
from qfce.kernel.tenancy.selectors import MANAGES


class MisplacedRole(Invalid):
    code = "tenancy.role.misplaced"
    title = "An organization of this kind does not give this role."


class OwnAdministration(Conflict):
    code = "tenancy.member.own_administration"
    title = "Nobody takes their own administration away."


class NoRole(Invalid):
    code = "tenancy.role.none"
    title = "A program needs at least one role."


class UnknownScope(Invalid):
    code = "tenancy.scope.unknown"
    title = "There is no such scope."


class NameTaken(Conflict):
    code = "tenancy.client.name_taken"
    title = "There is a program of this name already."


class ClientClosed(Conflict):
    code = "tenancy.client.closed"
    title = "This program is closed."


@transaction.atomic
def set_roles(
    membership_id: UUID, *, roles: Iterable[str], is_active: bool, actor: Actor, at: datetime
) -> Membership:
    """
    Say which roles a member holds, and whether they may still sign in here.

    :raises MisplacedRole: if a role does not fit the kind of organization.
    :raises OwnAdministration: if an administrator would lock themselves out.
    """
    actor.require(MANAGES)
    membership = one(
        Membership.objects.select_for_update(of=("self",)).select_related("user"),
        pk=membership_id,
        organization_id=actor.organization_id,
        user__kind=UserKind.PERSON.value,
    )
    wanted = fitting_roles(roles, actor)
    if membership.user_id == actor.user_id and not (is_active and "administrator" in wanted):
        raise OwnAdministration(
            "You would lock yourself out.", hint="Ask another administrator to do it."
        )
    before, was_active = membership.roles, membership.is_active
    membership.roles, membership.is_active = wanted, is_active
    membership.save(update_fields=["roles", "is_active"])
    audit.record(
        "tenancy.member.changed",
        membership,
        actor=actor,
        at=at,
        name=str(membership.user),
        roles_before=before,
        roles_after=wanted,
        was_active=was_active,
        is_active=is_active,
    )
    return membership


@transaction.atomic
def create_client(
    name: str, *, roles: Iterable[str], scopes: Iterable[str], actor: Actor, at: datetime
) -> tuple[Client, str]:
    """
    Give the organization a program with an account of its own.

    Returns the program and its secret, which is kept hashed and can never be shown again.

    :raises NameTaken: if the organization has one of this name.
    :raises MisplacedRole, NoRole, UnknownScope: if its rights cannot be these.
    """
    actor.require(MANAGES)
    held = fitting_roles(roles, actor)
    if not held:
        raise NoRole("Without a role a program may do nothing.", hint="Choose one at least.")
    asked = sorted(set(scopes))
    if unknown := set(asked) - set(all_roles.SCOPES):
        raise UnknownScope(f"Unknown: {', '.join(sorted(unknown))}.", scopes=", ".join(unknown))
    if Client.objects.filter(name=name, organization_id=actor.organization_id).exists():
        raise NameTaken(f"{name} exists.", hint="Choose another name.", name=name)
    account = User.objects.create(
        username=f"client-{actor.organization_id.hex[:12]}-{name}"[:150],
        kind=UserKind.CLIENT.value,
        display_name=name,
    )
    account.set_unusable_password()
    account.save(update_fields=["password"])
    Membership.objects.create(user=account, organization_id=actor.organization_id, roles=held)
    secret = generate_client_secret()
    client = Client.objects.create(
        name=name,
        organization_id=actor.organization_id,
        user=account,
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        client_id=generate_client_id(),
        client_secret=secret,
        scopes=asked,
    )
    audit.record(
        "tenancy.client.created", client, actor=actor, at=at, name=name, roles=held, scopes=asked
    )
    return client, secret


@transaction.atomic
def rotate_secret(client_pk: int, *, actor: Actor, at: datetime) -> tuple[Client, str]:
    """
    Replace a program's secret; the old one and all its tokens stop working at once.

    :raises ClientClosed: if it was closed.
    """
    client = _locked(client_pk, actor)
    secret = generate_client_secret()
    client.client_secret = secret
    client.save()
    _end_tokens(client)
    audit.record("tenancy.client.secret_rotated", client, actor=actor, at=at, name=client.name)
    return client, secret


@transaction.atomic
def close_client(client_pk: int, *, actor: Actor, at: datetime) -> Client:
    """
    Close a program for good; its tokens stop working at once.

    :raises ClientClosed: if it was closed before.
    """
    client = _locked(client_pk, actor)
    client.is_active = False
    client.save(update_fields=["is_active"])
    _end_tokens(client)
    audit.record("tenancy.client.closed", client, actor=actor, at=at, name=client.name)
    return client


def _locked(client_pk: int, actor: Actor) -> Client:
    actor.require(MANAGES)
    client: Client = one(
        Client.objects.select_for_update(of=("self",)),
        pk=client_pk,
        organization_id=actor.organization_id,
    )
    if not client.is_active:
        raise ClientClosed(f"{client.name} was closed.", hint="Make a new one.", name=client.name)
    return client


def _end_tokens(client: Client) -> None:
    get_access_token_model().objects.filter(application=client).delete()


def fitting_roles(roles: Iterable[str], actor: Actor) -> list[str]:
    """Return the roles in the order of `qfce.roles`, each once."""
    wanted = set(roles)
    fitting = [
        role.name
        for role in all_roles.ROLES.values()
        if role.name in wanted and actor.organization_kind in role.kinds
    ]
    if misplaced := wanted - set(fitting):
        named = ", ".join(sorted(misplaced))
        raise MisplacedRole(
            f"Not given by an organization of your kind: {named}.",
            hint="Choose among the roles on the page.",
            roles=named,
        )
    return fitting
