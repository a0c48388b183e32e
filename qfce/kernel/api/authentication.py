"""Who calls: a program by its bearer token, or a person by a browser session."""

import hashlib
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from oauth2_provider.models import get_access_token_model
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from qfce.kernel.tenancy.actors import Actor, actor_of
from qfce.kernel.tenancy.models import Membership

HEADER = "Qfce-Organization"


class BearerAuthentication(BaseAuthentication):
    """
    A token of the client-credentials grant: its actor is the client's service account.

    One query finds token, client, account, membership and organisation.
    """

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        """
        :raises AuthenticationFailed: if the token is unknown, over, or its client is closed.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        checksum = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
        found = (
            get_access_token_model()
            .objects.select_related("application__organization", "application__user")
            .filter(token_checksum=checksum)
            .first()
        )
        if found is None or found.expires <= timezone.now():
            raise AuthenticationFailed(gettext("The token is unknown or has expired."))
        client = found.application
        if client is None or client.user is None or not client.is_usable(request):
            raise AuthenticationFailed(gettext("The client of this token is closed."))
        membership = _membership(client.user_id, client.organization_id)
        if membership is None or not client.user.is_active:
            raise AuthenticationFailed(gettext("The account of this client is closed."))
        membership.user, membership.organization = client.user, client.organization
        actor = actor_of(membership, found.scope.split(), channel="api", client_id=client.client_id)
        return client.user, actor

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="qfce"'


class BrowserSession(SessionAuthentication):
    """A person who has signed in; Django's CSRF check applies to what changes anything."""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        signed_in = super().authenticate(request)
        if signed_in is None:
            return None
        user, _ = signed_in
        wanted = request.headers.get(HEADER) or request.session.get("organization_id")
        return user, person_actor(user, wanted)


def person_actor(user: Any, wanted: str | None) -> Actor:
    """
    Return who a signed-in person is: at the organisation asked for, or at the only one.

    :raises PermissionDenied: if it is not one of theirs, or several are and none was asked for.
    """
    memberships = list(
        Membership.objects.select_related("organization", "user").filter(
            user=user, is_active=True, organization__is_active=True
        )[:20]
    )
    if wanted:
        memberships = [m for m in memberships if _is(m, wanted)]
    if len(memberships) != 1:
        raise PermissionDenied(
            gettext("Say for which organisation you act, with the header {header}.").format(
                header=HEADER
            )
            if memberships
            else gettext("You are no member of such an organisation.")
        )
    return actor_of(memberships[0], channel="web")


def actor_from(request: Request) -> Actor:
    """
    :raises NotAuthenticated: if nobody is signed in.
    """
    if not isinstance(request.auth, Actor):
        raise NotAuthenticated(gettext("Sign in, or send a bearer token."))
    return request.auth


def _membership(user_id: UUID, organization_id: UUID) -> Membership | None:
    return Membership.objects.filter(
        user_id=user_id, organization_id=organization_id, is_active=True
    ).first()


def _is(membership: Membership, wanted: str) -> bool:
    return wanted in {str(membership.organization_id), membership.organization.short_name}
