"""An enterprise's yes to one reader, some items and some purposes, and its life."""

import hashlib
import secrets
from enum import StrEnum

from qfce.kernel.lifecycle import Lifecycle

TOKEN_BYTES = 32


class ConsentStatus(StrEnum):
    REQUESTED = "requested"  # the reader has asked; nothing is open
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"  # by the enterprise, at any time and without a reason
    ENDED = "ended"  # its last day has passed
    REFUSED = "refused"


C = ConsentStatus

CONSENT = Lifecycle(
    initial=C.REQUESTED,
    transitions={
        "grant": (frozenset({C.REQUESTED}), C.ACTIVE),
        "refuse": (frozenset({C.REQUESTED}), C.REFUSED),
        "withdraw": (frozenset({C.ACTIVE}), C.WITHDRAWN),
        "end": (frozenset({C.ACTIVE}), C.ENDED),
    },
)


def new_token() -> str:
    """Return a one-time token that nobody can guess; only its digest is ever stored."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
