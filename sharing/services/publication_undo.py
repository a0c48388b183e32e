"""
Taking an import back: one more publication, after which everything stands as it stood before.

Nothing is removed from the ledger. A value that there was before is `corrected` to it; one
that there was not is `withdrawn`, so that receivers are told to drop it. Readers of the past
leave out the undone publication and its undoing together (`sharing.domain.folding`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from qfce.kernel.calendar import business_day
from qfce.kernel.errors import Conflict
from qfce.kernel.tenancy.actors import Actor
from sharing.domain.folding import IDENTITY, Fact, Fold, fold
from sharing.domain.import_lifecycle import Cause
from sharing.models import Enterprise, Publication
from sharing.services import projection, publications, recalls
from sharing.services import publication_sql as sql
from sharing.services.publications import ChangeIn


class OvertakenByLater(Conflict):
    code = "sharing.import.later_publication"
    title = "A later publication changed the same facts."


@dataclass(frozen=True, slots=True)
class Standing:
    """One enterprise as it is and as it was: profile values, details, flags and identity."""

    uscc: str
    now: Fold
    before: Fold
    identity_before: Mapping[str, Any]


def undo(publication: Publication, *, actor: Actor, at: datetime) -> Publication:
    """
    Publish the undoing of an import's publication, inside the caller's transaction.

    :raises OvertakenByLater: if a later publication has the same enterprise and item.
    """
    publications.lock_list(publication.factor_list)
    check_not_overtaken(publication)
    undoing = publications.begin(
        cause=Cause.UNDO,
        factor_list=publication.factor_list,
        list_version=publication.list_version,
        owner=actor,
        prepared_by=publication.released_by_id,
        released_by=actor.user_id,
        import_id=publication.import_id,
    )
    facts: dict[str, Any] = {
        "publication": undoing.pk,
        "undone": publication.pk,
        "list": publication.factor_list,
    }
    with connection.cursor() as cursor:
        for statement in (
            sql.ENTERED_BY,
            sql.EMPTY_CHANGES,
            sql.EMPTY_DELISTED,
            sql.EMPTY_PROFILES,
        ):
            cursor.execute(statement, facts)
        cursor.execute(sql.HIGHEST_ROW, facts)
        next_row = cursor.fetchone()[0] + 1
    day = projection.recording_day(business_day(at))
    for chunk in _others(publication):
        next_row = _restore(chunk, publication, undoing, first_row=next_row, day=day)
    publications.finish(undoing)
    recalls.issue(undoing, actor=actor, at=at)
    return undoing


def check_not_overtaken(publication: Publication) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.OVERTAKEN,
            {
                "undone": publication.pk,
                "number": publication.number,
                "list": publication.factor_list,
            },
        )
        later = cursor.fetchall()
    if later:
        number, cause, uscc, item, publications_count, *_origin = later[0]
        raise OvertakenByLater(
            f"Publication {number} ({cause}) changed {item} of {uscc} after this import"
            + (f", and so did others ({publications_count} in all)." if len(later) > 1 else "."),
            hint="Undo or correct the later publication first, or correct these facts singly.",
            publications=sorted({row[0] for row in later}),
            uscc=uscc,
            item=item,
            later=[_later(*row) for row in later],
        )


def _later(
    number: int,
    cause: str,
    uscc: str,
    item: str,
    _count: int,
    import_id: UUID | None,
    change_id: UUID | None,
) -> dict[str, Any]:
    """Return one fact that stands in the way, with the import or correction that brought it."""
    return {
        "number": number,
        "cause": cause,
        "uscc": uscc,
        "item": item,
        "import": str(import_id) if import_id else None,
        "change": str(change_id) if change_id else None,
    }


def _others(publication: Publication) -> Iterator[list[str]]:
    """Yield the enterprises of a publication that were on the list before it, in chunks."""
    with connection.cursor() as cursor:
        cursor.execute(sql.OTHERS, {"undone": publication.pk})
        usccs = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(usccs), projection.CHUNK):
        yield usccs[start : start + projection.CHUNK]


def _restore(
    usccs: list[str], publication: Publication, undoing: Publication, *, first_row: int, day: date
) -> int:
    """Write the rows that lead some enterprises back, and their profiles; return the next row."""
    assert publication.import_id  # only imports are undone
    without = frozenset({publication.import_id})
    everywhere = projection.histories(usccs, None, day)
    histories = projection.histories(usccs, publication.factor_list, day)
    befores: dict[str, Fold] = {}
    rows: list[ChangeIn] = []
    for uscc, history in histories.items():
        before = befores[uscc] = fold(history, without=without)
        identity = fold(everywhere[uscc], without=without).identity
        rows += _rows_back(Standing(uscc, fold(history), before, identity), day)
    publications.append(undoing, rows, first_row=first_row)
    _restore_identities(rows, undoing)
    projection.write_profiles(befores, publication=undoing, day=day)
    return first_row + len(rows)


def _rows_back(standing: Standing, day: date) -> list[ChangeIn]:
    """Return the ledger rows that lead from what is to what was."""
    now, before = standing.now.on(day), standing.before.on(day)
    restored = {code: fact for code, fact in before.items() if not _alike(now.get(code), fact)}
    gone = sorted(set(now) - set(before))
    identity = _identity_back(standing)
    rows = []
    if restored or identity:
        changes = {**identity, **{code: fact.value for code, fact in restored.items()}}
        details = {code: fact.details for code, fact in restored.items() if fact.details}
        rows.append(ChangeIn(standing.uscc, "corrected", changes, details or None))
    if gone:
        rows.append(ChangeIn(standing.uscc, "withdrawn", dict.fromkeys(gone)))
    if standing.now.listed != standing.before.listed:
        kind = "listed" if standing.before.listed else "delisted"
        rows.append(ChangeIn(standing.uscc, kind, {}))
    return rows


def _identity_back(standing: Standing) -> dict[str, Any]:
    """Return the identity to restore; who was not known before stays on the register as it is."""
    now, before = standing.now.identity, standing.identity_before
    if not before:
        return {}
    return {
        name: before.get(name) for name in IDENTITY if name in now and now[name] != before.get(name)
    }


def _alike(fact: Fact | None, other: Fact) -> bool:
    return fact is not None and (fact.value, fact.details) == (other.value, other.details)


def _restore_identities(rows: list[ChangeIn], undoing: Publication) -> None:
    for row in rows:
        identity = {name: value for name, value in row.changes.items() if name in IDENTITY}
        if identity:
            Enterprise.objects.filter(pk=row.uscc).update(
                **identity, last_publication_id=undoing.pk
            )
