"""Changes to enterprise lists: who is on them, and whom they are shown to."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization
from sharing import permissions, policies
from sharing.models import (
    Enterprise,
    EnterpriseList,
    EnterpriseListMember,
    EnterpriseListShare,
)

CHUNK = 5_000


class MembersUnknown(Invalid):
    code = "sharing.enterprise_list.members_unknown"
    title = "Some codes are not on the register of the jurisdiction."


@transaction.atomic
def create(
    name: str,
    *,
    kind: str = "list",
    usccs: Collection[str] = (),
    import_id: UUID | None = None,
    actor: Actor,
    at: datetime,
) -> EnterpriseList:
    """
    Begin a list, with members or empty.

    :raises MembersUnknown: if a code is not on the register of the actor's jurisdiction.
    """
    actor.require(permissions.WRITE_ENTERPRISE_LIST)
    permissions.check_can_conclude(actor)
    kept = EnterpriseList.objects.create(
        owner_id=actor.organization_id, name=name, kind=kind, import_id=import_id, created_at=at
    )
    _add(kept, usccs)
    audit.record(
        "sharing.enterprise_list.created", kept, actor=actor, at=at, name=name, members=len(usccs)
    )
    return kept


@transaction.atomic
def add(list_id: UUID, usccs: Collection[str], *, actor: Actor, at: datetime) -> int:
    """
    Put enterprises on a list; those on it already stay. Returns how many are new.

    :raises MembersUnknown: if a code is not on the register of the actor's jurisdiction.
    """
    kept = _locked(list_id, actor)
    present = EnterpriseListMember.objects.filter(
        list=kept, uscc__in=usccs, removed_at__isnull=True
    )
    new = set(usccs) - set(present.values_list("uscc", flat=True))
    _add(kept, new)
    audit.record("sharing.enterprise_list.extended", kept, actor=actor, at=at, members=len(new))
    return len(new)


@transaction.atomic
def remove(list_id: UUID, usccs: Collection[str], *, actor: Actor, at: datetime) -> int:
    """Take enterprises off a list; return how many were on it."""
    kept = _locked(list_id, actor)
    removed = EnterpriseListMember.objects.filter(
        list=kept, uscc__in=usccs, removed_at__isnull=True
    ).update(removed_at=Now())
    audit.record("sharing.enterprise_list.reduced", kept, actor=actor, at=at, members=removed)
    return removed


@transaction.atomic
def share(list_id: UUID, *, recipient_id: UUID, actor: Actor, at: datetime) -> EnterpriseListShare:
    """
    Show a list's members, their identities and nothing more, to an organisation.

    :raises RecipientUnfit: if it is none that anything can be shared with.
    """
    kept = _locked(list_id, actor)
    recipient = one(Organization.objects.all(), pk=recipient_id)
    policies.check_recipient(recipient.kind, is_active=recipient.is_active)
    shared, _ = EnterpriseListShare.objects.get_or_create(
        list=kept,
        recipient=recipient,
        defaults={"owner_id": actor.organization_id, "shared_at": at},
    )
    audit.record(
        "sharing.enterprise_list.shared",
        kept,
        actor=actor,
        at=at,
        recipient=recipient.short_name,
    )
    return shared


@transaction.atomic
def unshare(list_id: UUID, *, recipient_id: UUID, actor: Actor, at: datetime) -> None:
    """Show a list to an organisation no longer."""
    kept = _locked(list_id, actor)
    EnterpriseListShare.objects.filter(list=kept, recipient_id=recipient_id).delete()
    audit.record(
        "sharing.enterprise_list.unshared", kept, actor=actor, at=at, recipient=recipient_id
    )


def _add(kept: EnterpriseList, usccs: Collection[str]) -> None:
    regions = dict(Enterprise.objects.filter(pk__in=list(usccs)).values_list("uscc", "region"))
    unknown = sorted(set(usccs) - set(regions))
    if unknown:
        raise MembersUnknown(
            f"{', '.join(unknown[:3])} is not on the register of your jurisdiction.",
            hint="Import the enterprises first.",
            unknown=len(unknown),
        )
    # By the database's clock, which is that of every disclosure that depends on it.
    EnterpriseListMember.objects.bulk_create(
        [
            EnterpriseListMember(list=kept, uscc=uscc, region=regions[uscc], added_at=Now())
            for uscc in sorted(set(usccs))
        ],
        batch_size=CHUNK,
    )


def _locked(list_id: UUID, actor: Actor) -> EnterpriseList:
    permissions.check_keeps(actor, one(EnterpriseList.objects.all(), pk=list_id))
    return one(EnterpriseList.objects.select_for_update(of=("self",)), pk=list_id)
