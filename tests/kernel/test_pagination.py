"""Pages over rows that share an instant, forward and back, and cursors that are not ours."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from qfce.kernel.api.pagination import StablePages
from qfce.kernel.jobs.models import Job
from qfce.kernel.tenancy.context import acting_as

SAME_INSTANT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ORDER = ("-created_at", "-pk")
SOMEBODY = "11111111-2222-4333-8444-555555555555"


def page(rows: Any, url: str, ordering: tuple[str, ...] = ORDER) -> tuple[list[Any], Any]:
    pages = StablePages(ordering)
    found = list(pages.paginate(rows, Request(APIRequestFactory().get(url))))
    return found, pages.response(found).data


def jobs(owner: Any, count: int) -> list[Any]:
    same = {"kind": "tests.job", "created_at": SAME_INSTANT, "queued_at": SAME_INSTANT}
    made = Job.objects.bulk_create(Job(owner=owner, **same) for _ in range(count))
    return sorted((job.pk for job in made), reverse=True)


def test_more_rows_of_one_instant_than_a_page_holds_come_once_each(universe: Any) -> None:
    with acting_as(universe.bank_a.pk):
        expected = jobs(universe.bank_a, 2_600)
        rows = Job.objects.filter(kind="tests.job")
        seen: list[Any] = []
        url = "/?limit=1000"
        for _ in range(3):
            found, answer = page(rows, url)
            seen += [job.pk for job in found]
            url = answer["next"] or ""
    assert url == ""
    assert seen == expected


def test_the_way_back_leads_over_the_same_pages(universe: Any) -> None:
    with acting_as(universe.bank_a.pk):
        expected = jobs(universe.bank_a, 7)
        rows = Job.objects.filter(kind="tests.job")
        _, first = page(rows, "/?limit=3")
        _, second = page(rows, first["next"])
        third, last = page(rows, second["next"])
        back, before = page(rows, last["previous"])
        start, origin = page(rows, before["previous"])

    assert [job.pk for job in third] == expected[6:]
    assert last["next"] is None
    assert [job.pk for job in back] == expected[3:6]
    assert [job.pk for job in start] == expected[:3]
    assert origin["previous"] is None
    assert origin["next"]


def packed(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "zzz",
        "-1",
        "\N{GRINNING FACE}",
        base64.b64encode(b"p=1").decode(),
        packed("n"),
        packed("n", "2026-11-23T04:00:00Z"),
        packed("x", "2026-11-23T04:00:00Z", SOMEBODY),
        packed("n", "2026-13-45", SOMEBODY),
        packed("n", "0001-01-01T00:00:00+14:00", SOMEBODY),
        packed("n", "2026-11-23T04:00:00Z", "a\0b"),
        packed("n", "2026-11-23T04:00:00Z", ["a"]),
        "9" * 3000,
        base64.urlsafe_b64encode(b"[" * 1480).decode(),
    ],
)
def test_a_cursor_that_was_never_given_out_is_invalid(universe: Any, cursor: str) -> None:
    with acting_as(universe.bank_a.pk), pytest.raises(ValidationError) as refusal:
        page(Job.objects.all(), f"/?cursor={cursor}")
    assert "cursor" in refusal.value.detail
