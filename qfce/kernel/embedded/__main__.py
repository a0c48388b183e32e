"""
Run a command with the embedded servers: `python -m qfce.kernel.embedded -- COMMAND…`.

Joins the servers of DATA where they already run, else starts them for as long as the
command runs. `--throwaway` uses a folder that is removed afterwards.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qfce.kernel.embedded import processes
from qfce.kernel.embedded.stack import ADDRESSES, EmbeddedStack

DEFAULT_DATA = Path(__file__).resolve().parents[3] / "var" / "data"


def main(arguments: list[str]) -> int:
    """Run the command of the arguments; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m qfce.kernel.embedded", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="the servers' folder")
    parser.add_argument("--throwaway", action="store_true", help="a folder for this run alone")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("say which command to run")

    # Let the command answer Ctrl-C; we stop the servers once it has ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if options.throwaway:
        with tempfile.TemporaryDirectory(prefix="qfce-") as folder:
            return _run(command, Path(folder), durable=False)
    return _run(command, options.data, durable=True)


def _run(command: list[str], data_dir: Path, *, durable: bool) -> int:
    with addresses(data_dir, durable=durable) as found:
        environment = {**local_environment(data_dir), **found, **os.environ}
        running = subprocess.Popen(command, env=environment, preexec_fn=_heed_interrupt)
        signal.signal(signal.SIGTERM, lambda *_: running.terminate())
        return running.wait()


def _heed_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def addresses(data_dir: Path, *, durable: bool) -> Iterator[dict[str, str]]:
    """Yield the addresses of the folder's servers, started here unless they run already."""
    joined = _joined(data_dir)
    if joined is not None:
        yield joined
        return
    with EmbeddedStack(data_dir, durable=durable) as stack:
        yield stack.urls()


def _joined(data_dir: Path) -> dict[str, str] | None:
    """Return the addresses that a living stack wrote, if one holds the folder."""
    written = data_dir / ADDRESSES
    if not processes.is_locked(data_dir / "stack.lock") or not written.exists():
        return None
    found: dict[str, str] = json.loads(written.read_text())
    return found


def local_environment(data_dir: Path) -> dict[str, str]:
    """Return the settings of a start on one machine, the secret key kept between starts."""
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = data_dir / "secrets.json"
    known = processes.read_secrets(file)
    if "secret_key" not in known:
        known["secret_key"] = secrets.token_urlsafe(50)
        processes.write_secrets(file, known)
    return {
        "DJANGO_SETTINGS_MODULE": "qfce.settings",
        "QFCE_DATA": str(data_dir),
        "QFCE_SECRET_KEY": known["secret_key"],
        "QFCE_DEBUG": "1",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
