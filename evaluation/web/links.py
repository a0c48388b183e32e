"""Ways to the pages of other apps, where there are such and the reader may go there."""

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from qfce.kernel.tenancy.actors import Actor


def to(name: str, *args: object, actor: Actor, permission: str, **query: str) -> str:
    """Return the address of a page, empty where it does not exist or may not be read."""
    if not actor.may(permission):
        return ""
    try:
        address = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address


def record(uscc: str, *, actor: Actor) -> str:
    """Return where the enterprise's values stand, with what was recorded and when."""
    return to("sharing:enterprise", uscc, actor=actor, permission="sharing.enterprise.view")


def consents(uscc: str, *, actor: Actor) -> str:
    return to("sharing:new-consent", actor=actor, permission="sharing.consent.write", uscc=uscc)


def refresh(uscc: str, *, actor: Actor) -> str:
    """Return where to ask the bureau whether facts still hold; takes `&items=` behind it."""
    return to(
        "sharing:new-refresh-request", actor=actor, permission="sharing.refresh.ask", uscc=uscc
    )


def agreements(*, actor: Actor) -> str:
    return to("sharing:agreements", actor=actor, permission="sharing.agreement.view")


def application(uscc: str, *, actor: Actor) -> str:
    return to(
        "lending:new-application", actor=actor, permission="lending.application.submit", uscc=uscc
    )


def signals(uscc: str, *, actor: Actor) -> str:
    return to("risk:signals", actor=actor, permission="risk.signal.view", q=uscc)
