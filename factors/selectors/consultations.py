"""Consultations on drafts: which are open, who has commented, and what was answered."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from factors import permissions
from factors.domain.catalogue import Catalogue, Item
from factors.domain.consultations import is_open
from factors.models import Consultation, ConsultationComment
from factors.selectors import factor_lists
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization, OrganizationKind

INVITED_KINDS = (
    OrganizationKind.BANK,
    OrganizationKind.MARKET_REGULATOR,
    OrganizationKind.CENTRAL_BANK_BRANCH,
    OrganizationKind.FINANCIAL_REGULATOR,
    OrganizationKind.LOCAL_FINANCE_OFFICE,
    OrganizationKind.CREDIT_AGENCY,
    OrganizationKind.GUARANTOR,
    OrganizationKind.ENTERPRISE,
)


INVITED_SHOWN = 30
"""So many organizations are offered at a time; more words narrow them."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An invited organization, and how many comments of it the reader sees."""

    id: UUID
    name_zh: str
    name_en: str
    comments: int


@dataclass(frozen=True, slots=True)
class CommentRow:
    """One comment with its answer, if it has one."""

    id: UUID
    item: str
    item_zh: str
    item_en: str
    organization_zh: str
    organization_en: str
    text: str
    made_at: datetime
    made_by_name: str
    outcome: str
    answer: str
    answered_at: datetime | None


def get(consultation_id: UUID, *, actor: Actor) -> Consultation:
    """
    Return a consultation that the actor's organization keeps or is invited to.

    :raises NoSuchRecord: for anybody else.
    """
    actor.require(permissions.VIEW)
    return one(Consultation.objects.all(), pk=consultation_id)


def content(consultation: Consultation) -> Catalogue:
    """Return the text that is consulted on, which stays as it was when it was opened."""
    return Catalogue.from_document(consultation.document)


def of_version(code: str, number: int, *, actor: Actor) -> list[Consultation]:
    """
    Return the consultations on one version that the actor sees, the newest first.

    :raises NoSuchRecord: if the actor sees no such version.
    """
    version = factor_lists.version(code, number, actor=actor)
    return list(
        Consultation.objects.filter(version=version).defer("document").order_by("-opened_at")
    )


def list_for(*, actor: Actor) -> list[Consultation]:
    """Return every consultation that the actor's organization keeps or is invited to."""
    actor.require(permissions.VIEW)
    return list(_named().order_by("-opened_at", "pk"))


def awaiting(*, actor: Actor, on: date) -> list[Consultation]:
    """Return the open consultations to which the actor's organization has yet to say anything."""
    said = ConsultationComment.objects.filter(
        consultation=OuterRef("pk"), owner_id=actor.organization_id
    )
    waiting = _named().filter(
        ~Exists(said),
        invited_ids__contains=[actor.organization_id],
        closed_at__isnull=True,
        closes_on__gte=on,
    )
    return list(waiting.order_by("closes_on", "pk"))


def unanswered(*, actor: Actor) -> int:
    """Count the comments on the actor's own drafts that have no answer."""
    return ConsultationComment.objects.filter(
        consultation__owner_id=actor.organization_id, answer__isnull=True
    ).count()


def takes_comments(consultation: Consultation, *, on: date) -> bool:
    """Whether comments are taken on a day."""
    return is_open(consultation.closes_on, consultation.closed_at, on=on)


def invited(consultation: Consultation, *, actor: Actor) -> list[Invited]:
    """Return who was invited, in the order of their names; one query."""
    counted: dict[UUID, int] = dict(
        ConsultationComment.objects.filter(consultation=consultation)
        .values_list("owner_id")
        .annotate(said=Count("pk"))
    )
    organizations = Organization.objects.filter(pk__in=consultation.invited_ids)
    mine = consultation.owner_id == actor.organization_id
    if not mine:  # who else was asked is between them and the owner of the list
        organizations = organizations.filter(pk=actor.organization_id)
    return [
        Invited(row.pk, row.name_zh, row.name_en, counted.get(row.pk, 0))
        for row in organizations.order_by("name_zh")
    ]


def comments(consultation: Consultation, *, actor: Actor) -> list[CommentRow]:
    """Return the comments that the actor sees: all for the owner, else its organization's own."""
    actor.require(permissions.VIEW)
    items = content(consultation).items
    rows = ConsultationComment.objects.filter(consultation=consultation)
    found = rows.select_related("owner", "answer").order_by("item", "made_at", "pk")
    return [_row(row, items) for row in found]


def may_be_invited(*, actor: Actor) -> QuerySet[Organization]:
    """Return the organizations that a consultation can invite: thousands, so narrow them."""
    actor.require(permissions.EDIT)
    kinds = [kind.value for kind in INVITED_KINDS]
    rows = Organization.objects.filter(kind__in=kinds, is_active=True)
    return rows.exclude(pk=actor.organization_id).order_by("kind", "name_zh", "pk")


def find_to_invite(
    words: str, kind: str, *, leave_out: Collection[UUID], actor: Actor
) -> tuple[list[Organization], int]:
    """
    Return the first organizations to invite whose names, region or code hold each word.

    :param kind: of organization; empty: every kind.
    :returns: those that are shown, and how many there are.
    """
    rows = may_be_invited(actor=actor).exclude(pk__in=leave_out)
    if kind:
        rows = rows.filter(kind=kind)
    for word in words.split():
        named = Q(name_zh__icontains=word) | Q(name_en__icontains=word)
        placed = Q(region__name_zh__icontains=word) | Q(region__name_en__icontains=word)
        rows = rows.filter(named | placed | Q(region__code=word) | Q(uscc=word.upper()))
    return list(rows.select_related("region")[:INVITED_SHOWN]), rows.count()


def _named() -> QuerySet[Consultation]:
    """Name the lists out of their texts: the invited do not see the drafts themselves."""
    told = {
        f"list_{name}": KeyTextTransform(name, "document")
        for name in ("code", "version", "name_zh", "name_en")
    }
    return Consultation.objects.annotate(**told).defer("document")


def _row(row: ConsultationComment, items: Mapping[str, Item]) -> CommentRow:
    item = items.get(row.item)
    answer = getattr(row, "answer", None)
    return CommentRow(
        id=row.pk,
        item=row.item,
        item_zh=item.name_zh if item else "",
        item_en=item.name_en if item else "",
        organization_zh=row.owner.name_zh,
        organization_en=row.owner.name_en,
        text=row.text,
        made_at=row.made_at,
        made_by_name=row.made_by_name,
        outcome=answer.outcome if answer else "",
        answer=answer.text if answer else "",
        answered_at=answer.answered_at if answer else None,
    )
