"""May this actor do this to this scorecard? Its state is the policies' business."""

from evaluation.models import ScorecardVersion
from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.actors import Actor

VIEW_SCORECARD = "evaluation.scorecard.view"
WRITE_SCORECARD = "evaluation.scorecard.write"
APPROVE_SCORECARD = "evaluation.scorecard.approve"
VIEW = "evaluation.evaluation.view"
CREATE = "evaluation.evaluation.create"


class NotOwnScorecard(NotPermitted):
    code = "evaluation.scorecard.not_owner"
    title = "The scorecard belongs to another organization."


class OwnScorecard(NotPermitted):
    code = "evaluation.scorecard.own"
    title = "Whoever prepared a scorecard does not approve it."


def check_can_write(actor: Actor, version: ScorecardVersion) -> None:
    """
    Only the organization whose model it is works on it; those above it read.

    :raises MissingPermission: if the actor's role writes no scorecards.
    :raises NotOwnScorecard: if it is another organization's.
    """
    actor.require(WRITE_SCORECARD)
    _check_own(actor, version)


def check_can_approve(actor: Actor, version: ScorecardVersion) -> None:
    """
    A second person approves, returns or withdraws a version.

    :raises MissingPermission: if the actor's role approves no scorecards.
    :raises NotOwnScorecard: if it is another organization's.
    :raises OwnScorecard: if the actor prepared or submitted this version (four eyes).
    """
    actor.require(APPROVE_SCORECARD)
    _check_own(actor, version)
    if actor.user_id in (version.prepared_by_id, version.submitted_by_id):
        raise OwnScorecard(
            f"You prepared version {version.number} of {version.scorecard},"
            " so somebody else has to approve it.",
            hint="Ask another model approver.",
        )


def _check_own(actor: Actor, version: ScorecardVersion) -> None:
    if version.owner_id != actor.organization_id:
        raise NotOwnScorecard(
            f"{version.scorecard} is the model of another organization of your group.",
            hint="Ask a model developer there.",
        )
