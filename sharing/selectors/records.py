"""All questions that a bureau asks about the records of its own jurisdiction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.models import Enterprise, FactorChange, FactorProfile, Publication, RecordChange


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One row of the ledger about one enterprise, with where and why it was published."""

    publication_id: int
    number: int
    row: int
    recorded_at: datetime
    cause: str
    kind: str
    changes: dict[str, Any]
    details: dict[str, Any] | None


def get_change(change_id: UUID, *, actor: Actor) -> RecordChange:
    """
    Return one prepared or released change of the actor's organization or one below it.

    :raises NoSuchRecord: if it sees none.
    """
    _require(actor)
    return one(RecordChange.objects.select_related("publication"), pk=change_id)


def changes_for(
    *, actor: Actor, status: str | None = None, uscc: str | None = None
) -> QuerySet[RecordChange]:
    """Return the single changes that the actor sees as a queryset, to be paged."""
    _require(actor)
    changes = RecordChange.objects.select_related("publication")
    if status:
        changes = changes.filter(status=status)
    return changes.filter(uscc=uscc) if uscc else changes


def named(changes: QuerySet[RecordChange]) -> QuerySet[RecordChange]:
    """Return changes with the `enterprise`'s name; null where the register shows it no more."""
    known = Enterprise.objects.filter(uscc=OuterRef("uscc")).values("name")
    return changes.annotate(enterprise=Subquery(known[:1]))


def awaiting_release(*, actor: Actor) -> QuerySet[RecordChange]:
    """Return the prepared changes that the actor could release: nobody releases their own."""
    actor.require(permissions.RELEASE_RECORD)
    prepared = RecordChange.objects.filter(status="prepared")
    return prepared.exclude(prepared_by_id=actor.user_id).order_by("prepared_at", "pk")


def profile(uscc: str, factor_list: str, *, actor: Actor) -> FactorProfile:
    """
    Return what is stored of an enterprise of the actor's jurisdiction, all items.

    :raises NoSuchRecord: if there is none on this list.
    """
    _require(actor)
    return one(FactorProfile.objects.all(), uscc=uscc, factor_list=factor_list)


def lists_of(uscc: str, *, actor: Actor) -> list[str]:
    """Return the factor lists that hold something of an enterprise, the newest first."""
    _require(actor)
    profiles = FactorProfile.objects.filter(uscc=uscc).order_by("-publication_id", "factor_list")
    return list(profiles.values_list("factor_list", flat=True))


def history(uscc: str, factor_list: str, *, actor: Actor) -> list[HistoryEntry]:
    """Return the ledger's rows of an enterprise that the actor sees, newest first."""
    _require(actor)
    rows = FactorChange.objects.filter(uscc=uscc)
    publications = Publication.objects.filter(
        pk__in=[row.publication_id for row in rows], factor_list=factor_list, recipient=None
    ).in_bulk()
    entries = [
        HistoryEntry(
            publication_id=row.publication_id,
            number=found.number or 0,
            row=row.row,
            recorded_at=found.recorded_at,
            cause=found.cause,
            kind=row.kind,
            changes=row.changes,
            details=row.details,
        )
        for row in rows
        if (found := publications.get(row.publication_id)) and found.recorded_at
    ]
    return sorted(entries, key=lambda entry: (entry.number, entry.row), reverse=True)


def _require(actor: Actor) -> None:
    """Whoever prepares changes sees them, and whoever releases them too."""
    if not actor.may(permissions.RELEASE_RECORD):
        actor.require(permissions.WRITE_RECORD)
