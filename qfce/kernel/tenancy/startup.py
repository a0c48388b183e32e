"""What must hold before a process serves anybody."""

from django.db import connection


class PrivilegedRole(SystemExit):
    """Raised so that a process stops with one line, and no traceback."""


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

    :raises PrivilegedRole: if it is a superuser, may bypass row security, owns tables, or is
        a member of a role that does.
    """
    with connection.cursor() as cursor:
        cursor.execute(QUESTION)
        name, superuser, bypasses, owns, member = cursor.fetchone()
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
