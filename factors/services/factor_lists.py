"""All changes to factor lists and their versions, signatures left to `sign_offs`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from factors import permissions, policies
from factors.domain.catalogue import Catalogue
from factors.domain.draft_edits import difference
from factors.domain.list_versions import VERSION, Decision, VersionStatus
from factors.models import FactorList, FactorListVersion, SignOff, SubmittedText
from factors.selectors import factor_lists, lives, migrations
from factors.services import draft_steps
from qfce.kernel.audit import events
from qfce.kernel.calendar import add_working_days, business_day
from qfce.kernel.errors import Conflict
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


class CodeTaken(Conflict):
    code = "factors.list.code_taken"
    title = "Another factor list has this code."


@transaction.atomic
def create_draft(
    document: Mapping[str, Any], *, effective_from: date, actor: Actor, at: datetime
) -> FactorListVersion:
    """
    Start the next version of a list, and the list itself if its code is new.

    The number is the next one, whatever the document says.

    :raises ListCannotWork: if the document has not the form of a list.
    :raises NotListOwner, CodeTaken: if the code is another organization's.
    :raises VersionOpen: if another version is still open.
    """
    actor.require(permissions.EDIT)
    policies.check_readable(document)
    catalogue = Catalogue.from_document(document)
    factor_list = _list_of(catalogue, actor=actor, at=at)
    versions = list(factor_list.versions.order_by("number"))
    policies.check_none_open(versions)

    number = versions[-1].number + 1 if versions else 1
    version = FactorListVersion(
        owner_id=actor.organization_id,
        factor_list=factor_list,
        number=number,
        status=VERSION.initial.value,
        created_at=at,
        created_by_id=actor.user_id,
    )
    _write(version, catalogue, effective_from=effective_from)
    events.record(
        "factors.list_version.drafted", version, actor=actor, at=at, digest=version.digest
    )
    return version


@transaction.atomic
def change_draft(
    version_id: UUID,
    document: Mapping[str, Any],
    *,
    effective_from: date,
    actor: Actor,
    at: datetime,
) -> FactorListVersion:
    """
    Put another document in place of a draft's.

    :raises NoSuchRecord: if the actor sees no such version.
    :raises ListCannotWork: if the document has not the form of a list, or is another list's.
    :raises VersionNotDraft: if the version is no draft.
    """
    version = locked(version_id)
    permissions.check_can_edit(actor, version.factor_list)
    check_draft(version)
    policies.check_readable(document)
    before = draft_steps.current(version)
    _write(version, Catalogue.from_document(document), effective_from=effective_from)
    if edits := difference(before, version.document):
        draft_steps.note(version, edits, actor=actor, at=at)
    events.record(
        "factors.list_version.changed", version, actor=actor, at=at, digest=version.digest
    )
    return version


@transaction.atomic
def discard_draft(version_id: UUID, *, actor: Actor, at: datetime) -> None:
    """
    Delete a draft that nobody has ever been asked to sign.

    :raises VersionNotDraft: if it is no draft, or has been answered before it was returned.
    """
    version = locked(version_id)
    permissions.check_can_edit(actor, version.factor_list)
    check_draft(version)
    if lives.was_laid_before_others(version):
        raise VersionNotDraft(
            "Others have answered an earlier form of this draft, or were asked to comment on it.",
            hint="Change the draft and submit it again; the answers stay on record.",
        )
    events.record("factors.list_version.discarded", version, actor=actor, at=at)
    version.texts.all().delete()
    version.delete()


@transaction.atomic
def set_signers(
    code: str,
    signer_ids: Sequence[UUID],
    *,
    actor: Actor,
    at: datetime,
    signing_days: int | None = None,
) -> FactorList:
    """
    Say which organizations sign the versions of a list that are submitted from now on.

    :param signing_days: working days that they have; None: as before.

    :raises NoSuchRecord: if the actor sees no such list.
    :raises NotListOwner: if it is another organization's.
    """
    factor_list = _own(code, actor=actor)
    factor_list.signer_ids = list(dict.fromkeys(signer_ids))
    factor_list.signing_days = signing_days or factor_list.signing_days
    factor_list.save(update_fields=["signer_ids", "signing_days"])
    events.record(
        "factors.list.signers_set",
        factor_list,
        actor=actor,
        at=at,
        signers=[str(signer) for signer in factor_list.signer_ids],
    )
    return factor_list


@transaction.atomic
def submit_for_review(
    version_id: UUID, *, actor: Actor, at: datetime, sign_by: date | None = None
) -> FactorListVersion:
    """
    Ask the list's signers to sign a draft. Where a list has none, it counts as signed.

    :param sign_by: the signers' last day; None: the working days that the list gives them.

    :raises IllegalTransition: if the version is no draft.
    :raises ListCannotWork: with a pointer to each thing that is wrong, stored records that
        no step of a migration speaks of among them.
    :raises FirstDayPassed: if it would take effect before today.
    """
    version = locked(version_id)
    permissions.check_can_edit(actor, version.factor_list)
    status = VERSION.target("submit", state=version.status)
    policies.check_works(version.document)
    _check_migrates(version, actor=actor)
    policies.check_first_day(version.effective_from, at=at)
    policies.check_consulted(version)
    sign_by = sign_by or add_working_days(business_day(at), version.factor_list.signing_days)
    policies.check_deadline(sign_by, at=at)

    version.signer_ids = version.factor_list.signer_ids
    version.sign_by, version.reminded_on = sign_by, None
    version.status = status.value
    version.submitted_at = at
    version.submitted_by_id = actor.user_id
    version.save()
    SubmittedText.objects.get_or_create(
        version=version,
        digest=version.digest,
        defaults={
            "owner_id": version.owner_id,
            "document": version.document,
            "submitted_at": at,
        },
    )
    if not version.signer_ids:
        version.status = VERSION.target("sign_off", state=version.status).value
        version.save(update_fields=["status"])
    events.record(
        "factors.list_version.submitted",
        version,
        actor=actor,
        at=at,
        digest=version.digest,
        signers=[str(signer) for signer in version.signer_ids],
    )
    return version


@transaction.atomic
def return_to_draft(
    version_id: UUID, *, reason: str, actor: Actor, at: datetime
) -> FactorListVersion:
    """
    Take a version back to change it; signatures given so far stay on record.

    :raises IllegalTransition: if it is neither in review nor signed.
    :raises ReasonMissing: if no reason is given.
    """
    version = locked(version_id)
    permissions.check_can_edit(actor, version.factor_list)
    status = VERSION.target("return", state=version.status)
    policies.check_reason(reason)

    version.status = status.value
    version.submitted_at = None
    version.submitted_by_id = None
    version.save(update_fields=["status", "submitted_at", "submitted_by"])
    events.record("factors.list_version.returned", version, actor=actor, at=at, reason=reason)
    return version


@transaction.atomic
def publish(version_id: UUID, *, actor: Actor, at: datetime) -> FactorListVersion:
    """
    Publish a signed version for good. The one before it is superseded from its first day.

    :raises IllegalTransition: if it is not signed.
    :raises SignaturesMissing: if a required signature is not for this very document.
    :raises ListCannotWork: if records have come that it leaves behind without a word.
    :raises FirstDayPassed: if it would take effect before today.
    """
    version = locked(version_id)
    permissions.check_can_publish(actor, version.factor_list)
    status = VERSION.target("publish", state=version.status)
    policies.check_all_signed(version, signed=_signed_by(version))
    _check_migrates(version, actor=actor)
    policies.check_first_day(version.effective_from, at=at)

    superseded = version.factor_list.versions.filter(status=VersionStatus.PUBLISHED.value)
    for earlier in superseded.select_for_update().order_by("number"):
        earlier.status = VERSION.target("supersede", state=earlier.status).value
        earlier.save(update_fields=["status"])
    version.status = status.value
    version.published_at = at
    version.published_by_id = actor.user_id
    version.save(update_fields=["status", "published_at", "published_by"])
    events.record(
        "factors.list_version.published",
        version,
        actor=actor,
        at=at,
        digest=version.digest,
        effective_from=version.effective_from,
    )
    return version


@transaction.atomic
def withdraw(version_id: UUID, *, reason: str, actor: Actor, at: datetime) -> FactorListVersion:
    """
    Take a published version out of force because it is wrong. It stays readable.

    :raises IllegalTransition: if it was never published, or is withdrawn already.
    :raises ReasonMissing: if no reason is given.
    """
    version = locked(version_id)
    permissions.check_can_publish(actor, version.factor_list)
    status = VERSION.target("withdraw", state=version.status)
    policies.check_reason(reason)

    version.status = status.value
    version.withdrawn_at = at
    version.withdrawal_reason = reason
    version.save(update_fields=["status", "withdrawn_at", "withdrawal_reason"])
    events.record("factors.list_version.withdrawn", version, actor=actor, at=at, reason=reason)
    return version


class VersionNotDraft(Conflict):
    code = "factors.list_version.not_draft"
    title = "The version is no draft."


def check_draft(version: FactorListVersion) -> None:
    if version.status != VersionStatus.DRAFT:
        raise VersionNotDraft(
            f"Version {version.number} is {version.status.replace('_', ' ')}.",
            hint="Return it to its draft first, or start the next version.",
            status=version.status,
        )


def locked(version_id: UUID) -> FactorListVersion:
    """Lock the row, so that of two people acting at once the second sees the first."""
    versions = FactorListVersion.objects.select_related("factor_list").select_for_update(
        of=("self",)
    )
    return one(versions, pk=version_id)


def _check_migrates(version: FactorListVersion, *, actor: Actor) -> None:
    catalogue, base = Catalogue.from_document(version.document), factor_lists.before(version)
    stored = migrations.stored(catalogue, base, actor=actor)
    policies.check_migrates(catalogue, base, stored)


def _own(code: str, *, actor: Actor) -> FactorList:
    """Check first and lock then: row security lets nobody but the owner lock a list."""
    permissions.check_can_edit(actor, one(FactorList.objects.all(), code=code))
    return one(FactorList.objects.select_for_update(), code=code)


def _list_of(catalogue: Catalogue, *, actor: Actor, at: datetime) -> FactorList:
    """Return the list of this code, the actor's own and locked, or a new one."""
    if FactorList.objects.filter(code=catalogue.code).exists():
        return _own(catalogue.code, actor=actor)
    try:
        with transaction.atomic():
            return FactorList.objects.create(
                owner_id=actor.organization_id,
                code=catalogue.code,
                name_zh=catalogue.name_zh,
                name_en=catalogue.name_en,
                region=catalogue.region,
                created_at=at,
            )
    except IntegrityError:
        raise CodeTaken(
            f"There is a factor list {catalogue.code} already.",
            hint="Choose a code that begins with your region's letters.",
            factor_list=catalogue.code,
        ) from None


def _write(version: FactorListVersion, catalogue: Catalogue, *, effective_from: date) -> None:
    if catalogue.code != version.factor_list.code:
        raise policies.ListCannotWork(
            f"The document is of {catalogue.code}, and the version of {version.factor_list.code}.",
            hint="Start a draft of that list instead.",
            errors=[{"pointer": "/code", "detail": f"Must be {version.factor_list.code}."}],
        )
    draft_steps.write(version, draft_steps.dated(catalogue.to_document(), effective_from))


def _signed_by(version: FactorListVersion) -> set[UUID]:
    """Return the organizations that have signed the document as it is now."""
    signed = SignOff.objects.filter(
        version=version, digest=version.digest, decision=Decision.SIGNED.value
    )
    return set(signed.values_list("owner_id", flat=True))
