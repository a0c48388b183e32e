"""
Answers that a client asked the sandbox to give it: late, gone, too many, not available.

They are kept in Redis for one program or person, and given by a middleware that only a
sandbox installs, before anything else is looked at.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import sleep

from django.http import HttpRequest, HttpResponse

from qfce.kernel import problems
from qfce.kernel.jobs.progress import client

KEPT_SECONDS = 3600
OWN = "/api/v1/sandbox/"
STATUSES = {"gone": 410, "throttled": 429, "unavailable": 503}
KINDS = ("late", *STATUSES)


@dataclass(frozen=True, slots=True)
class Planned:
    """One answer to come: to the next calls below `path`, so many times."""

    kind: str
    path: str
    times: int
    seconds: int


def plan(answer: Planned, *, credentials: str) -> None:
    """Have the next calls with these credentials answered so. A later plan takes its place."""
    client().set(_key(credentials), json.dumps(asdict(answer)), ex=KEPT_SECONDS)


def credentials_of(request: HttpRequest) -> str:
    """Return what tells one caller from another: the token, else the browser's session."""
    return request.headers.get("Authorization") or request.COOKIES.get("sessionid", "")


class PlannedAnswers:
    """Gives a caller the answer that it asked for, as often as it asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._taken(request)
        if answer is None:
            return self.get_response(request)
        if answer.kind == "late":
            sleep(answer.seconds)
            return self.get_response(request)
        response = problems.page(STATUSES[answer.kind], "Planned in the sandbox.")
        if answer.kind != "gone":
            response.headers["Retry-After"] = str(answer.seconds)
        return response

    def _taken(self, request: HttpRequest) -> Planned | None:
        """Use up one of the planned answers, if this call is one that it is for."""
        if not request.path.startswith("/api/v1/") or request.path.startswith(OWN):
            return None
        key = _key(credentials_of(request))
        stored = client().get(key)
        if not stored:
            return None
        answer = Planned(**json.loads(stored))
        if not request.path.startswith(answer.path):
            return None
        if client().incr(f"{key}:given") >= answer.times:
            client().delete(key, f"{key}:given")
        return answer


def _key(credentials: str) -> str:
    return f"qfce:planned:{hashlib.sha256(credentials.encode()).hexdigest()}"
