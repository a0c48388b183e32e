"""The change feed over HTTP: pages, waiting at the end, and what is refused."""

import threading
import time

import pytest
from django.db import connection

from sharing.api import changes
from sharing.selectors import feed_bell
from tests.sharing.shared import A, agree, change, publish, row

PATH = "/api/v1/changes/"


@pytest.fixture
def published(universe):
    publish(universe.zheng, row(vals={"QF-17": "VALID"}))
    agree(universe, "bank_a")
    return universe


def test_pages_by_cursor(published, api):
    bank = api(published.client_bank_a)

    first = bank.get(PATH, {"limit": 1}).json()
    assert [item["cursor"] for item in first["items"]] == ["1.1"]
    assert first["items"][0]["changes"]["QF-17"] == "VALID"
    second = bank.get(PATH, {"after": first["next"]}).json()
    assert [(item["kind"], item["uscc"]) for item in second["items"]] == [("access_opened", None)]
    end = bank.get(PATH, {"after": second["next"]}).json()
    assert end == {"items": [], "next": second["next"]}


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": "1"}, {"limit": 0}, {"limit": 10001}, {"wait": 26}]
)
def test_what_is_no_question_to_the_feed_is_refused(published, api, query):
    assert api(published.client_bank_a).get(PATH, query).status_code == 400


def test_whoever_may_not_read_the_feed_is_refused(published, api):
    assert api(published.an).get(PATH).status_code == 403


def test_waiting_ends_with_the_publication(published, api):
    bank = api(published.client_bank_a)
    end = bank.get(PATH).json()["next"]

    def publish_soon():
        time.sleep(0.8)
        change(published.zheng, "corrected", {"QF-17": "REVOKED"})
        connection.close()

    writer = threading.Thread(target=publish_soon)
    writer.start()
    began = time.monotonic()
    body = bank.get(PATH, {"after": end, "wait": 20}).json()
    writer.join()

    assert [item["changes"] for item in body["items"]] == [{"QF-17": "REVOKED"}]
    assert time.monotonic() - began < 15


def test_waiting_ends_empty_when_the_time_is_up(published, api):
    bank = api(published.client_bank_a)
    end = bank.get(PATH).json()["next"]

    response = bank.get(PATH, {"after": end, "wait": 1})

    assert response.json() == {"items": [], "next": end}
    assert "Retry-After" not in response.headers


def test_beyond_half_of_the_threads_nobody_waits(published, api, monkeypatch):
    monkeypatch.setattr(changes, "WAITING", threading.BoundedSemaphore(1))
    changes.WAITING.acquire()
    bank = api(published.client_bank_a)
    end = bank.get(PATH).json()["next"]

    began = time.monotonic()
    response = bank.get(PATH, {"after": end, "wait": 20})

    assert time.monotonic() - began < 5
    assert (response.json()["items"], response.headers["Retry-After"]) == ([], "5")


def test_the_connection_is_released_while_waiting(published, api, monkeypatch):
    seen = []
    monkeypatch.setattr(
        feed_bell, "wait_beyond", lambda count, *, seconds: seen.append(connection.connection)
    )
    bank = api(published.client_bank_a)
    end = bank.get(PATH).json()["next"]
    bank.get(PATH, {"after": end, "wait": 20})

    assert seen == [None]


def test_reconciling(published, api):
    bank = api(published.client_bank_a)

    body = bank.post(f"{PATH}reconcile/", {"held": {A: "1.1"}}).json()
    assert (body["expected"], body["held"], body["complete"]) == (1, 1, True)
    lacking = bank.post(f"{PATH}reconcile/", {"held": {}}).json()
    assert lacking["missing"] == [{"uscc": A, "cursor": "1.1"}]
    for wrong in ({}, {"held": {A: "x"}}, {"held": {}, "groups": []}, {"groups": [{"day": 1}]}):
        assert bank.post(f"{PATH}reconcile/", wrong).status_code == 400


def test_a_position_that_the_feed_never_gave_is_refused(published, api):
    """It would skip whatever is published next."""
    bank = api(published.client_bank_a)
    position = bank.get(PATH).json()["next"]
    ahead = f"{int(position.split('.')[0]) + 1}.0"

    refused = bank.get(PATH, {"after": ahead})

    assert (refused.status_code, refused.json()["code"]) == (400, "sharing.feed.position_ahead")
    assert bank.get(PATH, {"after": position}).status_code == 200
