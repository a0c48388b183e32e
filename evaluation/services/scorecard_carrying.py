"""Drafts of scorecards for a newer version of their factor list, made from published ones."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from evaluation import permissions
from evaluation.domain.carrying import carried
from evaluation.domain.lifecycle import ScorecardStatus
from evaluation.models import ScorecardVersion
from evaluation.selectors import scorecards as selectors
from evaluation.services import scorecards
from factors.selectors import factor_lists, ways_forward
from qfce.kernel.audit import events
from qfce.kernel.errors import Conflict
from qfce.kernel.tenancy.actors import Actor


class NothingNewer(Conflict):
    code = "evaluation.scorecard.nothing_newer"
    title = "The scorecard binds the newest version of its factor list."


class NotPublished(Conflict):
    code = "evaluation.scorecard.not_published"
    title = "Only a published scorecard is carried to a newer list."


@transaction.atomic
def carry(
    version_id: UUID, *, actor: Actor, at: datetime, list_version: int | None = None
) -> ScorecardVersion:
    """
    Draft a scorecard for a newer version of its factor list; the published one stays as it is.

    Renamed items are followed, values by the tables of migrations. The draft's document says
    under `carried` where it comes from and what was left out, for people to decide about.

    :param list_version: the list version to bind; None: the one published last.
    :raises NoSuchRecord: if the actor's organization has no such version, or the list none.
    :raises NotPublished, NothingNewer: if there is nothing to carry, or nowhere to.
    :raises VersionOpen: if a draft of the scorecard is there already.
    :raises InvalidScorecard: if nothing is left that holds together.
    """
    version = selectors.get(version_id, actor=actor)
    permissions.check_can_write(actor, version)
    if version.status != ScorecardStatus.PUBLISHED:
        raise NotPublished(
            f"This version is {version.status.replace('_', ' ')}.",
            hint="Carry the version that is published, or revise this draft.",
            status=version.status,
        )
    target = _target(version, list_version)
    ways = ways_forward.between(version.factor_list, version.list_version, target)
    document = carried(
        version.document,
        ways,
        factor_lists.catalogue(version.factor_list, target),
        from_version=version.number,
    )
    draft = scorecards.create(document, actor=actor, at=at)
    events.record(
        "evaluation.scorecard.carried",
        draft,
        actor=actor,
        at=at,
        from_version=version.number,
        list_version=target,
        left_out=len(document["carried"]["left_out"]),
    )
    return draft


def _target(version: ScorecardVersion, asked: int | None) -> int:
    number = asked or selectors.newest_list_version(version)
    if number <= version.list_version:
        raise NothingNewer(
            f"It binds {version.factor_list} version {version.list_version}.",
            hint="Carry it when a newer version is published.",
            list_version=version.list_version,
        )
    return number
