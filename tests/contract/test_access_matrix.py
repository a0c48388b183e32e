"""
Who may call what: every operation and every task stands in `access_matrix.csv`.

An operation that the matrix does not know fails here, as does one whose answer to a role
differs from what the matrix says. Under each role stands `yes` (let in: whatever is answered
is about the request) or nothing (403 before anything is looked at).
"""

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver

from tests.web import test_page_matrix as pages

MATRIX = Path(__file__).with_name("access_matrix.csv")
ACTORS = (
    "zhou", "fang", "shen", "zheng", "wu", "chen_min", "lin", "gao", "he", "liang", "xu",
    "analyst", "guarantee_officer", "an", "ops", "client_county_uploader",
    "client_county_releaser", "client_bank_a", "client_credit_agency",
)  # fmt: skip
VALUES = {
    "uscc": "91330113ALN0KXMQ6E",
    "code": "ZJ-QFCE",
    "number": "1",
    "version": "1",
    "n": "1",
    "row": "1",
}
NOBODY = "5b5e7b1e-0000-4000-8000-000000000000"
# What programs ask without a sign-in; pages stand in a matrix of their own.
OPEN = {
    "health/", "oauth/token/", "oauth/revoke/", "api/v1/openapi.json", "api/docs/", "api/",
}  # fmt: skip
# Whose token in the body says who asks: the enterprise that a one-time link was sent to.
OPEN_OPERATIONS = {"POST /api/v1/consents/grant-by-token/"}
TASKS = {
    "audit.seal": "platform: hashes of all organisations' events",
    "jobs.sweep": "platform: ids of jobs",
    "evaluation.follow_feeds": "platform: queues one task for each organisation",
    "risk.follow_feeds": "platform: queues one task for each organisation",
    "risk.sweep_days": "platform: queues one task for each organisation",
    "risk.sweep_day": "bound to one organisation",
    "factors.remind": "platform: queues one task for each organisation",
    "factors.remind_of": "bound to one organisation",
    "sharing.end_access": "platform: queues one task for each organisation",
    "sharing.end_access_of": "bound to one organisation",
    "sharing.recheck_source": "bound to one organisation",
    "sharing.report_quality": "platform: queues one task for each organisation",
    "sharing.report_quality_of": "bound to one organisation",
    "sharing.remind_rounds": "platform: queues one task for each organisation",
    "sharing.remind_rounds_of": "bound to one organisation",
    "sharing.mail_declarations": "bound to one organisation",
    "sharing.sweep_calendar": "platform: queues one task for each organisation",
    "sharing.sweep_calendar_of": "bound to one organisation",
    "evaluation.follow_feed": "bound to one organisation",
    "risk.follow_feed": "bound to one organisation",
    "evaluation.evaluate_batch": "bound to one organisation",
    "sharing.find_all_duplicates": "platform: queues one task for each organisation",
    "sharing.find_duplicates": "bound to one organisation",
    "sharing.run_list_rule": "bound to one organisation",
    "sharing.follow_all_names": "platform: queues one task for each organisation",
    "sharing.follow_names": "bound to one organisation",
    "sharing.follow_all_shards": "platform: queues one task for each organisation",
    "sharing.follow_shards": "bound to one organisation",
    "sharing.try_rule": "bound to one organisation",
    "sharing.compare_import": "bound to one organisation",
    "sharing.recheck_due": "platform: queues one task for each organisation",
    "sharing.recheck_due_of": "bound to one organisation",
    "sharing.check_import": "bound to one organisation",
    "sharing.publish_import": "bound to one organisation",
    "sharing.undo_import": "bound to one organisation",
    "sharing.work_on_migration": "bound to one organisation",
}


@cache
def matrix() -> dict[str, set[str]]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return {
            row["operation"]: {name for name in ACTORS if row[name] == "yes"}
            for row in csv.DictReader(file)
        }


def operations() -> list[str]:
    """Return every `METHOD /path` that the description names."""
    schema = json.loads(Browser().get("/api/v1/openapi.json").content)
    return sorted(
        f"{method.upper()} {path}"
        for path, methods in schema["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    )


def call(client: Any, operation: str) -> int:
    method, path = operation.split(" ", 1)
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            path = path.replace(part, VALUES.get(name, NOBODY))
    if method == "GET":
        return int(client.get(path).status_code)
    return int(client.request(method, path, b"{}").status_code)


def test_every_operation_stands_in_the_matrix_and_nothing_else(db: None) -> None:
    assert set(operations()) == set(matrix())


@pytest.mark.parametrize("name", ACTORS)
def test_each_role_is_let_in_where_the_matrix_says_so(universe: Any, api: Any, name: str) -> None:
    client = api(getattr(universe, name))
    wrong = {}
    for operation, allowed in matrix().items():
        status = call(client, operation)
        let_in = status not in {401, 403}
        if status >= 500 or let_in != (name in allowed):
            wrong[operation] = status
    assert wrong == {}


def test_nobody_is_let_in_without_signing_in(db: None) -> None:
    browser = Browser()
    answers = {}
    for operation in operations():
        method, path = operation.split(" ", 1)
        for part in [part for part in path.split("/") if part.startswith("{")]:
            path = path.replace(part, VALUES.get(part.strip("{}"), NOBODY))
        answers[operation] = browser.generic(
            method, path, b"{}", content_type="application/json"
        ).status_code
    let_in = {operation for operation, status in answers.items() if status != 401}
    assert let_in == OPEN_OPERATIONS


def test_every_address_is_an_operation_or_a_page_of_the_matrix(db: None) -> None:
    known = {operation.split(" ", 1)[1].lstrip("/") for operation in operations()}
    bare = {_shape(path) for path in known}
    unknown = {
        address
        for address in _addresses(get_resolver().url_patterns, "")
        if address not in OPEN | pages.matrix().keys() and _shape(address) not in bare
    }
    assert unknown == set()


def test_every_viewset_says_what_each_action_requires() -> None:
    from qfce.kernel.api.views import TenantViewSet

    Browser().get("/api/v1/openapi.json")
    silent = []
    for view in _all_views(TenantViewSet):
        actions = {
            name
            for name in ("list", "create", "retrieve", "update", "partial_update", "destroy")
            if hasattr(view, name)
        }
        actions |= {extra.__name__ for extra in view.get_extra_actions()}
        silent += [f"{view.__name__}.{name}" for name in sorted(actions - set(view.required))]
    assert silent == []


def test_every_task_stands_in_the_list() -> None:
    from qfce.kernel.jobs.celery import app

    app.loader.import_default_modules()
    assert {name for name in app.tasks if not name.startswith("celery.")} == set(TASKS)


def _all_views(base: Any) -> list[Any]:
    found = []
    for view in base.__subclasses__():
        found += [view, *_all_views(view)]
    return found


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}|<[^>]*>", "*", path)


def _addresses(patterns: list[Any], prefix: str) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += _addresses(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            found.append(address)
    return found
