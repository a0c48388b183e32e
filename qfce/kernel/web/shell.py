"""What stands around every page: navigation, who reads, and in which language."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.language import is_chinese
from qfce.navigation import NAVIGATION, Entry


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation as one reader sees it."""

    label: str
    icon: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class LinkGroup:
    label: str
    links: tuple[Link, ...]


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what `base.html` needs; computed only where a whole page is rendered."""
    actor: Actor | None = getattr(request, "actor", None)
    return {
        "actor": actor,
        "membership": getattr(request, "membership", None),
        "navigation": SimpleLazyObject(lambda: navigation(request, actor)),
        "is_chinese": is_chinese(),
        "other_language": ("en", "English") if is_chinese() else ("zh-hans", "中文"),
        "is_demo": settings.DEMO or settings.SANDBOX,
        "session_minutes": settings.SESSION_COOKIE_AGE // 60,
    }


def navigation(request: HttpRequest, actor: Actor | None) -> tuple[LinkGroup, ...]:
    """Return the groups that hold anything for this actor."""
    if actor is None:
        return ()
    known = [
        (
            group,
            [(entry, address) for entry in group.entries if (address := _address(entry, actor))],
        )
        for group in NAVIGATION
    ]
    addresses = [address for _, entries in known for _, address in entries]
    fitting = [address for address in addresses if request.path.startswith(address)]
    current = max(fitting, key=len, default="")
    return tuple(
        LinkGroup(
            str(group.label),
            tuple(
                Link(str(entry.label), entry.icon, address, address == current)
                for entry, address in entries
            ),
        )
        for group, entries in known
        if entries
    )


def _address(entry: Entry, actor: Actor) -> str:
    """Return where an entry leads, or nothing if it is not for this actor or not there."""
    if entry.permission is not None and not actor.may(entry.permission):
        return ""
    if entry.kinds is not None and actor.organization_kind not in entry.kinds:
        return ""
    try:
        return reverse(entry.url)
    except NoReverseMatch:
        return ""
