"""Changes to consents: a reader asks, the enterprise says yes or no, and may take it back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from qfce.kernel import parameters
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.canonical import digest
from qfce.kernel.errors import Invalid, NotFound
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing import permissions, policies
from sharing.domain.consents import CONSENT, digest_of, new_token
from sharing.domain.import_lifecycle import ChangeKind
from sharing.models import Consent, FactorProfile
from sharing.services import access, consent_links

PARAMETERS = Path(__file__).parent.parent / "parameters"


class NothingToOpen(Invalid):
    code = "sharing.consent.nothing_to_open"
    title = "A consent would open nothing."


class LinkUsedUp(NotFound):
    code = "sharing.consent.link_used_up"
    title = "This link is not, or no longer, good."


@dataclass(frozen=True, slots=True)
class Reach:
    """One agreement that a consent opens items under."""

    owner_id: UUID
    recipient_id: UUID
    uscc: str
    region: str
    factor_list: str
    list_version: int
    items: list[str]


@transaction.atomic
def request(
    uscc: str,
    *,
    items: Sequence[str],
    purposes: Sequence[str],
    starts_on: date | None = None,
    ends_on: date | None = None,
    actor: Actor,
    at: datetime,
) -> Consent:
    """
    Ask an enterprise for its consent. A one-time link goes to the enterprise and nobody else.

    :param ends_on: the last day; unsaid, the longest term that is allowed.
    :raises NotPermitted: if the actor's organisation reads nothing by consent.
    :raises NothingToOpen: if no active agreement of the organisation's has these items, of
        this enterprise, waiting for a consent for these purposes.
    :raises TermUnfit: if the term is longer than allowed, or over already.
    """
    permissions.check_can_request_consent(actor)
    policies.check_purposes_grantable(purposes)
    rules = _rules().on(business_day(at))
    today = business_day(at)
    first_day = starts_on or today
    last_day = ends_on or first_day + timedelta(days=rules["longest_days"] - 1)
    policies.check_term(first_day, last_day, on=today, longest_days=rules["longest_days"])

    consent = Consent.objects.create(
        uscc=uscc,
        recipient_id=actor.organization_id,
        items=sorted(set(items)),
        purposes=sorted(set(purposes)),
        starts_on=first_day,
        ends_on=last_day,
        text_version=rules["text_version"],
        requested_at=at,
        requested_by_id=actor.user_id,
    )
    reaches = list(_reach(consent.pk))
    opened = {item for reach in reaches for item in reach.items}
    if not opened.issuperset(items):
        raise NothingToOpen(
            f"No agreement of yours has {', '.join(sorted(set(items) - opened)) or 'anything'}"
            f" of {uscc} waiting for a consent.",
            hint="Ask for items that answer not_authorised, for the purposes of the agreement.",
            errors=[{"pointer": "/items", "detail": "Not waiting for a consent."}],
        )
    audit.record(
        "sharing.consent.requested",
        consent,
        actor=actor,
        at=at,
        uscc=uscc,
        items=items,
        purposes=purposes,
        ends_on=last_day,
    )
    expires_at = at + timedelta(days=rules["link_days"])
    _send_link(consent, courier_id=reaches[0].owner_id, expires_at=expires_at)
    return consent


@transaction.atomic
def grant(
    consent_id: UUID, *, allows_feedback: bool = False, actor: Actor, at: datetime
) -> Consent:
    """
    Give a consent, as the enterprise's own signed-in person.

    The recipient finds the values now visible as one `access_opened` item in its feed.

    :raises NotTheEnterprise: if it is not about the actor's enterprise.
    :raises IllegalTransition: if it was decided already.
    """
    consent = _locked(consent_id, actor)
    consent.status = CONSENT.target("grant", state=consent.status)
    consent.granted_at = at
    consent.granted_by_id = actor.user_id
    consent.allows_feedback = allows_feedback
    consent.token_hash = ""
    consent.evidence_sha256 = _evidence(_terms(consent), allows_feedback, at)
    consent.save()
    _record("sharing.consent.granted", consent, actor=actor, at=at)
    _open(consent.pk, at=at)
    return consent


@transaction.atomic
def refuse(consent_id: UUID, *, actor: Actor, at: datetime) -> Consent:
    """
    Say no, as the enterprise's own signed-in person.

    :raises NotTheEnterprise: if it is not about the actor's enterprise.
    :raises IllegalTransition: if it was decided already.
    """
    consent = _locked(consent_id, actor)
    consent.status = CONSENT.target("refuse", state=consent.status)
    consent.refused_at = at
    consent.token_hash = ""
    consent.save()
    _record("sharing.consent.refused", consent, actor=actor, at=at)
    return consent


@transaction.atomic
def withdraw(consent_id: UUID, *, actor: Actor, at: datetime) -> Consent:
    """
    Take a consent back: at any time, without a reason, at once.

    :raises NotTheEnterprise: if it is not about the actor's enterprise.
    :raises IllegalTransition: if it is not in force.
    """
    consent = _locked(consent_id, actor)
    reaches = list(_reach(consent.pk))
    consent.status = CONSENT.target("withdraw", state=consent.status)
    consent.withdrawn_at = at
    consent.save()
    _record("sharing.consent.withdrawn", consent, actor=actor, at=at)
    _close(consent.pk, reaches, at=at)
    return consent


@transaction.atomic
def decide_by_token(
    token: str, *, grants: bool, allows_feedback: bool = False, at: datetime
) -> UUID:
    """
    Give or refuse a consent with the one-time link, with nobody signed in.

    :returns: the consent's id.
    :raises LinkUsedUp: if the token is unknown, used or too old.
    """
    terms = _terms_of_token(token)
    decision = "active" if grants else "refused"
    evidence = _evidence(terms, allows_feedback, at) if grants else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT qfce_decide_by_token(%s, %s, %s, %s, %s)",
            [digest_of(token), decision, evidence, allows_feedback, at],
        )
        consent_id: UUID = cursor.fetchone()[0]
    reaches = list(_reach(consent_id))
    if reaches:
        # Nobody is signed in: the platform acts for the regulator that shares.
        keeper = service_actor(reaches[0].owner_id, "consent link")
        with acting_as(keeper.organization_id):
            audit.record(
                "sharing.consent.granted" if grants else "sharing.consent.refused",
                ("sharing.consent", str(consent_id)),
                actor=keeper,
                at=at,
                uscc=terms["uscc"],
                by="link",
                evidence_sha256=evidence,
            )
    if grants:
        _open(consent_id, at=at, reaches=reaches)
    return consent_id


def end_due(*, actor: Actor, at: datetime) -> int:
    """End the consents of a regulator's enterprises whose last day has passed; count them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT qfce_end_consents(%s)", [at])
        ended = [row[0] for row in cursor.fetchall()]
    for consent_id in ended:
        audit.record(
            "sharing.consent.ended", ("sharing.consent", str(consent_id)), actor=actor, at=at
        )
        _close(consent_id, list(_reach(consent_id)), at=at)
    return len(ended)


