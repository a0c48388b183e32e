"""
The production shape, tried without an engine.

Every command and every health check of the compose file runs as it stands, with the same
environment, against embedded servers: only host names, ports and `/data` are replaced.
The proxy alone is not run, as its program is in no package index.
"""

import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from qfce.kernel.embedded import binaries, privileges, processes
from qfce.kernel.embedded.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?:(?P<kind>:\?|:-)(?P<rest>[^}]*))?\}")
SECRETS = ("POSTGRES_PASSWORD", "QFCE_OWNER_PASSWORD", "QFCE_APP_PASSWORD", "REDIS_PASSWORD")
GIVEN = {name: f"{name.lower()}-{secrets.token_urlsafe(9)}" for name in SECRETS} | {
    "QFCE_SECRET_KEY": secrets.token_urlsafe(50),
    "QFCE_HOST": "qfce.example",
}


class Missing(Exception):
    """What compose says about a variable that must be set."""


def filled(text: str, given: dict[str, str]) -> str:
    """Fill in variables as compose does."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        if found["name"] in given:
            return given[found["name"]]
        if found["kind"] == ":?":
            raise Missing(f"{found['name']}: {found['rest']}")
        return found["rest"] or ""

    return VARIABLE.sub(value, text)


def words(command: str | list[str], given: dict[str, str]) -> list[str]:
    """Return a command, or the test of a health check, as the words that run."""
    parts = shlex.split(command) if isinstance(command, str) else command
    if parts[0] == "CMD-SHELL":
        return ["sh", "-c", filled(parts[1], given)]
    return [filled(part, given) for part in parts if part != "CMD"]


def texts(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in texts(value)]
    return [node] if isinstance(node, str) else []


def test_the_shape_is_the_one_that_the_guide_describes():
    assert set(COMPOSE["services"]) == {
        "postgres", "redis", "migrate", "web", "worker", "beat", "proxy",
    }  # fmt: skip
    assert COMPOSE["services"]["postgres"]["image"] == "postgres:18"
    published = {name for name, service in COMPOSE["services"].items() if service.get("ports")}
    assert published == {"proxy"}, "only the proxy is reachable from outside"


def test_everything_that_stays_up_has_a_health_check():
    for name, service in COMPOSE["services"].items():
        assert service.get("healthcheck") or name == "migrate", name


def test_no_secret_has_a_default_and_each_missing_one_stops_the_start_with_a_line():
    source = (ROOT / "docker-compose.yml").read_text()
    for name in GIVEN:
        without = {other: value for other, value in GIVEN.items() if other != name}
        with pytest.raises(Missing, match=rf"{name}: \w+"):
            [filled(text, without) for text in texts(COMPOSE)]
        assert f"${{{name}:-" not in source
        assert f"${{{name}-" not in source


def test_only_the_migration_has_the_owner_password():
    for name in ("web", "worker", "beat"):
        environment = COMPOSE["services"][name]["environment"]
        assert "DATABASE_OWNER_URL" not in environment
        assert "QFCE_OWNER_PASSWORD" not in environment
        assert "qfce_app:" in environment["DATABASE_URL"]


def test_every_mounted_file_exists_and_every_used_configuration_is_defined():
    for service in COMPOSE["services"].values():
        for mounted in service.get("configs", []):
            definition = COMPOSE["configs"][mounted["source"]]
            assert "content" in definition or (ROOT / definition["file"]).is_file()
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in COMPOSE["volumes"]


def test_the_image_copies_what_is_there_and_installs_the_locks():
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ")]
    from_here = [name for names in copied if "--from" not in names[0] for name in names]
    assert [name for name in from_here if not (ROOT / name).exists()] == []
    apps = {"qfce", "factors", "sharing", "evaluation", "lending", "risk", "templates"}
    assert apps <= set(from_here)
    assert any("--require-hashes -r /requirements.txt" in line for line in lines)
    assert any("npm ci --omit=dev" in line for line in lines)
    assert any(line.startswith("USER qfce") for line in lines)


def stages() -> dict[str, list[list[str]]]:
    """Return the instructions of each stage of the Dockerfile, as words."""
    source = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.split() for line in source.splitlines() if line and not line.startswith("#")]
    found: dict[str, list[list[str]]] = {}
    for line in lines:
        if line[0] == "FROM":
            name = line[3] if len(line) > 2 else ""
            assert name not in found, f"there are two stages called {name!r}"
            found[name] = []
        else:
            found[list(found)[-1]].append(line)
    return found


def test_what_the_image_takes_from_a_stage_is_made_there():
    built = stages()
    for line in built[""]:
        if line[0] != "COPY" or not line[1].startswith("--from="):
            continue
        source, place = built[line[1].removeprefix("--from=")], Path(line[2])
        runs = [" ".join(each) for each in source if each[0] == "RUN"]
        folders = [each[1] for each in source if each[0] == "WORKDIR"] or ["/"]
        made_here = place.name == "node_modules" and folders[-1] == str(place.parent)
        assert made_here or any(str(place) in run.split() for run in runs), place


def test_the_program_needs_nothing_that_the_image_lacks(tmp_path):
    for line in stages()[""]:
        if line[0] != "COPY" or line[1].startswith("--from="):
            continue
        for name in line[1:-1]:
            target = tmp_path / line[-1] if len(line) == 3 else tmp_path / line[-1] / name
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, target)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    program = "import django; django.setup(); import qfce.urls, qfce.celery, qfce.wsgi"
    environment = os.environ | {"PYTHONPATH": "", "DJANGO_SETTINGS_MODULE": "qfce.settings"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


def test_the_proxy_leads_to_the_port_of_the_web_server():
    command = COMPOSE["services"]["web"]["command"]
    port = command[command.index("--port") + 1]
    proxy = filled(COMPOSE["configs"]["proxy"]["content"], GIVEN)
    assert f"reverse_proxy web:{port} {{" in proxy
    assert proxy.count("{") == proxy.count("}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A cluster as compose prepares it: the image's steps, by hand."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("cluster"), durable=False) as running:
        environment = {
            "PATH": f"{binaries.postgres_bin()}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(running.port),
            "PGPASSWORD": running._passwords["postgres"],
        } | {
            name: filled(value, GIVEN)
            for name, value in COMPOSE["services"]["postgres"]["environment"].items()
        }
        passwords = filled(COMPOSE["configs"]["passwords"]["content"], GIVEN)
        roles = ROOT / COMPOSE["configs"]["roles"]["file"]
        for step in (["psql", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-f", str(roles), "qfce"],
                     ["sh", "-c", passwords]):  # fmt: skip
            subprocess.run(step, env=environment, check=True, capture_output=True, timeout=60)
        yield running


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory):
    """The Redis of the compose file, its command and its configuration."""
    folder = tmp_path_factory.mktemp("redis")
    port = processes.free_port()
    configuration = folder / "redis.conf"
    content = filled(COMPOSE["configs"]["redis"]["content"], GIVEN)
    configuration.write_text(f"{content}\nport {port}\nbind 127.0.0.1\n")
    program, _ = COMPOSE["services"]["redis"]["command"]
    assert program == "redis-server"
    with subprocess.Popen(
        [str(binaries.redis_server()), str(configuration)], stdout=subprocess.DEVNULL
    ) as server:
        yield port
        server.terminate()


@pytest.fixture(scope="module")
def environment(cluster, redis_port, tmp_path_factory):
    """What a container of the platform finds, with this machine's places."""
    data = tmp_path_factory.mktemp("data")
    places = [
        ("@postgres:5432/", f"@127.0.0.1:{cluster.port}/"),
        ("@redis:6379/", f"@127.0.0.1:{redis_port}/"),
    ]

    def of(service: str) -> dict[str, str]:
        found = {
            name: filled(value, GIVEN)
            for name, value in COMPOSE["services"][service]["environment"].items()
        }
        for name, value in found.items():
            for there, here in places:
                value = value.replace(there, here)
            found[name] = str(data) if value == "/data" else value
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(data), "DJANGO_SETTINGS_MODULE": "qfce.settings"} | found

    return of


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=600
    )


