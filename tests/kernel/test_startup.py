"""A process that starts beside a database that starts, or without one."""

import os
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import pytest

from qfce.kernel.embedded import processes
from qfce.kernel.embedded.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
ASK = (
    "import django; django.setup();"
    "from qfce.kernel.tenancy.startup import refuse_privileged_role as ask; ask(); print('serves')"
)

SETTLED = (
    "import gc, sys, qfce.wsgi; APPS = 'factors sharing evaluation lending risk qfce'.split();"
    "pages = sum('.web.' in name for name in sys.modules if name.split('.')[0] in APPS);"
    "print(pages, gc.get_freeze_count(), len(gc.get_objects()))"
)


def asking(url: str, *, patience: int, what: str = ASK) -> subprocess.Popen[str]:
    """Start a process that looks at its database before it serves."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "qfce.settings",
        "QFCE_STARTUP_PATIENCE_SECONDS": str(patience),
    }
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-c", what], cwd=ROOT, env=environment, text=True, **pipes
    )


@pytest.fixture
def server(tmp_path):
    made = EmbeddedPostgres(tmp_path, durable=False, settings={"shared_buffers": "16MB"})
    made.start()
    yield made
    made.stop()


def test_a_process_waits_for_a_database_that_comes_back(server):
    url, port = server.url(), server.port
    server.stop()
    process = asking(url, patience=120)
    time.sleep(2)
    assert process.poll() is None, process.communicate()[1]
    with patch("qfce.kernel.embedded.processes.free_port", return_value=port):
        server.start()

    said, complained = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "serves\n"), complained


@pytest.mark.parametrize("fault", ["nobody there", "another password"])
def test_without_a_database_it_stops_with_one_line(server, fault):
    url = server.url()
    if fault == "nobody there":
        url = url.replace(f":{server.port}/", f":{processes.free_port()}/")
    else:
        url = url.replace("qfce_app:", "qfce_app:not")
    process = asking(url, patience=0 if fault == "nobody there" else 600)
    _, complained = process.communicate(timeout=60)

    assert process.returncode == 1
    assert complained.startswith("The database of DATABASE_URL does not answer:")
    assert complained.count("\n") == 1
    assert url.split(":")[2].split("@")[0] not in complained, "no password in a log"


def test_a_server_of_pages_has_loaded_them_before_it_answers(server):
    """And what lives as long as the process is out of the collector's sight."""
    process = asking(server.url(), patience=10, what=SETTLED)
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 0, complained
    pages, frozen, seen = map(int, said.split())
    assert pages > 80
    assert frozen > 10 * seen
