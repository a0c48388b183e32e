"""What must hold before a process serves anybody."""

import time
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection

# What a server says that will answer by and by: it starts, recovers from a crash, or is not
# there yet. A wrong password or database is wrong at once.
SOON = (
    "starting up",
    "shutting down",
    "in recovery mode",
    "not yet accepting connections",
    "Connection refused",
    "No such file or directory",
)
PAUSE_SECONDS = 0.5


class PrivilegedRole(SystemExit):
    """Raised so that a process stops with one line, and no traceback."""


class NoDatabase(SystemExit):
    """Raised likewise."""


QUESTION = """
SELECT current_user, rolsuper, rolbypassrls,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relowner = r.oid AND n.nspname = 'public' AND c.relkind IN ('r', 'p')),
       pg_has_role(current_user, 'qfce_owner', 'MEMBER')
       OR pg_has_role(current_user, 'qfce_definer', 'MEMBER')
FROM pg_roles r WHERE rolname = current_user
"""


def refuse_privileged_role() -> None:
    """
    Stop unless DATABASE_URL is the application role, which row security binds.

    A server that is still starting is waited for: a worker that comes back beside a database
    that comes back would otherwise be gone for good.

    :raises PrivilegedRole: if it is a superuser, may bypass row security, owns tables, or is
        a member of a role that does.
    :raises NoDatabase: if the database does not answer in QFCE_STARTUP_PATIENCE_SECONDS.
    """
    name, superuser, bypasses, owns, member = _answer()
    faults = [
        text
        for holds, text in (
            (superuser, "is a superuser"),
            (bypasses, "may bypass row security"),
            (owns, "owns tables"),
            (member and not superuser, "is a member of the owner or definer role"),
        )
        if holds
    ]
    connection.close()
    if faults:
        raise PrivilegedRole(
            f"DATABASE_URL signs in as {name}, which {' and '.join(faults)}:"
            " use the application role qfce_app."
        )


def _answer() -> tuple[Any, ...]:
    end = time.monotonic() + settings.STARTUP_PATIENCE_SECONDS
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute(QUESTION)
                answer: tuple[Any, ...] = cursor.fetchone()
        except OperationalError as fault:
            said = " ".join(str(fault).split())
            if time.monotonic() > end or not any(word in said for word in SOON):
                raise NoDatabase(f"The database of DATABASE_URL does not answer: {said}") from None
            connection.close()
            time.sleep(PAUSE_SECONDS)
        else:
            return answer
