"""
Finding codes that may be one enterprise, for a person to look at. Nothing is merged here.

Set by set over the whole register of a bureau, in one statement a reason; what a person has
dismissed stays dismissed.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db import connection, transaction

from qfce.kernel.audit import events as audit
from qfce.kernel.jobs.outbox import after_commit
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain import uscc as codes
from sharing.domain.duplicates import DUPLICATE, DuplicateReason
from sharing.models import DuplicateCandidate

# The nine characters of an organization are its own: two codes with them are one enterprise
# that was registered anew, with another registrar, kind or region.
SAME_ORGANIZATION = """
SELECT min(uscc), max(uscc) FROM (
    SELECT e.uscc, substr(e.uscc, 9, 9) AS organization FROM sharing_enterprise e
    WHERE e.successor_uscc IS NULL
) o GROUP BY organization HAVING count(*) = 2
"""
# One character apart: equal without one place. Only codes that fail their check are asked
# for, since of two right codes one character apart there are none.
NEAR_CODE = """
WITH failing AS (SELECT unnest(%(failing)s::text[]) AS uscc)
SELECT least(f.uscc, e.uscc), greatest(f.uscc, e.uscc)
FROM failing f
CROSS JOIN generate_series(1, 18) place
CROSS JOIN unnest(string_to_array('0123456789ABCDEFGHJKLMNPQRTUWXY', NULL)) digit
JOIN sharing_enterprise e
  ON e.uscc = overlay(f.uscc PLACING digit FROM place FOR 1) AND e.uscc <> f.uscc
WHERE e.successor_uscc IS NULL
"""
CODES = "SELECT uscc FROM sharing_enterprise WHERE successor_uscc IS NULL"
# The same name in one city; names that more than two have are a chain's, not a doubt.
SAME_NAME = """
SELECT min(uscc), max(uscc) FROM sharing_enterprise
WHERE successor_uscc IS NULL
GROUP BY name, left(region, 4) HAVING count(*) = 2
"""
# The same name but for brackets and legal form, in one county; branches keep their word.
LIKE_NAME = r"""
WITH written AS (
    SELECT uscc, region, regexp_replace(
        upper(normalize(name, NFKC)), '[\s()\[\]【】《》·.,，。''"-]', '', 'g') AS name
    FROM sharing_enterprise WHERE successor_uscc IS NULL
)
SELECT min(uscc), max(uscc) FROM written
WHERE name !~ '(分公司|分厂|分店|门市部|经营部|办事处|营业部)$'
GROUP BY region, regexp_replace(
    name, '股份有限公司|有限责任公司|有限公司|个人独资企业|有限合伙|普通合伙|集团|公司', '', 'g')
HAVING count(*) = 2
"""
ADD = """
INSERT INTO sharing_duplicatecandidate (id, owner_id, first, second, reason, status, found_at,
                                        note)
SELECT gen_random_uuid(), %(owner)s, f.first, f.second, %(reason)s, 'open', %(at)s, ''
FROM ({found}) AS f (first, second)
ON CONFLICT (owner_id, first, second) DO NOTHING
"""


@transaction.atomic
def find(*, actor: Actor, at: datetime) -> int:
    """
    Put new doubts about the register of the actor's jurisdiction on the queue; return how many.

    The reason that is worth most is the one shown. Doing it twice adds nothing.
    """
    permissions.check_can_prepare_record(actor)
    facts: dict[str, Any] = {"owner": actor.organization_id, "at": at}
    added = 0
    with connection.cursor() as cursor:
        cursor.execute(CODES)
        known = pa.array([row[0] for row in cursor.fetchall()], pa.string())
        known = known.filter(pa.array(codes.are_well_formed(known)))
        failing = known.filter(pa.array(~codes.check_characters_fit(known))).to_pylist()
        for reason, found in (
            (DuplicateReason.SAME_ORGANIZATION, SAME_ORGANIZATION),
            (DuplicateReason.NEAR_CODE, NEAR_CODE),
            (DuplicateReason.SAME_NAME, SAME_NAME),
            (DuplicateReason.LIKE_NAME, LIKE_NAME),
        ):
            further = {"reason": reason.value, "failing": failing}
            cursor.execute(ADD.replace("{found}", found), facts | further)
            added += cursor.rowcount
    return added


def ask(*, actor: Actor) -> None:
    """Have the register looked through now, and not only tonight."""
    permissions.check_can_prepare_record(actor)
    after_commit("sharing.find_duplicates", organization_id=actor.organization_id)


@transaction.atomic
def dismiss(candidate_id: UUID, *, note: str, actor: Actor, at: datetime) -> DuplicateCandidate:
    """
    Say that two codes are two enterprises; they are not asked about again.

    :raises NoSuchRecord: if the actor's organization sees no such doubt.
    :raises IllegalTransition: if it was decided already.
    """
    permissions.check_can_prepare_record(actor)
    rows = DuplicateCandidate.objects.filter(owner_id=actor.organization_id)
    candidate = one(rows.select_for_update(of=("self",)), pk=candidate_id)
    candidate.status = DUPLICATE.target("dismiss", state=candidate.status).value
    candidate.decided_by_id, candidate.decided_at, candidate.note = actor.account_id, at, note
    candidate.save()
    audit.record(
        "sharing.duplicate.dismissed",
        candidate,
        actor=actor,
        at=at,
        first=candidate.first,
        second=candidate.second,
        note=note,
    )
    return candidate
