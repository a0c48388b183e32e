"""Writing a draft's document, and the step that led to it: the only writer of both."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from factors.domain.catalogue import Catalogue
from factors.domain.draft_edits import Edit
from factors.models import DraftRevision, FactorListVersion
from qfce.kernel.canonical import digest
from qfce.kernel.tenancy.actors import Actor


def write(version: FactorListVersion, document: Mapping[str, Any]) -> None:
    """Put a document in a draft's place, with the draft's own number, and keep its digest."""
    catalogue = Catalogue.from_document(document)
    numbered = catalogue.numbered(version.number, effective_from=catalogue.effective_from)
    version.document = numbered.to_document()
    version.digest = digest(version.document)
    version.effective_from = catalogue.effective_from
    version.save()


def current(version: FactorListVersion) -> dict[str, Any]:
    """Return the draft's document with every member that documents have by now."""
    return Catalogue.from_document(version.document).to_document()


def last_number(version: FactorListVersion) -> int:
    """Return how many steps a draft has had; the version must be locked."""
    newest = version.revisions.order_by("-number").values_list("number", flat=True).first()
    return newest or 0


def note(
    version: FactorListVersion,
    edits: Sequence[Edit],
    *,
    actor: Actor,
    at: datetime,
    undoes: int | None = None,
) -> DraftRevision:
    """Add the step that has just been taken; the version must be locked and written."""
    return DraftRevision.objects.create(
        owner_id=version.owner_id,
        version=version,
        number=last_number(version) + 1,
        edits=[edit.to_json() for edit in edits],
        digest=version.digest,
        made_at=at,
        made_by_id=actor.user_id,
        made_by_name=actor.name[:150],
        undoes=undoes,
    )


def dated(document: Mapping[str, Any], effective_from: date | None) -> dict[str, Any]:
    """Return a document with another first day."""
    return {**document, "effective_from": effective_from and effective_from.isoformat()}
