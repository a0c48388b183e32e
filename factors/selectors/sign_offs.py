"""Who has signed a version of a factor list, who has refused, and who is still to answer."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from factors import permissions
from factors.domain.catalogue import Catalogue
from factors.domain.comparison import Change, compare
from factors.domain.list_versions import Decision, VersionStatus
from factors.models import FactorListVersion, SignOff, SubmittedText
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization


@dataclass(frozen=True, slots=True)
class Signature:
    """
    One organization's answer, or that it is awaited.

    `decision` is signed, refused or awaited. `is_current` says whether the answer is for the
    document as it is now: an answer to an earlier form of the draft counts for nothing.
    `is_late` says that the signers' last day had passed when it came, or has and it has not.
    """

    organization_id: UUID
    organization_zh: str
    organization_en: str
    decision: str
    is_current: bool
    is_required: bool
    is_late: bool
    signer_name: str
    reason: str
    digest: str
    signed_at: datetime | None


AWAITED = "awaited"


def signatures(code: str, number: int, *, actor: Actor, on: date) -> list[Signature]:
    """
    Return the answers to a version in the order they came, then the signers still awaited.

    Whoever has refused or asked for changes has answered; a comment alone is no answer.

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
        if answer.is_current and Decision(answer.decision).settles
    }
    missing = [signer for signer in version.signer_ids if signer not in settled]
    organizations = Organization.objects.in_bulk(missing)
    late = version.sign_by is not None and on > version.sign_by
    late = late and version.status == VersionStatus.IN_REVIEW
    return found + [_awaited(organizations[signer], is_late=late) for signer in missing]


def has_signed(version: FactorListVersion, *, organization_id: UUID) -> bool:
    """Whether an organization has signed the document as it is now."""
    return SignOff.objects.filter(
        version=version,
        digest=version.digest,
        owner_id=organization_id,
        decision=Decision.SIGNED.value,
    ).exists()


def changed_since(version: FactorListVersion, *, digest: str) -> list[Change] | None:
    """
    Return what has changed since a signer looked at the text of this digest.

    None if no text of this version that was ever put before its signers has it.
    """
    looked_at = SubmittedText.objects.filter(version=version, digest=digest).first()
    if looked_at is None:
        return None
    return compare(Catalogue.from_document(looked_at.document), factor_lists.content(version))


def reviewed_before(version: FactorListVersion, *, organization_id: UUID) -> str:
    """Return the digest of the last earlier text that an organization answered; else ""."""
    earlier = SignOff.objects.filter(version=version, owner_id=organization_id)
    found = earlier.exclude(digest=version.digest).order_by("-signed_at", "-pk")
    return found.values_list("digest", flat=True).first() or ""


def awaiting(*, actor: Actor) -> list[FactorListVersion]:
    """Return the versions in review that the actor's organization has yet to answer."""
    actor.require(permissions.VIEW)
    settled = [decision.value for decision in Decision if decision.settles]
    signed = SignOff.objects.filter(
        version=OuterRef("pk"),
        digest=OuterRef("digest"),
        owner_id=actor.organization_id,
        decision__in=settled,
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
        is_late=version.sign_by is not None
        and answer.digest == version.digest
        and business_day(answer.signed_at) > version.sign_by,
        signer_name=answer.signer_name,
        reason=answer.reason,
        digest=answer.digest,
        signed_at=answer.signed_at,
    )


def _awaited(organization: Organization, *, is_late: bool) -> Signature:
    return Signature(
        organization_id=organization.pk,
        organization_zh=organization.name_zh,
        organization_en=organization.name_en,
        decision=AWAITED,
        is_current=True,
        is_required=True,
        is_late=is_late,
        signer_name="",
        reason="",
        digest="",
        signed_at=None,
    )
