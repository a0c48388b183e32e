"""
Migrations of a list's records, as people prepare, release, discard and take them back.

One person has a version's migration counted out on real profiles; another releases it. What
takes long is left to a worker (`list_migration_work`).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.jobs import work
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions, policies
from sharing.domain.migration_lifecycle import MIGRATION, MigrationStatus
from sharing.models import ListMigration


@transaction.atomic
def prepare(code: str, number: int, *, actor: Actor, at: datetime) -> ListMigration:
    """
    Have the migration that a version carries counted out; the version may still be a draft.

    An earlier preview of the same version is discarded.

    :raises NotPermitted: if the actor's role prepares none, or the list is another's.
    :raises NoSuchRecord: if the actor sees no such version.
    :raises NothingToMigrate, MigrationUnfit: if its document leads nowhere.
    :raises IllegalTransition: if its migration is released or published already.
    """
    actor.require(permissions.WRITE_MIGRATION)
    version = factor_lists.version(code, number, actor=actor)
    permissions.check_can_prepare_migration(actor, version.owner_id)
    catalogue, base = factor_lists.content(version), factor_lists.before(version)
    policies.check_migration(catalogue, base)
    assert base is not None  # or the check has refused

    for earlier in _open(code, number):
        _discard(earlier, actor=actor, at=at)
    migration = ListMigration.objects.create(
        owner_id=actor.organization_id,
        factor_list=code,
        list_version=number,
        from_version=base.version,
        digest=version.digest,
        prepared_by_id=actor.account_id,
        prepared_at=at,
    )
    _start(migration, "preview_migration", actor=actor, at=at)
    audit.record(
        "sharing.migration.prepared",
        migration,
        actor=actor,
        at=at,
        factor_list=code,
        list_version=number,
        digest=version.digest,
    )
    return migration


@transaction.atomic
def release(
    migration_id: UUID,
    *,
    confirm_without_target: int | None = None,
    actor: Actor,
    at: datetime,
) -> ListMigration:
    """
    Release a previewed migration, as a second person; a worker publishes it.

    :param confirm_without_target: how many values become nothing, where any do.
    :raises NoSuchRecord: if the actor's organization has no such migration.
    :raises OwnMigration, MissingPermission: if the actor prepared it, or releases none.
    :raises IllegalTransition: if it is not previewed.
    :raises VersionNotInForce, PreviewOutdated: if the version is not the one in force.
    :raises LossNotConfirmed: if values would become nothing.
    """
    migration = _locked(migration_id)
    permissions.check_can_release_migration(actor, migration)
    status = MIGRATION.target("release", state=migration.status)
    in_force = factor_lists.in_force(migration.factor_list, business_day(at))
    version = factor_lists.version(migration.factor_list, migration.list_version, actor=actor)
    policies.check_migration_current(
        migration.digest,
        version.digest,
        version=migration.list_version,
        in_force=in_force.version,
    )
    without_target = migration.preview["without_target"]
    policies.check_loss(without_target, confirmed=confirm_without_target)

    migration.status = status.value
    migration.released_at = at
    migration.released_by_id = actor.account_id
    migration.confirmed_without_target = without_target
    migration.refusal_code, migration.refusal = "", {}
    migration.save()
    _start(migration, "apply_migration", actor=actor, at=at)
    audit.record(
        "sharing.migration.released",
        migration,
        actor=actor,
        at=at,
        factor_list=migration.factor_list,
        list_version=migration.list_version,
        without_target=without_target,
    )
    return migration


@transaction.atomic
def discard(migration_id: UUID, *, actor: Actor, at: datetime) -> ListMigration:
    """
    Take a migration back that is not released. The ledger has never heard of it.

    :raises IllegalTransition: if it is released, or over.
    """
    migration = _locked(migration_id)
    permissions.check_can_discard_migration(actor)
    _discard(migration, actor=actor, at=at)
    return migration


@transaction.atomic
def undo(migration_id: UUID, *, actor: Actor, at: datetime) -> ListMigration:
    """
    Take a published migration back, as a second person; a worker publishes its undoing.

    :raises OwnMigration, MissingPermission: if the actor prepared it, or releases none.
    :raises IllegalTransition: if it is not published.
    """
    migration = _locked(migration_id)
    permissions.check_can_release_migration(actor, migration)
    migration.status = MIGRATION.target("undo", state=migration.status).value
    migration.save()
    _start(migration, "undo_migration", actor=actor, at=at)
    audit.record("sharing.migration.undo_asked", migration, actor=actor, at=at)
    return migration


def _discard(migration: ListMigration, *, actor: Actor, at: datetime) -> None:
    migration.status = MIGRATION.target("discard", state=migration.status).value
    migration.discarded_at = at
    migration.save()
    audit.record("sharing.migration.discarded", migration, actor=actor, at=at)


def _open(code: str, number: int) -> list[ListMigration]:
    over = (MigrationStatus.DISCARDED.value, MigrationStatus.UNDONE.value)
    rows = ListMigration.objects.filter(factor_list=code, list_version=number)
    return list(rows.exclude(status__in=over).select_for_update(of=("self",)))


def _start(migration: ListMigration, kind: str, *, actor: Actor, at: datetime) -> None:
    job = work.create(
        kind,
        task="sharing.work_on_migration",
        kwargs={
            "migration_id": str(migration.pk),
            "user_id": str(actor.account_id),
            "name": actor.name,
        },
        actor=actor,
        at=at,
    )
    migration.job_id = job.pk
    migration.save(update_fields=["job_id"])


def _locked(migration_id: UUID) -> ListMigration:
    """Lock the row, so that of two people acting at once the second sees the first."""
    rows = ListMigration.objects.select_for_update(of=("self",))
    return one(rows, pk=migration_id)
