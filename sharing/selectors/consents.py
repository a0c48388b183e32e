"""All questions about consents, for those who ask and for the enterprise."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization
from sharing import permissions
from sharing.domain.consents import digest_of
from sharing.models import Agreement, Consent


@dataclass(frozen=True, slots=True)
class Request:
    """What the holder of a one-time link is asked for."""

    id: UUID
    uscc: str
    recipient: Organization
    items: list[str]
    purposes: list[str]
    starts_on: date
    ends_on: date
    text_version: str


@dataclass(frozen=True, slots=True)
class Askable:
    """What the actor's organization can ask consents for."""

    items: list[str]
    purposes: list[str]
    factor_lists: list[str]


def get(consent_id: UUID, *, actor: Actor) -> Consent:
    """
    :raises NoSuchRecord: if the actor neither asked for it nor is the enterprise.
    """
    actor.require(permissions.WRITE_CONSENT)
    return one(Consent.objects.select_related("recipient"), pk=consent_id)


def list_for(
    *, actor: Actor, status: str | None = None, uscc: str | None = None
) -> QuerySet[Consent]:
    """Return the consents that the actor's organisation asked for, or that are about it."""
    actor.require(permissions.WRITE_CONSENT)
    found = Consent.objects.select_related("recipient")
    if status:
        found = found.filter(status=status)
    return found.filter(uscc=uscc) if uscc else found


def askable(*, actor: Actor) -> Askable:
    """Return the items that agreements in force open with a consent, and their purposes."""
    actor.require(permissions.WRITE_CONSENT)
    found = Agreement.objects.filter(status="active").exclude(owner_id=actor.organization_id)
    terms = list(found.values_list("consent_items", "purposes", "factor_list"))
    return Askable(
        items=sorted({item for items, _purposes, _list in terms for item in items}),
        purposes=sorted({purpose for _items, purposes, _list in terms for purpose in purposes}),
        factor_lists=sorted({code for _items, _purposes, code in terms}),
    )


def by_token(token: str) -> Request | None:
    """Return what a one-time link asks for; None if it is used up, too old, or was never ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM qfce_consent_by_token(%s)", [digest_of(token)])
        row = cursor.fetchone()
    if row is None:
        return None
    consent_id, uscc, recipient_id, *terms = row
    return Request(consent_id, uscc, Organization.objects.get(pk=recipient_id), *terms)
