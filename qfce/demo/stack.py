"""
The whole platform on one machine: embedded servers, web, worker and beat.

Demo and sandbox are the same start with different people in it; production runs the same
programs under its own supervisor.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from qfce.kernel.embedded import processes
from qfce.kernel.embedded.processes import ServerFailed
from qfce.kernel.embedded.stack import EmbeddedStack

ROOT = Path(__file__).resolve().parents[2]
HEALTH_PATH = "/health/"
START_SECONDS = 120.0
PORT_SECONDS = 5.0  # what a killed run's web server may take to leave
STOP_SECONDS = 4.0  # of the 20 that a stop may take; the servers need the rest

WEB_PROCESSES = 2
WEB_THREADS = 8
WORKERS = 2


class LocalPlatform:
    """
    Servers and programs of one machine, started and stopped together.

    `open()` starts the servers and puts their addresses into the environment, so that the
    caller can load the settings and migrate; `launch()` then starts the programs, and
    `wait_until_ready()` returns when they answer. Logs go to DATA/log.

    :param data_dir: DATA.
    :param port: where the site listens on 127.0.0.1; 0 finds a free one.
    :param flavor: the setting that says what this start is: QFCE_DEMO or QFCE_SANDBOX.
    """

    def __init__(self, data_dir: Path, *, port: int, flavor: str) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.port = port or processes.free_port()
        self.servers = EmbeddedStack(self.data_dir)
        self._flavor = flavor
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self._environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def sandbox(self) -> bool:
        """Test whether this start is for programs to try, not for people to look at."""
        return self._flavor == "QFCE_SANDBOX"

    @property
    def url(self) -> str:
        """Where the site answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """
        Start the servers, end a dead run's programs, and set the environment.

        :raises ServerFailed: if somebody else listens on the port.
        """
        self.servers.start()
        for name in ("web", "worker", "beat"):
            # A program that lost its servers is of no use to anybody.
            processes.stop_orphan(
                self._pid_file(name), belongs=str(ROOT), stop_signal=signal.SIGKILL
            )
        self._take_port()
        (self.data_dir / "static").mkdir(exist_ok=True)
        addresses = self.servers.urls()
        os.environ |= {**self._settings(), **addresses}
        # What serves has neither the owner's nor the superuser's password.
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL"}
        }

    def _take_port(self) -> None:
        """Say at once that the port is taken: two web servers would share it in silence."""
        deadline = time.monotonic() + PORT_SECONDS
        while not processes.is_free(self.port):
            if time.monotonic() > deadline:
                self.servers.stop()
                raise ServerFailed(f"Port {self.port} is taken; choose another with PORT=…")
            time.sleep(0.2)

    def launch(self) -> None:
        """Start web, worker and beat, which takes a while; the database has to be migrated."""
        for name, command in self._commands().items():
            self._programs[name] = processes.start(
                command,
                log=self._log(name),
                pid_file=self._pid_file(name),
                stop_signal=signal.SIGTERM,
                env=self._environment,
                cwd=ROOT,
            )

    def wait_until_ready(self) -> None:
        """
        Return when the programs answer.

        :raises ServerFailed: if one ends, or does not answer in time.
        """
        started = time.monotonic()
        for name, answers in (("web", self._web_answers), ("worker", self._worker_answers)):
            processes.wait_until(
                answers,
                self._programs[name],
                seconds=START_SECONDS - (time.monotonic() - started),
                log=self._log(name),
            )

    def check(self) -> None:
        """
        Look whether everything still runs.

        :raises ServerFailed: if a server or a program has ended; with the end of its log.
        """
        for name, process in self._programs.items():
            if process.poll() is not None:
                raise ServerFailed(
                    f"{name} ended with status {process.returncode}.\n"
                    + processes.tail(self._log(name))
                )
        if not self.servers.running:
            raise ServerFailed(f"A server has ended; see {self.data_dir / 'log'}.")

    def stop(self) -> None:
        """Stop the programs, then the servers. Stopping twice is fine."""
        for process in self._programs.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for name, process in self._programs.items():
            # A task may run for minutes; it is safe to kill at any line.
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=max(0.0, deadline - time.monotonic()))
            processes.kill_group(process)
            self._pid_file(name).unlink(missing_ok=True)
        self._programs.clear()
        self.servers.stop()

    def _settings(self) -> dict[str, str]:
        file = self.data_dir / "secrets.json"
        known = processes.read_secrets(file)
        if "secret_key" not in known:
            known["secret_key"] = secrets.token_urlsafe(50)
            processes.write_secrets(file, known)
        return {
            "DJANGO_SETTINGS_MODULE": "qfce.settings",
            "QFCE_DATA": str(self.data_dir),
            "QFCE_SECRET_KEY": known["secret_key"],
            "QFCE_WEB_THREADS": str(WEB_THREADS),
            "QFCE_PUBLIC_URL": self.url,  # where links in mails lead
            self._flavor: "1",
            # What a person watches should follow at once.
            "QFCE_FEED_PERIOD_SECONDS": os.environ.get("QFCE_FEED_PERIOD_SECONDS", "1"),
            "PYTHONUNBUFFERED": "1",
        }

    def _commands(self) -> dict[str, list[str]]:
        celery = [sys.executable, "-m", "celery", "--app", "qfce", f"--workdir={ROOT}"]
        return {
            "web": [
                *(sys.executable, "-m", "granian", "--interface", "wsgi"),
                *("--host", "127.0.0.1", "--port", str(self.port)),
                *("--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS)),
                *("--working-dir", str(ROOT), "--workers-kill-timeout", "3"),
                "qfce.wsgi:application",
            ],
            "worker": [
                *(*celery, "worker", "--concurrency", str(WORKERS), "--loglevel", "INFO"),
                # One worker has nobody to greet.
                *("--without-mingle", "--without-gossip"),
            ],
            "beat": [
                *(*celery, "beat", "--loglevel", "INFO"),
                *("--schedule", str(self.data_dir / "beat"), "--pidfile", ""),
            ],
        }

    def _log(self, name: str) -> Path:
        return self.data_dir / "log" / f"{name}.log"

    def _pid_file(self, name: str) -> Path:
        return self.data_dir / f"{name}.pid"

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + HEALTH_PATH, timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _worker_answers(self) -> bool:
        from qfce.celery import app  # the settings exist only now

        return bool(app.control.ping(timeout=1.0, limit=1))
