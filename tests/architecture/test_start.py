"""The start for programs: one line when it is ready, and nothing left when it ends."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from qfce.demo.summary import STAGES, Stage, broken, complete, write
from qfce.kernel.embedded import processes

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = {
    "county_uploader", "county_releaser", "province", "bank_a", "bank_b", "credit_agency",
}  # fmt: skip


def running_under(folder: Path) -> list[str]:
    """Return the command lines of all processes that name a folder or work in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            line = processes.command_line(int(entry.name))
            if str(folder) in line:
                found.append(line)
    return found


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """A sandbox in a process group of its own, and what it printed."""
    data = tmp_path_factory.mktemp("sandbox")
    command = [sys.executable, "manage.py", "sandbox", "--data", str(data), "--port"]
    with subprocess.Popen(
        [*command, str(processes.free_port())],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(data)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        line = process.stdout.readline()
        yield process, line, data
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)


@pytest.mark.timeout(300)
def test_a_sandbox_says_all_that_programs_need_and_ends_without_a_trace(sandbox):
    process, line, data = sandbox
    said = json.loads(line)
    assert set(said) == {"url", "clients", "users"}
    assert set(said["clients"]) >= CLIENTS
    for client in said["clients"].values():
        assert set(client) == {"client_id", "client_secret", "scopes"}
    for user in said["users"].values():
        assert set(user) == {"username", "password", "totp_secret", "organization"}

    token = get_token(said["url"], said["clients"]["bank_a"])
    version = get(f"{said['url']}/api/v1/factor-lists/ZJ-QFCE/versions/1/", token)
    assert len(version["items"]) == 90
    assert get(f"{said['url']}/health/", token)["ok"] is True

    begun = time.monotonic()
    os.killpg(process.pid, signal.SIGTERM)
    assert process.stdout.read() == "", "it printed something after its line"
    process.wait(timeout=20)
    while left := running_under(data):
        assert time.monotonic() - begun < 20, left
        time.sleep(0.1)


def get(url: str, token: str) -> dict:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def get_token(url: str, client: dict) -> str:
    pair = f"{client['client_id']}:{client['client_secret']}".encode()
    request = urllib.request.Request(
        f"{url}/oauth/token/",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {base64.b64encode(pair).decode()}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["access_token"]


def test_a_summary_names_every_stage_and_what_was_not_reached_has_failed(tmp_path):
    reached = [Stage("factor_list", ok=True, seconds=1.23456, detail="90 items")]
    reached.append(broken(reached, ValueError("no rows")))
    write(complete(reached), tmp_path / "demo" / "summary.json")
    document = json.loads((tmp_path / "demo" / "summary.json").read_text())
    assert document["ok"] is False
    assert [stage["name"] for stage in document["stages"]] == list(STAGES)
    first, second, third, *_ = document["stages"]
    assert first == {"name": "factor_list", "ok": True, "seconds": 1.235, "detail": "90 items"}
    assert (second["name"], second["ok"], second["detail"]) == (
        "import",
        False,
        "ValueError: no rows",
    )
    assert (third["ok"], third["detail"]) == (False, "not reached")


def test_a_taken_port_is_said_in_one_line(tmp_path):
    """The servers of the tests are named, so that none is started for it."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the web server does
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            [sys.executable, "manage.py", "sandbox", "--data", str(tmp_path), "--port", port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr == f"sandbox: Port {port} is taken; choose another with PORT=…\n"


def test_a_demo_says_in_one_line_why_it_can_not_start(tmp_path):
    refused = subprocess.run(
        [sys.executable, "manage.py", "sandbox", "--data", str(tmp_path), "--port", "1"],
        cwd=ROOT,
        env={"PATH": "/nonexistent", "HOME": str(tmp_path), "DATABASE_URL": "x", "REDIS_URL": "x"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert refused.returncode != 0
    assert refused.stderr.strip().splitlines()[-1] == (
        "A database URL must begin with postgresql://, not ."
    )
