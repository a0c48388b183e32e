"""What an address or a bare form says, made fit for a question to the database."""

from collections.abc import Mapping
from typing import Any

LONGEST = 200


def text(given: Mapping[str, Any], name: str) -> str:
    """
    Return what stands there under a name, without the NUL that PostgreSQL takes in no text.

    >>> text({"q": " a\\x00b "}, "q")
    'ab'
    """
    return str(given.get(name, "")).replace("\x00", "").strip()[:LONGEST]
