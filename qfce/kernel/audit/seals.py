"""Sealing audit events: Merkle roots chained to the root before, and their proof."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from qfce.kernel.audit import merkle
from qfce.kernel.audit.models import AuditSeal
from qfce.kernel.canonical import digest

ALGORITHM = merkle.HashAlgorithm.SHA256
FIRST = "0" * 64
# An id is taken before its transaction commits. Events older than this are all there:
# transactions that write events end long before.
SETTLED_AFTER = timedelta(minutes=10)
LOCK = 7_340_001


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found: `broken` names the first seal that does not hold, or None."""

    seals: int
    events: int
    broken: int | None
    reason: str = ""


def seal(*, at: datetime, settled_after: timedelta = SETTLED_AFTER) -> AuditSeal | None:
    """Seal the settled events that no seal covers yet; None where there are none."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = AuditSeal.objects.order_by("-upto_id").first()
        after = last.upto_id if last else 0
        leaves = _leaves(after, None, at - settled_after)
        if not leaves:
            return None
        root = _root(leaves, ALGORITHM)
        previous = _link(last) if last else FIRST
        return AuditSeal.objects.create(
            after_id=after,
            upto_id=leaves[-1][0],
            events=len(leaves),
            algorithm=ALGORITHM.value,
            root=root,
            previous_root=previous,
            sealed_at=at,
        )


def verify() -> Verdict:
    """Recompute every seal from the events it covers, and the chain that binds the seals."""
    previous, seals, events, after = FIRST, 0, 0, 0
    for entry in AuditSeal.objects.order_by("upto_id"):
        leaves = _leaves(entry.after_id, entry.upto_id, None)
        root = _root(leaves, merkle.HashAlgorithm(entry.algorithm))
        for holds, reason in (
            (entry.after_id == after, "does not begin where the one before ends"),
            (entry.previous_root == previous, "is not chained to the one before"),
            (len(leaves) == entry.events, "covers another number of events"),
            (root == entry.root, "does not fit the events"),
        ):
            if not holds:
                return Verdict(seals, events, entry.pk, reason)
        previous, after = _link(entry), entry.upto_id
        seals, events = seals + 1, events + len(leaves)
    return Verdict(seals, events, None)


def _link(entry: AuditSeal) -> str:
    """Return what the next seal is chained to: this one's root and all that it stands on."""
    return digest([entry.after_id, entry.upto_id, entry.events, entry.root, entry.previous_root])


def _root(leaves: list[tuple[int, str]], algorithm: merkle.HashAlgorithm) -> str:
    hashed = [merkle.leaf_hash(bytes.fromhex(leaf), algorithm) for _, leaf in leaves]
    return merkle.root_of(hashed, algorithm).hex()


def _leaves(after: int, upto: int | None, settled_before: datetime | None) -> list[tuple[int, str]]:
    """Return (id, digest recomputed from the row) of all organisations' events, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, leaf FROM qfce_audit_leaves(%s, %s, %s)", [after, upto, settled_before]
        )
        return [(identifier, leaf) for identifier, leaf in cursor.fetchall()]
