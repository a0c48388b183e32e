"""What an item goes on as: written with a migration, read by whoever decides what is shared."""

from collections.abc import Sequence

from django.db import connection

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import BankDefault
from factors.domain.migration_plans import Plan
from sharing.models import ItemLineage, ListMigration

END = """
UPDATE sharing_itemlineage SET in_force = in_force * tstzrange(NULL, clock_timestamp())
WHERE migration_id = %s
"""
# What A became B, and B becomes C now, A has become C.
EARLIER = """
SELECT source, target FROM sharing_itemlineage
WHERE factor_list = %s AND upper_inf(in_force) AND target = ANY (%s)
"""


def begin(migration: ListMigration, made: Plan, new: Catalogue) -> None:
    """Write down which items go on under another code, also by way of earlier versions."""
    goes_on = [(m.source, m.target) for m in made.moves if not m.in_place]
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [migration.factor_list, [source for source, _ in goes_on]])
        earlier = cursor.fetchall()
    further = [
        (first, last) for first, middle in earlier for source, last in goes_on if middle == source
    ]
    ItemLineage.objects.bulk_create(
        ItemLineage(
            owner_id=migration.owner_id,
            factor_list=migration.factor_list,
            list_version=migration.list_version,
            migration=migration,
            source=source,
            target=target,
            terms=_terms(new, target),
        )
        for source, target in dict.fromkeys([*goes_on, *further])
    )


def end(migration: ListMigration) -> None:
    """Let the items of an undone migration go on no longer; what was read then stays readable."""
    with connection.cursor() as cursor:
        cursor.execute(END, [migration.pk])


def former_codes(factor_list: str, codes: Sequence[str]) -> list[str]:
    """Return the codes that some items had in earlier versions of their list."""
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [factor_list, list(codes)])
        return sorted({source for source, _ in cursor.fetchall()})


def _terms(new: Catalogue, code: str) -> str:
    item = new.items[code]
    if item.bank_default != BankDefault.SHOWN:
        return "withheld"
    return "consent" if item.consent_required else "shown"
