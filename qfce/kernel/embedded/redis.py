"""
The Redis of a one-machine start: broker, cache and locks.

It keeps nothing on disk, because nothing that it holds may matter: what is lost with it
is found again from the database.
"""

import secrets
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from qfce.kernel.embedded import binaries, processes
from qfce.kernel.embedded.processes import ServerFailed

START_SECONDS = 60.0
STOP_SECONDS = 5.0
TRIES = 5


class EmbeddedRedis:
    """
    One Redis server, listening on 127.0.0.1 with a password.

    :param data_dir: where its configuration, log and process id go; made if missing.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.log = self.data_dir / "log" / "redis.log"
        self.port = 0
        self._secrets = self.data_dir / "secrets.json"
        self._configuration = self.data_dir / "redis.conf"
        self._pid_file = self.data_dir / "redis.pid"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """
        Start the server.

        :raises ServerFailed: if it does not come up; with the end of its log.
        :raises MissingProgram: if redis-server is not installed.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        processes.stop_orphan(
            self._pid_file, belongs=str(self._configuration), stop_signal=signal.SIGTERM
        )
        self._password = self._read_password()
        program = binaries.redis_server()
        for remaining in reversed(range(TRIES)):
            self.port = processes.free_port()
            # On the command line a password is readable by everybody on the machine.
            processes.write_private(self._configuration, self._settings())
            self._process = processes.start(
                [str(program), str(self._configuration)],
                log=self.log,
                pid_file=self._pid_file,
                stop_signal=signal.SIGTERM,
            )
            try:
                processes.wait_until(
                    self._answers, self._process, seconds=START_SECONDS, log=self.log
                )
            except ServerFailed:
                taken = "in use" in processes.tail(self.log)
                self.stop()
                if not (taken and remaining):
                    raise
            else:
                return

    def stop(self) -> None:
        """Stop the server. Stopping twice is fine."""
        if self._process is None:
            return
        processes.stop(self._process, stop_signal=signal.SIGTERM, seconds=STOP_SECONDS)
        self._process = None
        self._pid_file.unlink(missing_ok=True)

    @property
    def running(self) -> bool:
        """Test whether the server that we started is still there."""
        return self._process is not None and self._process.poll() is None

    def url(self, database: int = 0) -> str:
        """Return the address of one of its sixteen databases, the password included."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/{database}"

    def urls(self) -> dict[str, str]:
        """Return the address by the name of the environment variable that takes it."""
        return {"REDIS_URL": self.url()}

    def _settings(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self._password}",
                f'dir "{self.data_dir}"',
                'save ""',
                "appendonly no",
                "daemonize no",
                # Its command line stays as we wrote it, so that an orphan is recognized.
                "set-proc-title no",
                # Evicting would drop queued tasks without a word; refusing is noticed.
                "maxmemory 1gb",
                "maxmemory-policy noeviction",
                "",
            ]
        )

    def _read_password(self) -> str:
        known = processes.read_secrets(self._secrets)
        password: str = known.get("redis") or secrets.token_urlsafe(24)
        processes.write_secrets(self._secrets, {**known, "redis": password})
        return password

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url())
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
        finally:
            client.close()
