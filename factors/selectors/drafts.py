"""A draft on somebody's desk: its text, what is wrong with it, and the steps that led to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from factors import permissions, policies
from factors.domain import draft_edits
from factors.domain.catalogue import Catalogue
from factors.domain.draft_edits import ITEMS, Edit
from factors.domain.list_versions import Problem, VersionStatus, problems
from factors.models import DraftRevision, FactorListVersion
from factors.selectors import factor_lists
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.tenancy.actors import Actor

SHOWN_STEPS = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """
    A draft of the actor's own, as it is now.

    `steps` is how many steps it has had: whoever edits says which they have seen.
    """

    version: FactorListVersion
    document: Mapping[str, Any]
    steps: int
    problems: tuple[Problem, ...]
    can_undo: bool

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue.from_document(self.document)

    def problems_of(self, code: str) -> list[Problem]:
        """Return what is wrong with one item."""
        codes = [item["code"] for item in self.document[ITEMS]]
        start = f"/items/{codes.index(code)}" if code in codes else "?"
        return [p for p in self.problems if p.pointer == start or p.pointer.startswith(f"{start}/")]

    def problems_elsewhere(self) -> list[Problem]:
        """Return what is wrong with the list as a whole, and with its rules."""
        return [p for p in self.problems if not _about_one_item(p.pointer)]


def draft(code: str, number: int, *, actor: Actor) -> Draft:
    """
    Return a draft of the actor's own organization.

    :raises NoSuchRecord: if the actor sees no such version, or it is no draft.
    :raises NotListOwner: if it is another organization's.
    """
    actor.require(permissions.EDIT)
    version = factor_lists.version(code, number, actor=actor)
    permissions.check_can_edit(actor, version.factor_list)
    if version.status != VersionStatus.DRAFT:
        raise NoSuchRecord(
            f"Version {number} of {code} is no draft.",
            hint="Return it to its draft, or start the next version.",
        )
    document = Catalogue.from_document(version.document).to_document()
    return Draft(
        version=version,
        document=document,
        steps=_steps(version),
        problems=(*problems(document), *_of_migration(version, document)),
        can_undo=version.revisions.filter(
            made_by_id=actor.user_id, undoes__isnull=True, undone_by__isnull=True
        ).exists(),
    )


def as_seen(draft: Draft, steps: int) -> dict[str, Any]:
    """Return the draft's text as it was after so many steps."""
    document: dict[str, Any] = dict(draft.document)
    for step in draft.version.revisions.filter(number__gt=steps).order_by("-number"):
        edits = [Edit.from_json(entry) for entry in step.edits]
        document = draft_edits.applied(document, draft_edits.undoing(document, edits))
    return document


def history(draft: Draft) -> list[DraftRevision]:
    """Return the newest steps, the last first."""
    return list(draft.version.revisions.order_by("-number")[:SHOWN_STEPS])


def _of_migration(version: FactorListVersion, document: Mapping[str, Any]) -> list[Problem]:
    """What stored records ask of it is counted where it is submitted, not at every step."""
    if not document.get("migration"):
        return []
    base = factor_lists.before(version)
    return policies.migration_problems(Catalogue.from_document(document), base, {})


def _steps(version: FactorListVersion) -> int:
    newest = version.revisions.order_by("-number").values_list("number", flat=True).first()
    return newest or 0


def _about_one_item(pointer: str) -> bool:
    parts = pointer.split("/")
    return len(parts) > 2 and parts[1] == ITEMS
