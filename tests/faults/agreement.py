"""Whether ledger, register, profiles and feed of a list agree, asked of the database itself."""

from django.db import connection
from django.utils import timezone

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from sharing.domain.folding import fold
from sharing.models import FactorProfile
from sharing.services import projection, publications

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
    return found[:20]


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
