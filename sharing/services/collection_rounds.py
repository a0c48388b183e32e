"""Collection rounds: opened by a province or a city, delivered to by bureaus, reminded, closed."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction

from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel import parameters
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Membership
from sharing import permissions, policies
from sharing.domain.collection_rounds import ROUND, reminder
from sharing.models import (
    CollectionRound,
    EnterpriseList,
    ImportBatch,
    RoundDelivery,
    RoundReminder,
)
from sharing.selectors import collection_rounds as selectors

PARAMETERS = Path(__file__).parent.parent / "parameters"
COLLECTORS = ("uploader", "data_answerer")
SUBJECT = "数据归集任务提醒 / A collection round waits for your bureau"
BODY = """贵单位有数据归集任务尚未完成，请登录平台查看。

Something that your bureau was asked to collect is missing. Please sign in to see what.
"""
MEMBERS = """
INSERT INTO sharing_roundmember (round_id, uscc, region)
SELECT %(round)s, m.uscc, coalesce(e.region, m.region)
FROM sharing_enterpriselistmember m LEFT JOIN sharing_enterprise e ON e.uscc = m.uscc
WHERE m.list_id = %(list)s AND m.removed_at IS NULL
  AND coalesce(e.region, m.region) BETWEEN qfce_region_low() AND qfce_region_high()
