"""
Starts PostgreSQL and Redis before Django is configured, once for all test processes.

Each test that uses the database gets a clone of the world of its own, connected as the
application role, so that commits, locks and races are real and order cannot matter.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

READY = "QFCE_TEST_SUPERUSER_URL"
MEMORY = Path("/dev/shm")  # noqa: S108 mkdtemp makes the folder in it
ROOM_BYTES = 3 * 1024**3


def _fastest_place() -> Path | None:
    """Return a file system in memory with room enough: each clone is a thousand small files."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return MEMORY if has_room and os.access(MEMORY, os.W_OK) else None


def _start() -> None:
    from qfce.kernel.embedded.stack import EmbeddedStack
    from tests.world import fingerprint_of_migrations, keep, migrate, prepare, restore

    folder = Path(tempfile.mkdtemp(prefix="qfce-test-", dir=_fastest_place()))
    fingerprint = fingerprint_of_migrations()
    migrated = restore(folder / "servers", fingerprint)
    # Test processes may use several connections each, and clone often.
    stack = EmbeddedStack(
        folder / "servers",
        durable=False,
        settings={"max_connections": "200", "shared_buffers": "256MB"},
        environment={},
    )
    owner = os.getpid()

    def stop() -> None:
        if os.getpid() == owner:
            stack.stop()
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "qfce.settings",
            "QFCE_SECRET_KEY": secrets.token_hex(32),
            "QFCE_DATA": str(folder / "data"),
            "QFCE_SANDBOX": "1",
            "QFCE_API_RATE_PER_MINUTE": "1000000",
        }
    )
    (folder / "data" / "static").mkdir(parents=True)
    stack.start()
    if not migrated:
        migrate(stack.urls())
        stack.stop()
        keep(folder / "servers", fingerprint)
        stack.start()
    os.environ[READY] = stack.urls()["DATABASE_SUPERUSER_URL"]
    environment = prepare(stack.urls())
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ[name] = environment[name]


if READY not in os.environ:
    _start()
else:
    # Another test process of the same run takes the next Redis database for itself, so that
    # neither sees the other's queues. Redis has sixteen; the first is for counting.
    import redis

    _server = os.environ["REDIS_URL"].rsplit("/", 1)[0]
    with redis.Redis.from_url(f"{_server}/0") as _counter:
        os.environ["REDIS_URL"] = f"{_server}/{int(_counter.incr('processes')) % 15 + 1}"

import django  # noqa: E402 the servers come first
import pytest  # noqa: E402 likewise

django.setup()

# A second process inherits the name of the settings, so they were read before this file was.
from django.conf import settings  # noqa: E402

from qfce.kernel.jobs.celery import app  # noqa: E402

settings.REDIS_URL = settings.CACHES["default"]["LOCATION"] = os.environ["REDIS_URL"]
app.conf.broker_url = os.environ["REDIS_URL"]

pytest_plugins = ["tests.fixtures"]


@pytest.hookimpl(trylast=True)  # after the order was drawn
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what asks for more patience than usual, so that nobody waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


# How long an example takes says more of the machine than of the code: that is for benchmarks.
import hypothesis  # noqa: E402

hypothesis.settings.register_profile(
    "qfce", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("qfce")
