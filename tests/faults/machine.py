"""Real servers and a real worker, to be killed and started again at the same addresses."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from qfce.kernel.embedded import processes
from qfce.kernel.embedded.__main__ import local_environment
from qfce.kernel.embedded.stack import EmbeddedStack

ROOT = Path(__file__).resolve().parents[2]


class Machine:
    """
    PostgreSQL, Redis and a worker in a folder of their own.

    What is killed dies by SIGKILL with everything it has started, and comes back where it
    was: whoever survives finds it again, as after a power failure of one machine among several.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers = EmbeddedStack(folder / "servers", environment={})
        self.worker = None

    def open(self) -> None:
        """Start the servers, load Django and migrate."""
        self.servers.start()
        environment = local_environment(self.folder / "data")
        os.environ |= {**environment, **self.servers.urls(), "QFCE_DEBUG": "0"}
        import django

        django.setup()

        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)

    def close(self) -> None:
        if self.worker is not None:
            processes.kill_group(self.worker)
        self.servers.stop()

    def start_worker(self) -> None:
        """Start a worker on all queues; as it starts it looks for work that was left."""
        command = [sys.executable, "-m", "celery", "--app", "qfce", "worker"]
        self.worker = processes.start(
            [*command, "--concurrency", "1", "--loglevel", "WARNING", "--without-gossip"],
            log=self.folder / "worker.log",
            pid_file=self.folder / "worker.pid",
            stop_signal=signal.SIGKILL,
            env=dict(os.environ),
            cwd=ROOT,
        )

    def kill(self, victim: str) -> None:
        """Kill `worker`, `postgres`, `backend` (one process of it) or `redis`, and restart it."""
        getattr(self, f"_kill_{victim}")()

    def _kill_worker(self) -> None:
        assert self.worker is not None
        processes.kill_group(self.worker)
        self.start_worker()

    def _kill_backend(self) -> None:
        """Kill one process of PostgreSQL; the server then ends all others by itself."""
        assert self.servers.postgres is not None and self.servers.postgres._process is not None
        children = _children(self.servers.postgres._process.pid)
        busy = [pid for pid in children if " qfce" in processes.command_line(pid)]
        with suppress(ProcessLookupError):
            os.kill((busy or children)[-1], signal.SIGKILL)

    def _kill_postgres(self) -> None:
        server = self.servers.postgres
        assert server is not None and server._process is not None
        family = [server._process.pid, *_children(server._process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        server._process.wait(timeout=30)
        server._process = None
        with patch("qfce.kernel.embedded.processes.free_port", return_value=server.port):
            _until_started(server.start)

    def _kill_redis(self) -> None:
        server = self.servers.redis
        assert server is not None and server._process is not None
        processes.kill_group(server._process)
        server._process = None
        with patch("qfce.kernel.embedded.processes.free_port", return_value=server.port):
            _until_started(server.start)


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(status.parent.name))
    return sorted(found)


def _until_started(start: object) -> None:
    for remaining in reversed(range(10)):
        try:
            start()  # type: ignore[operator]  # one of its own methods
        except processes.ServerFailed:
            if not remaining:
                raise
            time.sleep(0.5)
        else:
            return
