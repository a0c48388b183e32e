"""
What the calendar does to the ledger: facts that end, facts that grow old, facts whose day comes.

Running it twice for a day changes nothing: what was announced since the fact was recorded is
not announced again, and a day that was missed is caught up by the next.
"""

import json
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from factors.selectors import factor_lists
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.folding import fold
from sharing.domain.import_lifecycle import Cause, ChangeKind
from sharing.models import FactorProfile, Publication
from sharing.services import projection, publications
from sharing.services.publications import ChangeIn

# Items whose last day has passed, and items not verified for longer than the list allows.
DUE = """
CREATE TEMP TABLE due ON COMMIT DROP AS
WITH fact AS (
    SELECT p.uscc, p.region, v.key AS code, v.value, p.details -> v.key AS details,
           coalesce((p.origins ->> v.key)::bigint, p.base_publication_id) AS origin
    FROM sharing_factorprofile p CROSS JOIN LATERAL jsonb_each(p."values") v
    WHERE p.factor_list = %(list)s AND p.listed
), dated AS (
    SELECT f.*, CASE
        WHEN (f.details ->> 'valid_to')::date < %(today)s THEN 'expired'
        WHEN (q.recorded_at AT TIME ZONE 'Asia/Shanghai')::date
             + (%(ages)s::jsonb ->> f.code)::int < %(today)s THEN 'lapsed' END AS kind
    FROM fact f LEFT JOIN sharing_publication q ON q.id = f.origin
)
SELECT d.* FROM dated d
WHERE d.kind IS NOT NULL AND NOT EXISTS (
    SELECT FROM sharing_factorchange c
    WHERE c.uscc = d.uscc AND c.kind = d.kind AND c.changes ? d.code
      AND c.publication_id > d.origin)
"""
COUNT_DUE = "SELECT count(*) FROM due"
ANNOUNCE = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes,
                                  details)
SELECT %(publication)s, row_number() OVER (ORDER BY uscc, kind), uscc, region, left(region, 2),
       kind, jsonb_object_agg(code, value),
       jsonb_object_agg(code, details) FILTER (WHERE details IS NOT NULL)
FROM due GROUP BY uscc, region, kind
"""
# Enterprises of which the ledger has a fact that was of a later day when it was recorded.
AWAITED = """
SELECT DISTINCT c.uscc
FROM sharing_factorchange c
JOIN sharing_publication q ON q.id = c.publication_id AND q.factor_list = %(list)s
CROSS JOIN LATERAL jsonb_each(c.details) d
WHERE c.details IS NOT NULL
  AND (d.value ->> 'valid_from')::date <= %(today)s
  AND (d.value ->> 'valid_from')::date > (q.recorded_at AT TIME ZONE 'Asia/Shanghai')::date
"""


@transaction.atomic
def sweep(factor_list: str, *, actor: Actor, at: datetime) -> Publication | None:
    """
    Announce what has expired or lapsed by the business day of `at`, in the actor's jurisdiction.

    Values stay as they are: that they have expired follows from their dates. Returns the
    publication, or None if there is nothing to announce.
    """
    actor.require(permissions.RELEASE_RECORD)
    today = business_day(at)
    catalogue = factor_lists.in_force(factor_list, today)
    ages = {i.code: i.max_age_days for i in catalogue.items.values() if i.max_age_days}
    publications.lock_list(factor_list)
    facts: dict[str, Any] = {"list": factor_list, "today": today, "ages": json.dumps(ages)}
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS due")
        cursor.execute(DUE, facts)
        cursor.execute(COUNT_DUE)
        if not cursor.fetchone()[0]:
            return None
        publication = publications.begin(
            cause=Cause.EXPIRY,
            factor_list=factor_list,
            list_version=catalogue.version,
            owner=actor,
            prepared_by=None,
            released_by=actor.user_id,
        )
        cursor.execute(ANNOUNCE, {"publication": publication.pk})
    publications.finish(publication)
    audit.record(
        "sharing.expiry.announced",
        publication,
        actor=actor,
        at=at,
        number=publication.number,
        rows=publication.rows,
    )
    return publication


@transaction.atomic
def bring_into_force(factor_list: str, *, actor: Actor, at: datetime) -> Publication | None:
    """
    Bring facts into profiles whose first day has come since they were recorded.

    Receivers got them when they were recorded; now they hear that they hold.
    """
    actor.require(permissions.RELEASE_RECORD)
    today = business_day(at)
    publications.lock_list(factor_list)
    with connection.cursor() as cursor:
        cursor.execute(AWAITED, {"list": factor_list, "today": today})
        usccs = [row[0] for row in cursor.fetchall()]
    rows: list[ChangeIn] = []
    stored = dict(
        FactorProfile.objects.filter(uscc__in=usccs, factor_list=factor_list).values_list(
            "uscc", "values"
        )
    )
    for uscc, history in projection.histories(usccs, factor_list, today).items():
        known = stored.get(uscc, {})
        due = {
            code: fact
            for code, fact in fold(history).on(today).items()
            if known.get(code) != fact.value
        }
        if due:
            values = {code: fact.value for code, fact in due.items()}
            details = {code: dict(fact.details) for code, fact in due.items()}
            rows.append(ChangeIn(uscc, ChangeKind.REVERIFIED.value, values, details))
    if not rows:
        return None
    return publications.publish_changes(
        rows,
        cause=Cause.EXPIRY,
        factor_list=factor_list,
        actor_prepared=None,
        actor_released=actor,
        at=at,
    )
