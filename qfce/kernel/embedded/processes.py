"""
A server as a child process: started, watched, stopped, and found again after a crash.

Every server writes its process id under DATA. A former run that died without stopping
its servers left them, or at least that file, behind; the next start clears both away.
"""

import ctypes
import errno
import fcntl
import json
import os
import pwd
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

SOCKET_PATH_BYTES = 107  # sockaddr_un holds 108, the last of them a zero
PR_SET_PDEATHSIG = 1

# Loaded here, because nothing may be imported between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True)


class ServerFailed(RuntimeError):
    """A server did not start, or does not answer."""


def start(
    command: list[str],
    *,
    log: Path,
    pid_file: Path,
    stop_signal: signal.Signals,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """
    Start a server in a session of its own, its output appended to `log`.

    A signal to our process group does not reach it: we stop servers in our own order,
    clients first. It gets `stop_signal` from the kernel if we die without doing so.

    :param user: the user to become, if we are root and it must be another.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=env,
            cwd=cwd,
            user=user,
            group=_primary_group(user),
            extra_groups=[] if user else None,
            preexec_fn=_follow_parent(stop_signal),
        )
    pid_file.write_text(f"{process.pid}\n")
    return process


def _follow_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    def ask() -> None:
        _LIBC.prctl(PR_SET_PDEATHSIG, int(stop_signal))

    return ask


def _primary_group(user: str | None) -> int | None:
    if user is None:
        return None
    return pwd.getpwnam(user).pw_gid


def wait_until(
    answers: Callable[[], bool], process: subprocess.Popen[bytes], *, seconds: float, log: Path
) -> None:
    """
    Wait until a server answers.

    :raises ServerFailed: if it ended, or the time is over; with the end of its log.
    """
    deadline = time.monotonic() + seconds
    while not answers():
        if process.poll() is not None:
            raise ServerFailed(f"It ended with status {process.returncode}.\n{tail(log)}")
        if time.monotonic() > deadline:
            raise ServerFailed(f"No answer within {seconds:.0f} s.\n{tail(log)}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], *, stop_signal: signal.Signals, seconds: float) -> None:
    """Stop a server: politely first, and after `seconds` for certain."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=30)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of a process that leads a session, its children included."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=30)


def stop_orphan(pid_file: Path, *, belongs: str, stop_signal: signal.Signals) -> None:
    """
    Stop what a crashed former run left running, and remove its pid file.

    :param belongs: a text that the process's command line must contain; a process id
        is used again sooner or later, and then means somebody else.
    """
    pid = _read_pid(pid_file)
    if pid is not None and belongs in command_line(pid):
        _signal(pid, stop_signal)
        for attempt in range(600):
            if belongs not in command_line(pid):
                break
            if attempt == 300:
                _signal(pid, signal.SIGKILL)
            time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def end_whoever_works_in(folder: Path, *, seconds: float) -> None:
    """
    Wait until no process has `folder` as its working directory, and kill what stays.

    A killed server's children end by themselves, but not at once.
    """
    deadline = time.monotonic() + seconds
    while present := _working_in(folder):
        if time.monotonic() > deadline:
            for pid in present:
                _signal(pid, signal.SIGKILL)
        time.sleep(0.05)


def _working_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        # Others' processes can't be read, and any may end while we look.
        with suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found


def command_line(pid: int) -> str:
    """Return a process's command line; empty if there is no such process, or only a zombie."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return words.replace(b"\0", b" ").decode(errors="replace")


def _read_pid(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text().split("\n", 1)[0].strip()
    except OSError:
        return None
    return int(first) if first.isdigit() else None


def _signal(pid: int, which: signal.Signals) -> None:
    # It may end in between, which is what we want.
    with suppress(ProcessLookupError):
        os.kill(pid, which)


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def is_free(port: int) -> bool:
    """Test whether nobody listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        # As servers do: what a closed connection leaves behind is nobody.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE  # whether we may is another question
    return True


def free_port() -> int:
    """Return a TCP port that nobody listens on at 127.0.0.1 right now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def socket_folder(wanted: Path, *, longest_name: str) -> Path:
    """
    Return a folder, private to us, whose sockets have paths that the system accepts.

    It is `wanted` where the path is short enough, else a folder under the system's
    temporary one, named after `wanted` so that the next start finds the same.

    :raises ServerFailed: if somebody else's folder is in the place of the short one.
    """
    if len(os.fsencode(wanted / longest_name)) <= SOCKET_PATH_BYTES:
        wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
        return wanted
    return private_folder(Path(tempfile.gettempdir()), wanted)


def private_folder(parent: Path, named_after: Path) -> Path:
    """
    Return a folder of ours under a folder that everybody may write to.

    :raises ServerFailed: if it exists and is not ours alone.
    """
    digest = sha256(os.fsencode(named_after)).hexdigest()[:12]
    folder = parent / f"qfce-{os.geteuid()}-{digest}"
    folder.mkdir(exist_ok=True, mode=0o700)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise ServerFailed(f"{folder} belongs to somebody else; remove it.")
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a file that only we can read, all or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)


def read_secrets(path: Path) -> dict[str, Any]:
    """Return what a secrets file holds, by the service that it belongs to; {} without one."""
    if not path.exists():
        return {}
    known: dict[str, Any] = json.loads(path.read_text())
    return known


def write_secrets(path: Path, known: dict[str, Any]) -> None:
    """Write a secrets file that only we can read."""
    write_private(path, json.dumps(known, indent=2) + "\n")


def is_locked(lock: Path) -> bool:
    """Test whether a living process holds a lock file."""
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
