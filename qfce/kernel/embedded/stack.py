"""
PostgreSQL and Redis together, as one machine needs them.

`DATABASE_URL` and `REDIS_URL` win: where one is set, that server is not started here.
"""

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from qfce.kernel.embedded.postgres import EmbeddedPostgres
from qfce.kernel.embedded.processes import ServerFailed, write_secrets
from qfce.kernel.embedded.redis import EmbeddedRedis

ADDRESSES = "addresses.json"


class EmbeddedStack:
    """
    The servers under one DATA folder, started together and stopped together.

    :param data_dir: DATA; made if missing. Held by one stack at a time.
    :param durable: False trades safety at a power failure for speed. For tests.
    :param environment: where to look for addresses of servers that already run.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        settings: dict[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = Path(data_dir).resolve()
        given = os.environ if environment is None else environment
        self._given = {
            name: given[name]
            for name in (
                "DATABASE_URL",
                "DATABASE_OWNER_URL",
                "DATABASE_SUPERUSER_URL",
                "REDIS_URL",
            )
            if given.get(name)
        }
        self.postgres = (
            None
            if "DATABASE_URL" in self._given
            else EmbeddedPostgres(self.data_dir, durable=durable, settings=settings)
        )
        self.redis = None if "REDIS_URL" in self._given else EmbeddedRedis(self.data_dir)
        self._lock: IO[str] | None = None

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
        Start what is not running elsewhere.

        The addresses are also written to `addresses.json`, readable by us alone, so that
        a second command can join the same servers.

        :raises ServerFailed: if another stack holds the folder, or a server fails.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_lock()
        try:
            if self.postgres is not None:
                self.postgres.start()
            if self.redis is not None:
                self.redis.start()
            write_secrets(self.data_dir / ADDRESSES, self.urls())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what was started here. Stopping twice is fine."""
        if self._lock is None:
            return
        (self.data_dir / ADDRESSES).unlink(missing_ok=True)
        for server in (self.redis, self.postgres):
            if server is not None:
                server.stop()
        self._lock.close()
        self._lock = None

    @property
    def running(self) -> bool:
        """Test whether every server that we started is still there."""
        return all(server.running for server in (self.redis, self.postgres) if server is not None)

    def urls(self) -> dict[str, str]:
        """Return all addresses by the name of the environment variable that takes each."""
        found = dict(self._given)
        if self.postgres is not None:
            found |= self.postgres.urls()
        if self.redis is not None:
            found |= self.redis.urls()
        return found

    def _take_lock(self) -> None:
        """
        Hold the folder until we stop or die; the kernel lets go of it in both cases.

        Whoever holds it may take servers found running there for a dead run's.
        """
        lock = (self.data_dir / "stack.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise ServerFailed(
                f"{self.data_dir} is in use by process {holder}. Stop that one first, or"
                " choose another folder with DATA=…"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
