"""
Bringing profiles up to the ledger, from the ledger itself.

For small sets of enterprises: every row of their history is read and folded. Whole files go
another way (`publication_rows`), which gives the same result.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from qfce.kernel.calendar import business_day
from sharing.domain.folding import Fold, LedgerRow, fold
from sharing.models import FactorProfile, Publication

CHUNK = 2_000
NEWEST = 2**62  # the place of a publication that has no number yet

HISTORY = """
SELECT uscc, publication_id, number, "row", recorded_at, cause, import_id, list_version, kind,
       changes, details
FROM qfce_ledger(%s, %s)
"""
WRITE = """
INSERT INTO sharing_factorprofile (
    uscc, factor_list, region, list_version, "values", details, base_publication_id, origins,
    publication_id, "row", row_digest, flags, listed)
SELECT e.uscc, %(list)s, e.region, n.list_version, n.vals, n.details, n.base, n.origins,
       %(publication)s, n."row", NULL, n.flags, n.listed
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (
    uscc text, list_version int, vals jsonb, details jsonb, base bigint, origins jsonb,
    "row" int, flags jsonb, listed boolean)
JOIN sharing_enterprise e ON e.uscc = n.uscc
ON CONFLICT (uscc, factor_list) DO UPDATE SET
    region = excluded.region, list_version = excluded.list_version,
    "values" = excluded."values", details = excluded.details, origins = excluded.origins,
    publication_id = excluded.publication_id, "row" = excluded."row", row_digest = NULL,
    flags = excluded.flags, listed = excluded.listed
"""


def recording_day(on: date) -> date:
    """
    Return the day that counts as today for what is published now, which is `on` or a later one.

    The database stamps a publication with its own clock. A caller whose day lags behind it, at
    midnight say, would fold what was recorded just now as if it were still to come.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date")
        today: date = cursor.fetchone()[0]
    return max(on, today)


def refold(usccs: Collection[str], *, publication: Publication, at: datetime) -> None:
    """
    Recompute the profiles of some enterprises on the publication's list from the ledger.

    The digest of their last imported row goes: the same row may now say something new.
    """
    day = recording_day(business_day(at))
    for chunk in _chunks(sorted(usccs)):
        folded = {
            uscc: fold(rows)
            for uscc, rows in histories(chunk, publication.factor_list, day).items()
        }
        write_profiles(folded, publication=publication, day=day)


def histories(
    usccs: Sequence[str], factor_list: str | None, today: date
) -> dict[str, list[LedgerRow]]:
    """
    Return every ledger row of some enterprises; of all lists where `factor_list` is None.

    A row whose publication is still being written stands after all others.
    """
    found: dict[str, list[LedgerRow]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [factor_list, list(usccs)])
        for uscc, *columns in cursor.fetchall():
            found[uscc].append(_row(columns, today))
    return found


def _row(columns: Sequence[Any], today: date) -> LedgerRow:
    publication_id, number, row, recorded_at, cause, import_id, version, kind, *bodies = columns
    changes, details = (json.loads(b) if isinstance(b, str) else b for b in bodies)
    return LedgerRow(
        publication_id=publication_id,
        number=number if number is not None else NEWEST,
        row=row,
        day=business_day(recorded_at) if recorded_at else today,
        cause=cause,
        import_id=import_id if import_id is None else UUID(str(import_id)),
        list_version=version,
        kind=kind,
        changes=changes,
        details=details,
    )


def write_profiles(folded: dict[str, Fold], *, publication: Publication, day: date) -> None:
    """Write folds as profiles whose position is the publication's last row about each."""
    bases = dict(
        FactorProfile.objects.filter(
            uscc__in=list(folded), factor_list=publication.factor_list
        ).values_list("uscc", "base_publication_id")
    )
    last_rows = _last_rows(publication, list(folded))
    rows = [
        _profile(uscc, state, day, bases.get(uscc, publication.pk), last_rows.get(uscc, 0))
        for uscc, state in folded.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "list": publication.factor_list,
                "publication": publication.pk,
                "rows": json.dumps(rows, ensure_ascii=False),
            },
        )


def _profile(uscc: str, state: Fold, day: date, base: int, row: int) -> dict[str, Any]:
    held = state.on(day)
    return {
        "uscc": uscc,
        "list_version": state.list_version,
        "vals": {code: fact.value for code, fact in held.items()},
        "details": {code: fact.details for code, fact in held.items() if fact.details},
        "base": base,
        "origins": {
            code: fact.publication_id for code, fact in held.items() if fact.publication_id != base
        },
        "row": row,
        "flags": state.flags,
        "listed": state.listed,
    }


def _last_rows(publication: Publication, usccs: list[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT uscc, max("row") FROM sharing_factorchange'
            " WHERE publication_id = %s AND uscc = ANY (%s) GROUP BY uscc",
            [publication.pk, usccs],
        )
        return dict(cursor.fetchall())


def _chunks(usccs: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(usccs), CHUNK):
        yield usccs[start : start + CHUNK]
