"""Whether ledger, register, profiles and feed of a list agree, asked of the database itself."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from factors.domain.catalogue import Catalogue
from factors.domain.item_types import NOT_APPLICABLE, ItemType
from factors.models import FactorList
from factors.selectors import factor_lists
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor, service_actor
from qfce.kernel.tenancy.context import acting_as
from sharing.domain.folding import fold
from sharing.domain.shard_columns import Mark
from sharing.models import FactorProfile
from sharing.selectors import shards
from sharing.services import projection, publications
from sharing.services import shards as shards_service

PORTION = 5_000

FEED = """
SELECT count(*), coalesce(max(number), 0), coalesce(min(number), 1), count(DISTINCT number),
       (SELECT n FROM sharing_feedcounter), count(*) FILTER (WHERE recorded_at IS NULL)
FROM sharing_publication
"""
UNNUMBERED = "SELECT count(*) FROM sharing_publication WHERE number IS NULL"
ORPHANS = """
SELECT count(*) FROM sharing_factorchange c
WHERE NOT EXISTS (SELECT FROM sharing_publication q
                  WHERE q.id = c.publication_id AND q.number IS NOT NULL)
"""
IDENTITIES = """
SELECT count(*) FROM sharing_factorprofile p
LEFT JOIN sharing_enterprise e ON e.uscc = p.uscc
WHERE e.uscc IS NULL OR e.region <> p.region
"""


def disagreements(actor: Actor, factor_list: str) -> list[str]:
    """Return what does not agree, in words; nothing if all does."""
    found: list[str] = []
    with acting_as(actor.organization_id):
        found += _of_the_feed()
        codes = list(
            FactorProfile.objects.filter(factor_list=factor_list)
            .order_by("uscc")
            .values_list("uscc", flat=True)
        )
    for start in range(0, len(codes), PORTION):
        found += _of_profiles(actor, factor_list, codes[start : start + PORTION])
    found += of_shards(actor, factor_list)
    return found[:20]


def of_shards(actor: Actor, factor_list: str) -> list[str]:
    """Bring the shards up to the feed, and return where they do not say what profiles say."""
    at, found = timezone.now(), []
    keeper = service_actor(FactorList.objects.get(code=factor_list).owner_id, "agreement")
    with acting_as(keeper.organization_id):
        shards_service.follow(factor_list, actor=keeper, at=at)
        catalogue = factor_lists.in_force(factor_list, business_day(at))
        stored = list(
            FactorProfile.objects.filter(factor_list=factor_list).values_list(
                "uscc", "region", "listed", "values", "details"
            )
        )
        ends = ("", ":marks", ":valid_to")
        columns = [f"{code}{end}" for code in catalogue.items for end in ends]
        _, rows = shards.read(catalogue, ["uscc", "region", "listed", *columns])
    written = {}
    for entry in rows.to_pylist():
        values, until = {}, {}
        for code in catalogue.items:
            marks = entry[f"{code}:marks"]
            value = "not_applicable" if marks & Mark.NOT_APPLICABLE else entry[code]
            if value is not None:
                values[code] = value
            if entry.get(f"{code}:valid_to"):
                until[code] = entry[f"{code}:valid_to"].isoformat()
        written[entry["uscc"]] = (entry["region"], entry["listed"], values, until)
    expected = {
        uscc: (region, listed, _as_columns(catalogue, values), _ends(details))
        for uscc, region, listed, values, details in stored
    }
    if len(written) != rows.num_rows:
        found.append(f"{rows.num_rows - len(written)} enterprises stand in two shards")
    found += [
        f"{uscc}: shard {written.get(uscc)}, profile {expected.get(uscc)}"
        for uscc in sorted({*written, *expected})
        if written.get(uscc) != expected.get(uscc)
    ]
    return found[:20]


def _as_columns(catalogue: Catalogue, values: dict[str, Any]) -> dict[str, Any]:
    """Return canonical values as a column of the item's type has them."""
    read = {
        ItemType.NUMBER: float,
        ItemType.MONEY: Decimal,
        ItemType.DATE: date.fromisoformat,
        ItemType.COUNT: int,
    }
    return {
        code: value
        if value == NOT_APPLICABLE
        else read.get(catalogue.items[code].type, lambda said: said)(value)
        for code, value in values.items()
        if value is not None
    }


def _ends(details: dict[str, Any]) -> dict[str, Any]:
    return {code: entry["valid_to"] for code, entry in details.items() if entry.get("valid_to")}


def _of_the_feed() -> list[str]:
    found: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(FEED)
        count, last, first, distinct, counter, undated = cursor.fetchone()
        if not count == last == distinct == counter or first != 1 or undated:
            found.append(f"numbers {first} to {last}, {distinct} of {count}; counter {counter}")
        for statement, what in (
            (UNNUMBERED, "publications without a number"),
            (ORPHANS, "changes of no publication"),
            (IDENTITIES, "profiles beside the register"),
        ):
            cursor.execute(statement)
            if wrong := cursor.fetchone()[0]:
                found.append(f"{wrong} {what}")
        cursor.execute("SELECT id, number, rows, digest FROM sharing_publication ORDER BY number")
        for key, number, rows, digest in cursor.fetchall():
            cursor.execute(publications.FINISH, [key])
            if (again := cursor.fetchone()) != (rows, digest):
                found.append(f"publication {number} says {rows}, {digest}; there are {again}")
    return found


def _of_profiles(actor: Actor, factor_list: str, codes: list[str]) -> list[str]:
    found: list[str] = []
    with acting_as(actor.organization_id):
        today = business_day(timezone.now())
        histories = projection.histories(codes, factor_list, today)
        for profile in FactorProfile.objects.filter(uscc__in=codes, factor_list=factor_list):
            rows = histories.get(profile.uscc, [])
            state = fold(rows)
            held = state.on(max([today, *(row.day for row in rows)]))
            folded = (
                {code: fact.value for code, fact in held.items()},
                {code: dict(fact.details) for code, fact in held.items() if fact.details},
                {code: fact.publication_id for code, fact in held.items()},
                (state.listed, state.publication_id, state.row),
            )
            origins = {
                c: profile.origins.get(c, profile.base_publication_id) for c in profile.values
            }
            stored = (
                profile.values,
                profile.details,
                origins,
                (profile.listed, profile.publication_id, profile.row),
            )
            if stored != folded:
                found.append(f"{profile.uscc}: stored {stored}, folded {folded}")
    return found
