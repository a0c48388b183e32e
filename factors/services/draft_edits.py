"""
Work on a draft, step by step: members, items, rules, many at once, and steps taken back.

Whoever edits says how many steps they had seen. What was done since is merged; where it meets
the same member, nothing is written and the refusal carries both sides.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from factors import permissions, policies
from factors.domain import draft_edits as edits_
from factors.domain.draft_edits import ITEMS, LIST, PLACE, Collision, Edit, PlaceGone
from factors.domain.item_fields import FieldFault, checked, hints
from factors.models import DraftRevision, FactorListVersion
from factors.selectors import factor_lists as lists
from factors.services import draft_steps
from factors.services.factor_lists import check_draft, locked
from qfce.kernel.audit import events
from qfce.kernel.errors import Conflict, Invalid
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor


class EditsCollide(Conflict):
    code = "factors.draft.edits_collide"
    title = "Somebody else has changed the same thing."

    def __init__(self, found: Sequence[Collision], *, steps: int) -> None:
        places = ", ".join("/".join(each.at[1:]) for each in found)
        super().__init__(
            f"Changed by somebody else since you looked: {places}.",
            hint="Look at what stands there now, and choose; nothing of yours was written.",
            errors=[
                {"pointer": "/" + "/".join(each.at), "detail": f"It is now {each.theirs!r}."}
                for each in found
            ],
            places=places,
            steps=steps,
        )
        self.collisions = tuple(found)
        self.steps = steps


class NothingToUndo(Conflict):
    code = "factors.draft.nothing_to_undo"
    title = "There is no step of yours to take back."


class ItemMissing(Invalid):
    code = "factors.draft.item_missing"
    title = "The list has no such item."


class CodeThere(Conflict):
    code = "factors.draft.code_there"
    title = "The list has an item of this code."


class MemberInvalid(Invalid):
    code = "factors.draft.member_invalid"
    title = "The item's member cannot hold this."


@transaction.atomic
def set_members(
    version_id: UUID,
    members: Mapping[str, Mapping[str, Any]],
    *,
    steps: int,
    actor: Actor,
    at: datetime,
) -> DraftRevision | None:
    """
    Set members of items: `{"QC-05": {"maximum": "5"}}`; one item's, or the same on many.

    One step, all or nothing. Nothing new is no step, and None.

    :param steps: how many steps the draft had when it was looked at.
    :raises EditsCollide: if one of these members has been changed otherwise since.
    :raises MemberInvalid: if a member cannot hold its value; with a pointer to each.
    :raises ItemMissing: if the draft has no such item (any more).
    """
    _check_members(members)
    wanted = [
        Edit((ITEMS, code, name), None, value)
        for code, values in members.items()
        for name, value in values.items()
    ]
    return take(version_id, wanted, steps=steps, actor=actor, at=at)


@transaction.atomic
def add_item(
    version_id: UUID,
    item: Mapping[str, Any],
    *,
    beside: str = "",
    steps: int,
    actor: Actor,
    at: datetime,
) -> DraftRevision | None:
    """
    Add an item behind another one, or at the end if `beside` is empty.

    :raises CodeThere: if the draft has an item of this code.
    :raises MemberInvalid: if a member is missing or cannot hold its value.
    """
    version = draft_of(version_id, actor=actor)
    document = draft_steps.current(version)
    _check_whole(item)
    codes = [known["code"] for known in document[ITEMS]]
    if item["code"] in codes:
        raise CodeThere(
            f"The draft has an item {item['code']}.",
            hint="Choose another code, or change the item that is there.",
            item=item["code"],
        )
    place = beside or (codes[-1] if codes else "")
    edit = Edit((ITEMS, str(item["code"])), None, dict(item), place)
    return take(version_id, [edit], steps=steps, actor=actor, at=at)


@transaction.atomic
def remove_items(
    version_id: UUID, codes: Sequence[str], *, steps: int, actor: Actor, at: datetime
) -> DraftRevision | None:
    """
    Take items out of a draft.

    :raises EditsCollide: if somebody has changed one of them since.
    """
    wanted = [Edit((ITEMS, code), None, None) for code in codes]
    return take(version_id, wanted, steps=steps, actor=actor, at=at)


@transaction.atomic
def move_item(
    version_id: UUID, code: str, *, beside: str, steps: int, actor: Actor, at: datetime
) -> DraftRevision | None:
    """Put an item behind another one; to the front if `beside` is empty."""
    edit = Edit((ITEMS, code, PLACE), None, beside)
    return take(version_id, [edit], steps=steps, actor=actor, at=at)


@transaction.atomic
def copy_items(
    version_id: UUID,
    codes: Sequence[str],
    *,
    source: tuple[str, int],
    steps: int,
    actor: Actor,
    at: datetime,
) -> DraftRevision | None:
    """
    Copy items from a version of another list, or of the same, that the actor sees.

    An item that the draft has already is put in its place as the other list has it.

    :param source: code of the list and number of the version.
    :raises NoSuchRecord: if the actor sees no such version.
    :raises ItemMissing: if that version has no such item.
    """
    other = lists.content(lists.version(*source, actor=actor)).to_document()
    known = {item["code"]: item for item in other[ITEMS]}
    missing = [code for code in codes if code not in known]
    if missing:
        raise _missing(missing[0])
    document = draft_steps.current(draft_of(version_id, actor=actor))
    own = [item["code"] for item in document[ITEMS]]
    wanted, beside = [], own[-1] if own else ""
    for code in codes:
        wanted.append(Edit((ITEMS, code), None, known[code], beside))
        beside = beside if code in own else code
    return take(version_id, wanted, steps=steps, actor=actor, at=at)


@transaction.atomic
def set_rule(
    version_id: UUID,
    code: str,
    rule: Mapping[str, Any] | None,
    *,
    kind: str = edits_.RULES,
    steps: int,
    actor: Actor,
    at: datetime,
) -> DraftRevision | None:
    """
    Add a cross rule, put another in its place, or take it out (`rule` None).

    :param kind: `rules` for what imports check, `report_rules` for doubts.
    """
    edit = Edit((kind, code), None, None if rule is None else dict(rule))
    return take(version_id, [edit], steps=steps, actor=actor, at=at)


@transaction.atomic
def set_first_day(
    version_id: UUID, effective_from: date, *, steps: int, actor: Actor, at: datetime
) -> DraftRevision | None:
    """Set the day from which the version is to count."""
    edit = Edit((LIST, "effective_from"), None, effective_from.isoformat())
    return take(version_id, [edit], steps=steps, actor=actor, at=at)


@transaction.atomic
def undo(version_id: UUID, *, actor: Actor, at: datetime) -> DraftRevision:
    """
    Take back the actor's own newest step that is not taken back yet.

    :raises NothingToUndo: if there is none.
    :raises EditsCollide: if somebody has changed the same places since.
    """
    version = draft_of(version_id, actor=actor)
    own = version.revisions.filter(
        made_by_id=actor.user_id, undoes__isnull=True, undone_by__isnull=True
    )
    step = own.order_by("-number").first()
    if step is None:
        raise NothingToUndo(
            "You have taken no step on this draft, or have taken all of them back.",
            hint="Steps of others are theirs to take back.",
        )
    document = draft_steps.current(version)
    done = [Edit.from_json(entry) for entry in step.edits]
    met = edits_.in_the_way(document, done)
    if met:
        raise EditsCollide(met, steps=draft_steps.last_number(version))
    taken = _write(version, edits_.undoing(document, done), actor=actor, at=at, undoes=step.number)
    step.undone_by = taken.number
    step.save(update_fields=["undone_by"])
    return taken


def take(
    version_id: UUID, wanted: Sequence[Edit], *, steps: int, actor: Actor, at: datetime
) -> DraftRevision | None:
    """
    Take one step on a draft of the actor's own; nothing new is none.

    :raises EditsCollide: if somebody has changed one of these places otherwise since.
    """
    version = draft_of(version_id, actor=actor)
    document = draft_steps.current(version)
    since = [
        Edit.from_json(entry)
        for revision in version.revisions.filter(number__gt=steps).order_by("number")
        for entry in revision.edits
    ]
    met = edits_.collisions(document, wanted, since)
    if met:
        raise EditsCollide(met, steps=draft_steps.last_number(version))
    _check_there(document, wanted)
    new = edits_.difference(document, _applied(document, wanted))
    return _write(version, new, actor=actor, at=at) if new else None


def _write(
    version: FactorListVersion,
    edits: Sequence[Edit],
    *,
    actor: Actor,
    at: datetime,
    undoes: int | None = None,
) -> DraftRevision:
    document = _applied(draft_steps.current(version), edits)
    policies.check_readable(document)
    draft_steps.write(version, document)
    step = draft_steps.note(version, edits, actor=actor, at=at, undoes=undoes)
    events.record(
        "factors.list_version.edited",
        version,
        actor=actor,
        at=at,
        step=step.number,
        digest=version.digest,
        places=["/".join(edit.at) for edit in edits[:20]],
        undoes=undoes,
    )
    return step


def _applied(document: Mapping[str, Any], edits: Sequence[Edit]) -> dict[str, Any]:
    try:
        return edits_.applied(document, edits)
    except PlaceGone as gone:
        raise _missing(str(gone.args[0])) from None


def draft_of(version_id: UUID, *, actor: Actor) -> FactorListVersion:
    """Return a draft of the actor's own, locked, so that steps follow one another."""
    permissions.check_can_edit(
        actor,
        one(FactorListVersion.objects.select_related("factor_list"), pk=version_id).factor_list,
    )
    version = locked(version_id)
    check_draft(version)
    return version


