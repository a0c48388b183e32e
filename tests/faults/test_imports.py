"""Imports under bad luck: killed workers, messages that come twice, writers that overlap."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from itertools import count

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.jobs import work
from qfce.kernel.tenancy.context import acting_as
from sharing import tasks
from sharing.domain.import_lifecycle import Cause
from sharing.models import FactorChange, FactorProfile, FeedCounter, ImportBatch, ImportFinding
from sharing.services import publication_rows, publications, staged_rows
from sharing.services.staged_rows import batch_of
from tests.sharing.test_services_publications import LIST, RANKS, A, B, check_projection, row
from tests.universe import NOON

FILE = (
    "统一社会信用代码,企业名称,行政区划代码,QF-17,QC-05\n"
    f"{A},临平安和精工汽车零部件股份有限公司,330113,VALID,0\n"
    f"{B},杭州某某精密机械有限公司,330110,VALID,1\n"
).encode()

# A real worker that stops dead where the test wants it to be killed.
WORKER = """
import sys, time
import django
django.setup()
from importlib import import_module
from qfce.kernel.jobs.celery import app

app.loader.import_default_modules()

def stop(*arguments, **named):
    print("reached", file=sys.__stdout__, flush=True)  # Celery redirects the other
    time.sleep(600)

if sys.argv[1:]:
    setattr(import_module(sys.argv[1]), sys.argv[2], stop)
app.worker_main(["worker", "--pool", "solo", "--queues", "imports", "--loglevel", "CRITICAL",
                 "--without-gossip", "--without-mingle", "--without-heartbeat"])
"""


@contextmanager
def worker_that_stops_in(module, name):
    """Run a worker until it reaches a function, then kill it there."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"{url}:{database['PORT']}/{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "QFCE_DATA": str(settings.QFCE_DATA),
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, module, name],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    )
    try:
        assert worker.stdout is not None
        assert any(line == "reached\n" for line in worker.stdout), "the worker ended by itself"
        yield
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()


@pytest.fixture
def received(zj_list, api, universe):
    data = {"file": SimpleUploadedFile("list.csv", FILE), "factor_list": LIST, "mode": "delta"}
    return api(universe.shen).post("/api/v1/imports/", data, multipart=True).json()["id"]


def batch(universe, import_id):
    with acting_as(universe.hangzhou.pk):
        return ImportBatch.objects.select_related("publication").get(pk=import_id)


def requeue():
    """What the sweep does every 30 seconds, once the dead worker's lock is gone."""
    for _ in range(100):
        if queued := work.sweep(at=timezone.now()):
            return queued
        threading.Event().wait(0.1)
    return 0


@pytest.mark.parametrize(
    ("module", "name"),
    [
        pytest.param("sharing.services.import_checks", "check", id="while reading"),
        pytest.param("sharing.services.staged_rows", "write", id="before staging"),
        pytest.param("sharing.services.import_results", "keep_keys", id="while writing findings"),
    ],
)
def test_a_check_survives_the_death_of_its_worker(received, api, universe, run_tasks, module, name):
    with worker_that_stops_in(module, name):
        assert batch(universe, received).status == "validating"
    assert requeue() == 1
    run_tasks()
    checked = batch(universe, received)
    assert (checked.status, checked.rows_new) == ("ready", 2)
    with acting_as(universe.hangzhou.pk):
        found = ImportFinding.objects.filter(batch=checked).count()
    assert found == sum(checked.finding_counts.values())


@pytest.mark.parametrize(
    ("module", "name"),
    [
        pytest.param("sharing.services.publication_rows", "apply", id="rows loaded"),
        pytest.param("sharing.services.publications", "finish", id="rows written, no number"),
        pytest.param("qfce.kernel.audit.events", "record", id="numbered, not committed"),
    ],
)
def test_a_publication_is_all_or_nothing_when_its_worker_dies(
    received, api, universe, run_tasks, module, name
):
    run_tasks()
    released = api(universe.zheng).post(f"/api/v1/imports/{received}/publish/")
    assert released.status_code == 202
    with worker_that_stops_in(module, name):
        assert batch(universe, received).status == "publishing"
        with acting_as(universe.hangzhou.pk):
            assert not FactorProfile.objects.exists(), "nothing is visible before the commit"

    assert requeue() == 1
    run_tasks()
    published = batch(universe, received)
    assert (published.status, published.publication.number) == ("published", 1)
    with acting_as(universe.hangzhou.pk):
        assert FactorChange.objects.count() == published.publication.rows == 2
        assert FeedCounter.objects.get().n == 1
    check_projection(universe.zheng)


def test_staged_rows_that_are_gone_are_made_again(received, api, universe, run_tasks):
    run_tasks()
    staged_rows.remove(received)
    api(universe.zheng).post(f"/api/v1/imports/{received}/publish/")
    run_tasks()
    assert batch(universe, received).publication.rows == 2


