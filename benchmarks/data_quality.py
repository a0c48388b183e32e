"""
The promise itself: half a second for a page of the report on 1,000,000 profiles.

Ours is the slowest of the report's own questions, by county, city, item, category and month,
which all read the table that the night wrote. Printed beside it is what the night takes: the
report, the work list, and the page of a collection round, which counts from the profiles.
Each profile has 15 items, drawn at random out of 20, in the counties of one province.
"""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from benchmarks.run import Bench

NAME = "data_quality"
ROWS = 1_000_000
BOUND = 1.0
AT_MOST = True

PROMISE = 0.5
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LIST = "ZJ-QFCE"
LOAD = """
INSERT INTO sharing_factorprofile (uscc, factor_list, region, list_version, "values", details,
    base_publication_id, origins, publication_id, "row", flags, listed)
SELECT 'X' || lpad(n::text, 17, '0'), %(list)s, p.places[1 + n %% cardinality(p.places)], 1,
       (SELECT jsonb_object_agg(code, 1) FROM (
            SELECT code FROM unnest(%(items)s::text[]) code
            ORDER BY hashint8(n * 31 + hashtext(code)) LIMIT 15) drawn),
       CASE WHEN n %% 5 = 0 THEN jsonb_build_object('QF-17', jsonb_build_object('valid_to',
            to_char(date '2026-11-01' + (n %% 600)::int, 'YYYY-MM-DD'))) ELSE '{}' END,
       p.publication, '{}', p.publication, n, '{}', true
FROM generate_series(1, %(rows)s) n,
     (SELECT array_agg(code ORDER BY code) AS places, %(publication)s::bigint AS publication
      FROM tenancy_region WHERE code LIKE '33%%' AND level = 'county' AND valid_to IS NULL) p
"""


@dataclass
class Context:
    """Who reads, and the list that is reported on."""

    province: Any
    catalogue: Any


def prepare(bench: Bench) -> Context:
    """Fill the profiles, and let the night write its report and work list."""
    from factors.selectors import factor_lists
    from qfce.demo import cast, setting

    cast.build()
    setting.publish_list(at=NOON)
    catalogue = factor_lists.catalogue(LIST, 1)
    publication = _publication()
    items = [*list(catalogue.items)[:19], "QF-17"]
    with psycopg.connect(bench.urls["DATABASE_SUPERUSER_URL"], autocommit=True) as server:
        facts = {"list": LIST, "items": items, "rows": bench.rows, "publication": publication}
        server.execute(LOAD, facts)
        server.execute("VACUUM ANALYZE sharing_factorprofile")
        server.execute("CHECKPOINT")
    context = Context(setting.person("zhou"), catalogue)
    _night(context)
    return context


def measure_ours(context: Context) -> float:
    """Return the slowest question of the page, and print every one."""
    from sharing.domain.data_quality import Grouping
    from sharing.selectors import data_quality

    worst = 0.0
    for by in Grouping:
        began = time.perf_counter()
        with _as(context):
            data_quality.tallies(
                LIST,
                by=by,
                month=TODAY.replace(day=1),
                catalogue=context.catalogue,
                actor=context.province,
            )
        took = time.perf_counter() - began
        print(f"  by {by.value:10} {took * 1e3:7.1f} ms")
        worst = max(worst, took)
    return worst


def measure_against(_: Context) -> float:
    return PROMISE


def _as(context: Context) -> Any:
    from qfce.kernel.tenancy.context import acting_as

    return acting_as(context.province.organization_id, user_id=context.province.user_id)


def _publication() -> int:
    from qfce.demo import setting
    from qfce.kernel.tenancy.context import acting_as
    from sharing.domain.import_lifecycle import Cause
    from sharing.services import publications

    owner = setting.person("zhou")
    with acting_as(owner.organization_id, user_id=owner.user_id):
        begun = publications.begin(
            cause=Cause.IMPORT,
            factor_list=LIST,
            list_version=1,
            owner=owner,
            prepared_by=None,
            released_by=owner.user_id,
        )
        return publications.finish(begun).pk


def _night(context: Context) -> None:
    from qfce.kernel.tenancy.actors import service_actor
    from sharing.selectors import collection_rounds as rounds
    from sharing.services import collection_rounds, data_quality, reverification

    night = service_actor(context.province.organization_id, "night")
    for label, work in (("report", data_quality.report), ("work list", reverification.list_due)):
        began = time.perf_counter()
        with _as(context):
            rows = work(LIST, actor=night, at=NOON)
        print(f"  {label}: {rows:,} rows in {time.perf_counter() - began:.1f} s")
    with _as(context):
        asked = collection_rounds.open_(
            name="Bench",
            factor_list=LIST,
            items=list(context.catalogue.items)[:10],
            due_on=TODAY,
            actor=context.province,
            at=NOON,
        )
        began = time.perf_counter()
        rounds.progress(asked, actor=context.province, on=TODAY)
        print(f"  page of a round, 10 items: {time.perf_counter() - began:.1f} s")
