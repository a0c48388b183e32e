"""Opening a draft to others for comments, commenting on it, and answering what was said."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from factors import permissions, policies
from factors.domain.catalogue import Catalogue
from factors.domain.consultations import Outcome, is_open
from factors.models import (
    Consultation,
    ConsultationAnswer,
    ConsultationComment,
    FactorListVersion,
)
from factors.services import draft_steps
from factors.services.factor_lists import check_draft, locked
from qfce.kernel.audit import events
from qfce.kernel.calendar import business_day
from qfce.kernel.canonical import digest
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization


class NobodyInvited(Invalid):
    code = "factors.consultation.nobody_invited"
    title = "A consultation invites at least one organization, and none but active ones."


class ConsultationOpen(Conflict):
    code = "factors.consultation.open"
    title = "A consultation on this draft is open."


class ConsultationClosed(Conflict):
    code = "factors.consultation.closed"
    title = "The consultation takes no more comments."


class NoSuchItem(Invalid):
    code = "factors.consultation.no_such_item"
    title = "The text that is consulted on has no such item."


class AnsweredAlready(Conflict):
    code = "factors.consultation.answered"
    title = "The comment has its answer."


@transaction.atomic
def open_(
    version_id: UUID,
    *,
    invited_ids: Sequence[UUID],
    closes_on: date,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> Consultation:
    """
    Lay a draft, as it is now, before invited organizations until a day, that day included.

    :raises VersionNotDraft: if the version is no draft.
    :raises ConsultationOpen: if one on this draft is open.
    :raises NobodyInvited: if nobody is, or an organization that does not take part.
    :raises DeadlinePassed: if the day has passed.
    """
    version = _own_draft(version_id, actor=actor)
    invited = _invited(invited_ids, actor=actor)
    policies.check_deadline(closes_on, at=at)
    document = draft_steps.current(version)
    try:
        with transaction.atomic():
            consultation = Consultation.objects.create(
                owner_id=actor.organization_id,
                version=version,
                document=document,
                digest=digest(document),
                note=note.strip(),
                invited_ids=invited,
                opened_at=at,
                opened_by_id=actor.user_id,
                closes_on=closes_on,
            )
    except IntegrityError:
        raise ConsultationOpen(
            f"A consultation on version {version.number} is open.",
            hint="Close it before you open another.",
            number=version.number,
        ) from None
    events.record(
        "factors.consultation.opened",
        consultation,
        actor=actor,
        at=at,
        digest=consultation.digest,
        closes_on=closes_on,
        invited=[str(organization) for organization in invited],
    )
    return consultation


@transaction.atomic
def extend(consultation_id: UUID, *, closes_on: date, actor: Actor, at: datetime) -> Consultation:
    """
    Move the deadline of an open consultation.

    :raises ConsultationClosed: if it was closed.
    :raises DeadlinePassed: if the new day has passed.
    """
    consultation = _own(consultation_id, actor=actor)
    policies.check_deadline(closes_on, at=at)
    consultation.closes_on, consultation.reminded_on = closes_on, None
    consultation.save(update_fields=["closes_on", "reminded_on"])
    events.record(
        "factors.consultation.extended", consultation, actor=actor, at=at, closes_on=closes_on
    )
    return consultation


@transaction.atomic
def close(consultation_id: UUID, *, actor: Actor, at: datetime) -> Consultation:
    """
    Take no more comments; those that were made can still be answered.

    :raises ConsultationClosed: if it was closed before.
    """
    consultation = _own(consultation_id, actor=actor)
    consultation.closed_at = at
    consultation.save(update_fields=["closed_at"])
    events.record("factors.consultation.closed", consultation, actor=actor, at=at)
    return consultation


@transaction.atomic
def comment(
    consultation_id: UUID, *, item: str = "", text: str, actor: Actor, at: datetime
) -> ConsultationComment:
    """
    Say something about one item, or about the whole list, for the actor's organization.

    :raises NoSuchRecord: if the actor's organization is not invited.
    :raises NotInvited: if the actor keeps the list, and so only answers.
    :raises ConsultationClosed: if it is closed, or the deadline has passed.
    :raises NoSuchItem: if the text has no such item.
    :raises ReasonMissing: if nothing is said.
    """
    consultation = one(Consultation.objects.all(), pk=consultation_id)
    permissions.check_can_comment(actor, consultation)
    if not is_open(consultation.closes_on, consultation.closed_at, on=business_day(at)):
        raise ConsultationClosed(
            f"Comments were taken until {consultation.closes_on}.",
            hint="Ask the owner of the list to move the deadline.",
            closes_on=str(consultation.closes_on),
        )
    if item and item not in Catalogue.from_document(consultation.document).items:
        raise NoSuchItem(
            f"The text that is consulted on has no item {item}.",
            hint="Choose an item, or comment on the whole list.",
            item=item,
        )
    policies.check_reason(text)
    said = ConsultationComment.objects.create(
        owner_id=actor.organization_id,
        consultation=consultation,
        item=item,
        text=text.strip(),
        made_at=at,
        made_by_id=actor.account_id,
        made_by_name=actor.name[:150],
    )
    events.record("factors.consultation.commented", said, actor=actor, at=at, item=item)
    return said


@transaction.atomic
def answer(
    comment_id: UUID, *, outcome: Outcome, text: str, actor: Actor, at: datetime
) -> ConsultationAnswer:
    """
    Answer one comment; whoever made it reads the answer.

    :raises NoSuchRecord: if the actor sees no such comment.
    :raises NotListOwner: if the list is another organization's.
    :raises AnsweredAlready: if it has its answer.
    :raises ReasonMissing: if nothing is said.
    """
    said = one(
        ConsultationComment.objects.select_related("consultation__version__factor_list"),
        pk=comment_id,
    )
    permissions.check_can_edit(actor, said.consultation.version.factor_list)
    policies.check_reason(text)
    try:
        with transaction.atomic():
            given = ConsultationAnswer.objects.create(
                owner_id=actor.organization_id,
                comment=said,
                outcome=outcome.value,
                text=text.strip(),
                answered_at=at,
                answered_by_id=actor.user_id,
            )
    except IntegrityError:
        raise AnsweredAlready(
            "This comment has its answer.", hint="Reload the page to read it."
        ) from None
    events.record("factors.consultation.answered", said, actor=actor, at=at, outcome=outcome.value)
    return given


def _own_draft(version_id: UUID, *, actor: Actor) -> FactorListVersion:
    version = one(FactorListVersion.objects.select_related("factor_list"), pk=version_id)
    permissions.check_can_edit(actor, version.factor_list)
    version = locked(version_id)
    check_draft(version)
    return version


def _own(consultation_id: UUID, *, actor: Actor) -> Consultation:
    """Return an open consultation of the actor's own, locked."""
    found = one(Consultation.objects.select_related("version__factor_list"), pk=consultation_id)
    permissions.check_can_edit(actor, found.version.factor_list)
    found = one(Consultation.objects.select_for_update(of=("self",)), pk=consultation_id)
    if found.closed_at is not None:
        raise ConsultationClosed("The consultation was closed.", hint="Open another one.")
    return found


def _invited(invited_ids: Sequence[UUID], *, actor: Actor) -> list[UUID]:
    asked = list(dict.fromkeys(invited_ids))
    known = set(
        Organization.objects.filter(pk__in=asked, is_active=True)
        .exclude(pk=actor.organization_id)
        .values_list("pk", flat=True)
    )
    if not asked or set(asked) != known:
        raise NobodyInvited(
            "Nobody is invited, or somebody who does not take part.",
            hint="Choose banks, bureaus or enterprises other than your own organization.",
        )
    return asked
