"""What the environment must and may say. A missing secret stops the start with one clear line."""

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class MissingSetting(SystemExit):
    """Raised so that a process stops with one line, and no traceback."""


def required(name: str, why: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise MissingSetting(f"{name} is not set: {why}")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def database(url: str) -> dict[str, Any]:
    """
    Return Django's settings for a PostgreSQL URL.

    `postgresql://user:password@host:port/name?host=/socket/folder` is understood, so that
    an embedded server can be reached by its socket.

    :raises MissingSetting: if it is not a PostgreSQL URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise MissingSetting(f"A database URL must begin with postgresql://, not {parts.scheme}.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": int(os.environ.get("QFCE_DATABASE_KEEP_SECONDS", "300")),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c timezone=UTC", **query},
    }
