"""May this actor do this to this list? The state of the list is the policies' business."""

from factors.models import Consultation, FactorList, FactorListVersion
from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.actors import Actor

VIEW = "factors.list.view"
EDIT = "factors.list.edit"
COMMENT = "factors.list.comment"
SIGN = "factors.list.sign"
PUBLISH = "factors.list.publish"


class NotListOwner(NotPermitted):
    code = "factors.list.not_owner"
    title = "The factor list belongs to another organization."


class NotASigner(NotPermitted):
    code = "factors.sign_off.not_a_signer"
    title = "Your organization does not sign this version."


class NotInvited(NotPermitted):
    code = "factors.consultation.not_invited"
    title = "Your organization is not invited to comment."


class OwnSubmission(NotPermitted):
    code = "factors.sign_off.own"
    title = "Whoever submitted a version cannot sign it."


class PersonNeeded(NotPermitted):
    code = "factors.sign_off.person_needed"
    title = "Only a person can sign."


def check_can_edit(actor: Actor, factor_list: FactorList) -> None:
    """
    Drafts are written by the organization that owns the list.

    :raises MissingPermission: if the actor's role edits no lists.
    :raises NotListOwner: if the list is another organization's.
    """
    actor.require(EDIT)
    _check_owner(actor, factor_list)


def check_can_publish(actor: Actor, factor_list: FactorList) -> None:
    """
    A list is published, and withdrawn, by the organization that owns it.

    :raises MissingPermission: if the actor's role publishes no lists.
    :raises NotListOwner: if the list is another organization's.
    """
    actor.require(PUBLISH)
    _check_owner(actor, factor_list)


def check_can_comment(actor: Actor, consultation: Consultation) -> None:
    """
    A person of an invited organization comments on a draft.

    :raises MissingPermission: if the actor's role comments on no lists.
    :raises NotInvited: if the actor's organization was not invited.
    """
    actor.require(COMMENT)
    if actor.organization_id not in consultation.invited_ids:
        raise NotInvited(
            "Your organization is not among those that were invited.",
            hint="The owner of the list answers comments, and invites those who make them.",
        )


def check_can_sign(actor: Actor, version: FactorListVersion) -> None:
    """
    A person of a signing organization signs, and never the one who submitted the version.

    :raises MissingPermission: if the actor's role signs no lists.
    :raises PersonNeeded: if a program or a task asks.
    :raises NotASigner: if the actor's organization is not among the signers.
    :raises OwnSubmission: if the actor submitted the version (four eyes).
    """
    actor.require(SIGN)
    if actor.user_id is None or actor.client_id is not None:
        raise PersonNeeded(
            "A program cannot sign a factor list.",
            hint="Have a person with the signer's role sign in and sign.",
        )
    if actor.organization_id not in version.signer_ids:
        raise NotASigner(
            "Your organization is not among those that sign this version.",
            hint="The owner of the list names the signers before submitting a version.",
        )
    if version.submitted_by_id == actor.user_id:
        raise OwnSubmission(
            "You submitted this version, so somebody else has to sign it.",
            hint="Ask another signer of your organization.",
        )


def can_sign(actor: Actor, version: FactorListVersion) -> bool:
    """Test whether the signing buttons are worth showing."""
    try:
        check_can_sign(actor, version)
    except NotPermitted:
        return False
    return True


def _check_owner(actor: Actor, factor_list: FactorList) -> None:
    if factor_list.owner_id != actor.organization_id:
        raise NotListOwner(
            f"The list {factor_list.code} is kept by another organization.",
            hint="Ask its owner, or start a list of your own under another code.",
            factor_list=factor_list.code,
        )
