"""
Declarations whose import came to nothing: they wait again, to be taken anew or sent back.

Apart from the service of declarations, since imports call it and are called by that one.
"""

from datetime import datetime

from django.db import connection

from qfce.kernel.audit import events as audit
from qfce.kernel.tenancy.actors import service_actor
from sharing.models import ImportBatch

# One whose enterprise was asked anew meanwhile stays as it is: the newer one takes its place.
GIVE_BACK = """
UPDATE sharing_declaration d
SET status = 'sent', import_id = NULL, taken_at = NULL, taken_by_id = NULL
WHERE d.import_id = %s AND d.status = 'taken' AND NOT EXISTS (
    SELECT FROM sharing_declaration o
    WHERE o.owner_id = d.owner_id AND o.uscc = d.uscc AND o.factor_list = d.factor_list
      AND o.status IN ('asked', 'sent', 'returned'))
"""


def give_back(batch: ImportBatch, *, at: datetime) -> int:
    """
    Let the declarations of an import that came to nothing wait again; return how many.

    Called bound to the organization that owns the import, within its transaction.
    """
    if not batch.self_declared:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, [batch.pk])
        waiting: int = cursor.rowcount
    if waiting:
        keeper = service_actor(batch.owner_id, "declarations")
        audit.record("sharing.declaration.given_back", batch, actor=keeper, at=at, number=waiting)
    return waiting
