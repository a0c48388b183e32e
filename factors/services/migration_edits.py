"""Work on a draft's migration, step by step, as on its items: merged, and taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from factors.domain.catalogue import Catalogue
from factors.domain.draft_edits import LIST, Edit
from factors.domain.migration_proposals import proposed
from factors.domain.migrations import Migration
from factors.models import DraftRevision
from factors.selectors import factor_lists as lists
from factors.services import draft_edits, draft_steps
from qfce.kernel.errors import Conflict
from qfce.kernel.tenancy.actors import Actor

PLACE = (LIST, "migration")


class NothingBefore(Conflict):
    code = "factors.draft.nothing_before"
    title = "No version was published before this one."


@transaction.atomic
def set_migration_step(
    version_id: UUID,
    item: str,
    step: Mapping[str, Any] | None,
    *,
    steps: int,
    actor: Actor,
    at: datetime,
) -> DraftRevision | None:
    """
    Say what becomes of one item of the version before, or no longer (`step` None).

    :param step: `kind` rename, map, split or drop, with what the kind asks for.
    :param steps: how many steps the draft had when it was looked at.
    :raises NothingBefore: if no version was published before.
    :raises EditsCollide: if somebody has changed the migration otherwise since.
    :raises ListCannotWork: if the step has not the form of one.
    """
    stated = {**step, "item": item} if step is not None else None
    return _rewritten(version_id, {item: stated}, steps=steps, actor=actor, at=at)


@transaction.atomic
def propose_migration(
    version_id: UUID, *, steps: int, actor: Actor, at: datetime
) -> DraftRevision | None:
    """
    Add the steps that the two versions suggest by themselves; those that are there stay.

    :raises NothingBefore, EditsCollide: as `set_migration_step`.
    """
    version = draft_edits.draft_of(version_id, actor=actor)
    catalogue, base = Catalogue.from_document(version.document), lists.before(version)
    if base is None:
        raise _nothing_before(version.number)
    known = catalogue.migration.steps if catalogue.migration else ()
    made = Migration(base.version, tuple(proposed(base, catalogue, known))).to_document()
    wanted = {entry["item"]: entry for entry in made["steps"]}
    return _rewritten(version_id, wanted, steps=steps, actor=actor, at=at)


def _rewritten(
    version_id: UUID,
    wanted: Mapping[str, Mapping[str, Any] | None],
    *,
    steps: int,
    actor: Actor,
    at: datetime,
) -> DraftRevision | None:
    """Put steps into the migration, each in its item's place; without any there is none."""
    version = draft_edits.draft_of(version_id, actor=actor)
    base = lists.before(version)
    if base is None:
        raise _nothing_before(version.number)
    written = draft_steps.current(version).get("migration") or {"steps": []}
    entries = {entry["item"]: entry for entry in written["steps"]} | dict(wanted)
    kept = [entry for entry in entries.values() if entry is not None]
    document = {"from_version": base.version, "steps": kept} if kept else None
    edit = Edit(PLACE, None, document)
    return draft_edits.take(version_id, [edit], steps=steps, actor=actor, at=at)


def _nothing_before(number: int) -> NothingBefore:
    return NothingBefore(
        f"Version {number} is the first that is published, so no record has to move.",
        hint="Publish it; the next version can carry a migration.",
    )
