"""
Objections to facts: opened, decided by the bureau that answers for the region, taken back.

While one is open the item carries a mark that every reader sees. A decision for it prepares a
correction or a withdrawal, which a second person releases; one against it says why. With the
decision the mark goes.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from qfce.kernel import parameters
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.disputes import DISPUTE
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import Dispute
from sharing.selectors import disputes as selectors
from sharing.selectors import refresh_requests
from sharing.services import dispute_marks, records

PARAMETERS = Path(__file__).parent.parent / "parameters"


class NotSeen(NotFound):
    code = "sharing.dispute.not_shared"
    title = "This fact is not shown to you."


class AlreadyDisputed(Conflict):
    code = "sharing.dispute.already_open"
    title = "You dispute this fact already."


class NobodyDecides(Unavailable):
    code = "sharing.dispute.nobody_decides"
    title = "No bureau answers for the region of this enterprise."


class ReasonMissing(Invalid):
    code = "sharing.dispute.reason"
    title = "A decision needs its reason."


@transaction.atomic
def open_(uscc: str, *, item: str, statement: str, actor: Actor, at: datetime) -> Dispute:
    """
    Object to a fact. It is marked at once, and the bureau nearest to the enterprise decides.

    :raises NotSeen: if the actor's organization may not see the item of the enterprise.
    :raises AlreadyDisputed: if a dispute of its own about it is open.
    """
    actor.require(permissions.OPEN_DISPUTE)
    open_to = selectors.open_to(uscc, actor=actor, at=at)
    reach = next((each for each in open_to if each.covers(item)), None)
    if reach is None:
        raise NotSeen(
            f"{item} of {uscc} is not shown to you.",
            hint="Dispute what you are shown, by its code.",
        )
    bureaus = refresh_requests.bureaus_for(reach.region)
    if not bureaus:
        raise NobodyDecides(f"Nobody answers for {reach.region}.", hint="Tell the operator.")
    try:
        with transaction.atomic():
            dispute = Dispute.objects.create(
                owner_id=actor.organization_id,
                uscc=uscc,
                name=reach.name,
                region=reach.region,
                factor_list=reach.factor_list,
                item=item,
                statement=statement.strip(),
                addressee=bureaus[0],
                status=DISPUTE.initial.value,
                opened_at=at,
                opened_by_id=actor.account_id,
                due_on=business_day(at) + timedelta(days=answer_days(business_day(at))),
            )
    except IntegrityError as exc:
        raise AlreadyDisputed(
            f"A dispute of yours about {item} of {uscc} is open.",
            hint="Wait for the decision, or take that one back.",
        ) from exc
    dispute_marks.mark(dispute, at=at)
    audit.record(
        "sharing.dispute.opened", dispute, actor=actor, at=at, uscc=uscc, item=item,
        due_on=dispute.due_on, addressee=dispute.addressee.short_name,
    )  # fmt: skip
    return dispute


@transaction.atomic
def uphold(
    dispute_id: UUID,
    *,
    value: Any = None,
    details: Mapping[str, Any] | None = None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Dispute:
    """
    Find for whoever objected: prepare the right value, or the withdrawal where there is none.

    :param value: what holds; None withdraws the fact.
    :param reason: for whoever objected, in a sentence.
    :raises NotPermitted: if another bureau decides.
    :raises IllegalTransition: if it is decided or prepared already.
    :raises ValuesUnfit: if the value does not fit the factor list.
    """
    dispute = _locked(dispute_id)
    permissions.check_can_decide_dispute(actor, dispute)
    status = DISPUTE.target("prepare", state=dispute.status)
    dispute.reason = _said(reason)
    kind = ChangeKind.WITHDRAWN if value is None else ChangeKind.CORRECTED
    change = records.prepare(
        dispute.uscc,
        factor_list=dispute.factor_list,
        changes={dispute.item: value},
        details={dispute.item: details} if details and value is not None else None,
        cause=Cause.DISPUTE,
        kind=kind,
        reason=f"Dispute {dispute.pk}: {dispute.reason}",
        actor=actor,
        at=at,
    )
    dispute.prepared_change, dispute.status = change.pk, status.value
    dispute.save()
    audit.record(
        "sharing.dispute.prepared", dispute, actor=actor, at=at, uscc=dispute.uscc, kind=kind.value
    )
    return dispute


@transaction.atomic
def reject(dispute_id: UUID, *, reason: str, actor: Actor, at: datetime) -> Dispute:
    """
    Find that the fact is right, and say why; the mark goes.

    :raises NotPermitted: if another bureau decides.
    :raises IllegalTransition: if it is decided or prepared already.
    """
    dispute = _locked(dispute_id)
    permissions.check_can_decide_dispute(actor, dispute)
    dispute.reason = _said(reason)
    dispute_marks.close(dispute, action="reject", actor=actor, at=at)
    audit.record("sharing.dispute.rejected", dispute, actor=actor, at=at, uscc=dispute.uscc)
    return dispute


@transaction.atomic
def cancel(dispute_id: UUID, *, actor: Actor, at: datetime) -> Dispute:
    """
    Take an objection back; the mark goes.

    :raises NoSuchRecord: if another organization opened it.
    :raises IllegalTransition: if it is decided or prepared already.
    """
    actor.require(permissions.OPEN_DISPUTE)
    dispute = _locked(dispute_id, owner_id=actor.organization_id)
    dispute_marks.close(dispute, action="cancel", actor=actor, at=at)
    audit.record("sharing.dispute.cancelled", dispute, actor=actor, at=at, uscc=dispute.uscc)
    return dispute


def answer_days(on: date) -> int:
    """Return within how many days an objection is decided that is made on a day."""
    return int(_rules().on(on)["answer_days"])


def _said(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing(
            "Whoever objected is told why.",
            hint="Write a sentence.",
            errors=[{"pointer": "/reason", "detail": "Must be said."}],
        )
    return reason.strip()


def _locked(dispute_id: UUID, **whose: UUID) -> Dispute:
    rows = Dispute.objects.select_related("addressee").select_for_update(of=("self",))
    return one(rows, pk=dispute_id, **whose)


@cache
def _rules() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "dispute.toml")
