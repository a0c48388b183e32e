"""
Merging two codes that are one enterprise, through the ledger, by two persons; and back again.

What only the former code has goes to the code that is kept, with its days and evidence; the
former one leaves the lists and names its successor. Nothing is removed: the undoing is a
publication of its own, refused where something later rests on what was brought over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from qfce.kernel.audit import events as audit
from qfce.kernel.errors import Conflict, NotPermitted
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.context import acting_as
from sharing import permissions
from sharing.domain.duplicates import DUPLICATE, MERGE
from sharing.domain.import_lifecycle import Cause
from sharing.models import (
    DuplicateCandidate,
    Enterprise,
    EnterpriseMerge,
    FactorChange,
    FactorProfile,
    Publication,
)
from sharing.services import publications
from sharing.services.publications import ChangeIn


class OwnMerge(NotPermitted):
    code = "sharing.merge.own"
    title = "Whoever prepared a merger or its undoing does not release it."


class MergeUnfit(Conflict):
    code = "sharing.merge.unfit"
    title = "These two codes can't be merged."


class MergeOvertaken(Conflict):
    code = "sharing.merge.later_publication"
    title = "A later publication rests on the merger."


@transaction.atomic
def prepare(kept: str, former: str, *, reason: str, actor: Actor, at: datetime) -> EnterpriseMerge:
    """
    Prepare the merger of a former code into the one that is kept. Nothing changes yet.

    :raises NoSuchRecord: if the register of the jurisdiction lacks one of them.
    :raises MergeUnfit: if they are one code, or one of them was merged already.
    """
    permissions.check_can_prepare_record(actor)
    for uscc in (kept, former):
        if one(Enterprise.objects.all(), pk=uscc).successor_uscc or kept == former:
            raise MergeUnfit(f"{uscc} goes by another code already.", hint="Merge into that one.")
    open_ones = EnterpriseMerge.objects.filter(status__in=["prepared", "undo_prepared"])
    if open_ones.filter(Q(kept=former) | Q(former__in=[kept, former])).exists():
        raise MergeUnfit(
            f"A merger of {kept} or {former} waits already.", hint="Release or cancel it first."
        )
    merge = EnterpriseMerge.objects.create(
        owner_id=actor.organization_id,
        kept=kept,
        former=former,
        reason=reason,
        status=MERGE.initial.value,
        prepared_by_id=actor.account_id,
        prepared_at=at,
    )
    _record("prepared", merge, actor, at)
    return merge


def release(merge_id: UUID, *, actor: Actor, at: datetime) -> EnterpriseMerge:
    """
    Merge, as a second person.

    :raises OwnMerge: if the actor prepared it.
    :raises IllegalTransition: if it was released or cancelled already.
    """
    with _locked(merge_id, actor=actor) as merge:
        _check_second(merge.prepared_by_id, actor)
        merge.status = MERGE.target("release", state=merge.status).value
        merge.publication = _publish(_merging(merge), merge, merge.prepared_by_id, actor, at)
        merge.released_by_id, merge.released_at = actor.user_id, at
        merge.save()
        _decide(merge, "merge", actor, at)
    _record("released", merge, actor, at)
    return merge


def cancel(merge_id: UUID, *, actor: Actor, at: datetime) -> EnterpriseMerge:
    """Drop a prepared merger, or keep one whose undoing was prepared."""
    with _locked(merge_id, actor=actor) as merge:
        permissions.check_can_cancel_record(actor)
        action = "keep" if merge.status == "undo_prepared" else "cancel"
        merge.status = MERGE.target(action, state=merge.status).value
        merge.undo_prepared_by = None
        merge.save()
    _record("cancelled", merge, actor, at)
    return merge


def prepare_undo(merge_id: UUID, *, actor: Actor, at: datetime) -> EnterpriseMerge:
    """Prepare the undoing of a merger; it stays in force until a second person agrees."""
    with _locked(merge_id, actor=actor) as merge:
        permissions.check_can_prepare_record(actor)
        merge.status = MERGE.target("prepare_undo", state=merge.status).value
        merge.undo_prepared_by_id = actor.account_id
        merge.save()
    _record("undo_prepared", merge, actor, at)
    return merge


def undo(merge_id: UUID, *, actor: Actor, at: datetime) -> EnterpriseMerge:
    """
    Undo a merger, as a second person: both codes stand as they stood before.

    :raises OwnMerge: if the actor prepared the undoing.
    :raises MergeOvertaken: if a later publication has an item that was brought over.
    """
    with _locked(merge_id, actor=actor) as merge:
        _check_second(merge.undo_prepared_by_id, actor)
        merge.status = MERGE.target("undo", state=merge.status).value
        rows = _undoing(merge)
        merge.undo_publication = _publish(rows, merge, merge.undo_prepared_by_id, actor, at)
        merge.undone_by_id, merge.undone_at = actor.user_id, at
        merge.save()
        _decide(merge, "reopen", actor, at)
    _record("undone", merge, actor, at)
    return merge


def _merging(merge: EnterpriseMerge) -> dict[str, list[ChangeIn]]:
    """Return the rows of a merger, by factor list; both profiles as they are now."""
    rows: dict[str, list[ChangeIn]] = {}
    kept = {p.factor_list: p for p in FactorProfile.objects.filter(uscc=merge.kept)}
    formers = list(FactorProfile.objects.filter(uscc=merge.former).order_by("factor_list"))
    for former in formers:
        held = kept[former.factor_list].values if former.factor_list in kept else {}
        new = {code: value for code, value in former.values.items() if code not in held}
        details = {code: former.details[code] for code in new if code in former.details}
        said = rows[former.factor_list] = []
        if new:
            said.append(ChangeIn(merge.kept, "observed", new, details or None))
        if former.listed:
            said.append(ChangeIn(merge.former, "delisted", {}))
    _first(rows, merge).append(ChangeIn(merge.former, "corrected", {"successor_uscc": merge.kept}))
    return rows


def _undoing(merge: EnterpriseMerge) -> dict[str, list[ChangeIn]]:
    """Return the rows that lead back, by factor list."""
    rows: dict[str, list[ChangeIn]] = {}
    for publication in _publications(merge):
        said = rows[publication.factor_list] = []
        for change in FactorChange.objects.filter(publication_id=publication.pk).order_by("row"):
            if change.kind == "observed":
                _check_rests(merge, publication, change)
                said.append(ChangeIn(merge.kept, "withdrawn", dict.fromkeys(change.changes)))
            elif change.kind == "delisted":
                said.append(ChangeIn(merge.former, "listed", {}))
            else:
                said.append(ChangeIn(merge.former, "corrected", {"successor_uscc": None}))
    return rows


def _publications(merge: EnterpriseMerge) -> list[Publication]:
    """Return the publications of a merger: one for each list that the former code was on."""
    assert merge.publication is not None  # it was released
    former = FactorChange.objects.filter(uscc__in=[merge.former, merge.kept])
    ids = former.filter(publication_id__gte=merge.publication_id).values("publication_id")
    return list(
        Publication.objects.filter(
            pk__in=ids,
            cause=Cause.MERGE.value,
            prepared_by_id=merge.prepared_by_id,
            number__gte=merge.publication.number,
            number__lt=(merge.publication.number or 0) + _lists_of(merge),
        ).order_by("number")
    )


def _lists_of(merge: EnterpriseMerge) -> int:
    return max(1, FactorProfile.objects.filter(uscc=merge.former).count())


def _check_rests(merge: EnterpriseMerge, publication: Publication, change: FactorChange) -> None:
    """
    :raises MergeOvertaken: if a later publication has an item that was brought over.
    """
    profile = FactorProfile.objects.filter(
        uscc=merge.kept, factor_list=publication.factor_list
    ).first()
    origins = (profile.origins if profile else {}) or {}
    base = profile.base_publication_id if profile else None
    later = sorted(code for code in change.changes if origins.get(code, base) != publication.pk)
    if later:
        raise MergeOvertaken(
            f"{', '.join(later[:3])} of {merge.kept} was published again since.",
            hint="Correct these items singly first.",
            items=later,
        )


def _publish(
    rows: dict[str, list[ChangeIn]],
    merge: EnterpriseMerge,
    prepared_by: UUID | None,
    actor: Actor,
    at: datetime,
) -> Publication:
    """Publish the rows of each list and return the first publication."""
    owner = replace(actor, organization_id=merge.owner_id, region=merge.owner.region_id)
    preparer = replace(actor, user_id=prepared_by) if prepared_by else None
    published = [
        publications.publish_changes(
            said,
            cause=Cause.MERGE.value,
            factor_list=factor_list,
            actor_prepared=preparer,
            actor_released=owner,
            at=at,
        )
        for factor_list, said in sorted(rows.items())
        if said
    ]
    return published[0]


def _first(rows: dict[str, list[ChangeIn]], merge: EnterpriseMerge) -> list[ChangeIn]:
    """Return the rows of the list on which the former code's successor is said."""
    if not rows:
        raise MergeUnfit(
            f"{merge.former} is on no factor list, so there is nothing to merge.",
            hint="Take it up by an import first.",
        )
    return rows[min(rows)]


