"""The second wall of the kernel's own tables, asked as the application role."""

from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from qfce.kernel.audit import events as audit
from qfce.kernel.audit import seals
from qfce.kernel.audit.models import AuditEvent
from qfce.kernel.tenancy.context import acting_as, bind
from tests.universe import NOON


def _record(actor: Any, action: str = "test.thing.done") -> AuditEvent:
    with acting_as(actor.organization_id):
        return audit.record(action, ("thing", "1"), actor=actor, at=NOON, amount="1.00")


def test_the_application_connects_as_a_role_that_policies_bind(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("qfce_app", False, False)


def test_with_no_tenant_bound_there_is_nothing_to_see(universe: Any) -> None:
    _record(universe.shen)

    assert not AuditEvent.objects.exists()


def test_an_organisation_sees_its_own_and_what_stands_below_it(universe: Any) -> None:
    event = _record(universe.shen)

    def sees(organization: Any) -> bool:
        with acting_as(organization.pk):
            return AuditEvent.objects.filter(pk=event.pk).exists()

    assert sees(universe.hangzhou)
    assert sees(universe.province)
    assert not sees(universe.linping)
    assert not sees(universe.ningbo)
    assert not sees(universe.bank_a)
    assert not sees(universe.operator)


def test_nobody_writes_in_anothers_name(universe: Any) -> None:
    with pytest.raises(Exception, match="row-level security"), acting_as(universe.province.pk):
        audit.record("test.thing.done", ("thing", "1"), actor=universe.shen, at=NOON)


def test_audit_events_are_never_changed(universe: Any) -> None:
    event = _record(universe.shen)

    for verb in ("UPDATE audit_auditevent SET action = 'x'", "DELETE FROM audit_auditevent"):
        with pytest.raises(Exception, match="permission denied"), acting_as(universe.hangzhou.pk):
            with connection.cursor() as cursor:
                cursor.execute(f"{verb} WHERE id = %s", [event.pk])


def test_even_the_owner_of_the_schema_cannot_change_an_audit_event(universe: Any) -> None:
    from django.db import connections

    event = _record(universe.shen)
    with (
        pytest.raises((IntegrityError, InternalError), match="append-only"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute("UPDATE audit_auditevent SET action = 'x' WHERE id = %s", [event.pk])


def test_a_tenant_is_bound_only_inside_a_transaction(universe: Any) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        bind(universe.hangzhou.pk)


def test_binding_ends_with_the_transaction(universe: Any) -> None:
    _record(universe.shen)
    with transaction.atomic():
        bind(universe.hangzhou.pk)
        assert AuditEvent.objects.exists()
    assert not AuditEvent.objects.exists()


def test_blocks_nest_and_give_back_what_was_bound(universe: Any) -> None:
    _record(universe.shen)
    with acting_as(universe.hangzhou.pk):
        with acting_as(universe.bank_a.pk):
            assert not AuditEvent.objects.exists()
        assert AuditEvent.objects.exists()


def test_seals_hold_until_somebody_touches_an_event(universe: Any) -> None:
    from datetime import timedelta

    from django.db import connections
    from django.utils import timezone

    for number in range(5):
        _record(universe.shen if number % 2 else universe.lin, f"test.thing.done{number}")
    now = timezone.now() + timedelta(seconds=1)
    first = seals.seal(at=now, settled_after=timedelta(0))
    _record(universe.shen, "test.thing.later")
    second = seals.seal(at=now + timedelta(seconds=5), settled_after=timedelta(0))

    assert first is not None
    assert second is not None
    assert second.previous_root != first.previous_root
    assert seals.verify().broken is None

    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER append_only")
        cursor.execute("UPDATE audit_auditevent SET detail = '{}' WHERE id = %s", [first.upto_id])
    assert seals.verify().broken == first.pk
