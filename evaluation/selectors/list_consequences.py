"""Whether any bank scores with the items that a new version of a list would change."""

from collections.abc import Sequence

from django.db import connection

from factors.domain.catalogue import Catalogue
from factors.domain.comparison import Change, Scorecards
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import OrganizationKind


def in_use(
    *, old: Catalogue, new: Catalogue, changes: Sequence[Change], actor: Actor
) -> dict[int, int]:
    """
    Say for each change that a scorecard would feel whether one in force uses the item: 1 or 0.

    Scorecards are their banks' own. A definer function says yes or no for each item, and to
    market regulators alone: neither whose scorecard it is, nor how many there are.
    """
    if actor.organization_kind != OrganizationKind.MARKET_REGULATOR:
        return {}
    felt = {
        place: change.before if change.field == "code" else change.code
        for place, change in enumerate(changes)
        if change.consequence.scorecards not in (Scorecards.NONE, Scorecards.MAY_ADD)
    }
    if not felt:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT qfce_items_scored(%s, %s::text[])", [old.code, sorted(set(felt.values()))]
        )
        used = set(cursor.fetchone()[0])
    return {place: int(code in used) for place, code in felt.items()}