def here(parts: list[str], environment: dict[str, str], port: int = 0) -> list[str]:
    """Put this machine's places into a command."""
    data = environment["QFCE_DATA"]
    replaced = [part.replace("/data", data) for part in parts]
    return [re.sub(r"(?<!\d)8000(?!\d)", str(port), part) for part in replaced]


@pytest.fixture(scope="module")
def migrated(environment):
    settings = environment("migrate")
    done = run(here(words(COMPOSE["services"]["migrate"]["command"], GIVEN), settings), settings)
    assert done.returncode == 0, done.stderr
    return done


def test_the_migration_job_migrates_and_collects_the_static_files(migrated, environment):
    static = Path(environment("migrate")["QFCE_DATA"]) / "static"
    assert any(static.rglob("*")), migrated.stdout


def test_the_cluster_takes_the_arguments_of_the_image(tmp_path):
    arguments = COMPOSE["services"]["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    program = binaries.postgres_bin() / "initdb"
    command = privileges.choose(program, tmp_path).command(
        program, f"--pgdata={tmp_path / 'pg'}", "--username=postgres", *arguments
    )
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stderr


def test_the_health_checks_of_the_servers_answer(cluster, redis_port):
    services = COMPOSE["services"]
    programs = f"{binaries.postgres_bin()}:{binaries.redis_server().parent}:{os.environ['PATH']}"
    ready = words(services["postgres"]["healthcheck"]["test"], GIVEN)
    assert run(ready, {"PATH": programs, "PGPORT": str(cluster.port)}).returncode == 0
    ping = words(services["redis"]["healthcheck"]["test"], GIVEN)
    answer = run(
        [ping[0], "-p", str(redis_port), *ping[1:]],
        {"PATH": programs, "REDISCLI_AUTH": GIVEN["REDIS_PASSWORD"]},
    )
    assert answer.stdout.strip() == "PONG"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_program_starts_and_its_health_check_passes(name, migrated, environment):
    service = COMPOSE["services"][name]
    settings = environment(name)
    port = processes.free_port()
    command = here(words(service["command"], GIVEN), settings, port)
    check = here(words(service["healthcheck"]["test"], GIVEN), settings, port)
    assert run(check, settings).returncode != 0, "healthy before it runs"
    log = Path(settings["QFCE_DATA"]) / f"{name}.log"
    with log.open("wb") as output, subprocess.Popen(
        command, env=settings, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
    ) as program:  # fmt: skip
        try:
            deadline = time.monotonic() + 90
            while run(check, settings).returncode != 0:
                assert program.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.5)
        finally:
            program.send_signal(signal.SIGTERM)
            program.wait(timeout=60)


def test_the_programs_refuse_a_privileged_role(migrated, environment):
    settings = environment("web") | {"DATABASE_URL": environment("migrate")["DATABASE_OWNER_URL"]}
    refused = run([sys.executable, "-c", "import qfce.wsgi"], settings)
    assert refused.returncode != 0
    assert refused.stderr.strip().splitlines()[-1].startswith("DATABASE_URL signs in as qfce_owner")


@pytest.mark.parametrize("name", ["QFCE_SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_a_missing_setting_stops_the_start_with_one_clear_line(name, environment):
    settings = environment("web")
    del settings[name]
    refused = run([sys.executable, "manage.py", "check"], settings)
    assert refused.returncode != 0
    assert refused.stderr.strip().startswith(f"{name} is not set")
    assert len(refused.stderr.strip().splitlines()) == 1
