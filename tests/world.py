"""
Databases for tests: one template migrated by the owner, one with the cast, and clones.

Run as a script by the session that starts the tests; each test then works in a clone of its
own, connected as the application role, with real commits.
"""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "qfce_template"
WORLD = "qfce_world"
CACHE = ROOT / "var" / "test-clusters"


def named(url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


def restore(servers: Path, fingerprint: str) -> bool:
    """Copy a migrated cluster of the same migrations here, if an earlier run kept one."""
    kept = CACHE / fingerprint
    if not kept.exists():
        return False
    shutil.copytree(kept, servers)
    return True


def keep(servers: Path, fingerprint: str) -> None:
    """
    Keep a stopped, migrated cluster for later runs; an older one makes place for it.

    :param fingerprint: taken before the migration, since files may change while it runs.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    fresh = CACHE / f"{fingerprint}.{os.getpid()}"
    shutil.copytree(servers, fresh, ignore=shutil.ignore_patterns("*.pid", "*.sock", "*.lock"))
    for old in sorted(CACHE.iterdir(), key=lambda path: path.stat().st_mtime)[:-4]:
        shutil.rmtree(old, ignore_errors=True)
    try:
        fresh.rename(CACHE / fingerprint)
    except OSError:  # another run was first
        shutil.rmtree(fresh, ignore_errors=True)


def migrate(urls: dict[str, str]) -> None:
    """Create the template and migrate it as the owner."""
    superuser = urls["DATABASE_SUPERUSER_URL"]
    roles = (ROOT / "qfce/kernel/embedded/roles.sql").read_text(encoding="utf-8")
    with psycopg.connect(superuser, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {TEMPLATE} OWNER qfce_owner")
    with psycopg.connect(named(superuser, TEMPLATE), autocommit=True) as template:
        template.execute(roles)
    command = [sys.executable, "manage.py", "migrate", "--database", "owner", "-v", "0"]
    _run([*command, "--skip-checks"], _environment(urls, TEMPLATE))


def prepare(urls: dict[str, str]) -> dict[str, str]:
    """Build the world in a copy of the template; return the environment that tests run in."""
    with psycopg.connect(urls["DATABASE_SUPERUSER_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {WORLD} TEMPLATE {TEMPLATE} OWNER qfce_owner")
        server.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {WORLD} TO qfce_app")
    environment = _environment(urls, WORLD)
    _run([sys.executable, "-m", "tests.build_world"], environment)
    return environment


def _environment(urls: dict[str, str], database: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "qfce.settings",
        "DATABASE_URL": named(urls["DATABASE_URL"], database),
        "DATABASE_OWNER_URL": named(urls["DATABASE_OWNER_URL"], database),
        "REDIS_URL": urls["REDIS_URL"],
        "PYTHONPATH": str(ROOT),
    }


def fingerprint_of_migrations() -> str:
    """Return what a migrated template depends on: migrations, their SQL, and the versions."""
    hasher = hashlib.sha256()
    files = [
        *ROOT.glob("qfce/kernel/*/migrations/*.py"),
        *ROOT.glob("*/migrations/*.py"),
        *ROOT.glob("*/sql/*"),
        *ROOT.glob("qfce/kernel/tenancy/*.csv"),
        ROOT / "qfce/kernel/tenancy/rls.py",
        ROOT / "qfce/kernel/embedded/roles.sql",
        ROOT / "qfce/settings.py",
        ROOT / "requirements.txt",
    ]
    for path in sorted(path for path in files if path.is_file()):
        hasher.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()[:20]


def clone(superuser: str) -> str:
    """Clone the world under a new name and return the name."""
    name = f"qfce_test_{os.getpid()}_{secrets.token_hex(4)}"
    server = _server(superuser)
    # Files in memory are copied in half the time that logging their pages takes.
    server.execute(f"CREATE DATABASE {name} TEMPLATE {WORLD} OWNER qfce_owner STRATEGY FILE_COPY")
    server.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    server.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO qfce_app")
    return name


def drop(superuser: str, name: str) -> None:
    _server(superuser).execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@cache
def _server(superuser: str) -> psycopg.Connection:
    """Return this process's connection for making and dropping databases."""
    return psycopg.connect(named(superuser, "postgres"), autocommit=True)


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
