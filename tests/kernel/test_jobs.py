"""Background work: one worker at a time, nothing lost when one dies, nothing done twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from qfce.kernel.jobs import progress, work
from qfce.kernel.jobs.models import Job, JobLease, JobState
from qfce.kernel.tenancy.context import acting_as

HOLD = """
import os, sys, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "qfce.settings"
django.setup()
from qfce.kernel.jobs import work
with work.claim(sys.argv[1], organization_id=sys.argv[2]) as job:
    job.phase("holding")
    print("held", flush=True)
    time.sleep(120)
"""


@pytest.fixture
def job(universe: Any) -> Job:
    with acting_as(universe.hangzhou.pk):
        return work.create(
            "test", task="jobs.sweep", kwargs={}, actor=universe.shen, at=timezone.now()
        )


def _again(job: Job) -> Job:
    with acting_as(job.owner_id):
        return Job.objects.get(pk=job.pk)


def test_a_claimed_job_succeeds_and_is_never_claimed_again(job: Job) -> None:
    with work.claim(job.pk, organization_id=job.owner_id) as claimed:
        assert claimed is not None
        claimed.phase("reading")
        assert _again(job).state == JobState.RUNNING
        assert _again(job).phase == "reading"
        claimed.result["rows"] = 3
    done = _again(job)
    assert (done.state, done.result, done.attempts) == (JobState.SUCCEEDED, {"rows": 3}, 1)
    with work.claim(job.pk, organization_id=job.owner_id) as second:
        assert second is None


def test_while_one_is_at_it_a_second_delivery_gets_nothing(job: Job) -> None:
    with work.claim(job.pk, organization_id=job.owner_id) as first:
        assert first is not None
        with work.claim(job.pk, organization_id=job.owner_id) as second:
            assert second is None
        assert work.sweep(at=timezone.now() + timedelta(hours=1)) == 0


def test_a_fault_is_kept_with_its_trace_and_raised_on(job: Job) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        work.claim(job.pk, organization_id=job.owner_id) as claimed,
    ):
        assert claimed is not None
        _ = 1 / 0
    assert _again(job).state == JobState.FAILED
    assert "ZeroDivisionError" in _again(job).failure


def test_a_job_under_which_the_database_dies_is_queued_again(job: Job) -> None:
    with (
        pytest.raises(OperationalError),
        work.claim(job.pk, organization_id=job.owner_id) as claimed,
    ):
        assert claimed is not None
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            own = cursor.fetchone()[0]
            with psycopg.connect(_url()) as other:
                other.execute("SELECT pg_terminate_backend(%s)", [own])
            cursor.execute("SELECT 1")
    connection.close()
    assert _again(job).state == JobState.RUNNING
    assert work.sweep(at=timezone.now()) == 1
    assert _again(job).state == JobState.QUEUED


def test_a_cancelled_job_stops_at_its_next_safe_point(job: Job) -> None:
    reached = False
    with work.claim(job.pk, organization_id=job.owner_id) as claimed:
        assert claimed is not None
        progress.ask_to_stop(job.pk)
        claimed.check_cancelled()
        reached = True
    assert not reached
    assert _again(job).state == JobState.CANCELLED


def test_a_job_that_nobody_began_is_cancelled_at_once(job: Job) -> None:
    with acting_as(job.owner_id):
        work.cancel(job.pk)
    with work.claim(job.pk, organization_id=job.owner_id) as claimed:
        assert claimed is None
    assert _again(job).state == JobState.CANCELLED


def test_progress_is_seen_while_it_is_made(job: Job) -> None:
    with work.claim(job.pk, organization_id=job.owner_id) as claimed:
        assert claimed is not None
        claimed.progress(1, 4)
        assert progress.share_of(job.pk) == 0.25
    assert progress.share_of(job.pk) == 1.0


def test_a_job_whose_worker_was_killed_is_queued_again(job: Job) -> None:
    environment = {**os.environ, "DATABASE_URL": _url()}
    worker = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(job.pk), str(job.owner_id)],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "held\n"
    assert work.sweep(at=timezone.now()) == 0, "somebody is at it"

    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    queued = _until(lambda: work.sweep(at=timezone.now()))

    assert queued == 1
    assert _again(job).state == JobState.QUEUED
    assert work.sweep(at=timezone.now()) == 0, "its message is on the way"
    with work.claim(job.pk, organization_id=job.owner_id) as claimed:
        assert claimed is not None
    assert _again(job).attempts == 2


def test_a_job_whose_message_was_lost_is_queued_again_after_a_minute(job: Job) -> None:
    assert work.sweep(at=timezone.now()) == 0
    assert work.sweep(at=timezone.now() + timedelta(seconds=61)) == 1


def test_a_job_that_kills_every_worker_is_given_up(job: Job) -> None:
    with acting_as(job.owner_id):
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING.value, attempts=work.MOST_ATTEMPTS
        )
    assert work.sweep(at=timezone.now()) == 0
    assert _again(job).state == JobState.FAILED
    assert not JobLease.objects.get(pk=job.pk).is_open


def test_another_organisation_sees_no_job(universe: Any, api: Any, job: Job) -> None:
    path = f"/api/v1/jobs/{job.pk}/"
    assert api(universe.shen).get(path).json()["status"] == "queued"
    assert api(universe.lin).get(path).status_code == 404


def _url() -> str:
    name = settings.DATABASES["default"]["NAME"]
    return os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"


def _until(ask: Any, seconds: float = 10) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = ask()
        if found:
            return found
        time.sleep(0.1)
    return None
