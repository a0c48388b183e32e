"""A small HTTP client for the demo: people sign in by password, programs by their secret."""

import base64
import json
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from time import monotonic, sleep
from typing import Any


class Refused(Exception):
    """The platform answered with a problem; `problem` is its body."""

    def __init__(self, status: int, problem: dict[str, Any], where: str) -> None:
        super().__init__(f"{where}: {status} {problem.get('detail')} {problem.get('errors') or ''}")
        self.status = status
        self.problem = problem


@dataclass(slots=True)
class Caller:
    """One person or program, signed in to one platform."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    jar: CookieJar = field(default_factory=CookieJar)

    def get(self, path: str, **query: str) -> Any:
        return self.call("GET", path + (f"?{urllib.parse.urlencode(query)}" if query else ""))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body or {}, ensure_ascii=False).encode()
        return self.call("POST", path, data, "application/json")

    def upload(self, path: str, file: Path, **fields: str) -> Any:
        """Send a file and fields as a form would."""
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            f"{value}\r\n".encode()
            for name, value in fields.items()
        ]
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"'
            "\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        body = b"".join(
            [*parts, head.encode(), file.read_bytes(), f"\r\n--{boundary}--\r\n".encode()]
        )
        return self.call("POST", path, body, f"multipart/form-data; boundary={boundary}")

    def call(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
        """
        :raises Refused: if the platform says no.
        """
        with self.open(method, path, body, kind) as response:
            return json.loads(response.read() or b"null")

    def open(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
        headers = dict(self.headers)
        if kind:
            headers["Content-Type"] = kind
        csrf = next((cookie.value for cookie in self.jar if cookie.name == "csrftoken"), None)
        if csrf:
            headers |= {"X-CSRFToken": csrf, "Referer": self.url}
        address = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310 our own address
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        try:
            return opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                problem = json.loads(text)
            except ValueError:
                problem = {"detail": text[:200].decode("utf-8", "replace")}
            raise Refused(error.code, problem, f"{method} {path}") from None


def person(url: str, username: str, password: str) -> Caller:
    """Sign a person in through the sign-in page."""
    caller = Caller(url)
    with caller.open("GET", "/sign-in/") as response:
        page = response.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "The sign-in page has no CSRF token."
    form = {"username": username, "password": password, "csrfmiddlewaretoken": token[1]}
    caller.open(
        "POST",
        "/sign-in/",
        urllib.parse.urlencode(form).encode(),
        "application/x-www-form-urlencoded",
    ).close()
    return caller


def program(url: str, client_id: str, client_secret: str) -> Caller:
    """Get a token for a program by its client credentials."""
    basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
    caller = Caller(url, {"Authorization": f"Basic {basic}"})
    answer = caller.call(
        "POST",
        "/oauth/token/",
        b"grant_type=client_credentials",
        "application/x-www-form-urlencoded",
    )
    return Caller(url, {"Authorization": f"Bearer {answer['access_token']}"})


def wait_for(ask: Any, *, seconds: float = 60.0, every: float = 0.2) -> Any:
    """
    Ask until the answer is there.

    :raises TimeoutError: if it is not, after so many seconds.
    """
    end = monotonic() + seconds
    while monotonic() < end:
        found = ask()
        if found:
            return found
        sleep(every)
    raise TimeoutError(f"It did not come about within {seconds:.0f} s.")