def _send_link(consent: Consent, *, courier_id: UUID, expires_at: datetime) -> None:
    """
    Issue the token while the enterprise or its regulator is bound: the database lets nobody
    else, so that whoever asks for a consent can never hold the means to give it.
    """
    addresses = consent_links.addresses_of(consent.uscc)
    if not addresses:
        return
    token = new_token()
    with acting_as(courier_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT qfce_issue_consent_token(%s, %s, %s)",
            [consent.pk, digest_of(token), expires_at],
        )
    consent_links.send_after_commit(token, addresses)


def _open(consent_id: UUID, *, at: datetime, reaches: list[Reach] | None = None) -> None:
    """Publish the values now visible, once for each list that the consent reaches."""
    for reach in _reach(consent_id) if reaches is None else reaches:
        keeper = service_actor(reach.owner_id, "consents")
        with acting_as(reach.owner_id):
            profile = FactorProfile.objects.filter(
                uscc=reach.uscc, factor_list=reach.factor_list
            ).first()
            values = profile.values if profile else {}
            details = profile.details if profile else {}
            shown = {code: values[code] for code in reach.items if code in values}
            _publish(
                ChangeKind.ACCESS_OPENED,
                consent_id,
                reach,
                changes=shown,
                details={code: details[code] for code in shown if code in details},
                keeper=keeper,
                at=at,
            )


def _close(consent_id: UUID, reaches: list[Reach], *, at: datetime) -> None:
    """Tell the recipient which items it may no longer see, and so has to drop."""
    for reach in reaches:
        keeper = service_actor(reach.owner_id, "consents")
        with acting_as(reach.owner_id):
            _publish(
                ChangeKind.ACCESS_CLOSED,
                consent_id,
                reach,
                changes={},
                details={},
                keeper=keeper,
                at=at,
            )


def _publish(
    kind: ChangeKind,
    consent_id: UUID,
    reach: Reach,
    *,
    changes: dict[str, Any],
    details: dict[str, Any],
    keeper: Actor,
    at: datetime,
) -> None:
    access.publish(
        kind,
        recipient_id=reach.recipient_id,
        factor_list=reach.factor_list,
        list_version=reach.list_version,
        uscc=reach.uscc,
        region=reach.region,
        changes=changes,
        details={**details, "consent": str(consent_id), "items": reach.items},
        actor=keeper,
        at=at,
    )


def _reach(consent_id: UUID) -> Iterator[Reach]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM qfce_consent_reach(%s)", [consent_id])
        rows = cursor.fetchall()
    for row in rows:
        yield Reach(*row)


def _terms(consent: Consent) -> dict[str, Any]:
    return {
        "id": str(consent.pk),
        "uscc": consent.uscc,
        "recipient": str(consent.recipient_id),
        "items": list(consent.items),
        "purposes": list(consent.purposes),
        "starts_on": consent.starts_on.isoformat(),
        "ends_on": consent.ends_on.isoformat(),
        "text_version": consent.text_version,
    }


def _terms_of_token(token: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM qfce_consent_by_token(%s)", [digest_of(token)])
        row = cursor.fetchone()
    if row is None:
        raise LinkUsedUp(
            "This link was used already, is too old, or was never ours.",
            hint="Sign in, or ask the bank to ask for the consent again.",
        )
    consent_id, uscc, recipient, items, purposes, starts_on, ends_on, text_version = row
    return {
        "id": str(consent_id),
        "uscc": uscc,
        "recipient": str(recipient),
        "items": list(items),
        "purposes": list(purposes),
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "text_version": text_version,
    }


def _evidence(terms: dict[str, Any], allows_feedback: bool, at: datetime) -> str:
    """Return the digest of exactly what was agreed to, and when."""
    return digest({**terms, "allows_feedback": allows_feedback, "granted_at": at.isoformat()})


def _record(action: str, consent: Consent, *, actor: Actor, at: datetime) -> None:
    audit.record(
        action,
        consent,
        actor=actor,
        at=at,
        uscc=consent.uscc,
        recipient=consent.recipient_id,
        items=consent.items,
        evidence_sha256=consent.evidence_sha256,
    )


def _locked(consent_id: UUID, actor: Actor) -> Consent:
    """Lock it for the enterprise. Who asked sees it too, but no lock is given to a reader."""
    permissions.check_is_the_enterprise(actor, one(Consent.objects.all(), pk=consent_id))
    return one(Consent.objects.select_for_update(of=("self",)), pk=consent_id)


@cache
def _rules() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "consent.toml")
