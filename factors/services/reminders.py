"""
Reminding those whose answer is awaited, once before a deadline and once when it has passed.

The message says that something waits, and never what: it opens behind the sign-in.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from factors.domain.list_versions import Decision, VersionStatus
from factors.models import Consultation, ConsultationComment, FactorListVersion, SignOff
from factors.permissions import COMMENT, SIGN
from qfce.kernel.audit import events
from qfce.kernel.calendar import add_working_days, business_day
from qfce.kernel.tenancy.actors import Actor, actor_of
from qfce.kernel.tenancy.models import Membership

AHEAD_WORKING_DAYS = 2
SUBJECT = "要素清单待贵单位答复 / A factor list waits for your answer"
BODY = """有一份要素清单待贵单位答复，期限为 {day}。请登录平台查看“今日待办”。

A factor list waits for your organization's answer until {day}. Sign in and look at "Today".
"""


def is_due(deadline: date, reminded_on: date | None, *, on: date) -> bool:
    """
    Whether a reminder goes out on a day: from two working days ahead, and again once it is late.

    >>> is_due(date(2026, 11, 25), None, on=date(2026, 11, 23))
    True
    >>> is_due(date(2026, 11, 25), date(2026, 11, 23), on=date(2026, 11, 25))
    False
    """
    if reminded_on is None:
        return add_working_days(on, AHEAD_WORKING_DAYS) >= deadline
    return reminded_on <= deadline < on


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> int:
    """
    Remind the signers and the invited of the actor's organization's own lists; returns how many
    organizations. Run twice a day, it reminds nobody twice.
    """
    today = business_day(at)
    return _signers(today, actor=actor, at=at) + _invited(today, actor=actor, at=at)


def _signers(today: date, *, actor: Actor, at: datetime) -> int:
    waiting = FactorListVersion.objects.filter(
        owner_id=actor.organization_id,
        status=VersionStatus.IN_REVIEW.value,
        sign_by__isnull=False,
    )
    reminded = 0
    for version in waiting.select_for_update(of=("self",), skip_locked=True).order_by("pk"):
        assert version.sign_by is not None  # by the filter
        if not is_due(version.sign_by, version.reminded_on, on=today):
            continue
        settled = [decision.value for decision in Decision if decision.settles]
        answered = SignOff.objects.filter(
            version=version, digest=version.digest, decision__in=settled
        )
        late = _without(version.signer_ids, answered.values_list("owner_id", flat=True))
        version.reminded_on = today
        version.save(update_fields=["reminded_on"])
        _send(late, SIGN, version.sign_by)
        events.record(
            "factors.list_version.reminded",
            version,
            actor=actor,
            at=at,
            organizations=[str(organization) for organization in late],
        )
        reminded += len(late)
    return reminded


def _invited(today: date, *, actor: Actor, at: datetime) -> int:
    still_open = Consultation.objects.filter(
        owner_id=actor.organization_id, closed_at__isnull=True, closes_on__gte=today
    ).defer("document")
    reminded = 0
    for consultation in still_open.select_for_update(skip_locked=True).order_by("pk"):
        if not is_due(consultation.closes_on, consultation.reminded_on, on=today):
            continue
        said = ConsultationComment.objects.filter(consultation=consultation)
        silent = _without(consultation.invited_ids, said.values_list("owner_id", flat=True))
        consultation.reminded_on = today
        consultation.save(update_fields=["reminded_on"])
        _send(silent, COMMENT, consultation.closes_on)
        events.record(
            "factors.consultation.reminded",
            consultation,
            actor=actor,
            at=at,
            organizations=[str(organization) for organization in silent],
        )
        reminded += len(silent)
    return reminded


def _without(asked: Sequence[UUID], answered: Iterable[UUID]) -> list[UUID]:
    done = set(answered)
    return [organization for organization in asked if organization not in done]


def _send(organizations: Sequence[UUID], permission: str, deadline: date) -> None:
    """Send each of them a message of its own, once what was written is kept."""
    members = Membership.objects.select_related("user", "organization").filter(
        organization_id__in=organizations, is_active=True, organization__is_active=True
    )
    for member in members.order_by("pk"):
        if member.user.email and actor_of(member).may(permission):
            body = BODY.format(day=deadline.isoformat())
            transaction.on_commit(partial(_mail, body, member.user.email))


def _mail(body: str, address: str) -> None:
    send_mail(SUBJECT, body, settings.DEFAULT_FROM_EMAIL, [address])
