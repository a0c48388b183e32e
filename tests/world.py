"""
Databases for tests: one template migrated by the owner, one with the cast, and clones.

Run as a script by the session that starts the tests; each test then works in a clone of its
own, connected as the application role, with real commits.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "qfce_template"
WORLD = "qfce_world"


def named(url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{database}"))


def prepare(urls: dict[str, str]) -> dict[str, str]:
    """Migrate the template and build the world; return the environment that tests run in."""
    superuser = urls["DATABASE_SUPERUSER_URL"]
    roles = (ROOT / "qfce/kernel/embedded/roles.sql").read_text(encoding="utf-8")
    with psycopg.connect(superuser, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {TEMPLATE} OWNER qfce_owner")
    with psycopg.connect(named(superuser, TEMPLATE), autocommit=True) as template:
        template.execute(roles)
    environment = {
        **os.environ,
        "DATABASE_URL": named(urls["DATABASE_URL"], TEMPLATE),
        "DATABASE_OWNER_URL": named(urls["DATABASE_OWNER_URL"], TEMPLATE),
        "REDIS_URL": urls["REDIS_URL"],
        "PYTHONPATH": str(ROOT),
    }
    _run([sys.executable, "manage.py", "migrate", "--database", "owner", "-v", "0", "--skip-checks"], environment)
    with psycopg.connect(superuser, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {WORLD} TEMPLATE {TEMPLATE} OWNER qfce_owner")
        server.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {WORLD} TO qfce_app")
    environment["DATABASE_URL"] = named(urls["DATABASE_URL"], WORLD)
    environment["DATABASE_OWNER_URL"] = named(urls["DATABASE_OWNER_URL"], WORLD)
    _run([sys.executable, "-m", "tests.build_world"], environment)
    return environment


def clone(superuser: str) -> str:
    """Clone the world under a new name and return the name."""
    name = f"qfce_test_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(named(superuser, "postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {WORLD} OWNER qfce_owner")
        server.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        server.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO qfce_app")
    return name


def drop(superuser: str, name: str) -> None:
    with psycopg.connect(named(superuser, "postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