"""


class RoundUnfit(Invalid):
    code = "sharing.round.unfit"
    title = "The round does not fit the factor list or the jurisdiction."


class RoundClosed(Conflict):
    code = "sharing.round.closed"
    title = "The round is closed."


@transaction.atomic
def open_(
    *,
    name: str,
    factor_list: str,
    items: Sequence[str],
    due_on: date,
    regions: Sequence[str] = (),
    enterprise_list_id: UUID | None = None,
    since: date | None = None,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> CollectionRound:
    """
    Ask the bureaus of the jurisdiction to collect items by a day.

    :param regions: none is the whole jurisdiction.
    :param enterprise_list_id: only the enterprises that are on this list today.
    :param since: values recorded before this day do not count; none lets any value count.
    :raises NotPermitted: if the actor's role opens no rounds.
    :raises RoundUnfit: if items, days or list do not fit.
    :raises RegionOutside: if a region lies outside the jurisdiction.
    """
    permissions.check_can_open_round(actor)
    policies.check_regions(regions, actor.region)
    codes = list(dict.fromkeys(items))
    _check_fits(in_force(factor_list, at=at), codes, due_on, since, on=business_day(at))
    asked = CollectionRound.objects.create(
        owner_id=actor.organization_id,
        name=name.strip(),
        factor_list=factor_list,
        items=codes,
        regions=list(regions),
        enterprise_list_id=enterprise_list_id,
        since=since,
        due_on=due_on,
        note=note.strip(),
        status=ROUND.initial.value,
        opened_at=at,
        opened_by_id=actor.account_id,
    )
    if enterprise_list_id is not None:
        one(EnterpriseList.objects.all(), pk=enterprise_list_id)
        with connection.cursor() as cursor:
            cursor.execute(MEMBERS, {"round": asked.pk, "list": enterprise_list_id})
    audit.record(
        "sharing.round.opened", asked, actor=actor, at=at, items=codes, regions=regions,
        due_on=due_on,
    )  # fmt: skip
    return asked


@transaction.atomic
def close(round_id: UUID, *, actor: Actor, at: datetime) -> CollectionRound:
    """
    End a round; nobody is reminded of it any more.

    :raises NoSuchRecord: if another bureau opened it.
    :raises IllegalTransition: if it is closed already.
    """
    permissions.check_can_open_round(actor)
    rounds = CollectionRound.objects.filter(owner_id=actor.organization_id)
    asked = one(rounds.select_for_update(), pk=round_id)
    asked.status = ROUND.target("close", state=asked.status).value
    asked.closed_at, asked.closed_by_id = at, actor.account_id
    asked.save()
    audit.record("sharing.round.closed", asked, actor=actor, at=at)
    return asked


@transaction.atomic
def note_import(round_id: UUID, import_id: UUID, *, actor: Actor, at: datetime) -> RoundDelivery:
    """
    Note that an import of the actor's bureau was sent for a round. Twice is noted once.

    :raises NoSuchRecord: if the bureau sees no such round or has no such import.
    :raises RoundClosed: if the round is over.
    """
    permissions.check_can_upload(actor)
    asked = selectors.get(round_id, actor=actor)
    check_open(asked)
    batch = one(ImportBatch.objects.filter(owner_id=actor.organization_id), pk=import_id)
    noted, is_new = RoundDelivery.objects.get_or_create(
        round=asked,
        import_id=batch.pk,
        defaults={"owner_id": actor.organization_id, "noted_at": at},
    )
    if is_new:
        audit.record("sharing.round.delivered", asked, actor=actor, at=at, import_id=str(batch.pk))
    return noted


def check_open(asked: CollectionRound) -> None:
    """
    :raises RoundClosed: if the round is over.
    """
    if asked.status != ROUND.initial:
        raise RoundClosed(
            f"{asked.name} was closed.", hint="Import the file without it.", name=asked.name
        )


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> int:
    """
    Remind the actor's bureau of rounds that it has not delivered to; return of how many.

    Each stage goes out once. The e-mail says that something waits, and nothing of what.
    """
    today, sent = business_day(at), 0
    rules = _rules().on(today)
    for asked in selectors.asked_of(actor=actor):
        stage = reminder(
            asked.due_on,
            on=today,
            days_before=rules["days_before"],
            every_days=rules["late_every_days"],
        )
        lacking = selectors.lacking_of(asked, actor=actor, on=today) if stage else 0
        if not lacking:
            continue
        _row, is_new = RoundReminder.objects.get_or_create(
            round=asked,
            owner_id=actor.organization_id,
            stage=stage,
            defaults={"lacking": lacking, "sent_at": at},
        )
        if is_new:
            sent += 1
            audit.record("sharing.round.reminded", asked, actor=actor, at=at, stage=stage)
    if sent and (addresses := _addresses(actor.organization_id)):
        transaction.on_commit(partial(_send, addresses))
    return sent


def _send(addresses: list[str]) -> None:
    send_mail(SUBJECT, BODY, settings.DEFAULT_FROM_EMAIL, addresses)


def _addresses(organization_id: UUID) -> list[str]:
    members = Membership.objects.filter(
        organization_id=organization_id, is_active=True, roles__overlap=list(COLLECTORS)
    )
    return sorted({email for email in members.values_list("user__email", flat=True) if email})


def in_force(factor_list: str, *, at: datetime) -> Catalogue:
    """
    Return the version of a list that is in force.

    :raises ListUnknown: if there is none.
    """
    try:
        return factor_lists.in_force(factor_list, business_day(at))
    except NoSuchRecord as none:
        raise policies.ListUnknown(
            none.message,
            hint=none.hint,
            errors=[{"pointer": "/factor_list", "detail": none.message}],
        ) from None


def _check_fits(
    catalogue: Catalogue, codes: Sequence[str], due_on: date, since: date | None, *, on: date
) -> None:
    most = _rules().on(on)["most_items"]
    errors = [
        {"pointer": "/items", "detail": f"{code} is no item of the list."}
        for code in codes
        if code not in catalogue.items
    ]
    if not 1 <= len(codes) <= most:
        errors.append({"pointer": "/items", "detail": f"Name 1 to {most} items."})
    if due_on < on:
        errors.append({"pointer": "/due_on", "detail": "In the past."})
    if since is not None and since > due_on:
        errors.append({"pointer": "/since", "detail": "After the last day."})
    if errors:
        raise RoundUnfit(
            f"{len(errors)} of the members do not fit.",
            hint=f"Items of the list, at most {most}, and a last day that is still to come.",
            errors=errors,
            most=most,
        )


@cache
def _rules() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "collection_round.toml")