def _decide(merge: EnterpriseMerge, action: str, actor: Actor, at: datetime) -> None:
    """Take the doubt about the two codes off the queue, or put it back."""
    first, second = sorted((merge.kept, merge.former))
    found = DuplicateCandidate.objects.filter(
        owner_id=merge.owner_id, first=first, second=second
    ).first()
    if found is not None and action in DUPLICATE.actions_from(found.status):
        found.status = DUPLICATE.target(action, state=found.status).value
        found.decided_by_id, found.decided_at = actor.user_id, at
        found.save()


def _check_second(prepared_by: UUID | None, actor: Actor) -> None:
    if prepared_by == actor.user_id:
        raise OwnMerge(
            "You prepared this, so somebody else has to release it.",
            hint="Ask another person with the role releaser.",
        )
    actor.require(permissions.RELEASE_RECORD)


@contextmanager
def _locked(merge_id: UUID, *, actor: Actor) -> Iterator[EnterpriseMerge]:
    """Lock a merger that the actor sees, bound to the bureau that prepared it."""
    with transaction.atomic():
        seen = one(EnterpriseMerge.objects.all(), pk=merge_id)
        with acting_as(seen.owner_id, user_id=actor.user_id, channel=actor.channel):
            rows = EnterpriseMerge.objects.select_related("owner", "publication")
            yield one(rows.select_for_update(of=("self",)), pk=merge_id)


def _record(event: str, merge: EnterpriseMerge, actor: Actor, at: datetime) -> None:
    facts: dict[str, Any] = {"kept": merge.kept, "former": merge.former}
    audit.record(f"sharing.merge.{event}", merge, actor=actor, at=at, **facts)