def test_a_second_delivery_changes_nothing(received, api, universe, run_tasks):
    run_tasks()
    api(universe.zheng).post(f"/api/v1/imports/{received}/publish/")
    run_tasks()
    first = batch(universe, received)
    for task in (tasks.publish_import, tasks.check_import, tasks.undo_import):
        task(organization_id=str(first.owner_id), job_id=str(first.job_id))
    again = batch(universe, received)
    assert (again.status, again.publication.number) == ("published", 1)
    with acting_as(universe.hangzhou.pk):
        assert FeedCounter.objects.get().n == 1


class Writer(threading.Thread):
    """Publishes one row, and waits at a gate with everything written but the number."""

    def __init__(self, actor, factor_list, said, *, finish=publications.finish):
        super().__init__(daemon=True)
        self.actor, self.factor_list, self.said, self.finish = actor, factor_list, said, finish
        self.written, self.gate = threading.Event(), threading.Event()
        self.applied = None
        self.start()

    def run(self):
        try:
            with acting_as(self.actor.organization_id):
                publication = publications.begin(
                    cause=Cause.IMPORT,
                    factor_list=self.factor_list,
                    list_version=1,
                    owner=self.actor,
                    prepared_by=None,
                    released_by=self.actor.user_id,
                )
                publication_rows.load([batch_of([self.said])])
                self.applied = publication_rows.apply(
                    publication, today=business_day(NOON), source="city", source_ranks=RANKS
                )
                self.written.set()
                assert self.gate.wait(20)
                self.finish(publication)
        finally:
            connection.close()

    def commit(self):
        self.gate.set()
        self.join(20)
        assert not self.is_alive()


class Reader:
    """Reads the feed by (number, row), as every consumer does."""

    def __init__(self, actor):
        self.actor, self.cursor, self.seen = actor, (0, 0), []

    def read(self):
        with acting_as(self.actor.organization_id), connection.cursor() as cursor:
            cursor.execute(
                'SELECT q.number, c."row", c.uscc FROM sharing_publication q'
                " JOIN sharing_factorchange c ON c.publication_id = q.id"
                ' WHERE (q.number, c."row") > (%s, %s) ORDER BY q.number, c."row"',
                self.cursor,
            )
            for number, place, uscc in cursor.fetchall():
                self.seen.append(uscc)
                self.cursor = (number, place)
        return self.seen


def test_a_slow_writer_is_neither_skipped_nor_seen_twice(universe, zj_list):
    reader = Reader(universe.zhou)
    slow = Writer(universe.zheng, LIST, row(vals={"QC-05": 0}))
    assert slow.written.wait(20)
    quick = Writer(universe.zheng, "OTHER-LIST", row(B, "甲", "330110", vals={"QC-05": 1}))
    assert quick.written.wait(20)
    quick.commit()
    assert reader.read() == [B]
    slow.commit()
    assert reader.read() == [B, A]
    assert reader.read() == [B, A]


def test_taking_the_number_first_would_lose_the_slow_writers_rows(universe, zj_list, monkeypatch):
    """Why the number is taken last: the same two writers, numbered when they begin."""
    early, numbers, begin = {}, count(1), publications.begin

    def begin_with_number(**how):
        publication = begin(**how)
        early[publication.pk] = next(numbers)
        return publication

    def finish_with_number(publication):
        with connection.cursor() as cursor:
            cursor.execute(publications.SEAL, [early[publication.pk], 1, "", publication.pk])

    monkeypatch.setattr(publications, "begin", begin_with_number)
    reader = Reader(universe.zhou)
    slow = Writer(universe.zheng, LIST, row(vals={"QC-05": 0}), finish=finish_with_number)
    assert slow.written.wait(20)
    said = row(B, "甲", "330110", vals={"QC-05": 1})
    quick = Writer(universe.zheng, "OTHER-LIST", said, finish=finish_with_number)
    assert quick.written.wait(20)
    quick.commit()
    reader.read()
    slow.commit()
    assert reader.read() == [B], "number 1 arrived behind the cursor, and nobody will look there"


def test_of_two_writers_of_the_same_rows_the_second_writes_nothing(universe, zj_list):
    first = Writer(universe.zheng, LIST, row(vals={"QC-05": 0}))
    assert first.written.wait(20)
    second = Writer(universe.zheng, LIST, row(vals={"QC-05": 0}))
    assert not second.written.wait(0.5), "it waits for the list before it compares"
    second.gate.set()
    first.commit()
    second.join(20)
    assert (first.applied.new, second.applied.new, second.applied.changed) == (1, 0, 0)
    check_projection(universe.zheng)


def test_many_writers_and_a_reader(universe, zj_list):
    reader = Reader(universe.zhou)
    usccs = [f"91330113MA{place:08d}" for place in range(8)]
    writers = [
        Writer(universe.zheng, f"LIST-{place % 3}", row(uscc, "甲", "330110", vals={"QC-05": 1}))
        for place, uscc in enumerate(usccs)
    ]
    for writer in writers:
        writer.gate.set()
    while any(writer.is_alive() for writer in writers):
        reader.read()
    assert sorted(reader.read()) == usccs
