"""
Writing the report on the quality of data: set by set, into a table that pages read.

For the month that runs, each night; a month that is over is not touched any more.
"""

import json
from collections import Counter
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from factors.selectors import factor_lists
from qfce.kernel import parameters
from qfce.kernel.calendar import SHANGHAI, business_day
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from sharing import permissions
from sharing.domain.data_quality import score, share
from sharing.models import BureauScore, Dispute, ImportBatch, QualityCell, RefreshRequest

PARAMETERS = Path(__file__).parent.parent / "parameters"

REPORT = """
INSERT INTO sharing_qualitycell (month, factor_list, region, code, enterprises, filled, timely,
                                 checked, upheld, computed_at)
WITH place AS (
    SELECT region, count(*) AS enterprises FROM sharing_factorprofile
    WHERE factor_list = %(list)s AND listed GROUP BY region
), fact AS (
    SELECT p.region, v.code, count(*) AS filled,
           count(*) FILTER (WHERE coalesce(
               q.day + (%(ages)s::jsonb ->> v.code)::int >= %(today)s, true)) AS timely
    FROM sharing_factorprofile p
    CROSS JOIN LATERAL jsonb_object_keys(p."values") v (code)
    LEFT JOIN (SELECT id, (recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day
               FROM sharing_publication WHERE factor_list = %(list)s) q
      ON q.id = coalesce((p.origins ->> v.code)::bigint, p.base_publication_id)
    WHERE p.factor_list = %(list)s AND p.listed
    GROUP BY p.region, v.code
), question AS (
    SELECT r.region, a.key AS code,
           count(*) FILTER (WHERE a.value ->> 'answer' = 'confirmed'
                            OR (a.value ->> 'replaces')::boolean) AS checked,
           count(*) FILTER (WHERE a.value ->> 'answer' = 'confirmed') AS upheld
    FROM sharing_refreshrequest r, jsonb_each(r.answers) a
    WHERE r.factor_list = %(list)s AND r.status = 'answered'
      AND r.closed_at >= %(begins)s AND r.closed_at < %(ends)s
    GROUP BY r.region, a.key
), objection AS (
    SELECT region, item AS code, count(*) AS checked,
           count(*) FILTER (WHERE status = 'rejected') AS upheld
    FROM sharing_dispute
    WHERE factor_list = %(list)s AND status IN ('upheld', 'rejected')
      AND closed_at >= %(begins)s AND closed_at < %(ends)s
    GROUP BY region, item
), register AS (
    SELECT region, code, sum(agreed + disagreed) AS checked, sum(agreed) AS upheld
    FROM sharing_sourcecount
    WHERE factor_list = %(list)s AND day >= %(month)s AND day <= %(today)s
    GROUP BY region, code
)
SELECT %(month)s, %(list)s, p.region, i.code, p.enterprises, coalesce(f.filled, 0),
       coalesce(f.timely, 0), coalesce(q.checked, 0) + coalesce(g.checked, 0)
       + coalesce(o.checked, 0),
       coalesce(q.upheld, 0) + coalesce(g.upheld, 0) + coalesce(o.upheld, 0), %(at)s
FROM place p
CROSS JOIN unnest(%(items)s::text[]) i (code)
LEFT JOIN fact f ON f.region = p.region AND f.code = i.code
LEFT JOIN question q ON q.region = p.region AND q.code = i.code
LEFT JOIN objection o ON o.region = p.region AND o.code = i.code
LEFT JOIN register g ON g.region = p.region AND g.code = i.code
ON CONFLICT (factor_list, month, region, code) DO UPDATE SET
    enterprises = excluded.enterprises, filled = excluded.filled, timely = excluded.timely,
    checked = excluded.checked, upheld = excluded.upheld, computed_at = excluded.computed_at
"""


def report_all(*, actor: Actor, at: datetime) -> None:
    """Write the report of the lists that the actor's organization keeps, then its own score."""
    owner_id = actor.organization_id
    with acting_as(owner_id):
        lists = factor_lists.list_for(actor=actor, on=business_day(at))
    for entry in lists:
        if entry.owner_id == owner_id and entry.in_force is not None:
            with acting_as(owner_id):
                report(entry.code, actor=actor, at=at)
    with acting_as(owner_id):
        score_bureau(actor=actor, at=at)


@transaction.atomic
def report(factor_list: str, *, actor: Actor, at: datetime) -> int:
    """
    Write the running month's cells of the actor's jurisdiction; return how many.

    It changes no fact, so the audit has no event of it. Running it again writes the same.
    """
    actor.require(permissions.RELEASE_RECORD)
    today = business_day(at)
    catalogue = factor_lists.in_force(factor_list, today)
    ages = {i.code: i.max_age_days for i in catalogue.items.values() if i.max_age_days}
    begins, ends = _bounds(today)
    with connection.cursor() as cursor:
        cursor.execute(
            REPORT,
            {
                "list": factor_list,
                "items": list(catalogue.items),
                "ages": json.dumps(ages),
                "month": today.replace(day=1),
                "today": today,
                "begins": begins,
                "ends": ends,
                "at": at,
            },
        )
        return int(cursor.rowcount)


