"""Signing a version of a factor list, refusing to, asking for changes, and until when."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from factors import permissions, policies
from factors.domain.list_versions import VERSION, Decision
from factors.models import FactorListVersion, SignOff
from factors.services.factor_lists import locked
from qfce.kernel.audit import events
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


@transaction.atomic
def sign(version_id: UUID, *, digest: str, actor: Actor, at: datetime, reason: str = "") -> SignOff:
    """
    Sign for the actor's organization the very document whose digest is given.

    With the last signature that was missing the version is signed.

    :param digest: of the document that the signer has looked at.
    :raises NoSuchRecord: if no such version is before the actor's organization.
    :raises NotPermitted: if the actor may not sign it.
    :raises IllegalTransition: if it is not in review.
    :raises DigestChanged: if the document is another one by now.
    :raises AlreadySigned: if the organization or the person has signed it.
    """
    version = _in_review(version_id, actor=actor)
    policies.check_digest(version, looked_at=digest)
    signed = _signatures(version)
    answer = _answer(version, Decision.SIGNED, reason, signed=signed, actor=actor, at=at)
    signed.append((answer.owner_id, answer.signer_id))
    complete = {organization for organization, _ in signed} >= set(version.signer_ids)
    if complete:
        version.status = VERSION.target("sign_off", state=version.status).value
        version.save(update_fields=["status"])
    events.record(
        "factors.list_version.signed",
        version,
        actor=actor,
        at=at,
        digest=version.digest,
        complete=complete,
    )
    return answer


@transaction.atomic
def refuse(version_id: UUID, *, digest: str, reason: str, actor: Actor, at: datetime) -> SignOff:
    """
    Say for the actor's organization that it will not sign this document, and why.

    The version stays in review: its owner answers by changing it, or in another way.

    :raises NotPermitted, IllegalTransition, DigestChanged, AlreadySigned: as `sign`.
    :raises ReasonMissing: if no reason is given.
    """
    return _say(version_id, Decision.REFUSED, digest, reason, actor=actor, at=at)


@transaction.atomic
def ask_for_changes(
    version_id: UUID, *, digest: str, reason: str, actor: Actor, at: datetime
) -> SignOff:
    """
    Say for the actor's organization what has to change before it signs.

    :raises NotPermitted, IllegalTransition, DigestChanged, AlreadySigned: as `sign`.
    :raises ReasonMissing: if it is not said what has to change.
    """
    return _say(version_id, Decision.CHANGES_ASKED, digest, reason, actor=actor, at=at)


@transaction.atomic
def comment(version_id: UUID, *, digest: str, reason: str, actor: Actor, at: datetime) -> SignOff:
    """
    Say something about the document, with the organization's answer still to come.

    :raises NotPermitted, IllegalTransition, DigestChanged, AlreadySigned: as `sign`.
    :raises ReasonMissing: if nothing is said.
    """
    return _say(version_id, Decision.COMMENTED, digest, reason, actor=actor, at=at)


@transaction.atomic
def set_deadline(
    version_id: UUID, *, sign_by: date, actor: Actor, at: datetime
) -> FactorListVersion:
    """
    Give the signers another last day.

    :raises NotListOwner: if the list is another organization's.
    :raises IllegalTransition: if the version is not in review.
    :raises DeadlinePassed: if the day has passed.
    """
    version = locked(version_id)
    permissions.check_can_edit(actor, version.factor_list)
    VERSION.target("sign_off", state=version.status)
    policies.check_deadline(sign_by, at=at)
    version.sign_by, version.reminded_on = sign_by, None
    version.save(update_fields=["sign_by", "reminded_on"])
    events.record("factors.list_version.deadline_set", version, actor=actor, at=at, sign_by=sign_by)
    return version


def _say(
    version_id: UUID, decision: Decision, digest: str, reason: str, *, actor: Actor, at: datetime
) -> SignOff:
    version = _in_review(version_id, actor=actor)
    policies.check_digest(version, looked_at=digest)
    policies.check_reason(reason)
    signed = _signatures(version)
    answer = _answer(version, decision, reason, signed=signed, actor=actor, at=at)
    events.record(
        f"factors.list_version.{decision.value}",
        version,
        actor=actor,
        at=at,
        digest=version.digest,
        reason=reason,
    )
    return answer


def _in_review(version_id: UUID, *, actor: Actor) -> FactorListVersion:
    """
    Check first and lock then: row security lets a signer lock only what is in review, and
    "published already" is a better answer than "no such version".
    """
    version = one(FactorListVersion.objects.all(), pk=version_id)
    permissions.check_can_sign(actor, version)
    VERSION.target("sign_off", state=version.status)
    version = one(FactorListVersion.objects.select_for_update(of=("self",)), pk=version_id)
    VERSION.target("sign_off", state=version.status)
    return version


def _signatures(version: FactorListVersion) -> list[tuple[UUID, UUID]]:
    """Return (organization, person) of the signatures that the present document has."""
    signed = SignOff.objects.filter(
        version=version, digest=version.digest, decision=Decision.SIGNED.value
    )
    return list(signed.values_list("owner_id", "signer_id"))


def _answer(
    version: FactorListVersion,
    decision: Decision,
    reason: str,
    *,
    signed: list[tuple[UUID, UUID]],
    actor: Actor,
    at: datetime,
) -> SignOff:
    assert actor.user_id  # check_can_sign has asked for a person
    policies.check_not_signed(signed, owner=actor.organization_id, signer=actor.user_id)
    return SignOff.objects.create(
        owner_id=actor.organization_id,
        version=version,
        signer_id=actor.user_id,
        signer_name=actor.name,
        digest=version.digest,
        decision=decision.value,
        reason=reason,
        signed_at=at,
    )
