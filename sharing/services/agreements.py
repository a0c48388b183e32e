"""Changes to agreements: what a regulator shares with whom, from draft to end."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization
from sharing import permissions, policies
from sharing.domain.agreements import AGREEMENT, compile_terms
from sharing.domain.import_lifecycle import ChangeKind
from sharing.models import Agreement, EnterpriseList
from sharing.services import access


@transaction.atomic
def draft(
    *,
    recipient_id: UUID,
    factor_list: str,
    categories: Sequence[str],
    purposes: Sequence[str],
    regions: Sequence[str] = (),
    enterprise_list_ids: Sequence[UUID] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
    actor: Actor,
    at: datetime,
) -> Agreement:
    """
    Draw up an agreement; nothing is shared until it is activated.

    :raises NotPermitted: if the actor's organisation may not share.
    :raises Invalid: if recipient, categories, purposes, regions or term are not possible.
    :raises NoSuchRecord: if there is no such factor list or enterprise list.
    """
    permissions.check_can_conclude(actor)
    recipient = one(Organization.objects.all(), pk=recipient_id)
    policies.check_recipient(recipient.kind, is_active=recipient.is_active)
    policies.check_purposes_grantable(purposes)
    policies.check_categories(categories, factor_lists.newest(factor_list))
    policies.check_regions(regions, actor.region)
    first_day = starts_on or business_day(at)
    policies.check_term(first_day, ends_on, on=business_day(at))
    for list_id in enterprise_list_ids:
        one(EnterpriseList.objects.filter(owner_id=actor.organization_id), pk=list_id)

    agreement = Agreement.objects.create(
        owner_id=actor.organization_id,
        recipient=recipient,
        factor_list=factor_list,
        categories=list(categories),
        purposes=list(purposes),
        regions=list(regions),
        enterprise_list_ids=list(enterprise_list_ids),
        starts_on=first_day,
        ends_on=ends_on,
        created_at=at,
        created_by_id=actor.user_id,
    )
    audit.record(
        "sharing.agreement.drafted",
        agreement,
        actor=actor,
        at=at,
        recipient=recipient.short_name,
        categories=categories,
        purposes=purposes,
        regions=regions,
    )
    return agreement


@transaction.atomic
def activate(agreement_id: UUID, *, actor: Actor, at: datetime) -> Agreement:
    """
    Put a draft into force, or take a suspended agreement up again.

    The first time the terms are compiled from the list version in force; they stay as they
    are when the list moves on. The recipient finds an `access_opened` item in its feed.

    :raises IllegalTransition: if it is active already, or ended.
    """
    agreement = _locked(agreement_id, actor)
    agreement.status = AGREEMENT.target("activate", state=agreement.status)
    if agreement.activated_at is None:
        catalogue = factor_lists.in_force(agreement.factor_list, business_day(at))
        terms = compile_terms(catalogue, agreement.categories)
        agreement.items = list(terms.items)
        agreement.consent_items = list(terms.consent_items)
        agreement.withheld_items = list(terms.withheld_items)
        agreement.list_version = catalogue.version
        agreement.activated_at = at
    agreement.suspended_at = None
    agreement.save()
    _tell(ChangeKind.ACCESS_OPENED, agreement, actor=actor, at=at)
    audit.record(
        "sharing.agreement.activated",
        agreement,
        actor=actor,
        at=at,
        list_version=agreement.list_version,
        items=len(agreement.items),
        consent_items=len(agreement.consent_items),
    )
    return agreement


@transaction.atomic
def suspend(agreement_id: UUID, *, actor: Actor, at: datetime) -> Agreement:
    """
    Stop sharing for the time being.

    :raises IllegalTransition: if it is not active.
    """
    agreement = _locked(agreement_id, actor)
    agreement.status = AGREEMENT.target("suspend", state=agreement.status)
    agreement.suspended_at = at
    agreement.save()
    _tell(ChangeKind.ACCESS_CLOSED, agreement, actor=actor, at=at)
    audit.record("sharing.agreement.suspended", agreement, actor=actor, at=at)
    return agreement


@transaction.atomic
def end(agreement_id: UUID, *, actor: Actor, at: datetime) -> Agreement:
    """
    Stop sharing for good.

    :raises IllegalTransition: if it never began, or has ended.
    """
    agreement = _locked(agreement_id, actor)
    was_open = agreement.suspended_at is None
    agreement.status = AGREEMENT.target("end", state=agreement.status)
    agreement.ended_at = at
    agreement.save()
    if was_open:
        _tell(ChangeKind.ACCESS_CLOSED, agreement, actor=actor, at=at)
    audit.record("sharing.agreement.ended", agreement, actor=actor, at=at)
    return agreement


def end_due(*, actor: Actor, at: datetime) -> int:
    """End the actor's agreements whose last day has passed; return how many there were."""
    due = Agreement.objects.filter(
        owner_id=actor.organization_id,
        status__in=("active", "suspended"),
        ends_on__lt=business_day(at),
    )
    ids = list(due.order_by("pk").values_list("pk", flat=True))
    for agreement_id in ids:
        end(agreement_id, actor=actor, at=at)
    return len(ids)


def _tell(kind: ChangeKind, agreement: Agreement, *, actor: Actor, at: datetime) -> None:
    """
    Tell the recipient. What the ledger said before is in its feed from the beginning, as far
    as the agreement covers it; the item's own cursor is the position of the snapshot that
    either call gives.
    """
    assert agreement.list_version is not None
    access.publish(
        kind,
        recipient_id=agreement.recipient_id,
        factor_list=agreement.factor_list,
        list_version=agreement.list_version,
        details={
            "agreement": str(agreement.pk),
            "snapshot": {
                "changes": "/api/v1/changes/?after=",
                "lookup": "/api/v1/enterprises/lookup/",
            },
        },
        actor=actor,
        at=at,
    )


def _locked(agreement_id: UUID, actor: Actor) -> Agreement:
    """Lock it for its owner. The recipient sees it too, but no lock is given to a reader."""
    permissions.check_can_change(actor, one(Agreement.objects.all(), pk=agreement_id))
    return one(Agreement.objects.select_for_update(of=("self",)), pk=agreement_id)
