"""Who has signed a version of a factor list, who has refused, and who is still to answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from factors import permissions
from factors.domain.list_versions import Decision, VersionStatus
from factors.models import FactorListVersion, SignOff
from factors.selectors import factor_lists
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization


@dataclass(frozen=True, slots=True)
class Signature:
    """
    One organization's answer, or that it is awaited.

    `decision` is signed, refused or awaited. `is_current` says whether the answer is for the
    document as it is now: an answer to an earlier form of the draft counts for nothing.
    """

    organization_id: UUID
    organization_zh: str
    organization_en: str
    decision: str
    is_current: bool
    is_required: bool
    signer_name: str
    reason: str
    digest: str
    signed_at: datetime | None


AWAITED = "awaited"


def signatures(code: str, number: int, *, actor: Actor) -> list[Signature]:
    """
    Return the answers to a version in the order they came, then the signers still awaited.

    :raises NoSuchRecord: if the actor sees no such version.
    """
    version = factor_lists.version(code, number, actor=actor)
    answers = list(
        SignOff.objects.filter(version=version).select_related("owner").order_by("signed_at", "pk")
    )
    found = [_given(answer, version) for answer in answers]
    settled = {
        answer.organization_id
        for answer in found
        if answer.is_current and answer.decision == Decision.SIGNED
    }
    missing = [signer for signer in version.signer_ids if signer not in settled]
    organizations = Organization.objects.in_bulk(missing)
    return found + [_awaited(organizations[signer]) for signer in missing]


def awaiting(*, actor: Actor) -> list[FactorListVersion]:
    """Return the versions in review that the actor's organization has yet to sign, oldest first."""
    actor.require(permissions.VIEW)
    signed = SignOff.objects.filter(
        version=OuterRef("pk"),
        digest=OuterRef("digest"),
        owner_id=actor.organization_id,
        decision=Decision.SIGNED.value,
    )
    waiting = FactorListVersion.objects.filter(
        ~Exists(signed),
        status=VersionStatus.IN_REVIEW.value,
        signer_ids__contains=[actor.organization_id],
    )
    return list(waiting.select_related("factor_list").order_by("submitted_at", "pk"))


def _given(answer: SignOff, version: FactorListVersion) -> Signature:
    return Signature(
        organization_id=answer.owner_id,
        organization_zh=answer.owner.name_zh,
        organization_en=answer.owner.name_en,
        decision=answer.decision,
        is_current=answer.digest == version.digest,
        is_required=answer.owner_id in version.signer_ids,
        signer_name=answer.signer_name,
        reason=answer.reason,
        digest=answer.digest,
        signed_at=answer.signed_at,
    )


def _awaited(organization: Organization) -> Signature:
    return Signature(
        organization_id=organization.pk,
        organization_zh=organization.name_zh,
        organization_en=organization.name_en,
        decision=AWAITED,
        is_current=True,
        is_required=True,
        signer_name="",
        reason="",
        digest="",
        signed_at=None,
    )
