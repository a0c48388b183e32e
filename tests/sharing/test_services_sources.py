"""Checks against registers: read from a folder or over HTTP, slow, wrong and down."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from qfce.kernel.jobs.models import Job
from qfce.kernel.tenancy.actors import MissingPermission, service_actor
from qfce.kernel.tenancy.context import acting_as, bind_actor
from qfce.kernel.tenancy.models import User
from sharing import register_tasks
from sharing.domain.source_records import SourceWrong, read_csv, read_json
from sharing.models import (
    FactorChange,
    FactorProfile,
    Publication,
    RecordChange,
    SourceCount,
    SourceRun,
)
from sharing.services import rechecks, records, sources
from sharing.services.source_files import FileSource
from sharing.services.source_http import HttpSource
from sharing.services.sources import SourceConfig, SourceDown
from tests.sharing.shared import LIST, A, B, N, publish, row
from tests.universe import NOON

CERTIFIED = {"QF-17": {"valid_from": "2024-01-01", "valid_to": "2026-12-31"}}


@pytest.fixture
def known(universe, zj_list):
    publish(universe.shen, row(vals={"QC-05": 0, "QF-17": "VALID"}, details=CERTIFIED))
    publish(universe.shen, row(B, "330110", vals={"QC-05": 1, "QC-17": 2}))
    publish(universe.lu, row(N, "330206", vals={"QC-05": 1}))
    return universe


def act(actor, service, *args, at=NOON, **given):
    with acting_as(actor.organization_id):
        bind_actor(actor)
        return service(*args, actor=actor, at=at, **given)


def newest(universe):
    with acting_as(universe.province.pk):
        publication = Publication.objects.order_by("-number").first()
        rows = FactorChange.objects.filter(publication_id=publication.pk).order_by("row")
        return publication, [(r.uscc, r.kind, r.changes) for r in rows]


def stored(universe, uscc):
    with acting_as(universe.province.pk):
        found = FactorProfile.objects.get(uscc=uscc)
        return found.values, found.details, found.origins, found.base_publication_id


class Register(BaseHTTPRequestHandler):
    """A register on this machine that behaves as a test tells it to."""

    say = staticmethod(lambda asked, calls: (200, {"records": []}))
    calls: list = []

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))
        type(self).calls.append((self.path, dict(self.headers), asked))
        status, body, *headers = type(self).say(asked, len(type(self).calls))
        if body is None:  # goes away without a word
            self.connection.close()
            return
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers[0].items() if headers else ():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(sent)

    def log_message(self, *_args):
        """Nothing: tests say what they expect."""


@pytest.fixture
def register():
    """Start a register; `register(say)` tells it what to answer, and gives its configuration."""
    kind = type("OneRegister", (Register,), {"calls": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def tell(say, **further):
        kind.say = staticmethod(say)
        terms = {
            "location": f"http://127.0.0.1:{server.server_port}/check",
            "allows_private": True,
            "timeout_seconds": 1.0,
            "attempts": 3,
            "backoff_seconds": 0.01,
            **further,
        }
        return config(kind="http", **terms)

    tell.calls = kind.calls
    yield tell
    server.shutdown()
    server.server_close()
    thread.join(10)


def config(**further):
    return SourceConfig(
        **{
            "code": "necips",
            "name_zh": "企业信用信息公示系统",
            "name_en": "NECIPS",
            "owner": "hangzhou",
            "factor_list": LIST,
            "items": ("QC-05", "QF-17", "QC-17"),
            **further,
        }
    )


def record(uscc, item, value, **days):
    return {"uscc": uscc, "item": item, "value": value, **days}


def holds(*records):
    return lambda _asked, _calls: (200, {"records": list(records)})


def test_a_register_is_asked_and_answers(register, zj_list):
    source = HttpSource(register(holds(record(A, "QC-05", 0)), token="secret"))
    (found,) = source.ask([A], zj_list)
    assert (found.uscc, found.item, found.value) == (A, "QC-05", 0)
    (path, headers, asked) = register.calls[0]
    assert (path, headers["Authorization"]) == ("/check", "Bearer secret")
    assert asked == {"uscc": [A], "items": ["QC-05", "QF-17", "QC-17"]}


def test_many_enterprises_are_asked_about_in_batches(register, zj_list):
    usccs = [A, B, N]
    HttpSource(register(holds(), batch=2)).ask(usccs, zj_list)
    assert [asked["uscc"] for _path, _headers, asked in register.calls] == [[A, B], [N]]


def test_a_register_that_stumbles_is_asked_again(register, zj_list):
    def say(_asked, calls):
        return (503, {}) if calls == 1 else (200, None) if calls == 2 else (200, {"records": []})

    assert HttpSource(register(say)).ask([A], zj_list) == []
    assert len(register.calls) == 3


def slow(_asked, _calls):
    time.sleep(1.5)
    return 200, {"records": []}


@pytest.mark.parametrize(
    ("say", "code", "further"),
    [
        (lambda *_: (503, {}), "down", {}),
        (slow, "down", {"timeout_seconds": 0.3, "attempts": 2}),
        (lambda *_: (403, {}), "status", {}),
        (lambda *_: (200, b"x" * 5_000), "too_large", {"most_bytes": 1_000}),
        (lambda *_: (302, b"", {"Location": "/check"}), "redirect", {}),
        (lambda *_: (302, b"", {"Location": "file:///etc/passwd"}), "address", {}),
    ],
    ids=["down", "slow", "refuses", "large", "in circles", "elsewhere"],
)
def test_a_register_that_is_down_is_said_to_be(register, zj_list, say, code, further):
    with pytest.raises(SourceDown) as refused:
        HttpSource(register(say, **further)).ask([A], zj_list)
    assert refused.value.code == code


def test_nobody_answers_where_nobody_is(zj_list):
    gone = config(kind="http", location="http://127.0.0.1:9/", allows_private=True,
                  attempts=2, backoff_seconds=0.01)  # fmt: skip
    with pytest.raises(SourceDown, match="2 attempts"):
        HttpSource(gone).ask([A], zj_list)


def test_private_addresses_are_not_called_unless_configured(register, zj_list):
    with pytest.raises(SourceDown) as refused:
        HttpSource(register(holds(), allows_private=False)).ask([A], zj_list)
    assert (refused.value.code, register.calls) == ("private", [])


def test_a_redirect_into_the_house_is_refused_and_takes_no_token(register, zj_list, monkeypatch):
    """The first address is a public one to the check; what it redirects to is not."""
    config_ = register(
        lambda *_: (307, b"", {"Location": "http://169.254.169.254/latest/"}),
        allows_private=False,
        token="secret",
    )
    allowed = HttpSource._may_call
    monkeypatch.setattr(
        HttpSource, "_may_call", lambda self, at: at == "127.0.0.1" or allowed(self, at)
    )
    with pytest.raises(SourceDown) as refused:
        HttpSource(config_).ask([A], zj_list)
    assert (refused.value.code, len(register.calls)) == ("private", 1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html>", "unreadable"),
        (b"\xff\xfe", "unreadable"),
        ([], "schema"),
        ({"records": [1]}, "schema"),
        ({"records": [{"uscc": A}]}, "schema"),
        ({"records": [record(A, "QM-01", 1)]}, "schema"),
        ({"records": [record(A, "QC-05", 0), record(A, "QC-05", 1)]}, "schema"),
        ({"records": [record(B, "QC-05", 1)]}, "other_enterprise"),
        ({"records": [record(A, "QC-05", "many")]}, "value"),
        ({"records": [record(A, "QC-05", -1)]}, "value"),
        ({"records": [record(A, "QF-17", "VALID", valid_to="31.12.2026")]}, "value"),
    ],
)
def test_a_register_that_is_wrong_is_believed_in_nothing(register, zj_list, body, code):
    with pytest.raises(SourceWrong) as refused:
        HttpSource(register(lambda *_: (200, body))).ask([A], zj_list)
    assert refused.value.code == code


def test_an_export_in_a_folder_is_read_the_newest_first(tmp_path, zj_list):
    source = FileSource(config(kind="file", location=str(tmp_path)))
    with pytest.raises(SourceDown):
        source.ask([A], zj_list)
    old, new = tmp_path / "1.csv", tmp_path / "2.json"
    old.write_text(f"uscc,item,value\n{A},QC-05,4\n", encoding="utf-8")
    os.utime(old, (1, 1))
    assert [r.value for r in source.ask([A], zj_list)] == [4]
    new.write_text(json.dumps({"records": [record(A, "QC-05", 1), record(N, "QC-05", 2)]}))
    (tmp_path / ".3.json").write_text("half writ")
    assert [(r.uscc, r.value) for r in source.ask([A], zj_list)] == [(A, 1)]
    (tmp_path / "4.json").write_text("{")
    os.utime(tmp_path / "4.json", (2**31, 2**31))
    with pytest.raises(SourceWrong):
        source.ask([A], zj_list)


def test_what_is_no_table_is_said(zj_list):
    with pytest.raises(SourceWrong, match="no column"):
        read_csv(b"a,b\n1,2\n")
    with pytest.raises(SourceWrong, match="no table"):
        read_csv(b"\xff\xfe\x00")
    with pytest.raises(SourceWrong, match="no JSON"):
        read_json(b"{")


@pytest.fixture
def check(known, run_tasks, monkeypatch):
    """Order a check of Hangzhou against a source, have it done, and return the run."""

    def do(source, who="shen"):
        monkeypatch.setattr(rechecks, "configured", lambda: {source.code: source})
        ordered = act(getattr(known, who), rechecks.order, source.code, at=timezone.now())
        run_tasks()
        with acting_as(known.hangzhou.pk):
            return SourceRun.objects.get(pk=ordered.pk)

    return do


def test_what_agrees_is_verified_and_what_does_not_is_prepared(known, register, check):
    stated = [
        record(A, "QC-05", 0),
        record(A, "QF-17", "REVOKED"),
        record(B, "QC-05", 1),
        record(B, "QC-17", 2, valid_to="2027-06-30"),
    ]

    def say(asked, _calls):
        return 200, {"records": [each for each in stated if each["uscc"] in asked["uscc"]]}

    run = check(register(say))
    assert (run.status, run.asked, run.agreed, run.disagreed) == ("done", 4, 2, 2)
    publication, rows = newest(known)
    assert (publication.number, publication.cause) == (run.publication_number, "reverification")
    assert rows == [(B, "reverified", {"QC-05": 1}), (A, "reverified", {"QC-05": 0})]
    assert stored(known, A)[0]["QF-17"] == "VALID", "nobody has released it"
    with acting_as(known.hangzhou.pk):
        waiting = {c.uscc: c for c in RecordChange.objects.all()}
        counts = {(c.region, c.code): (c.agreed, c.disagreed) for c in SourceCount.objects.all()}
    assert {u: (c.changes, c.details) for u, c in waiting.items()} == {
        A: ({"QF-17": "REVOKED"}, {}),
        B: ({"QC-17": 2}, {"QC-17": {"valid_to": "2027-06-30"}}),
    }
    assert counts[("330113", "QF-17")] == (0, 1) and counts[("330113", "QC-05")] == (1, 0)
    act(known.zheng, records.release, waiting[A].pk)
    assert stored(known, A)[0]["QF-17"] == "REVOKED"


def test_a_disagreement_that_waits_is_not_prepared_twice(known, register, check):
    source = register(lambda asked, _n: (200, {"records": [record(A, "QF-17", "REVOKED")]}))
    check(source)
    check(source)
    with acting_as(known.hangzhou.pk):
        assert RecordChange.objects.count() == 1


@pytest.mark.parametrize("body", [b"{", {"records": [record(N, "QC-05", 1)]}])
def test_a_wrong_register_changes_nothing_and_the_run_says_why(known, register, check, body):
    before, _rows = newest(known)
    run = check(register(lambda *_: (200, body)))
    assert (run.status, run.failure) in {("failed", "unreadable"), ("failed", "other_enterprise")}
    assert newest(known)[0] == before
    with acting_as(known.hangzhou.pk):
        assert not RecordChange.objects.exists() and not SourceCount.objects.exists()
        assert Job.objects.get().state == "succeeded", "the source's fault is none of ours"


def test_half_an_answer_is_nothing(known, register, check):
    """The second batch fails: what the first one said is not used either."""

    def say(asked, calls):
        if asked["uscc"] == [A]:
            return 200, {"records": [record(A, "QC-05", 0)]}
        return 500, {}

    before, _rows = newest(known)
    run = check(register(say, batch=1))
    assert (run.status, run.failure, newest(known)[0]) == ("failed", "down", before)


def test_a_second_delivery_of_a_check_does_nothing(known, register, check):
    run = check(register(holds(record(A, "QC-05", 0))))
    before, _rows = newest(known)
    with acting_as(known.hangzhou.pk):
        again = rechecks.write(run.pk, [], asked=0, actor=known.shen, at=NOON)
    assert (again.agreed, newest(known)[0]) == (1, before)
    register_tasks.recheck_source(organization_id=str(known.hangzhou.pk), job_id=str(run.job_id))
    assert newest(known)[0] == before


KILLED = """
import os, signal
import django
django.setup()
from django.db import connection
from sharing.services import rechecks, reverification
from sharing.services.sources import SourceConfig
from sharing import register_tasks
source = SourceConfig(**{source!r})
rechecks.configured = lambda: {{source.code: source}}
original = reverification.publish_chosen
def dies(*given, **further):
    original(*given, **further)
    os.kill(os.getpid(), signal.SIGKILL)
