"""
How people come to an organization: invited by a one-time link, by which they set a password.

The link is signed and bound to the account's present password and last sign-in, so it is
used up by setting a password, replaced by a newer one, and void after some days. It is stored
nowhere. Behind it stands the whole account, so only the person's own organization gives it.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor, actor_of
from qfce.kernel.tenancy.context import acting_as
from qfce.kernel.tenancy.models import Membership, User, UserKind
from qfce.kernel.tenancy.selectors import MANAGES
from qfce.kernel.tenancy.services import NoRole, OwnAdministration, fitting_roles


class UserNameTaken(Conflict):
    code = "tenancy.person.user_name_taken"
    title = "There is somebody of this user name already."


class SharedPerson(Conflict):
    code = "tenancy.person.shared"
    title = "This person belongs to another organization as well."


class LinkVoid(Conflict):
    code = "tenancy.invitation.void"
    title = "This link was used already, was replaced, or is too old."


class WeakPassword(Invalid):
    code = "tenancy.password.weak"
    title = "This password is too easy to guess."


class WrongPassword(Invalid):
    code = "tenancy.password.wrong"
    title = "The present password is wrong."


class _Invitations(PasswordResetTokenGenerator):
    key_salt = "qfce.kernel.tenancy.people"


_TOKENS = _Invitations()


@transaction.atomic
def invite(
    *, username: str, name: str, email: str, roles: Iterable[str], actor: Actor, at: datetime
) -> tuple[Membership, str]:
    """
    Give somebody an account without a password, and return the code of the link to set one.

    :raises UserNameTaken: if the user name is in use, at whatever organization.
    :raises NoRole, MisplacedRole: if the roles cannot be these.
    """
    actor.require(MANAGES)
    held = fitting_roles(roles, actor)
    if not held:
        raise NoRole("Without a role nobody may do anything.", hint="Choose one at least.")
    user = User(username=username, display_name=name, email=email, kind=UserKind.PERSON.value)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise UserNameTaken(
            f"{username} is in use.", hint="Choose another user name.", name=username
        ) from None
    membership = Membership.objects.create(
        user=user, organization_id=actor.organization_id, roles=held
    )
    audit.record(
        "tenancy.member.invited", membership, actor=actor, at=at, name=str(user), roles=held
    )
    return membership, _code(user)


@transaction.atomic
def invite_again(membership_id: UUID, *, actor: Actor, at: datetime) -> tuple[Membership, str]:
    """
    Return a new link for a member who lost theirs, or their password.

    The present password and all former links stop working at once.

    :raises OwnAdministration: if it is the administrator's own account.
    :raises SharedPerson: if the account opens another organization too.
    """
    actor.require(MANAGES)
    membership = one(
        Membership.objects.select_related("user"),
        pk=membership_id,
        organization_id=actor.organization_id,
        user__kind=UserKind.PERSON.value,
    )
    if membership.user_id == actor.user_id:
        raise OwnAdministration(
            "You would lock yourself out.", hint="Change your password on the page for it."
        )
    if Membership.objects.filter(user_id=membership.user_id).exclude(pk=membership.pk).exists():
        raise SharedPerson(
            "The account opens more than your organization.",
            hint="They change the password themselves, or the operator does.",
        )
    user = User.objects.select_for_update().get(pk=membership.user_id)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.record("tenancy.member.invited_again", membership, actor=actor, at=at, name=str(user))
    return membership, _code(user)


def invited(code: str) -> User | None:
    """Return whose link it is, or nobody if it is void."""
    identifier, _, token = code.strip().lstrip("#").partition(".")
    try:
        user = User.objects.filter(pk=UUID(identifier), is_active=True).first()
    except ValueError:
        return None
    return user if user is not None and _TOKENS.check_token(user, token) else None


@transaction.atomic
def accept(code: str, *, password: str, at: datetime) -> User:
    """
    Set the password of whoever was invited; the link is used up by it.

    :raises LinkVoid: if the link is not, or no longer, good.
    :raises WeakPassword: if the password is too easy to guess.
    """
    user = invited(code)
    if user is None:
        raise LinkVoid(
            "Nothing can be done by this link.", hint="Ask your administrator for a new one."
        )
    # Of two that use a link at once, the second finds it void.
    user = User.objects.select_for_update().get(pk=user.pk)
    if invited(code) is None:
        raise LinkVoid(
            "Nothing can be done by this link.", hint="Ask your administrator for a new one."
        )
    _set(user, password)
    _record("tenancy.member.invitation_accepted", user, at=at)
    return user


@transaction.atomic
def change_password(user: User, *, present: str, password: str, at: datetime) -> User:
    """
    Change one's own password.

    :raises WrongPassword: if the present one is not that.
    :raises WeakPassword: if the new one is too easy to guess.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.check_password(present):
        raise WrongPassword("The present password is another.")
    _set(user, password)
    _record("tenancy.password.changed", user, at=at)
    return user


def _code(user: User) -> str:
    return f"{user.pk}.{_TOKENS.make_token(user)}"


def _set(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise WeakPassword(" ".join(weak.messages), reasons=" ".join(weak.messages)) from None
    user.set_password(password)
    user.save(update_fields=["password"])


def _record(action: str, user: User, *, at: datetime) -> None:
    """Record what somebody did to their own account, in the trail of where they belong."""
    memberships = Membership.objects.select_related("organization", "user").filter(
        user=user, is_active=True
    )
    for membership in memberships.order_by("organization__short_name")[:1]:
        with acting_as(membership.organization_id, user_id=user.pk, channel="web"):
            audit.record(action, user, actor=actor_of(membership, channel="web"), at=at)
