"""
The link by which an enterprise declares: mailed where an address is known, else handed over.

The token is made where it goes out and is kept nowhere; stored is its digest. The mail holds
the link and nothing of what is asked. A new link takes the place of the one before it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict
from qfce.kernel.jobs import outbox
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.consents import digest_of, new_token
from sharing.domain.declarations import Reached
from sharing.models import Declaration
from sharing.selectors import declarations as selectors
from sharing.services import consent_links
from sharing.services.declarations import MAIL_TASK, locked, rules

AT_ONCE = 200
PATH = "/sharing/declarations/by-link/"
SUBJECT = "信息填报通知 / A declaration is asked of you"
BODY = """市场监督管理部门请贵企业填报信息。请在十四日内通过下列一次性链接查看内容并填报，无需登录：

{link}

Your market regulator asks you to declare something. See what it is,
and answer by this one-time link, without signing in.
"""


class NotWithEnterprise(Conflict):
    code = "sharing.declaration.not_with_enterprise"
    title = "Nothing is asked of the enterprise any more."


@transaction.atomic
def show_link(declaration_id: UUID, *, actor: Actor, at: datetime) -> str:
    """
    Make a new link and return it, once: for the officer to hand over where no mail arrives.

    :raises NoSuchRecord: if another bureau asked for the declaration.
    :raises NotWithEnterprise: if it was declared, taken or cancelled.
    """
    asked = _locked_asked(declaration_id, actor)
    token = new_token()
    asked.token_hash, asked.token_expires_at = digest_of(token), _expiry(at)
    asked.reached, asked.reached_at, asked.mail_due = Reached.SHOWN.value, at, False
    asked.save()
    audit.record("sharing.declaration.link_shown", asked, actor=actor, at=at, uscc=asked.uscc)
    return _link(token)


@transaction.atomic
def send_to(declaration_id: UUID, *, address: str, actor: Actor, at: datetime) -> Declaration:
    """
    Have a new link mailed to an address that the officer gives.

    :raises NoSuchRecord: if another bureau asked for the declaration.
    :raises NotWithEnterprise: if it was declared, taken or cancelled.
    """
    asked = _locked_asked(declaration_id, actor)
    asked.address, asked.mail_due = address.strip(), True
    asked.save()
    audit.record("sharing.declaration.link_ordered", asked, actor=actor, at=at, uscc=asked.uscc)
    outbox.after_commit(MAIL_TASK, organization_id=actor.organization_id)
    return asked


@transaction.atomic
def send_due(*, actor: Actor, at: datetime) -> bool:
    """
    Mail some of the links that are due to go out for the actor's bureau; tell if there were any.

    Within the transaction and before its end: a mail that cannot go out stays due.
    """
    permissions.check_can_upload(actor)
    due = Declaration.objects.filter(
        owner_id=actor.organization_id, mail_due=True, status__in=selectors.STATUSES_ASKED
    )
    part = list(due.select_for_update(skip_locked=True).order_by("pk")[:AT_ONCE])
    if part:
        _mail(part, at=at)
    return bool(part)


@transaction.atomic
def remind(*, actor: Actor, at: datetime) -> int:
    """
    Remind the enterprises whose day is near, once each; return how many.

    They get a new link, since the first one may be too old by then.
    """
    today = business_day(at)
    last = today + timedelta(days=rules().on(today)["reminded_days_before"])
    own = Declaration.objects.filter(
        owner_id=actor.organization_id, status__in=selectors.STATUSES_ASKED
    )
    near = own.filter(
        reminded_at=None,
        due_on__lte=last,
        # Who was asked today needs no reminder of it.
        asked_at__lt=at - timedelta(days=1),
    )
    number = near.update(mail_due=True, reminded_at=at)
    if number:
        bureau = ("tenancy.organization", str(actor.organization_id))
        audit.record("sharing.declaration.reminded", bureau, actor=actor, at=at, number=number)
    # Also what could not be sent when it was due.
    if own.filter(mail_due=True).exists():
        outbox.after_commit(MAIL_TASK, organization_id=actor.organization_id)
    return number


def _mail(part: Sequence[Declaration], *, at: datetime) -> None:
    """Give those of a part that have an address a new link, and send it to them."""
    known = consent_links.addresses_of_all([asked.uscc for asked in part])
    messages = []
    for asked in part:
        asked.mail_due = False
        addresses = sorted({*known[asked.uscc], *([asked.address] if asked.address else [])})
        if addresses:
            token = new_token()
            asked.token_hash, asked.token_expires_at = digest_of(token), _expiry(at)
            asked.reached, asked.reached_at = Reached.MAILED.value, at
            body = BODY.format(link=_link(token))
            messages.append(EmailMessage(SUBJECT, body, settings.DEFAULT_FROM_EMAIL, addresses))
    fields = ["mail_due", "token_hash", "token_expires_at", "reached", "reached_at"]
    Declaration.objects.bulk_update(part, fields)
    if messages:
        get_connection().send_messages(messages)


def _locked_asked(declaration_id: UUID, actor: Actor) -> Declaration:
    asked = locked(declaration_id, actor=actor)
    if not asked.is_with_enterprise:
        raise NotWithEnterprise(
            "It was declared, taken or cancelled, so that no link leads to it.",
            hint="Send it back first, or ask anew.",
        )
    return asked


def _expiry(at: datetime) -> datetime:
    return at + timedelta(days=rules().on(business_day(at))["link_days"])


def _link(token: str) -> str:
    # Behind the #, so that no server on the way writes the token into a log.
    return f"{getattr(settings, 'PUBLIC_URL', '')}{PATH}#{token}"
