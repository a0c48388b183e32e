"""Checks that a night orders: who in whose name, and how one that nobody finished ends."""

import threading
from contextlib import suppress

import pytest
from django.db import connection
from django.utils import timezone

from qfce.kernel.jobs import progress, work
from qfce.kernel.jobs.models import Job
from qfce.kernel.tenancy.actors import service_actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from qfce.kernel.tenancy.models import Membership, User
from sharing import register_tasks
from sharing.services import rechecks
from sharing.services.source_files import FileSource
from sharing.services.sources import SourceConfig
from tests.sharing.shared import LIST, publish, row


@pytest.fixture
def known(universe, zj_list):
    publish(universe.shen, row(vals={"QC-05": 0}))
    return universe


@pytest.fixture
def nightly(known, monkeypatch):
    """One source that is asked each day in Shen's name; `nightly()` orders what is due."""
    username = User.objects.get(pk=known.shen.user_id).username
    source = SourceConfig(
        "necips", "公示系统", "NECIPS", "hangzhou", "file", "/x", LIST, ("QC-05",),
        every_days=1, runs_as=username,
    )  # fmt: skip
    monkeypatch.setattr(rechecks, "configured", lambda: {source.code: source})

    def orders():
        worker = service_actor(known.hangzhou.pk, "sources")
        with acting_as(worker.organization_id):
            bind_actor(worker)
            return rechecks.order_due(actor=worker, at=timezone.now())

    return orders


def told(known, browser, api):
    """What the page and a program are told of the newest check."""
    (first, *_) = api(known.client_county_uploader).get("/api/v1/source-runs/").json()["results"]
    shown = browser(known.shen).get("/sharing/source-runs/").content.decode()
    assert "Running" not in shown.split("<tbody>")[1].split("</tr>")[0]
    return (first["status"], first["failure"]), shown


def test_a_check_that_is_cancelled_before_it_began_is_asked_again(known, nightly, browser, api):
    (run,) = nightly()
    with acting_as(known.hangzhou.pk):
        work.cancel(run.job_id)
    outcome, shown = told(known, browser, api)
    assert outcome == ("failed", "cancelled") and "Somebody stopped the check." in shown
    (again,) = nightly()
    assert again.pk != run.pk
    with acting_as(known.hangzhou.pk):
        run.refresh_from_db()
    assert (run.status, run.failure) == ("failed", "cancelled")
    assert nightly() == []


def test_a_check_that_is_stopped_or_breaks_down_has_ended(
    known, nightly, browser, api, monkeypatch, run_tasks
):
    (run,) = nightly()
    progress.ask_to_stop(run.job_id)
    run_tasks()
    with acting_as(known.hangzhou.pk):
        run.refresh_from_db()
    assert (run.status, run.failure) == ("failed", "cancelled")
    assert told(known, browser, api)[0] == ("failed", "cancelled")

    def breaks(*_given):
        raise ZeroDivisionError

    (second,) = nightly()
    monkeypatch.setattr(FileSource, "ask", breaks)
    with pytest.raises(ZeroDivisionError):
        register_tasks.recheck_source(
            organization_id=str(known.hangzhou.pk), job_id=str(second.job_id)
        )
    outcome, shown = told(known, browser, api)
    assert outcome == ("failed", "broken") and "mistake of ours" in shown
    assert len(nightly()) == 1


def test_a_check_that_is_given_up_is_asked_again(known, nightly):
    (run,) = nightly()
    with acting_as(known.hangzhou.pk):
        Job.objects.filter(pk=run.job_id).update(state="running", attempts=work.MOST_ATTEMPTS)
    work.sweep(at=timezone.now())
    assert len(nightly()) == 1


@pytest.mark.parametrize("gone", ["membership", "account"])
def test_nothing_is_ordered_in_the_name_of_somebody_who_is_gone(known, nightly, gone):
    with acting_as(known.hangzhou.pk):
        if gone == "membership":
            Membership.objects.filter(user_id=known.shen.user_id).update(is_active=False)
        else:
            User.objects.filter(pk=known.shen.user_id).update(is_active=False)
    assert nightly() == []


def test_two_deliveries_of_the_night_order_one_check(known, nightly, monkeypatch):
    both, original, ordered = threading.Barrier(2), rechecks._asked_since, []

    def slowly(*given):
        found = original(*given)
        # Where the second waits for the lock, as it should, the two never meet here.
        with suppress(threading.BrokenBarrierError):
            both.wait(2)
        return found

    def deliver():
        try:
            ordered.extend(nightly())
        finally:
            connection.close()

    monkeypatch.setattr(rechecks, "_asked_since", slowly)
    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(ordered) == 1