def _check_there(document: Mapping[str, Any], wanted: Sequence[Edit]) -> None:
    known = {item["code"] for item in document[ITEMS]}
    for edit in wanted:
        inside = len(edit.at) == 3 or edit.after is None
        if edit.at[0] == ITEMS and inside and edit.at[1] not in known:
            raise _missing(edit.at[1])


def _missing(code: str) -> ItemMissing:
    return ItemMissing(
        f"The list has no item {code}.",
        hint="Look at the draft again; somebody may have taken it out.",
        item=code,
    )


def _check_members(members: Mapping[str, Mapping[str, Any]]) -> None:
    faults = []
    for code, values in members.items():
        for name, value in values.items():
            try:
                checked(name, value)
                if name == "code":
                    raise FieldFault(name, "is not changed in place: copy the item instead")
            except FieldFault as fault:
                pointer = f"/members/{code}/{name}"
                faults.append({"pointer": pointer, "detail": f"{name} {fault.reason}."})
    if faults:
        raise MemberInvalid(
            f"{len(faults)} members cannot hold what is given; the first: {faults[0]['detail']}",
            hint="Mend what the errors point at.",
            errors=faults,
            first=faults[0]["detail"],
        )


def _check_whole(item: Mapping[str, Any]) -> None:
    missing = [name for name in hints() if name not in item]
    if missing:
        raise MemberInvalid(
            f"The item lacks {', '.join(missing)}.",
            hint="Copy an item of a list and change it.",
            errors=[{"pointer": f"/item/{name}", "detail": "Missing."} for name in missing],
            first=missing[0],
        )
    _check_members({str(item["code"]): {k: v for k, v in item.items() if k != "code"}})
