"""Every table is behind the second wall, or stands in the list of those that need none."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from qfce.kernel.tenancy.models import TenantOwned

# Why each may be read by every signed-in organisation.
EXEMPT = {
    "otp_totp_totpdevice": "sign-in happens before a tenant is known",
    "otp_static_staticdevice": "sign-in happens before a tenant is known",
    "otp_static_statictoken": "sign-in happens before a tenant is known",
    "tenancy_organization": "names of organisations are public",
    "tenancy_region": "public codes",
    "tenancy_user": "sign-in happens before a tenant is known",
    "tenancy_user_groups": "unused, part of Django's user",
    "tenancy_user_user_permissions": "unused, part of Django's user",
    "tenancy_membership": "sign-in happens before a tenant is known",
    "tenancy_client": "sign-in happens before a tenant is known",
    "auth_group": "unused, part of Django",
    "auth_group_permissions": "unused, part of Django",
    "auth_permission": "names of permissions",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
    "django_session": "sign-in happens before a tenant is known",
    "guardian_groupobjectpermission": "unused: assignments have tables of their own",
    "guardian_userobjectpermission": "unused: assignments have tables of their own",
    "audit_auditseal": "hashes over all tenants' events",
    "jobs_joblease": "ids of jobs, for the sweep",
    "sharing_feedcounter": "one number",
}
# What is published in them is for everybody; drafts have tests of their own.
PUBLISHED = {"factors.FactorList", "factors.FactorListVersion", "factors.SignOff"}
EXEMPT_PREFIXES = ("oauth2_provider_",)

TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
       (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""


def test_every_table_is_protected_or_named_as_exempt(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        bare = [
            name
            for name, enabled, forced, policies in cursor.fetchall()
            if not (enabled and forced and policies)
            and name not in EXEMPT
            and not name.startswith(EXEMPT_PREFIXES)
        ]
    assert bare == []


def test_nothing_is_exempt_that_is_protected_or_gone(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        known = {name: enabled for name, enabled, _, _ in cursor.fetchall()}
    assert {name for name in EXEMPT if known.get(name, True)} == set()


def test_the_application_role_has_no_right_on_any_partition(db: None) -> None:
    """Policies of the parent do not bind a partition that is queried directly."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
            " AND has_table_privilege('qfce_app', oid, 'SELECT, INSERT, UPDATE, DELETE')"
        )
        assert cursor.fetchall() == []


def test_the_application_role_owns_nothing_and_belongs_to_nobody(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'qfce_app'::regrole")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM pg_auth_members WHERE member = 'qfce_app'::regrole")
        assert cursor.fetchone() == (0,)


def test_functions_across_tenants_belong_to_a_role_nobody_signs_in_as(db: None) -> None:
    """Fixed search path, no execution by PUBLIC, owner without login or bypass."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, r.rolcanlogin, r.rolbypassrls, r.rolsuper,"
            " coalesce(array_to_string(p.proconfig, ','), ''),"
            " has_function_privilege('public', p.oid, 'EXECUTE')"
            " FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
            " WHERE p.prosecdef AND r.rolname = 'qfce_definer'"
        )
        functions = cursor.fetchall()
    assert functions
    for name, login, bypass, superuser, config, public in functions:
        assert (login, bypass, superuser) == (False, False, False), name
        assert "search_path=" in config, name
        assert not public, name


@pytest.mark.parametrize(
    "model",
    [m for m in apps.get_models() if issubclass(m, TenantOwned) and m._meta.label not in PUBLISHED],
    ids=lambda model: model._meta.label,
)
def test_with_no_tenant_bound_a_table_looks_empty_and_takes_nothing(db: None, model: Any) -> None:
    assert not model._default_manager.exists()