if {dies}:
    reverification.publish_chosen = dies
register_tasks.recheck_source(organization_id={organization!r}, job_id={job!r})
"""


def test_a_worker_that_is_killed_leaves_nothing_half_done(known, tmp_path, monkeypatch):
    from dataclasses import asdict

    from django.conf import settings

    (tmp_path / "export.json").write_text(
        json.dumps({"records": [record(A, "QC-05", 0), record(A, "QF-17", "REVOKED")]})
    )
    source = config(kind="file", location=str(tmp_path))
    monkeypatch.setattr(rechecks, "configured", lambda: {source.code: source})
    ordered = act(known.shen, rechecks.order, source.code, at=timezone.now())
    before, _rows = newest(known)
    database = settings.DATABASES["default"]["NAME"]
    address = os.environ["DATABASE_URL"]
    head, _slash, tail = address.rpartition("/")
    query = tail.partition("?")[1:] if "?" in tail else ("", "")
    environment = {**os.environ, "DATABASE_URL": f"{head}/{database}{''.join(query)}"}

    def work(dies):
        program = KILLED.format(
            source=asdict(source), dies=dies, organization=str(known.hangzhou.pk),
            job=str(ordered.job_id),
        )  # fmt: skip
        return subprocess.run(
            [sys.executable, "-c", program], env=environment, timeout=120, check=False
        ).returncode

    assert work(dies=True) == -signal.SIGKILL
    assert newest(known)[0] == before
    with acting_as(known.hangzhou.pk):
        assert SourceRun.objects.get().status == "running"
        assert not RecordChange.objects.exists() and not SourceCount.objects.exists()
    assert work(dies=False) == 0
    with acting_as(known.hangzhou.pk):
        run = SourceRun.objects.get()
        assert (run.status, run.agreed, run.disagreed) == ("done", 1, 1)
        assert RecordChange.objects.count() == 1


def test_a_bureau_checks_only_against_its_own_sources(known, monkeypatch):
    source = config(kind="file", location="/nowhere")
    monkeypatch.setattr(rechecks, "configured", lambda: {source.code: source})
    with pytest.raises(rechecks.NoSuchSource):
        act(known.lu, rechecks.order, source.code)
    with pytest.raises(MissingPermission):
        act(known.zheng, rechecks.order, source.code)


def test_sources_are_the_operators_to_name(tmp_path, settings):
    file = tmp_path / "sources.toml"
    file.write_text(
        '[[sources]]\ncode = "necips"\nname_zh = "公示系统"\nname_en = "NECIPS"\n'
        f'owner = "hangzhou"\nkind = "file"\nlocation = "{tmp_path}"\n'
        'factor_list = "ZJ-QFCE"\nitems = ["QC-17"]\n'
    )
    settings.SOURCES_FILE = str(file)
    assert sources.configured()["necips"].items == ("QC-17",)
    settings.SOURCES_FILE = ""
    assert sources.configured() == {}


def test_checks_on_pages_and_by_rest(known, tmp_path, monkeypatch, browser, api, run_tasks):
    source = config(kind="file", location=str(tmp_path))
    monkeypatch.setattr(rechecks, "configured", lambda: {source.code: source})
    visitor = browser(known.shen)
    assert "NECIPS" in visitor.get("/sharing/source-runs/").content.decode()
    assert visitor.post("/sharing/source-runs/new/", {"source": "necips"}).status_code == 302
    run_tasks()
    assert "There is no export" in visitor.get("/sharing/source-runs/").content.decode()
    client = api(known.client_county_uploader)
    assert [s["code"] for s in client.get("/api/v1/source-runs/sources/").json()] == ["necips"]
    assert client.post("/api/v1/source-runs/", {"source": "other"}).status_code == 404
    made = client.post("/api/v1/source-runs/", {"source": "necips"})
    assert made.status_code == 202
    here = f"/api/v1/source-runs/{made.json()['id']}/"
    assert client.get(here).json()["status"] == "running"
    assert api(known.lu).get(here).status_code == 404
    assert len(client.get("/api/v1/source-runs/").json()["results"]) == 2


def test_the_night_asks_the_sources_that_are_due_in_the_name_of_an_account(known, monkeypatch):
    def due(**how):
        config = SourceConfig(
            "necips", "公示系统", "NECIPS", "hangzhou", "file", "/x", LIST, ("QC-17",), **how
        )
        monkeypatch.setattr(rechecks, "configured", lambda: {"necips": config})
        return act(service_actor(known.hangzhou.pk, "sources"), rechecks.order_due)

    username = User.objects.get(pk=known.shen.user_id).username
    assert due() == due(every_days=7) == due(every_days=7, runs_as="nobody") == []
    releaser = User.objects.get(pk=known.zheng.user_id).username
    assert due(every_days=7, runs_as=releaser) == []
    (run,) = due(every_days=7, runs_as=username)
    assert run.started_by_id == known.shen.user_id
    assert due(every_days=7, runs_as=username) == []  # it runs
    with acting_as(known.hangzhou.pk):
        SourceRun.objects.update(status="failed", ended_at=NOON)
    (again,) = due(every_days=7, runs_as=username)
    with acting_as(known.hangzhou.pk):
        SourceRun.objects.filter(pk=again.pk).update(status="done", ended_at=NOON)
    assert due(every_days=7, runs_as=username) == []


def test_every_bureau_is_asked_by_night(known, run_tasks):
    register_tasks.recheck_due()
    run_tasks()
