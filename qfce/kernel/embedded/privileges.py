"""
As whom a database server runs.

PostgreSQL refuses to run as root, and root is who we are in most containers. A user
namespace with another user id satisfies it and leaves every file's owner and mode alone.
Where namespaces are refused, a service user runs it outside the tree, because that user
can't pass through folders that are open to root only.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PREFERRED_USER_ID = 1000
SERVICE_USERS = ("postgres", "nobody", "daemon")


@dataclass(frozen=True, slots=True)
class RunAs:
    """How to start a program so that it is not root."""

    prefix: tuple[str, ...] = ()
    """Put before the command."""

    service_user: str | None = None
    """Switch to this user; files that it needs must lie outside the tree and be its own."""

    def command(self, *words: str | Path) -> list[str]:
        """Return the whole command to start."""
        return [*self.prefix, *(str(word) for word in words)]


def choose(program: Path, folder: Path) -> RunAs:
    """
    Return how to run `program` on `folder`, which exists, as somebody other than root.

    :raises RuntimeError: if we are root, namespaces are refused and there is no service user.
    """
    if os.geteuid() != 0:
        return RunAs()
    in_namespace = _namespace()
    if in_namespace is not None and _reaches(in_namespace, program, folder):
        return in_namespace
    for name in SERVICE_USERS:
        if _exists(name):
            return RunAs(service_user=name)
    raise RuntimeError(
        "PostgreSQL does not run as root, user namespaces are refused here, and none of the"
        f" users {', '.join(SERVICE_USERS)} exists. Run this as an ordinary user."
    )


def _namespace() -> RunAs | None:
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    user = _mapped_user_id()
    return RunAs(prefix=(unshare, "--user", f"--map-user={user}", f"--map-group={user}", "--"))


def _mapped_user_id() -> int:
    """Return a user id other than root's that has a name: initdb looks the name up."""
    known = sorted(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid)
    if PREFERRED_USER_ID in known or not known:
        return PREFERRED_USER_ID
    return known[0]


def _reaches(run_as: RunAs, program: Path, folder: Path) -> bool:
    """Test whether the namespace is granted, and can run the program and write the folder."""
    probe = run_as.command("sh", "-c", 'test -x "$1" && test -w "$2"', "sh", program, folder)
    try:
        return subprocess.run(probe, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
