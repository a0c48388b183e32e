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
from qfce.kernel.errors import Invalid, NotFound, Unavailable
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.disputes import DISPUTE
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import Dispute, Enterprise, RecordChange
from sharing.selectors import disputes as selectors
from sharing.selectors import refresh_requests
from sharing.services import dispute_marks, records
from sharing.services.dispute_marks import AlreadyDisputed

PARAMETERS = Path(__file__).parent.parent / "parameters"
ONE_OPEN = "sharing_dispute_one_open"


class NotSeen(NotFound):
    code = "sharing.dispute.not_shared"
    title = "This fact is not shown to you."


class NobodyDecides(Unavailable):
    code = "sharing.dispute.nobody_decides"
    title = "No bureau answers for the region of this enterprise."


class SeveralItems(Invalid):
    code = "sharing.dispute.several_items"
    title = "The disputed item has become several."


class ReasonMissing(Invalid):
    code = "sharing.dispute.reason"
    title = "A decision needs its reason."


@transaction.atomic
def open_(
    uscc: str,
    *,
    item: str,
    statement: str,
    factor_list: str | None = None,
    actor: Actor,
    at: datetime,
) -> Dispute:
    """
    Object to a fact. It is marked at once, and the bureau nearest to the enterprise decides.

    :param factor_list: on which list the fact is; unsaid, the one whose profile is shown.
    :raises NotSeen: if the actor's organization is shown no value of the item.
    :raises AlreadyDisputed: if a dispute of its own about it is open.
    :raises ListBusy: if a publication of the list keeps the mark waiting.
    """
    actor.require(permissions.OPEN_DISPUTE)
    reach = _shown(uscc, item, factor_list, actor=actor, at=at)
    bureaus = refresh_requests.bureaus_for(reach.region)
    if not bureaus:
        raise NobodyDecides(f"Nobody answers for {reach.region}.", hint="Tell the operator.")
    dispute = Dispute(
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
    _enter(dispute)
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
    item: str | None = None,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Dispute:
    """
    Find for whoever objected: prepare the right value, or the withdrawal where there is none.

    :param value: what holds; None withdraws the fact.
    :param item: of which item, where a migration has split the disputed one.
    :param reason: for whoever objected, in a sentence.
    :raises NotPermitted: if another bureau decides.
    :raises IllegalTransition: if it is decided or prepared already.
    :raises SeveralItems: if the item was split, and it is not said which one has the value.
    :raises ValuesUnfit: if the value does not fit the factor list.
    """
    dispute = _to_decide(dispute_id, actor=actor, at=at)
    status = DISPUTE.target("prepare", state=dispute.status)
    dispute.reason = _said(reason)
    kind = ChangeKind.WITHDRAWN if value is None else ChangeKind.CORRECTED
    codes = _codes(dispute, item, value)
    change = records.prepare(
        dispute.uscc,
        factor_list=dispute.factor_list,
        changes=dict.fromkeys(codes, value),
        details={codes[0]: details} if details and value is not None else None,
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
    dispute = _to_decide(dispute_id, actor=actor, at=at)
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


def take_over_moved(*, actor: Actor, at: datetime) -> int:
    """
    Take over the disputes about enterprises that the actor's bureau answers for by now.

    What it has prepared itself about one that moved away, and cannot publish any more, is
    dropped, so that another bureau decides. Returns how many were taken over; doing it twice
    takes over no more.
    """
    prepared = selectors.awaiting_decision(actor=actor).filter(status="prepared")
    own = RecordChange.objects.filter(
        owner=actor.organization_id, pk__in=prepared.values("prepared_change")
    )
    for change in list(own):
        if not Enterprise.objects.filter(pk=change.uscc).exists():
            records.cancel(change.pk, actor=actor, at=at)
    waiting = selectors.list_for(actor=actor, status="opened")
    elsewhere = waiting.exclude(addressee_id=actor.organization_id)
    deciding = selectors.deciding_all(list(elsewhere.values_list("pk", flat=True)))
    moved = [pk for pk, bureau in deciding.items() if bureau == actor.organization_id]
    for pk in moved:
        with transaction.atomic():
            _to_decide(pk, actor=actor, at=at)
    return len(moved)


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


def _shown(
    uscc: str, item: str, factor_list: str | None, *, actor: Actor, at: datetime
) -> refresh_requests.Reach:
    open_to = selectors.open_to(uscc, actor=actor, at=at, item=item, factor_list=factor_list)
    reach = next((each for each in open_to if each.covers(item)), None)
    if reach is None:
        raise NotSeen(
            f"No value of {item} of {uscc} is shown to you.",
            hint="Dispute what you are shown, by its code.",
        )
    return reach


def _enter(dispute: Dispute) -> None:
    try:
        with transaction.atomic():
            dispute.save(force_insert=True)
    except IntegrityError as exc:
        if getattr(getattr(exc.__cause__, "diag", None), "constraint_name", "") != ONE_OPEN:
            raise
        raise AlreadyDisputed.about(dispute.uscc, dispute.item) from exc


def _to_decide(dispute_id: UUID, *, actor: Actor, at: datetime) -> Dispute:
    """Return a dispute for the actor to decide, handed over to the bureau that answers now."""
    dispute = _locked(dispute_id)
    before, dispute.addressee = dispute.addressee, selectors.deciding(dispute)
    permissions.check_can_decide_dispute(actor, dispute)
    if before.pk != dispute.addressee_id:
        dispute.save(update_fields=["addressee"])
        audit.record(
            "sharing.dispute.handed_over", dispute, actor=actor, at=at, uscc=dispute.uscc,
            before=before.short_name, addressee=dispute.addressee.short_name,
        )  # fmt: skip
    return dispute


def _codes(dispute: Dispute, item: str | None, value: Any) -> list[str]:
    """Return the items that a decision is about, under the codes that they have now."""
    codes = selectors.standing_as(dispute)
    if value is None or codes == [item] or (item is None and len(codes) == 1):
        return codes
    if item in codes:
        return [item]
    raise SeveralItems(
        f"{dispute.item} goes on as {', '.join(codes)}.",
        hint="Say which of them has the value, or withdraw the fact.",
        errors=[{"pointer": "/item", "detail": "Must be one of these."}],
    )


def _locked(dispute_id: UUID, **whose: UUID) -> Dispute:
    rows = Dispute.objects.select_related("addressee").select_for_update(of=("self",))
    return one(rows, pk=dispute_id, **whose)


@cache
def _rules() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "dispute.toml")
