"""
Who may open which page: every address of a page stands in `page_matrix.csv`.

`open` needs no sign-in, `signed-in` any person, all else is the permission that the door asks
for before anything else. A page that the matrix does not know fails here, as does a door that
lets somebody without the permission in.
"""

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

MATRIX = Path(__file__).with_name("page_matrix.csv")
# Not pages: the API, and what programs ask.
PROGRAMS = ("api/", "oauth/", "health/")
PEOPLE = ("zhou", "shen", "chen_min", "lin", "he", "xu", "tan", "an", "ops")
VALUES = {"str": "x", "slug": "x", "int": "1", "uuid": "5b5e7b1e-0000-4000-8000-000000000000"}


@cache
def matrix() -> dict[str, str]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return {row["route"]: row["who"] for row in csv.DictReader(file)}


def views(patterns: list[Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= views(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and not route.startswith(PROGRAMS):
            found[route] = pattern.callback
    return found


def address(route: str) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda m: VALUES[m[1] or "str"], route)


def test_every_page_stands_in_the_matrix_and_nothing_else() -> None:
    assert set(views(get_resolver().url_patterns)) == set(matrix())


def test_every_door_asks_for_what_the_matrix_says() -> None:
    doors = views(get_resolver().url_patterns)
    asked = {
        route: getattr(doors[route], "required_permission", "open") or "signed-in"
        for route in matrix()
    }
    assert asked == matrix()


@pytest.mark.parametrize("name", PEOPLE)
def test_each_person_is_let_in_where_the_matrix_says_so(universe, browser, name) -> None:
    actor = getattr(universe, name)
    client = browser(actor)
    wrong = {}
    for route, who in matrix().items():
        if who == "open":
            continue
        answer = client.get(address(route))
        if answer.status_code == 405:
            answer = client.post(address(route))
        let_in = answer.status_code != 403
        if answer.status_code >= 500 or let_in != (who == "signed-in" or actor.may(who)):
            wrong[route] = answer.status_code
    assert wrong == {}


def test_nobody_is_let_in_without_signing_in(client, db) -> None:
    for route, who in matrix().items():
        if who != "open":
            answer = client.get(address(route))
            if answer.status_code == 405:
                answer = client.post(address(route))
            assert answer.status_code == 302, route
            assert answer.headers["Location"].startswith("/sign-in/"), route
