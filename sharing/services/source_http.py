"""
A register that is asked over HTTP: with time limits, retries, and no way into the house.

The address is resolved once and the connection made to what was resolved, so that a name cannot
point elsewhere between the check and the call. Redirects are followed by hand and checked alike.
"""

import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import SplitResult, urljoin, urlsplit

from factors.domain.catalogue import Catalogue
from sharing.domain.source_records import SourceRecord, checked, read_json
from sharing.services.sources import SourceConfig, SourceDown

REDIRECTS = frozenset({301, 302, 303, 307, 308})
WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})
MOST_REDIRECTS = 3
PIECE = 64 * 1024


class HttpSource:
    """`POST {"uscc": […], "items": […]}` to one address, answered with `{"records": […]}`."""

    def __init__(self, config: SourceConfig) -> None:
        self.config = config

    def ask(self, usccs: Sequence[str], catalogue: Catalogue) -> list[SourceRecord]:
        """
        :raises SourceDown: if every attempt failed, or the answer may not be read.
        :raises SourceWrong: if an answer cannot be trusted as a whole.
        """
        found: list[SourceRecord] = []
        for start in range(0, len(usccs), self.config.batch):
            part = usccs[start : start + self.config.batch]
            body = json.dumps({"uscc": list(part), "items": list(self.config.items)}).encode()
            raw = read_json(self._with_retries(body))
            found += checked(
                raw, catalogue=catalogue, items=self.config.items, asked=frozenset(part)
            )
        return found

    def _with_retries(self, body: bytes) -> bytes:
        """Ask again what may go better another time, waiting twice as long before each."""
        for attempt in range(self.config.attempts):
            if attempt:
                time.sleep(self.config.backoff_seconds * 2 ** (attempt - 1))
            try:
                return self._follow(body)
            except _Again as fault:
                last = fault
        raise SourceDown("down", f"No answer in {self.config.attempts} attempts: {last}")

    def _follow(self, body: bytes) -> bytes:
        address, first = self.config.location, urlsplit(self.config.location)
        deadline = time.monotonic() + self.config.timeout_seconds
        for _step in range(MOST_REDIRECTS + 1):
            parts = urlsplit(address)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise SourceDown("address", f"{address!r} is no address to ask.")
            if first.scheme == "https" and parts.scheme != "https":
                raise SourceDown("redirect", "A redirect led away from https.")
            is_first = (parts.hostname, parts.port) == (first.hostname, first.port)
            answer = self._call(parts, body, deadline, with_token=is_first)
            if isinstance(answer, bytes):
                return answer
            address = urljoin(address, answer)
        raise SourceDown("redirect", f"More than {MOST_REDIRECTS} redirects.")

    def _call(
        self, parts: SplitResult, body: bytes, deadline: float, *, with_token: bool
    ) -> bytes | str:
        """Return the body of an answer, or the address that it redirects to."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if with_token and self.config.token:
            headers["Authorization"] = f"Bearer {self.config.token}"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with closing(self._connected(parts, deadline)) as connection:
                connection.request("POST", path, body, headers)
                response = connection.getresponse()
                if response.status in REDIRECTS:
                    return response.headers.get("Location", "")
                if response.status in WORTH_ANOTHER_TRY:
                    raise _Again(f"status {response.status}")
                if response.status != http.client.OK:
                    raise SourceDown("status", f"The source answered {response.status}.")
                return self._read(response, deadline)
        except (OSError, http.client.HTTPException) as fault:
            raise _Again(f"{type(fault).__name__}: {fault}") from None

    def _connected(self, parts: SplitResult, deadline: float) -> http.client.HTTPConnection:
        host = parts.hostname or ""
        is_https = parts.scheme == "https"
        port = parts.port or (443 if is_https else 80)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        place = next((str(each[4][0]) for each in found if self._may_call(str(each[4][0]))), None)
        if place is None:
            raise SourceDown("private", f"{host} is a private address, which is not configured.")
        connection = http.client.HTTPConnection(host, port, timeout=_left(deadline))
        plain = socket.create_connection((place, port), timeout=_left(deadline))
        try:
            connection.sock = (
                ssl.create_default_context().wrap_socket(plain, server_hostname=host)
                if is_https
                else plain
            )
        except OSError:
            plain.close()
            raise
        return connection

    def _may_call(self, place: str) -> bool:
        return self.config.allows_private or ipaddress.ip_address(place).is_global

    def _read(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        """Read no more than allowed, and no longer: a source that drips is down."""
        body = bytearray()
        while piece := response.read1(PIECE):
            body += piece
            if len(body) > self.config.most_bytes:
                raise SourceDown("too_large", "The answer is larger than allowed.")
            _left(deadline)
        if response.length:
            raise _Again("the answer broke off")
        return bytes(body)


class _Again(Exception):
    """What may go better at another try."""


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise _Again("time is up")
    return left
