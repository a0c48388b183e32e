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
        # Where there is no actor, as on a page that was not found, somebody may be signed in.
        "hide_sign_in": bool(getattr(getattr(request, "user", None), "is_authenticated", False)),
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
    current = _current(request.path, [pair for _, entries in known for pair in entries])
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


def _current(path: str, entries: list[tuple[Entry, str]]) -> str:
    """Return the address of the entry that a page belongs to: the one that says most of it."""
    fitting = [
        (len(beginning), address)
        for entry, address in entries
        for beginning in (address, *entry.covers)
        if path == beginning or (beginning != "/" and path.startswith(beginning))
    ]
    return max(fitting, default=(0, ""))[1]


def _address(entry: Entry, actor: Actor) -> str:
    """Return where an entry leads, or nothing if it is not for this actor or not there."""
    asked = (entry.permission,) if isinstance(entry.permission, str) else entry.permission
    if asked is not None and not any(actor.may(permission) for permission in asked):
        return ""
    if entry.kinds is not None and actor.organization_kind not in entry.kinds:
        return ""
    try:
        return reverse(entry.url)
    except NoReverseMatch:
        return ""
