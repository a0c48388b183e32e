"""
All questions about collection rounds: who has delivered, who is late, what is missing.

Counted from what is stored, in one statement for all bureaus: a bureau that typed values in,
or whose values came another way, has delivered like one that uploaded a file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, QuerySet

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import Organization, OrganizationKind
from sharing import permissions
from sharing.domain.agreements import lies_within, prefix_of
from sharing.domain.collection_rounds import Delivery, delivery
from sharing.models import CollectionRound, Publication, RoundDelivery, RoundReminder

# Within one list ids grow in the order of commits: the list's lock is taken before the id.
FIRST_SINCE = """
SELECT min(id) FROM sharing_publication
WHERE factor_list = %s AND recorded_at >= (%s::date)::timestamp AT TIME ZONE 'Asia/Shanghai'
"""
# Each enterprise asked about, with the items that it lacks: no value, or one of before `first`.
HOLDING = """
WITH asked AS (
    SELECT p.uscc, p.region, p."values", p.origins, p.base_publication_id AS base
    FROM sharing_factorprofile p
    WHERE NOT %(by_list)s AND p.factor_list = %(list)s AND p.listed
      AND p.region LIKE ANY (%(places)s)
    UNION ALL
    SELECT m.uscc, m.region, p."values", p.origins, p.base_publication_id
    FROM sharing_roundmember m
    LEFT JOIN sharing_factorprofile p ON p.uscc = m.uscc AND p.factor_list = %(list)s
    WHERE %(by_list)s AND m.round_id = %(round)s AND m.region LIKE ANY (%(places)s)
), holding AS MATERIALIZED (
    SELECT a.uscc, a.region, ARRAY(
        SELECT code FROM unnest(%(items)s::text[]) code
        WHERE NOT coalesce(
            a."values" ? code AND coalesce((a.origins ->> code)::bigint, a.base) >= %(first)s,
            false)
    ) AS items
    FROM asked a
)
"""
# A row for each region with no code, and one for each item that somebody there lacks.
COUNTED = """
SELECT region, '' AS code, count(*), count(*) FILTER (WHERE items <> '{}')
FROM holding GROUP BY region
UNION ALL
SELECT region, code, count(*), 0 FROM holding, unnest(items) code GROUP BY region, code
"""
LACKING = """
SELECT h.uscc, coalesce(e.name, ''), h.region, h.items, count(*) OVER ()
FROM holding h LEFT JOIN sharing_enterprise e ON e.uscc = h.uscc
WHERE h.items <> '{}' AND (%(item)s = '' OR %(item)s = ANY (h.items))
  AND (%(regions)s::text[] = '{}' OR h.region = ANY (%(regions)s))
  AND (%(search)s = '' OR strpos(h.uscc, %(search)s) > 0
       OR strpos(upper(e.name), %(search)s) > 0)
ORDER BY h.region, h.uscc OFFSET %(offset)s LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class BureauProgress:
    """How far one bureau is: `cells` counts what is missing by item."""

    bureau: Organization
    enterprises: int
    lacking: int
    cells: dict[str, int]
    state: Delivery
    imports: int = 0
    last_import_at: datetime | None = None
    reminded_at: datetime | None = None
    regions: tuple[str, ...] = field(default=())

    @property
    def complete(self) -> int:
        return self.enterprises - self.lacking

    @property
    def share(self) -> float:
        """Of the cells that are asked for, the share that is there; 0 to 1."""
        asked = self.enterprises * len(self.cells)
        return 1 - sum(self.cells.values()) / asked if asked else 1.0


@dataclass(frozen=True, slots=True)
class Lacking:
    """One enterprise and the items of a round that it lacks."""

    uscc: str
    name: str
    region: str
    items: tuple[str, ...]


def get(round_id: UUID, *, actor: Actor) -> CollectionRound:
    """
    :raises NoSuchRecord: if nothing of it is the actor's to collect or to oversee.
    """
    return one(list_for(actor=actor), pk=round_id)


def list_for(*, actor: Actor, status: str | None = None) -> QuerySet[CollectionRound]:
    """Return the rounds that the actor's bureau opened, oversees, or is asked in."""
    actor.require(permissions.VIEW_IMPORT)
    found = CollectionRound.objects.select_related("owner")
    return found.filter(status=status) if status else found


def asked_of(*, actor: Actor) -> list[CollectionRound]:
    """Return the open rounds that another bureau asks the actor's region to deliver to."""
    rounds = list_for(actor=actor, status="open").exclude(owner_id=actor.organization_id)
    own = actor.region or ""
    return [asked for asked in rounds.order_by("due_on", "pk") if covers(asked, own)]


def covers(asked: CollectionRound, region: str) -> bool:
    """Test whether a round asks something of a region, or of a part of it."""
    places = asked.regions or [asked.owner.region_id or "000000"]
    return any(lies_within(region, place) or lies_within(place, region) for place in places)


