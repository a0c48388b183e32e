"""
Verifying again: the daily work list, and officers who confirm many facts at once.

Confirming changes no value, so one person's word is enough: rows of kind `reverified` go into
the ledger and to every reader, and the fact is as young as the day.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from factors.selectors import factor_lists
from qfce.kernel import parameters
from qfce.kernel.audit import events as audit
from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.import_lifecycle import Cause
from sharing.domain.reverification import CONFIRMABLE
from sharing.models import Publication
from sharing.selectors import reverification as selectors
from sharing.services import publications

PARAMETERS = Path(__file__).parent.parent / "parameters"

CLEAR = """
DELETE FROM sharing_dueitem
WHERE factor_list = %(list)s AND region BETWEEN qfce_region_low() AND qfce_region_high()
"""
FILL = """
INSERT INTO sharing_dueitem (uscc, factor_list, code, region, kind, valid_to, recorded_on,
                             due_on, origin)
WITH fact AS (
    SELECT p.uscc, p.region, v.code, (p.details -> v.code ->> 'valid_to')::date AS valid_to,
           coalesce((p.origins ->> v.code)::bigint, p.base_publication_id) AS origin
    FROM sharing_factorprofile p CROSS JOIN LATERAL jsonb_object_keys(p."values") v (code)
    WHERE p.factor_list = %(list)s AND p.listed
), dated AS (
    -- Soon is a quarter of the promise: what is promised within days would else be always due.
    SELECT f.*, q.day AS recorded_on, q.day + a.days AS old_on,
           %(today)s::date + least(a.days / 4, %(ages_within)s) AS soon
    FROM fact f
    CROSS JOIN LATERAL (SELECT (%(ages)s::jsonb ->> f.code)::int AS days) a
    JOIN (SELECT id, (recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day
          FROM sharing_publication WHERE recorded_at IS NOT NULL) q ON q.id = f.origin
)
SELECT d.uscc, %(list)s, d.code, d.region,
       CASE WHEN d.valid_to < %(today)s THEN 'ended'
            WHEN d.valid_to <= %(ends)s THEN 'ending'
            WHEN d.old_on < %(today)s THEN 'old' ELSE 'aging' END,
       d.valid_to, d.recorded_on,
       CASE WHEN d.valid_to <= %(ends)s THEN d.valid_to ELSE d.old_on END, d.origin
FROM dated d
WHERE d.valid_to <= %(ends)s OR d.old_on <= d.soon
"""
# What is to be confirmed and still stands as it did when the work list was written.
CHOOSE = """
CREATE TEMP TABLE chosen ON COMMIT DROP AS
SELECT d.uscc, d.code, p.region, p."values" -> d.code AS value
FROM sharing_dueitem d
JOIN sharing_factorprofile p ON p.uscc = d.uscc AND p.factor_list = d.factor_list
WHERE d.factor_list = %(list)s AND d.kind = ANY (%(kinds)s) AND p."values" ? d.code
  AND coalesce((p.origins ->> d.code)::bigint, p.base_publication_id) = d.origin
  AND coalesce((p.details -> d.code ->> 'valid_to')::date, 'infinity') >= %(today)s
  AND (d.uscc, d.code) IN (SELECT * FROM unnest(%(usccs)s::text[], %(codes)s::text[]))
"""
APPEND = """
INSERT INTO sharing_factorchange (publication_id, "row", uscc, region, province, kind, changes,
                                  details)
SELECT %(publication)s, row_number() OVER (ORDER BY uscc), uscc, region, left(region, 2),
       'reverified', jsonb_object_agg(code, value), NULL
FROM chosen GROUP BY uscc, region
"""
# What folding the ledger again gives: the same facts, from this publication.
BRING_UP = """
UPDATE sharing_factorprofile p
SET origins = p.origins || c.origins, publication_id = %(publication)s, "row" = c."row",
    row_digest = NULL
FROM (SELECT h."row", h.uscc, (SELECT jsonb_object_agg(k, %(publication)s)
                               FROM jsonb_object_keys(h.changes) k) AS origins
      FROM sharing_factorchange h WHERE h.publication_id = %(publication)s) c
WHERE p.uscc = c.uscc AND p.factor_list = %(list)s
"""
SETTLE = """
DELETE FROM sharing_dueitem d USING chosen c
WHERE d.uscc = c.uscc AND d.code = c.code AND d.factor_list = %(list)s
  AND d.kind IN ('old', 'aging')
"""


class NothingDue(Conflict):
    code = "sharing.reverification.nothing_due"
    title = "Nothing of this is waiting to be confirmed."


class NotTheNumber(Conflict):
    code = "sharing.reverification.not_the_number"
    title = "It is not the number of facts that was shown."


class TooMany(Invalid):
    code = "sharing.reverification.too_many"
    title = "These are too many facts to confirm at once."


@transaction.atomic
def list_due(factor_list: str, *, actor: Actor, at: datetime) -> int:
    """
    Write the work list of the actor's jurisdiction anew; return how many facts are on it.

    A change of no fact, so the audit has no event of it. Twice a day is the same as once.
    """
    actor.require(permissions.RELEASE_RECORD)
    today = business_day(at)
    rules = _rules().on(today)
    catalogue = factor_lists.in_force(factor_list, today)
    ages = {i.code: i.max_age_days for i in catalogue.items.values() if i.max_age_days}
    facts: dict[str, Any] = {
        "list": factor_list,
        "today": today,
        "ages": json.dumps(ages),
        "ends": today + timedelta(days=rules["ends_within_days"]),
        "ages_within": rules["ages_within_days"],
    }
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, facts)
        cursor.execute(FILL, facts)
        return int(cursor.rowcount)


@transaction.atomic
def confirm(
    pairs: Sequence[tuple[str, str]], *, factor_list: str, actor: Actor, at: datetime
) -> Publication:
    """
    Confirm that facts of the work list still hold, many at once.

    :param pairs: (credit code, item code). What was changed since, or has ended, is left out.
    :raises MissingPermission: if the actor's role prepares no changes.
    :raises NothingDue: if none of them waits to be confirmed any more.
    :raises TooMany: if they are more than one publication takes.
    """
    permissions.check_can_prepare_record(actor)
    today = business_day(at)
    most = _rules().on(today)["most_confirmed"]
    if len(pairs) > most:
        raise TooMany(f"{len(pairs)} facts; at most {most}.", hint="Narrow them.", most=most)
    publications.lock_list(factor_list)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chosen")
        cursor.execute(
            CHOOSE,
            {
                "list": factor_list,
                "today": today,
                "kinds": sorted(kind.value for kind in CONFIRMABLE),
                "usccs": [uscc for uscc, _code in pairs],
                "codes": [code for _uscc, code in pairs],
            },
        )
        if not cursor.rowcount:
            raise NothingDue("None of these facts waits any more.", hint="Load the list again.")
        publication = publish_chosen(cursor, factor_list, prepared_by=actor, actor=actor, at=at)
    audit.record(
        "sharing.reverification.confirmed", publication, actor=actor, at=at,
        number=publication.number, rows=publication.rows,
    )  # fmt: skip
    return publication


def confirm_all(
    *,
    factor_list: str,
    expected: int,
    narrowed: Mapping[str, Any],
    actor: Actor,
    at: datetime,
) -> Publication:
    """
    Confirm everything that the work list shows, narrowed by `selectors.due`'s arguments.

    :param expected: the number that was shown, so that nobody confirms what came since.
    :raises NotTheNumber: if there are more or fewer now.
    """
    kinds = sorted(kind.value for kind in CONFIRMABLE)
    found = selectors.due(actor=actor, factor_list=factor_list, kinds=kinds, **narrowed)
    pairs = list(found.order_by("uscc", "code").values_list("uscc", "code"))
    if len(pairs) != expected:
        raise NotTheNumber(
            f"{expected} were shown and {len(pairs)} wait now.",
            hint="Load the list again.",
            expected=expected,
            found=len(pairs),
        )
    return confirm(pairs, factor_list=factor_list, actor=actor, at=at)


def publish_chosen(
    cursor: CursorWrapper,
    factor_list: str,
    *,
    prepared_by: Actor,
    actor: Actor,
    at: datetime,
) -> Publication:
    """
    Publish that the facts in the temporary table `chosen` still hold; the list is locked.

    Set by set, whatever their number: ledger, profiles, work list.
    """
    publication = publications.begin(
        cause=Cause.REVERIFICATION,
        factor_list=factor_list,
        list_version=factor_lists.in_force(factor_list, business_day(at)).version,
        owner=actor,
        prepared_by=prepared_by.user_id,
        released_by=actor.user_id,
    )
    facts: dict[str, Any] = {"publication": publication.pk, "list": factor_list}
    for statement in (APPEND, BRING_UP, SETTLE):
        cursor.execute(statement, facts)
    return publications.finish(publication)


@cache
def _rules() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "reverification.toml")
