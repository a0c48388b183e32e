"""
The registers that facts are checked against, and how each is asked.

Which there are is the operator's to say, in a file that `QFCE_SOURCES` names: an address that a
platform calls is no tenant's business.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from factors.domain.catalogue import Catalogue
from sharing.domain.source_records import SourceRecord


class SourceDown(Exception):
    """Raised where a source gives no answer, or none that may be read: late, too large, refused."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """
    One source as the operator describes it.

    :param kind: `file` (a folder with exports) or `http`.
    :param location: the folder, or the address.
    :param owner: short name of the bureau that may check against it.
    :param allows_private: whether the address, or one that it redirects to, may be private.
    :param token: sent as a bearer token; it never leaves the first host.
    :param every_days: how often the night asks it by itself; 0 is never.
    :param runs_as: username of the bureau's account that prepares what the night finds.
    """

    code: str
    name_zh: str
    name_en: str
    owner: str
    kind: str
    location: str
    factor_list: str
    items: tuple[str, ...]
    batch: int = 200
    timeout_seconds: float = 10.0
    attempts: int = 4
    backoff_seconds: float = 1.0
    most_bytes: int = 8_000_000
    allows_private: bool = False
    token: str = ""
    every_days: int = 0
    runs_as: str = ""


class Source(Protocol):
    """A register that can be asked about enterprises."""

    def ask(self, usccs: Sequence[str], catalogue: Catalogue) -> list[SourceRecord]:
        """
        Return what the register says of some enterprises; of one it does not know, nothing.

        :raises SourceDown: if there is no answer.
        :raises SourceWrong: if the answer cannot be trusted as a whole.
        """


def configured() -> Mapping[str, SourceConfig]:
    """Return the sources of this installation, by code; none where no file is named."""
    path = getattr(settings, "SOURCES_FILE", "")
    return _read(Path(path)) if path else {}


@cache
def _read(path: Path) -> Mapping[str, SourceConfig]:
    with path.open("rb") as file:
        entries: list[dict[str, Any]] = tomllib.load(file).get("sources", [])
    found = [SourceConfig(**{**entry, "items": tuple(entry["items"])}) for entry in entries]
    return {each.code: each for each in found}