def progress(asked: CollectionRound, *, actor: Actor, on: date) -> list[BureauProgress]:
    """Return how far each bureau is, those with most missing first."""
    actor.require(permissions.VIEW_IMPORT)
    counted = _counted(asked)
    by_bureau: dict[UUID, list[tuple[str, list[int]]]] = {}
    bureaus = _nearest(asked, [region for region, _counts in counted])
    for region, counts in counted:
        by_bureau.setdefault(bureaus[region].pk, []).append((region, counts))
    known = {bureau.pk: bureau for bureau in bureaus.values()}
    sent, reminded = _imports(asked), _reminded(asked)
    found = [
        _progress(asked, known[pk], rows, sent.get(pk, (0, None)), reminded.get(pk), on=on)
        for pk, rows in by_bureau.items()
    ]
    return sorted(found, key=lambda each: (-each.lacking, each.bureau.short_name))


def lacking_of(asked: CollectionRound, *, actor: Actor, on: date) -> int:
    """Return how many enterprises of the actor's own bureau lack something of a round."""
    found = progress(asked, actor=actor, on=on)
    return sum(each.lacking for each in found if each.bureau.pk == actor.organization_id)


def missing(
    asked: CollectionRound,
    *,
    actor: Actor,
    item: str = "",
    regions: Iterable[str] = (),
    search: str = "",
    offset: int = 0,
    limit: int = 1_000,
) -> tuple[list[Lacking], int]:
    """
    Return enterprises that lack items of a round, by region and code, and how many there are.

    :param item: only those that lack this item.
    :param regions: only those of these regions, by whole codes.
    """
    actor.require(permissions.VIEW_IMPORT)
    facts = facts_of(asked) | {
        "item": item,
        "regions": list(regions),
        "search": search.strip().upper(),
        "offset": offset,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(HOLDING + LACKING, facts)
        rows = cursor.fetchall()
    lacking = [Lacking(uscc, name, region, tuple(items)) for uscc, name, region, items, _n in rows]
    return lacking, rows[0][4] if rows else 0


def deliveries(asked: CollectionRound, *, actor: Actor) -> QuerySet[RoundDelivery]:
    """Return the imports that were sent for a round, as far as the actor sees them."""
    actor.require(permissions.VIEW_IMPORT)
    found = RoundDelivery.objects.filter(round=asked).select_related("owner")
    return found.order_by("-noted_at", "-pk")


def _counted(asked: CollectionRound) -> list[tuple[str, list[int]]]:
    """Return for each region: enterprises, those that lack something, and those per item."""
    counts: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(HOLDING + COUNTED, facts_of(asked))
        rows = cursor.fetchall()
    for region, code, number, lacking in sorted(rows):
        if not code:
            counts[region] = [number, lacking, *(0 for _item in asked.items)]
        else:
            counts[region][2 + asked.items.index(code)] = number
    return sorted(counts.items())


def facts_of(asked: CollectionRound) -> dict[str, Any]:
    places = asked.regions or [asked.owner.region_id or "000000"]
    return {
        "list": asked.factor_list,
        "round": asked.pk,
        "by_list": asked.enterprise_list_id is not None,
        "items": asked.items,
        "places": [f"{prefix_of(place)}%" for place in places],
        "first": _first(asked),
    }


def _first(asked: CollectionRound) -> int:
    """Return the publication from which on a value counts; one that is to come if none does."""
    if asked.since is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(FIRST_SINCE, [asked.factor_list, asked.since])
        found: int | None = cursor.fetchone()[0]
    if found is not None:
        return found
    newest = Publication.objects.aggregate(newest=Max("pk"))["newest"]
    return (newest or 0) + 1


def _nearest(asked: CollectionRound, regions: Sequence[str]) -> dict[str, Organization]:
    """Return for each region the bureau that answers for it: the nearest, else the owner."""
    bureaus = {
        bureau.region_id: bureau
        for bureau in Organization.objects.filter(
            kind=OrganizationKind.MARKET_REGULATOR.value, is_active=True
        )
    }
    return {
        region: next(
            (
                bureaus[place]
                for place in (region, f"{region[:4]}00", f"{region[:2]}0000")
                if place in bureaus
            ),
            asked.owner,
        )
        for region in regions
    }


def _imports(asked: CollectionRound) -> dict[UUID, tuple[int, datetime | None]]:
    found = RoundDelivery.objects.filter(round=asked).values("owner_id")
    counted = found.annotate(n=Count("pk"), last=Max("noted_at"))
    return {row["owner_id"]: (row["n"], row["last"]) for row in counted}


def _reminded(asked: CollectionRound) -> dict[UUID, datetime]:
    found = RoundReminder.objects.filter(round=asked).values("owner_id")
    return {row["owner_id"]: row["last"] for row in found.annotate(last=Max("sent_at"))}


def _progress(
    asked: CollectionRound,
    bureau: Organization,
    rows: Sequence[tuple[str, Sequence[int]]],
    sent: tuple[int, datetime | None],
    reminded_at: datetime | None,
    *,
    on: date,
) -> BureauProgress:
    sums = [sum(column) for column in zip(*(counts for _region, counts in rows), strict=True)]
    enterprises, lacking, *cells = sums
    return BureauProgress(
        bureau=bureau,
        enterprises=enterprises,
        lacking=lacking,
        cells=dict(zip(asked.items, cells, strict=True)),
        state=delivery(
            enterprises=enterprises,
            lacking=lacking,
            held=enterprises * len(cells) - sum(cells),
            due_on=asked.due_on,
            on=on,
        ),
        imports=sent[0],
        last_import_at=sent[1],
        reminded_at=reminded_at,
        regions=tuple(region for region, _counts in rows),
    )
