"""
The one-time link by which an enterprise decides on a consent, sent to the enterprise alone.

The message holds the link and nothing of the consent's content: a mailbox is not a safe
place, and a link that nobody else has seen is proof of nothing but of where it was sent.
"""

from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from qfce.kernel.tenancy.models import Membership, OrganizationKind

SUBJECT = "授权请求 / A consent is asked of you"
BODY = """有机构请求贵企业授权。请在十四日内通过下列一次性链接查看内容并决定同意或拒绝：

{link}

An organisation asks for your consent. See what it is about and decide by this one-time link.
"""
PATH = "/sharing/consents/by-link/"


def addresses_of(uscc: str) -> list[str]:
    """
    Return where the enterprise itself can be reached: the people who sign in for it.

    In demo and sandbox, whose mail goes to files, an enterprise without any has an address
    of its own as well, so that the whole way can be tried.
    """
    return addresses_of_all([uscc])[uscc]


def addresses_of_all(usccs: Sequence[str]) -> dict[str, list[str]]:
    """Return where each of some enterprises can be reached, as `addresses_of` does for one."""
    members = Membership.objects.filter(
        organization__kind=OrganizationKind.ENTERPRISE.value,
        organization__uscc__in=usccs,
        organization__is_active=True,
        is_active=True,
    ).exclude(user__email="")
    known: dict[str, set[str]] = {uscc: set() for uscc in usccs}
    for uscc, email in members.values_list("organization__uscc", "user__email"):
        known[str(uscc)].add(email)
    if settings.DEMO or settings.SANDBOX:
        for uscc, emails in known.items():
            emails.update(() if emails else (f"{uscc.lower()}@enterprise.example",))
    return {uscc: sorted(emails) for uscc, emails in known.items()}


def send_after_commit(token: str, addresses: Sequence[str]) -> None:
    """Send the link once the request is safely stored; the token is kept nowhere else."""
    transaction.on_commit(partial(_send, token, list(addresses)))


def _send(token: str, addresses: list[str]) -> None:
    # Behind the #, so that no server on the way writes the token into a log.
    link = f"{getattr(settings, 'PUBLIC_URL', '')}{PATH}#{token}"
    send_mail(SUBJECT, BODY.format(link=link), settings.DEFAULT_FROM_EMAIL, addresses)
