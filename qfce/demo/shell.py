"""
`manage.py demo` and `manage.py sandbox`: start everything, fill it, and stop it again.

Both run before the settings are loaded, because the settings want the address of a
database, and the database is started here.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any
from unicodedata import east_asian_width

from qfce.demo import summary
from qfce.demo.stack import ROOT, LocalPlatform
from qfce.kernel.embedded.binaries import MissingProgram
from qfce.kernel.embedded.processes import ServerFailed, write_private

VAR = ROOT / "var"
CAST = "cast.json"


class Stopped(BaseException):
    """A signal asked us to stop; whatever is going on is left as it is, safely."""


def main(name: str, arguments: list[str]) -> int:
    """Run `demo` or `sandbox`; return the exit status."""
    for wanted in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(wanted, _stop)
    try:
        return {"demo": demo, "sandbox": sandbox}[name](arguments)
    except Stopped:
        return 0
    except (ServerFailed, MissingProgram) as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        return 1


def _stop(number: int, frame: FrameType | None) -> None:
    # A second one must not interrupt the stopping.
    for wanted in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(wanted, signal.SIG_IGN)
    raise Stopped


def sandbox(arguments: list[str]) -> int:
    """
    Serve the cast and the list, and no enterprises, for programs to try.

    Prints one line of JSON when it is ready, and nothing after it.
    """
    parser = argparse.ArgumentParser(prog="manage.py sandbox", description=sandbox.__doc__)
    parser.add_argument("--port", type=int, default=8000, help="where the site listens")
    parser.add_argument("--data", type=Path, default=VAR / "sandbox", help="DATA")
    options = parser.parse_args(arguments)
    answer = _take_standard_output(options.data / "log" / "sandbox.log")
    with LocalPlatform(options.data, port=options.port, flavor="QFCE_SANDBOX") as platform:
        cast = _prepare(platform)
        answer.write(json.dumps({"url": platform.url, **cast}, ensure_ascii=False) + "\n")
        answer.flush()
        _watch(platform)
    return 0


def demo(arguments: list[str]) -> int:
    """
    Run the whole path on the example file, print what happened, and serve the site.

    Starts from an empty folder, unless it is told to keep what an earlier run left.
    """
    parser = argparse.ArgumentParser(prog="manage.py demo", description=demo.__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the table")
    parser.add_argument("--keep", action="store_true", help="serve what an earlier run left")
    parser.add_argument("--port", type=int, default=8000, help="where the site listens")
    options = parser.parse_args(arguments)
    data_dir = VAR / ("demo-once" if options.once else "demo")
    keep = options.keep and (data_dir / CAST).exists()
    if not keep:
        _empty(data_dir)
    port = 0 if options.once else options.port
    with LocalPlatform(data_dir, port=port, flavor="QFCE_DEMO") as platform:
        cast = _prepare(platform)
        succeeded = True
        if not keep:
            stages = _run_story(platform, cast)
            succeeded = all(stage.ok for stage in stages)
            summary.write(stages, VAR / "demo" / "summary.json")
        if options.once:
            return 0 if succeeded else 1
        if succeeded:
            _populate(platform)
        _welcome(platform, cast)
        _watch(platform)
    return 0


def _empty(data_dir: Path) -> None:
    """Remove a former run's folder, unless that run still goes on."""
    from qfce.kernel.embedded import processes

    if processes.is_locked(data_dir / "stack.lock"):
        raise ServerFailed(f"A demo is running in {data_dir}. Stop it first.")
    shutil.rmtree(data_dir, ignore_errors=True)


def _take_standard_output(log: Path) -> Any:
    """Send what anything prints to a log from now on, and return the true standard output."""
    log.parent.mkdir(parents=True, exist_ok=True)
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
    return answer


def _prepare(platform: LocalPlatform) -> dict[str, Any]:
    """Migrate, start the programs, and return who may sign in; all made at the first start."""
    import django

    django.setup()

    from django.core.management import call_command
    from django.utils import timezone

    from qfce.demo import setting

    call_command("migrate", database="owner", verbosity=0, interactive=False)
    platform.launch()
    written = platform.data_dir / CAST
    if not written.exists():
        # Secrets are stored hashed, so this file is the only place that tells them.
        people = setting.build(at=timezone.now(), demo=not platform.sandbox)
        write_private(written, json.dumps(people, ensure_ascii=False))
    _close_connections()
    platform.wait_until_ready()
    known: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return known


def _run_story(platform: LocalPlatform, cast: dict[str, Any]) -> list[summary.Stage]:
    """Run the stages, whatever happens in one; those that were not reached have failed."""
    from qfce.demo import story

    reached: list[summary.Stage] = []
    print(summary.HEADING, flush=True)
    try:
        for stage in story.run(platform.url, platform.data_dir, cast):
            reached.append(stage)
            print(summary.line(stage), flush=True)
    except Exception as fault:
        import traceback

        (platform.data_dir / "log" / "story.log").write_text(traceback.format_exc())
        reached.append(summary.broken(reached, fault))
        print(summary.line(reached[-1]), flush=True)
    stages = summary.complete(reached)
    for stage in stages[len(reached) :]:
        print(summary.line(stage), flush=True)
    return stages


def _populate(platform: LocalPlatform) -> None:
    """Bring in the other enterprises, so that no page is empty; the site is there meanwhile."""
    from django.utils import timezone

    from qfce.demo import population

    print("\nBringing in 200 more enterprises, applications, loans and signals …", flush=True)
    try:
        population.load(at=timezone.now())
    except Exception as fault:
        import traceback

        (platform.data_dir / "log" / "population.log").write_text(traceback.format_exc())
        print(f"That broke off: {fault!r}. The site is there all the same.", flush=True)
    _close_connections()


def _welcome(platform: LocalPlatform, cast: dict[str, Any]) -> None:
    from qfce.demo.cast import ORGANIZATIONS, PEOPLE

    print(f"\nOpen {platform.url}/sign-in/ and sign in with one click as any of these people,")
    print("or by name and password. Begin with 郑锋, who may release, or 何静, who is warned.\n")
    for name, user in cast.get("users", {}).items():
        display, organization, roles = PEOPLE[name]
        place = ORGANIZATIONS[organization]
        print(
            f"  {_padded(display, 10)}{user['username']:<20}{user['password']:<20}"
            f"{_padded(place[1], 36)}{place[2]}: {', '.join(roles)}"
        )
    print(f"\nFor programs: {platform.url}/api/docs/\nStop with Ctrl-C.", flush=True)


def _padded(text: str, width: int) -> str:
    """Fill up to a width of the terminal, where a Chinese character takes two places."""
    taken = sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
    return text + " " * max(1, width - taken)


def _watch(platform: LocalPlatform) -> None:
    """Wait for a signal, or for something to break."""
    pause = threading.Event()
    while not pause.wait(1.0):
        platform.check()


def _close_connections() -> None:
    """Hold no connection while we only watch: it would keep the server from stopping."""
    from django.db import connections

    connections.close_all()
