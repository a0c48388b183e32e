"""How many profiles and open imports of a jurisdiction a new version of a list would touch."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection

from factors.domain import migration_checks
from factors.domain.catalogue import Catalogue, Item
from factors.domain.comparison import Change, Imports, Records, Subject
from factors.domain.item_types import NOT_APPLICABLE
from qfce.kernel.canonical import digest
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import OrganizationKind
from sharing.domain.import_lifecycle import ImportStatus
from sharing.models import ImportBatch
from sharing.selectors.publications import newest_change

OPEN = (
    ImportStatus.RECEIVED,
    ImportStatus.VALIDATING,
    ImportStatus.NEEDS_ATTENTION,
    ImportStatus.READY,
)
KEPT_SECONDS = 24 * 3600
Test = tuple[str, list[Any]]


def records(
    *, old: Catalogue, new: Catalogue, changes: Sequence[Change], actor: Actor
) -> dict[int, int]:
    """
    Count, for each change, the profiles of the actor's jurisdiction that it bears on.

    Those that have a value of the item; where a bound or an allowed value is gone, those whose
    value is outside. One pass over the profiles, whatever the number of changes. Only market
    regulators have a jurisdiction; nobody else gets a figure.
    """
    if actor.organization_kind != OrganizationKind.MARKET_REGULATOR:
        return {}
    tests = {place: _test(change, old) for place, change in enumerate(changes)}
    asked = {place: test for place, test in tests.items() if test is not None}
    if not asked:
        return {}
    parts = ", ".join(f"count(*) FILTER (WHERE {test})" for test, _ in asked.values())
    values = [value for _, parameters in asked.values() for value in parameters]
    statement = f"SELECT {parts} FROM sharing_factorprofile WHERE factor_list = %s"  # noqa: S608 no part is anybody's text
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, old.code])
        counts = cursor.fetchone()
    return dict(zip(asked, counts, strict=True))


def open_imports(
    *, old: Catalogue, new: Catalogue, changes: Sequence[Change], actor: Actor
) -> dict[int, int]:
    """Count, for each change that files would feel, the open imports that the actor sees."""
    felt = [place for place, c in enumerate(changes) if c.consequence.imports != Imports.NONE]
    if not felt or not actor.may("sharing.import.view"):
        return {}
    waiting = ImportBatch.objects.filter(
        factor_list=old.code, status__in=[status.value for status in OPEN]
    ).count()
    return dict.fromkeys(felt, waiting)


def stored(*, old: Catalogue, new: Catalogue, actor: Actor) -> dict[str, int]:
    """
    Count, by item of the old version, the profiles whose value the new version leaves behind.

    Values of items that are gone or of another type, and values that are no longer allowed;
    items without any are not named. One pass over the profiles of the actor's jurisdiction,
    and none while neither they nor the question have changed since the last.
    """
    needed = migration_checks.needed(old, new)
    if not needed or actor.organization_kind != OrganizationKind.MARKET_REGULATOR:
        return {}
    tests = [_left_behind(old.items[code], new.items.get(code)) for code in needed]
    parts = ", ".join(f"count(*) FILTER (WHERE {test})" for test, _ in tests)
    values = [value for _, parameters in tests for value in parameters]
    statement = f"SELECT {parts} FROM sharing_factorprofile WHERE factor_list = %s"  # noqa: S608 no part is anybody's text
    owner = actor.organization_id
    question = digest([str(owner), newest_change(str(actor.region)), statement, values, old.code])
    counts = cache.get(f"stored:{question}")
    if counts is None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [*values, old.code])
            counts = cursor.fetchone()
        cache.set(f"stored:{question}", counts, KEPT_SECONDS)
    return {code: count for code, count in zip(needed, counts, strict=True) if count}


def _left_behind(item: Item, successor: Item | None) -> Test:
    """Return the SQL condition under which a profile has a value that the successor lacks."""
    if successor is None:
        return '"values" ? %s', [item.code]
    gone = set(item.by_code) - set(successor.by_code)
    if not successor.allows_not_applicable:
        gone.add(NOT_APPLICABLE)
    if migration_checks.keeps_form(item, successor):
        return '"values" ->> %s = ANY (%s)', [item.code, sorted(gone)]
    return '"values" ? %s', [item.code]


def _test(change: Change, old: Catalogue) -> Test | None:
    """Return the SQL condition under which a profile is touched; None: by no change of this."""
    if change.subject != Subject.ITEM or change.consequence.records in (
        Records.NONE,
        Records.LACK,
    ):
        return None
    code = change.before if change.field == "code" else change.code
    item = old.items.get(code)
    if item is None:
        return None
    if change.consequence.records == Records.RECHECKED:
        return _outside(change, item)
    return '"values" ? %s', [code]


def _outside(change: Change, item: Item) -> Test:
    value = '"values" ->> %s'
    if change.field.startswith("values."):
        return f"{value} = %s", [item.code, change.field.removeprefix("values.")]
    if change.field not in ("minimum", "maximum") or change.after is None:
        return '"values" ? %s', [item.code]
    sign = "<" if change.field == "minimum" else ">"
    if _is_day(change.after):
        return f"{value} {sign} %s", [item.code, change.after]
    bound = Decimal(change.after) * item.unit_factor
    # A value that is no number ("not applicable") is outside no bound.
    number = (
        f"CASE WHEN {value} ~ '^-?[0-9]+([.][0-9]+)?$' THEN ({value})::numeric {sign} %s"
        " ELSE false END"
    )
    return number, [item.code, item.code, bound]


def _is_day(stated: str) -> bool:
    try:
        date.fromisoformat(stated)
    except ValueError:
        return False
    return True