@transaction.atomic
def score_bureau(*, actor: Actor, at: datetime) -> BureauScore:
    """
    Write the running month's score of the actor's bureau, for its own region and what it sent.

    :raises MissingPermission: if the actor is not the platform acting for a regulator.
    """
    actor.require(permissions.RELEASE_RECORD)
    today = business_day(at)
    month, rules = today.replace(day=1), _rules().on(today)
    facts = {
        **_files(actor, today),
        **_questions(actor, today),
        **_disputes(actor, today),
        **_use(today),
        **_cells(month),
    }
    parts = {
        "completeness": facts["completeness"],
        "timeliness": facts["timeliness"],
        "accuracy": facts["accuracy"],
        "clean_rows": share(facts["rows"] - facts["rows_invalid"], facts["rows"]),
        "answers_in_time": share(facts["questions_in_time"], facts["questions"]),
    }
    facts["worst_checks"] = facts["worst_checks"][: rules["worst_checks"]]
    weights = {name: rules[name] for name in parts}
    found, _is_new = BureauScore.objects.update_or_create(
        owner_id=actor.organization_id,
        month=month,
        defaults={**facts, "score": score(parts, weights), "computed_at": at},
    )
    return found


def _files(actor: Actor, today: date) -> dict[str, Any]:
    """Return what the bureau's own files of the month were like."""
    begins, ends = _bounds(today)
    batches = ImportBatch.objects.filter(
        owner_id=actor.organization_id, received_at__gte=begins, received_at__lt=ends
    )
    found = list(batches.values_list("rows_total", "rows_invalid", "finding_counts"))
    failed = Counter[str]()
    for _total, _invalid, counts in found:
        failed.update({code: int(number) for code, number in counts.items()})
    return {
        "imports": len(found),
        "rows": sum(total for total, _invalid, _counts in found),
        "rows_invalid": sum(invalid for _total, invalid, _counts in found),
        "worst_checks": [[code, number] for code, number in failed.most_common()],
    }


def _questions(actor: Actor, today: date) -> dict[str, int]:
    begins, ends = _bounds(today)
    closed = RefreshRequest.objects.filter(
        addressee_id=actor.organization_id,
        status__in=("answered", "declined"),
        closed_at__gte=begins,
        closed_at__lt=ends,
    ).values_list("closed_at", "due_on")
    in_time = sum(at is not None and business_day(at) <= due_on for at, due_on in closed)
    return {"questions": len(closed), "questions_in_time": in_time}


def _disputes(actor: Actor, today: date) -> dict[str, int]:
    """Return the objections to facts that the bureau answers for, and what came of them."""
    begins, ends = _bounds(today)
    own = Dispute.objects.filter(addressee_id=actor.organization_id)
    decided = own.filter(
        status__in=("upheld", "rejected"), closed_at__gte=begins, closed_at__lt=ends
    )
    return {
        "disputes": own.filter(opened_at__gte=begins, opened_at__lt=ends).count(),
        "disputes_decided": decided.count(),
        "disputes_upheld": decided.filter(status="upheld").count(),
    }


def _use(today: date) -> dict[str, int]:
    """Return how readers used what the bound bureau sent: counts, and never who read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM qfce_use_of_facts(%s, %s)", _bounds(today))
        reads, enterprises, readers, for_loans = cursor.fetchone()
    return {
        "reads": reads,
        "enterprises_read": enterprises,
        "readers": readers,
        "reads_for_loans": for_loans,
    }


def _cells(month: date) -> dict[str, float | None]:
    """Return the shares of the bound jurisdiction, from the cells of the month."""
    sums = QualityCell.objects.filter(month=month).aggregate(
        **{name: Sum(name) for name in ("enterprises", "filled", "timely", "checked", "upheld")}
    )
    got = {name: number or 0 for name, number in sums.items()}
    return {
        "completeness": share(got["filled"], got["enterprises"]),
        "timeliness": share(got["timely"], got["filled"]),
        "accuracy": share(got["upheld"], got["checked"]),
    }


def _bounds(today: date) -> tuple[datetime, datetime]:
    """Return the first instant of the month in Shanghai, and that of the next."""
    first = today.replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begins, ends = (datetime(d.year, d.month, d.day, tzinfo=SHANGHAI) for d in (first, following))
    return begins, ends


@cache
def _rules() -> parameters.Parameter:
    return parameters.load(PARAMETERS / "data_quality.toml")
