"""What an evaluation said on the day of submission, frozen as a document with its digest."""

from typing import Any
from uuid import UUID

from evaluation.selectors import evaluations
from qfce.kernel.canonical import digest
from qfce.kernel.tenancy.actors import Actor


def freeze(evaluation_id: UUID, *, actor: Actor) -> tuple[dict[str, Any], str, bool]:
    """
    Return an evaluation as a document, its digest, and whether it is the actor's own bank's.

    :raises NoSuchRecord: if the actor's organization sees no such evaluation.
    """
    found = evaluations.get(evaluation_id, actor=actor)
    worth = evaluations.terms(found)
    version = found.scorecard_version
    document = {
        "id": str(found.pk),
        "uscc": found.uscc,
        "scorecard": version.scorecard.code,
        "scorecard_version": version.number,
        "scorecard_digest": version.digest,
        "factor_list": version.factor_list,
        "list_version": version.list_version,
        "purpose": found.purpose,
        "as_of": found.as_of.isoformat(),
        "known_at": found.known_at.isoformat(),
        "position": [found.position_number, found.position_row],
        "score": found.score,
        "grade": found.grade,
        "cap": None if found.cap is None else str(found.cap),
        "spread_bp": None if worth is None else worth.spread_bp,
        "outcome": found.outcome,
        "gates": found.gates,
        "reasons": found.reasons,
        "category_points": found.category_points,
    }
    return document, digest(document), found.owner_id == actor.organization_id
