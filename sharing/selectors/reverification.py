"""All questions about what is due to be verified again, and about checks against registers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from qfce.kernel.jobs.models import FINAL, Job, JobState
from qfce.kernel.rows import one
from qfce.kernel.tenancy.actors import Actor
from sharing import permissions
from sharing.domain.agreements import prefix_of
from sharing.domain.reverification import RunFailure, RunStatus
from sharing.models import DueItem, Enterprise, SourceRun


def due(
    *,
    actor: Actor,
    factor_list: str | None = None,
    kinds: Sequence[str] = (),
    item: str | None = None,
    region: str | None = None,
) -> QuerySet[DueItem]:
    """
    Return the facts of the actor's jurisdiction that are due, each with the enterprise's `name`.

    :param region: this region and what lies in it.
    """
    actor.require(permissions.VIEW_IMPORT)
    name = Enterprise.objects.filter(pk=OuterRef("uscc")).values("name")[:1]
    found = DueItem.objects.annotate(
        name=Coalesce(Subquery(name), "uscc", output_field=TextField())
    )
    if factor_list:
        found = found.filter(factor_list=factor_list)
    if kinds:
        found = found.filter(kind__in=list(kinds))
    if item:
        found = found.filter(code=item)
    return found.filter(region__startswith=prefix_of(region)) if region else found


def runs(*, actor: Actor) -> QuerySet[SourceRun]:
    """
    Return the checks against registers that the actor's bureau, or one below it, ordered.

    `state` and `reason` are their status and failure, also of one whose work ended without a
    word: the night writes that down.
    """
    actor.require(permissions.VIEW_IMPORT)
    job = Job.objects.filter(pk=OuterRef("job_id"), state__in=FINAL).values("state")[:1]
    found = SourceRun.objects.select_related("owner", "started_by")
    text: dict[str, Any] = {"output_field": CharField()}
    return found.annotate(
        work=Subquery(job),
        state=Case(
            When(status="running", work__isnull=False, then=Value(RunStatus.FAILED.value)),
            default="status", **text,
        ),
        reason=Case(
            When(status="running", work=JobState.CANCELLED.value,
                 then=Value(RunFailure.CANCELLED.value)),
            When(status="running", work__isnull=False, then=Value(RunFailure.BROKEN.value)),
            default="failure", **text,
        ),
    )  # fmt: skip


def run(run_id: UUID, *, actor: Actor) -> SourceRun:
    """
    :raises NoSuchRecord: if the actor sees none.
    """
    return one(runs(actor=actor), pk=run_id)
