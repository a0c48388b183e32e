"""
Journeys: a real server and a real worker on the test's own database, and Debian's Chromium.

`site` is the web server alone, `worker` adds Celery with beat; `visitor` is a browser that
fails the test for an error on the console, which is also where a breach of the content
security policy shows.
"""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shutil import which
from time import monotonic, sleep
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from qfce.demo import cast, population, setting, story
from qfce.kernel.embedded.processes import free_port
from tests import world
from tests.journeys import visitors
from tests.journeys.visitors import Visitor

ROOT = Path(__file__).resolve().parents[2]
# Playwright runs a loop in this thread, beside which Django would refuse its ORM.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture
def programs(db: None) -> dict[str, str]:
    """Return the environment of programs that work on this test's database."""
    name = str(settings.DATABASES["default"]["NAME"])
    hidden = {"DATABASE_OWNER_URL", "QFCE_TEST_SUPERUSER_URL"}
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    return {
        **kept,
        "DATABASE_URL": world.named(os.environ["DATABASE_URL"], name),
        "QFCE_FEED_PERIOD_SECONDS": "2",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def site(programs: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Serve the site, and return its address."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(port), "--workers", "1", "--blocking-threads", "8"),
        *("--workers-kill-timeout", "2", "qfce.wsgi:application"),
    ]
    address = f"http://127.0.0.1:{port}"
    mailed = {**programs, "QFCE_PUBLIC_URL": address}
    with _running(command, mailed, tmp_path / "web.log") as log:
        end = monotonic() + 60
        while not _answers(address):
            assert monotonic() < end, log.read_text()
            sleep(0.1)
        yield address


@pytest.fixture
def worker(programs: dict[str, str], tmp_path: Path) -> Iterator[None]:
    """Run a worker with beat."""
    command = [
        *(sys.executable, "-m", "celery", "--app", "qfce", "worker", "--beat"),
        *("--concurrency", "1", "--schedule", str(tmp_path / "beat"), "--pidfile", ""),
        *("--without-mingle", "--without-gossip", "--loglevel", "INFO"),
    ]
    with _running(command, programs, tmp_path / "worker.log"):
        yield


class _running:  # noqa: N801 reads as a word of the language
    """A program for as long as a block runs; killed with all that it started."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.command, self.environment, self.log = command, environment, log

    def __enter__(self) -> Path:
        self.file = self.log.open("wb")
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdout=self.file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self.log

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=8)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()
        self.file.close()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def browsers() -> Iterator[Callable[[str], Browser]]:
    """`browsers("zh_CN")`: Chromium whose own widgets speak that language."""
    program = which("chromium")
    assert program, "Chromium is needed: apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        opened: dict[str, Browser] = {}

        def browser(language: str) -> Browser:
            if language not in opened:
                opened[language] = playwright.chromium.launch(
                    executable_path=program,
                    args=["--no-sandbox"] if os.getuid() == 0 else [],
                    env={**os.environ, "LANGUAGE": language},
                )
            return opened[language]

        yield browser
        for each in opened.values():
            each.close()


@pytest.fixture(scope="session")
def chromium(browsers: Callable[[str], Browser]) -> Browser:
    return browsers("zh_CN")


@pytest.fixture
def visitor(chromium: Browser, site: str) -> Iterator[Visitor]:
    """A browser, reading Chinese until it is told otherwise."""
    with visitors.visit(chromium, site, "wide") as somebody:
        yield somebody
    assert somebody.complaints == []


@pytest.fixture
def visit(chromium: Browser, site: str) -> Callable[..., visitors.visit]:
    """`with visit("tablet") as visitor`: a further browser of some width."""
    return lambda width, **options: visitors.visit(chromium, site, width, **options)


@pytest.fixture
def populated(universe: Any, site: str, worker: None, tmp_path: Path) -> str:
    """The site of `make demo`: the story told by its programs, then the 200 others."""
    at = timezone.now()
    people = cast.build()
    for bank, seen, regions in (
        ("bank_a", setting.CATEGORIES, ()),
        ("bank_b", ("quality_credit", "quality_foundation"), ("330100",)),
    ):
        setting.share(bank, seen, setting.LOAN_PURPOSES, regions=regions, at=at)
    setting.publish_scorecards(at=at)
    setting.offer_product(at=at)
    known = {"users": people.users, "clients": people.clients}
    told = list(story.run(site, tmp_path, known))
    assert [stage.detail for stage in told if not stage.ok] == []
    assert population.load(at=at) == 200
    return site
