"""All questions about scorecards: which version counts, and what it says."""

from datetime import date
from uuid import UUID

from django.db.models import Q

from evaluation import permissions
from evaluation.domain.lifecycle import ScorecardStatus
from evaluation.domain.scorecard_documents import from_document
from evaluation.domain.scorecards import Scorecard
from evaluation.models import ScorecardVersion
from evaluation.models.scorecards import ScorecardVersionQuerySet
from factors.domain.catalogue import Catalogue
from factors.selectors import factor_lists
from qfce.kernel.rows import NoSuchRecord, one
from qfce.kernel.tenancy.actors import Actor


def get(version_id: UUID, *, actor: Actor) -> ScorecardVersion:
    """
    :raises NoSuchRecord: if the actor's organization has no such version.
    """
    actor.require(permissions.VIEW_SCORECARD)
    return one(ScorecardVersion.objects.select_related("scorecard"), pk=version_id)


def list_for(*, actor: Actor, code: str = "", status: str = "") -> ScorecardVersionQuerySet:
    """Return the versions that the actor may see, narrowed; order and page as needed."""
    actor.require(permissions.VIEW_SCORECARD)
    wanted = {"scorecard__code": code, "status": status}
    found = ScorecardVersion.objects.select_related("scorecard").defer("document")
    return found.filter(**{name: value for name, value in wanted.items() if value})


def in_force(code: str, on: date, *, actor: Actor) -> ScorecardVersion:
    """
    Return the version of the actor's own scorecard that counts on a day.

    It is the newest of those published whose first day has come; never a draft, and never a
    version that begins later.

    :raises NoSuchRecord: if there is none.
    """
    found = in_force_or_none(code, on, actor=actor)
    if found is None:
        raise NoSuchRecord(
            f"No version of the scorecard {code} is in force on {on}.",
            hint="Have a version approved; GET /api/v1/scorecards/ lists them.",
        )
    return found


def in_force_or_none(code: str, on: date, *, actor: Actor) -> ScorecardVersion | None:
    """Return the version of the actor's own scorecard that counts on a day, if any does."""
    return (
        ScorecardVersion.objects.in_force()
        .select_related("scorecard")
        .filter(owner=actor.organization_id, scorecard__code=code, effective_from__lte=on)
        .order_by("-number")
        .first()
    )


def all_in_force(on: date, *, actor: Actor) -> list[ScorecardVersion]:
    """Return the version that counts on a day of each of the actor's own scorecards."""
    return list(
        ScorecardVersion.objects.in_force()
        .select_related("scorecard")
        .defer("document")
        .filter(owner=actor.organization_id, effective_from__lte=on)
        .order_by("scorecard__code", "-number")
        .distinct("scorecard__code")
    )


def waiting_for(*, actor: Actor) -> int:
    """Return how many versions wait for a second person whom this actor can be."""
    actor.require(permissions.APPROVE_SCORECARD)
    waiting = ScorecardVersion.objects.filter(
        owner=actor.organization_id, status=ScorecardStatus.UNDER_REVIEW.value
    )
    own = Q(prepared_by=actor.user_id) | Q(submitted_by=actor.user_id)
    return waiting.exclude(own).count()


def returned_to(*, actor: Actor) -> int:
    """Return how many drafts of this actor were given back to be revised."""
    actor.require(permissions.WRITE_SCORECARD)
    return ScorecardVersion.objects.filter(
        owner=actor.organization_id,
        status=ScorecardStatus.DRAFT.value,
        return_reason__isnull=False,
        prepared_by=actor.user_id,
    ).count()


def card(version: ScorecardVersion) -> Scorecard:
    """Return the model of one version, ready to score with."""
    return from_document(version.document)


def catalogue(version: ScorecardVersion) -> Catalogue:
    """Return the list version that a scorecard version binds."""
    return factor_lists.catalogue(version.factor_list, version.list_version)


def newest_list_version(version: ScorecardVersion) -> int:
    """Return the number of the list version published last; the bound one if all are withdrawn."""
    try:
        return factor_lists.newest(version.factor_list).version
    except NoSuchRecord:
        return version.list_version


def catalogue_or_none(factor_list: str, number: int) -> Catalogue | None:
    """Return a published list version, None where there is no such."""
    try:
        return factor_lists.catalogue(factor_list, number)
    except NoSuchRecord:
        return None
