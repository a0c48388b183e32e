"""
Failed sign-ins of one name, counted in Redis: after a few, the name rests for a while.

It counts names that nobody has as well, so that the answer does not tell which exist.
"""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache

from qfce.kernel.errors import Conflict


class SignInLocked(Conflict):
    code = "tenancy.sign_in.locked"
    title = "Signing in rests for a while after repeated failures."


def check(name: str, *, at: datetime) -> None:
    """
    :raises SignInLocked: if this name has failed too often, with the minutes left.
    """
    until = cache.get(_key("locked", name))
    if until is not None and until > at:
        minutes = max(1, -(-(until - at) // timedelta(minutes=1)))
        raise SignInLocked(
            f"After {settings.SIGN_IN_ATTEMPTS} failures this name can sign in again in"
            f" {minutes} minutes.",
            hint="Wait, or ask an administrator of your organization.",
            attempts=settings.SIGN_IN_ATTEMPTS,
            minutes=minutes,
        )


def failed(name: str, *, at: datetime) -> int:
    """Count one failure, and return how many attempts are left; at none, the name rests."""
    seconds = settings.SIGN_IN_LOCKED_MINUTES * 60
    key = _key("failures", name)
    cache.add(key, 0, seconds)
    left = settings.SIGN_IN_ATTEMPTS - cache.incr(key)
    if left <= 0:
        cache.set(_key("locked", name), at + timedelta(seconds=seconds), seconds)
        cache.delete(key)
    return int(max(left, 0))


def forget(name: str) -> None:
    """Begin anew after a success, or when an administrator lets a name in again."""
    cache.delete_many([_key("failures", name), _key("locked", name)])


def _key(what: str, name: str) -> str:
    digest = hashlib.sha256(name.strip().casefold().encode()).hexdigest()[:32]
    return f"sign-in:{what}:{digest}"
