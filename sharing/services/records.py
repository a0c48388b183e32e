"""
Single changes of an enterprise's record: prepared by one person, released by another.

A correction puts a right value in the place of a wrong one. A withdrawal makes a fact that
was repaired or mistaken vanish. A re-verification says that a value still holds. A revoked
certificate is none of these: it is a new value, observed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from sharing import permissions, policies
from sharing.domain.import_lifecycle import (
    RECORD_CHANGE,
    Cause,
    ChangeKind,
)
from sharing.models import Enterprise, FactorProfile, RecordChange
from sharing.services import (
    dispute_marks,
    item_lineages,
    publications,
    recalls,
    refresh_answers,
    register_rules,
)
from sharing.services.publications import ChangeIn, NotRegistered

KINDS: Mapping[Cause, frozenset[ChangeKind]] = {
    Cause.CORRECTION: frozenset({ChangeKind.CORRECTED, ChangeKind.OBSERVED, ChangeKind.CLEARED}),
    Cause.REVERIFICATION: frozenset({ChangeKind.REVERIFIED, ChangeKind.OBSERVED}),
    Cause.WITHDRAWAL: frozenset({ChangeKind.WITHDRAWN}),
    Cause.DISPUTE: frozenset({ChangeKind.CORRECTED, ChangeKind.WITHDRAWN}),
}
"""Which kinds of rows a person may prepare for which cause. A dispute's mark is no person's."""


@transaction.atomic
def prepare(
    uscc: str,
    *,
    factor_list: str,
    changes: Mapping[str, Any],
    details: Mapping[str, Mapping[str, Any]] | None = None,
    cause: Cause,
    kind: ChangeKind | None = None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> RecordChange:
    """
    Prepare a change for another person to release. Nothing is visible outside before that.

    :param kind: what the row of the ledger will say; left out, what the cause suggests. A
        re-verification that finds another value is an observation.
    :param changes: item code to canonical value; None where there is none any more.
    :param reason: why, in a sentence that the audit keeps and receivers never see.
    :raises NotPermitted: if the actor's role prepares no changes.
    :raises NotRegistered: if the enterprise is not on the register of the jurisdiction.
    :raises Invalid: if items, values or kind do not fit the list and the cause.
    """
    permissions.check_can_prepare_record(actor)
    if not Enterprise.objects.filter(pk=uscc).exists():
        raise NotRegistered(
            f"{uscc} is not on the register of your jurisdiction.",
            hint="Import the enterprise first, or ask the bureau it belongs to.",
        )
    catalogue = _in_force(factor_list, at=at)
    kind = kind or _suggested(cause, changes, held=_values(uscc, factor_list))
    policies.check_kind(kind, cause=cause, allowed=KINDS.get(cause, frozenset()))
    policies.check_values(changes, details or {}, catalogue=catalogue, kind=kind)
    if kind == ChangeKind.REVERIFIED:
        policies.check_reverifies(changes, held=_values(uscc, factor_list))
    change = RecordChange.objects.create(
        owner_id=actor.organization_id,
        uscc=uscc,
        factor_list=factor_list,
        cause=cause.value,
        kind=kind.value,
        changes=dict(changes),
        details={code: dict(detail) for code, detail in (details or {}).items()},
        reason=reason,
        status=RECORD_CHANGE.initial.value,
        prepared_by_id=actor.account_id,
        prepared_at=at,
    )
    audit.record(
        "sharing.record.prepared",
        change,
        actor=actor,
        at=at,
        uscc=uscc,
        kind=kind.value,
        items=sorted(changes),
        reason=reason,
    )
    return change


def correct(uscc: str, **how: Any) -> RecordChange:
    """Prepare the replacement of wrong values by right ones; see `prepare`."""
    return prepare(uscc, kind=ChangeKind.CORRECTED, cause=Cause.CORRECTION, **how)


def observe(uscc: str, **how: Any) -> RecordChange:
    """Prepare a new fact beside the files, such as a certificate that was revoked."""
    return prepare(uscc, kind=ChangeKind.OBSERVED, cause=Cause.CORRECTION, **how)


def revoke(uscc: str, item: str, *, value: str = "REVOKED", **how: Any) -> RecordChange:
    """Prepare the revocation of a certificate: a new value, which stays visible."""
    return observe(uscc, changes={item: value}, **how)


def withdraw(uscc: str, items: Mapping[str, Any], **how: Any) -> RecordChange:
    """
    Prepare the withdrawal of facts that were repaired or mistaken: they vanish from every view.

    :param items: item code to the value that holds now, None where there is none.
    """
    return prepare(uscc, kind=ChangeKind.WITHDRAWN, cause=Cause.WITHDRAWAL, changes=items, **how)


def reverify(uscc: str, items: list[str], *, factor_list: str, **how: Any) -> RecordChange:
    """Prepare the word that values still hold: a change like any other, with the same values."""
    held = _values(uscc, factor_list)
    return prepare(
        uscc,
        kind=ChangeKind.REVERIFIED,
        cause=Cause.REVERIFICATION,
        factor_list=factor_list,
        changes={item: held.get(item) for item in items},
        **how,
    )


def release(change_id: UUID, *, actor: Actor, at: datetime) -> RecordChange:
    """
    Publish a prepared change, as a second person.

    A bureau may release for the bureaus below it; the publication stays theirs.

    :raises NoSuchRecord: if the actor's organization sees no such change.
    :raises NotPermitted: if the actor prepared it, or releases none.
    :raises IllegalTransition: if it was released or cancelled already.
    :raises ValuesUnfit: if the list has moved on to a version that it does not fit.
    """
    with _locked(change_id, actor=actor) as change:
        permissions.check_can_release_record(actor, change)
        status = RECORD_CHANGE.target("release", state=change.status)
        _check_items(change, at=at)
        preparer = replace(actor, user_id=change.prepared_by_id)
        owner = replace(actor, organization_id=change.owner_id, region=change.owner.region_id)
        change.publication = publications.publish_changes(
            [ChangeIn(change.uscc, change.kind, _said(change), change.details or None)],
            cause=change.cause,
            factor_list=change.factor_list,
            actor_prepared=preparer,
            actor_released=owner,
            at=at,
        )
        if change.kind == ChangeKind.WITHDRAWN:
            recalls.issue(change.publication, actor=owner, at=at)
        change.status = status.value
        change.released_at = at
        change.released_by_id = actor.user_id
        change.save()
        refresh_answers.settle(change, actor=owner, at=at)
        dispute_marks.settle(change, actor=owner, at=at)
    audit.record("sharing.record.released", change, actor=actor, at=at, uscc=change.uscc)
    return change


def cancel(change_id: UUID, *, actor: Actor, at: datetime) -> RecordChange:
    """
    Drop a prepared change.

    :raises IllegalTransition: if it was released or cancelled already.
    """
    with _locked(change_id, actor=actor) as change:
        permissions.check_can_cancel_record(actor)
        change.status = RECORD_CHANGE.target("cancel", state=change.status).value
        change.cancelled_at = at
        change.save(update_fields=["status", "cancelled_at"])
        owner = replace(actor, organization_id=change.owner_id, region=change.owner.region_id)
        refresh_answers.settle(change, actor=owner, at=at)
        dispute_marks.settle(change, actor=owner, at=at)
    audit.record("sharing.record.cancelled", change, actor=actor, at=at, uscc=change.uscc)
    return change


@contextmanager
def _locked(change_id: UUID, *, actor: Actor) -> Iterator[RecordChange]:
    """Lock a change that the actor sees, bound to the organization that owns it."""
    with transaction.atomic():
        seen = one(RecordChange.objects.all(), pk=change_id)
        with acting_as(seen.owner_id, user_id=actor.user_id, channel=actor.channel):
            rows = RecordChange.objects.select_related("owner").select_for_update(of=("self",))
            yield one(rows, pk=change_id)


def _check_items(change: RecordChange, *, at: datetime) -> None:
    """
    Hold the items of a change against the list as it is now; a name or a size is on none.

    :raises ValuesUnfit: if the list has moved on to a version that they do not fit.
    """
    items = {c: v for c, v in change.changes.items() if c not in register_rules.IDENTITY}
    if items:
        policies.check_values(
            items,
            {code: said for code, said in change.details.items() if code in items},
            catalogue=_in_force(change.factor_list, at=at),
            kind=ChangeKind(change.kind),
        )


def _said(change: RecordChange) -> dict[str, Any]:
    """What is withdrawn vanishes under the codes that the item had before, too."""
    if change.kind != ChangeKind.WITHDRAWN:
        return dict(change.changes)
    former = item_lineages.former_codes(change.factor_list, list(change.changes))
    return {**dict.fromkeys(former), **change.changes}


def _suggested(cause: Cause, changes: Mapping[str, Any], *, held: Mapping[str, Any]) -> ChangeKind:
    if cause == Cause.WITHDRAWAL:
        return ChangeKind.WITHDRAWN
    if cause == Cause.REVERIFICATION:
        same = all(held.get(code) == value for code, value in changes.items())
        return ChangeKind.REVERIFIED if same else ChangeKind.OBSERVED
    return ChangeKind.CORRECTED


def _in_force(factor_list: str, *, at: datetime) -> Catalogue:
    try:
        return factor_lists.in_force(factor_list, business_day(at))
    except NoSuchRecord as none:
        raise policies.ListUnknown(
            none.message,
            hint=none.hint,
            errors=[{"pointer": "/factor_list", "detail": none.message}],
        ) from None


def _values(uscc: str, factor_list: str) -> dict[str, Any]:
    profile = FactorProfile.objects.filter(uscc=uscc, factor_list=factor_list).first()
    return dict(profile.values) if profile else {}
