"""All changes to scorecards: prepared by one person, approved by another."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from evaluation import permissions, policies
from evaluation.domain.lifecycle import SCORECARD, ScorecardStatus
from evaluation.domain.scorecard_documents import from_document
from evaluation.models import Scorecard, ScorecardVersion
from evaluation.selectors import scorecards as selectors
from qfce.kernel.audit import events
from qfce.kernel.calendar import business_day
from qfce.kernel.canonical import digest
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


class CodeDiffers(Invalid):
    code = "evaluation.scorecard.code_differs"
    title = "A version keeps the code of its scorecard."


class CreatedTwice(Conflict):
    code = "evaluation.scorecard.created_twice"
    title = "Another version of this scorecard is being created."


def create(document: Mapping[str, Any], *, actor: Actor, at: datetime) -> ScorecardVersion:
    """
    Start the next version of a scorecard, and the scorecard itself if its code is new.

    The number is the next one, whatever the document says.

    :raises InvalidScorecard: with a pointer to each thing that is wrong.
    :raises VersionOpen: if another version is a draft or under review.
    :raises CreatedTwice: if somebody creates a version of it this very moment.
    """
    actor.require(permissions.WRITE_SCORECARD)
    try:
        with transaction.atomic():
            return _create(document, actor=actor, at=at)
    except IntegrityError:
        raise CreatedTwice(
            "Somebody else is creating a version of this scorecard.",
            hint="Look at the list of scorecards, then try again.",
        ) from None


@transaction.atomic
def revise(
    version_id: UUID, document: Mapping[str, Any], *, actor: Actor, at: datetime
) -> ScorecardVersion:
    """
    Put another document in place of a draft's. Whoever does so has prepared it.

    :raises NoSuchRecord: if the actor's organization has no such version.
    :raises IllegalTransition: if it is no draft.
    :raises InvalidScorecard: with a pointer to each thing that is wrong.
    :raises CodeDiffers: if the document is another scorecard's.
    """
    version = _locked(version_id)
    permissions.check_can_write(actor, version)
    SCORECARD.target("revise", state=version.status)
    _write(version, document, actor=actor, at=at)
    if version.document["code"] != version.scorecard.code:
        raise CodeDiffers(
            f"This is {version.scorecard.code}, and the document says {version.document['code']}.",
            hint="Create a scorecard with that code instead.",
            errors=[{"pointer": "/code", "detail": f"It must be {version.scorecard.code}."}],
        )
    version.save()
    events.record(
        "evaluation.scorecard.revised", version, actor=actor, at=at, digest=version.digest
    )
    return version


@transaction.atomic
def submit(version_id: UUID, *, actor: Actor, at: datetime) -> ScorecardVersion:
    """
    Hand a draft to a second person.

    :raises IllegalTransition: if it is no draft.
    :raises VectorsDisagree: if the card does not give what its own examples say.
    """
    version = _locked(version_id)
    permissions.check_can_write(actor, version)
    status = SCORECARD.target("submit", state=version.status)
    policies.check_vectors(
        from_document(version.document), version.document, selectors.catalogue(version)
    )
    version.status = status.value
    version.submitted_at = at
    version.submitted_by_id = actor.user_id
    version.return_reason = None
    version.save()
    events.record(
        "evaluation.scorecard.submitted", version, actor=actor, at=at, digest=version.digest
    )
    return version


@transaction.atomic
def return_(version_id: UUID, *, reason: str, actor: Actor, at: datetime) -> ScorecardVersion:
    """
    Give a version back to be revised.

    :raises OwnScorecard: if the actor prepared it.
    :raises IllegalTransition: if it is not under review.
    """
    version = _locked(version_id)
    permissions.check_can_approve(actor, version)
    version.status = SCORECARD.target("return", state=version.status).value
    version.submitted_at = None
    version.submitted_by_id = None
    version.return_reason = reason
    version.save()
    events.record("evaluation.scorecard.returned", version, actor=actor, at=at, reason=reason)
    return version


@transaction.atomic
def approve(
    version_id: UUID, *, actor: Actor, at: datetime, effective_from: date | None = None
) -> ScorecardVersion:
    """
    Publish a version: it counts from `effective_from`, today unless said, and never changes.

    The version published before is superseded and counts until then.

    :raises NoSuchRecord: if the actor's organization has no such version.
    :raises OwnScorecard: if the actor prepared or submitted it.
    :raises IllegalTransition: if it is not under review.
    :raises FirstDayPassed: if it would take effect before today.
    """
    version = _locked(version_id)
    permissions.check_can_approve(actor, version)
    status = SCORECARD.target("approve", state=version.status)
    today = business_day(at)
    first_day = effective_from or today
    policies.check_first_day(first_day, today)

    _supersede(version, actor=actor, at=at)
    version.status = status.value
    version.effective_from = first_day
    version.approved_at = at
    version.approved_by_id = actor.user_id
    version.save()
    events.record(
        "evaluation.scorecard.published",
        version,
        actor=actor,
        at=at,
        digest=version.digest,
        effective_from=first_day,
    )
    return version


@transaction.atomic
def withdraw(version_id: UUID, *, reason: str, actor: Actor, at: datetime) -> ScorecardVersion:
    """
    Take a published version out of use; evaluations made with it stay what they are.

    :raises OwnScorecard: if the actor prepared it.
    :raises IllegalTransition: if it was never published.
    """
    version = _locked(version_id)
    permissions.check_can_approve(actor, version)
    version.status = SCORECARD.target("withdraw", state=version.status).value
    version.withdrawn_at = at
    version.withdrawal_reason = reason
    version.save()
    events.record("evaluation.scorecard.withdrawn", version, actor=actor, at=at, reason=reason)
    return version


def _create(document: Mapping[str, Any], *, actor: Actor, at: datetime) -> ScorecardVersion:
    code = from_document(document).code
    scorecard, _ = Scorecard.objects.get_or_create(
        owner_id=actor.organization_id, code=code, defaults={"created_at": at}
    )
    Scorecard.objects.select_for_update(of=("self",)).get(pk=scorecard.pk)
    versions = list(scorecard.versions.order_by("number").defer("document"))
    policies.check_none_open(versions)
    version = ScorecardVersion(
        owner_id=actor.organization_id,
        scorecard=scorecard,
        number=versions[-1].number + 1 if versions else 1,
        status=SCORECARD.initial.value,
    )
    _write(version, document, actor=actor, at=at)
    version.save(force_insert=True)
    events.record(
        "evaluation.scorecard.drafted", version, actor=actor, at=at, digest=version.digest
    )
    return version


def _write(
    version: ScorecardVersion, document: Mapping[str, Any], *, actor: Actor, at: datetime
) -> None:
    """Put a document that holds together into a version."""
    bound = from_document(document).binds
    card = policies.check_holds_together(
        document, selectors.catalogue_or_none(bound.factor_list, bound.version)
    )
    version.document = {**document, "version": version.number}
    version.digest = digest(version.document)
    version.name_zh, version.name_en = card.name_zh, card.name_en
    version.pattern = card.pattern.value
    version.factor_list, version.list_version = bound.factor_list, bound.version
    version.prepared_at = at
    version.prepared_by_id = actor.user_id


def _supersede(version: ScorecardVersion, *, actor: Actor, at: datetime) -> None:
    before = (
        ScorecardVersion.objects.select_for_update(of=("self",))
        .filter(scorecard=version.scorecard_id, status=ScorecardStatus.PUBLISHED.value)
        .first()
    )
    if before:
        before.status = SCORECARD.target("supersede", state=before.status).value
        before.save(update_fields=["status"])
        events.record(
            "evaluation.scorecard.superseded", before, actor=actor, at=at, by=version.number
        )


def _locked(version_id: UUID) -> ScorecardVersion:
    """Lock the row, so that of two people deciding at once the second sees the first."""
    versions = ScorecardVersion.objects.select_related("scorecard")
    return one(versions.select_for_update(of=("self",)), pk=version_id)
