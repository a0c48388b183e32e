"""A second version of the list and its migration, reached by services."""

from datetime import date, datetime
from typing import Any

from factors.services import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.context import acting_as
from sharing.models import ListMigration
from sharing.services import list_migrations
from tests.factors import lists
from tests.universe import NOON

LIST = "ZJ-QFCE"


def as_(actor: Any, call: Any, *arguments: Any, at: datetime = NOON, **named: Any) -> Any:
    with acting_as(actor.organization_id, user_id=actor.user_id):
        return call(*arguments, actor=actor, at=at, **named)


def publish_second(
    universe: Any,
    document: dict[str, Any] | None = None,
    *,
    at: datetime = NOON,
    effective_from: date | None = None,
) -> Any:
    """Put version 2 in force, with nobody to sign it."""
    zhou = universe.zhou
    version = draft_second(universe, document, at=at, effective_from=effective_from)
    as_(zhou, factor_lists.submit_for_review, version.pk, at=at)
    return as_(zhou, factor_lists.publish, version.pk, at=at)


def draft_second(
    universe: Any,
    document: dict[str, Any] | None = None,
    *,
    at: datetime = NOON,
    effective_from: date | None = None,
) -> Any:
    as_(universe.zhou, factor_lists.set_signers, LIST, [], at=at)
    return as_(
        universe.zhou,
        factor_lists.create_draft,
        document or lists.second(),
        effective_from=effective_from or business_day(at),
        at=at,
    )


def prepared(universe: Any, run_tasks: Any, *, at: datetime = NOON) -> ListMigration:
    """Have version 2's migration previewed."""
    migration = as_(universe.zhou, list_migrations.prepare, LIST, 2, at=at)
    run_tasks()
    return again(universe, migration)


def migrated(universe: Any, run_tasks: Any, *, at: datetime = NOON) -> ListMigration:
    """Have version 2's migration previewed, released by a second person, and published."""
    migration = prepared(universe, run_tasks, at=at)
    as_(universe.fu, list_migrations.release, migration.pk, at=at)
    run_tasks()
    return again(universe, migration)


def again(universe: Any, migration: ListMigration) -> ListMigration:
    with acting_as(universe.zhou.organization_id):
        return ListMigration.objects.select_related("publication", "undo_publication").get(
            pk=migration.pk
        )
