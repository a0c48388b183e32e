"""Pages of rows with the names of their enterprises, read in one statement a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web.table_sources import Narrowing, QuerySetSource, Wanted
from qfce.kernel.web.tables import Table
from risk.selectors import borrowers


@dataclass(frozen=True, slots=True)
class Named:
    """Rows with a `uscc`, which get `enterprise_name` when their page is read."""

    rows: QuerySet[Any]
    table: Table
    actor: Actor
    at: datetime

    def page(self, wanted: Wanted, offset: int, limit: int) -> tuple[Sequence[Any], int]:
        lookups = {entry.key: entry.lookup or entry.key for entry in self.table.filters}
        narrowing = Narrowing(self.table.search, lookups, self.table.ordering)
        found, total = QuerySetSource(self.rows, narrowing).page(wanted, offset, limit)
        names = borrowers.names((row.uscc for row in found), actor=self.actor, at=self.at)
        for row in found:
            row.enterprise_name = names.get(row.uscc, "")
        return found, total


def address_of(route: str, *arguments: Any) -> str:
    """Return where a page of another app stands; nothing where it does not."""
    try:
        return reverse(route, args=arguments)
    except NoReverseMatch:
        return ""
