"""The servers of a one-machine start: their rights, their restarts, their neighbors."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from qfce.kernel.embedded import privileges, processes
from qfce.kernel.embedded.postgres import EmbeddedPostgres
from qfce.kernel.embedded.processes import ServerFailed
from qfce.kernel.embedded.redis import EmbeddedRedis
from qfce.kernel.embedded.stack import ADDRESSES, EmbeddedStack

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"shared_buffers": "16MB"}


def server(folder: Path, **options: object) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, durable=False, settings=SMALL, **options)  # type: ignore[arg-type]  # options by their names


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    with server(tmp_path_factory.mktemp("postgres")) as running:
        yield running


def one(url: str, query: str):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()


def test_the_application_role_is_bound_by_policies_and_owns_nothing(postgres):
    facts = one(
        postgres.url("qfce_app"),
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
        " WHERE rolname = current_user",
    )
    assert facts == (False, False, False, False)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        one(postgres.url("qfce_app"), "CREATE TABLE public.mine ()")


def test_nobody_signs_in_as_the_definer(postgres):
    assert one(
        postgres.url("postgres"),
        "SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'qfce_definer'",
    ) == (False, False, False)


def test_the_owner_makes_tables_that_the_application_may_use(postgres):
    with psycopg.connect(postgres.url("qfce_owner")) as owner:
        owner.execute("CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
    with psycopg.connect(postgres.url("qfce_app")) as app:
        app.execute("INSERT INTO thing (name) VALUES ('one')")
        assert app.execute("SELECT count(*) FROM thing").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("TRUNCATE thing")


def test_the_owner_hands_functions_to_the_definer(postgres):
    with psycopg.connect(postgres.url("qfce_owner")) as owner:
        owner.execute("CREATE FUNCTION public.answer() RETURNS int LANGUAGE sql RETURN 42")
        owner.execute("ALTER FUNCTION public.answer() OWNER TO qfce_definer")
    assert one(postgres.url("qfce_app"), "SELECT public.answer()") == (42,)


def test_the_owner_clones_a_prepared_database(postgres):
    postgres.prepare_database("template_one")
    postgres.prepare_database("template_one")  # again changes nothing
    with psycopg.connect(postgres.url("qfce_owner"), autocommit=True) as owner:
        owner.execute("CREATE DATABASE clone_one TEMPLATE template_one")
    with psycopg.connect(postgres.url("qfce_owner", "clone_one")) as owner:
        owner.execute("CREATE TABLE seen (id int)")
    assert one(postgres.url("qfce_app", "clone_one"), "SELECT count(*) FROM seen") == (0,)
    extensions = "SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'btree_gist')"
    assert one(postgres.url("qfce_app", "clone_one"), extensions) == (2,)


@pytest.mark.parametrize("host", ["127.0.0.1", "socket"])
def test_no_password_no_entry(postgres, host):
    place = str(postgres.data_dir / "run") if host == "socket" else host
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=place, port=postgres.port, user="postgres", dbname="postgres")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host=place, port=postgres.port, user="postgres", dbname="postgres", password="guess"
        )


def test_secrets_are_for_our_eyes_only(postgres):
    mode = stat.S_IMODE((postgres.data_dir / "secrets.json").stat().st_mode)
    assert mode == 0o600
    listening = processes.command_line(postgres._process.pid)
    known = json.loads((postgres.data_dir / "secrets.json").read_text())["postgres"]
    assert not any(password in listening for password in known.values())


def test_what_was_committed_outlives_a_killed_server(tmp_path):
    first = EmbeddedPostgres(tmp_path, settings=SMALL)
    first.start()
    with psycopg.connect(first.url("qfce_owner")) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 1 AS id")
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait()
    assert (tmp_path / "postgres" / "postmaster.pid").exists()

    with server(tmp_path) as second:
        assert one(second.url("qfce_app"), "SELECT id FROM kept") == (1,)
        assert second.url("qfce_app").split("@")[0] == first.url("qfce_app").split("@")[0]


def test_a_stale_process_id_that_is_somebody_elses_now_is_left_alone(tmp_path):
    with server(tmp_path):
        pass
    with subprocess.Popen(["sleep", "60"]) as bystander:
        (tmp_path / "postgres.pid").write_text(f"{bystander.pid}\n")
        (tmp_path / "postgres" / "postmaster.pid").write_text(f"{bystander.pid}\n")
        with server(tmp_path) as restarted:
            assert restarted.running
        assert bystander.poll() is None
        bystander.kill()


def test_the_next_start_ends_what_a_crashed_run_left_running(tmp_path):
    orphan = server(tmp_path)
    orphan.start()
    with server(tmp_path) as restarted:
        assert orphan._process.wait(timeout=30) is not None
        assert one(restarted.url("qfce_app"), "SELECT 1") == (1,)


def test_a_half_made_cluster_is_made_again(tmp_path):
    half = tmp_path / "postgres.making"
    half.mkdir(mode=0o700)
    (half / "PG_VERSION").write_text("18\n")
    with server(tmp_path) as made:
        assert one(made.url("qfce_app"), "SELECT 1") == (1,)
    assert not half.exists()


def test_two_copies_run_side_by_side_in_folders_with_long_names(tmp_path):
    long = [tmp_path / f"{number}{'x' * 90}" for number in (1, 2)]
    with server(long[0]) as one_copy, server(long[1]) as other:
        assert one_copy.port != other.port
        assert one_copy._sockets != other._sockets
        for copy in (one_copy, other):
            assert one(copy.url("qfce_app"), "SELECT 1") == (1,)
            assert len(os.fsencode(copy._sockets / f".s.PGSQL.{copy.port}")) <= 107
            assert stat.S_IMODE(copy._sockets.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_where_namespaces_are_refused_a_service_user_runs_it_outside_the_tree(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(privileges, "_namespace", lambda: None)
    tmp_path.chmod(0o700)
    with server(tmp_path) as running:
        assert not running._cluster.is_relative_to(tmp_path)
        owner = Path(f"/proc/{running._process.pid}").stat().st_uid
        assert owner != 0
        assert one(running.url("qfce_app"), "SELECT 1") == (1,)
        outside = running._cluster.parent
    subprocess.run(["rm", "-r", str(outside)], check=True)


def test_redis_asks_for_its_password_and_keeps_nothing(tmp_path):
    import redis

    with EmbeddedRedis(tmp_path) as running:
        client = redis.Redis.from_url(running.url())
        assert client.set("a", "b")
        client.close()
        stranger = redis.Redis(host="127.0.0.1", port=running.port)
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        stranger.close()
    assert not (tmp_path / "dump.rdb").exists()
    with EmbeddedRedis(tmp_path) as again:
        client = redis.Redis.from_url(again.url())
        assert client.get("a") is None
        client.close()


def test_a_folder_has_one_stack_at_a_time(tmp_path):
    with EmbeddedStack(tmp_path, durable=False, settings=SMALL, environment={}) as stack:
        assert set(stack.urls()) == {
            "DATABASE_URL",
            "DATABASE_OWNER_URL",
            "DATABASE_SUPERUSER_URL",
            "REDIS_URL",
        }
        assert stat.S_IMODE((tmp_path / ADDRESSES).stat().st_mode) == 0o600
        rival = EmbeddedStack(tmp_path, environment={})
        with pytest.raises(ServerFailed, match=f"in use by process {os.getpid()}"):
            rival.start()
        rival.stop()
        assert stack.running
        assert (tmp_path / ADDRESSES).exists()
    assert not (tmp_path / ADDRESSES).exists()


def test_addresses_in_the_environment_win(tmp_path):
    given = {
        "DATABASE_URL": "postgresql://qfce_app:x@db.example/qfce",
        "DATABASE_OWNER_URL": "postgresql://qfce_owner:x@db.example/qfce",
        "REDIS_URL": "redis://cache.example/0",
    }
    with EmbeddedStack(tmp_path, environment=given) as stack:
        assert stack.urls() == given
        assert stack.postgres is None
        assert stack.redis is None


def test_servers_do_not_outlive_a_killed_parent(tmp_path):
    start = (
        "import sys, time; from pathlib import Path;"
        "from qfce.kernel.embedded.stack import EmbeddedStack;"
        "EmbeddedStack(Path(sys.argv[1]), durable=False, environment={}).start();"
        "print('ready', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", start, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout.readline() == "ready\n"
        children = [int((tmp_path / name).read_text()) for name in ("postgres.pid", "redis.pid")]
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 20
        while any(processes.command_line(child) for child in children):
            assert time.monotonic() < deadline, "a server is still running"
            time.sleep(0.1)


def test_the_command_runner_gives_a_command_its_servers_and_its_status(tmp_path):
    command = 'test -n "$DATABASE_URL" && test -n "$QFCE_SECRET_KEY" && exit 7'
    ran = subprocess.run(
        [sys.executable, "-m", "qfce.kernel.embedded", "--data", str(tmp_path), "--", "sh", "-c",
         command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        timeout=120,
    )  # fmt: skip
    assert ran.returncode == 7
