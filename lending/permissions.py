"""May this actor do this to this application or loan? Its state is the policies' business."""

from uuid import UUID

from guardian.core import ObjectPermissionChecker

from lending.domain.authorities import Answer
from lending.models import LoanApplication
from qfce.kernel.errors import NotPermitted
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.tenancy.models import User

VIEW_PRODUCT = "lending.product.view"
WRITE_PRODUCT = "lending.product.write"
VIEW = "lending.application.view"
SUBMIT = "lending.application.submit"
REVIEW = "lending.application.review"
DECIDE = "lending.application.decide"
SIGN = "lending.contract.sign"
VIEW_LOAN = "lending.loan.view"
DISBURSE = "lending.loan.disburse"
FREEZE = "risk.exposure.freeze"

HOLDS = "hold_loanapplication"


class OwnApplication(NotPermitted):
    code = "lending.application.own"
    title = "Whoever submitted or reviewed an application does not decide it."


class PersonNeeded(NotPermitted):
    code = "lending.person_needed"
    title = "This is done by a person, not by the platform."


class NotAssigned(NotPermitted):
    code = "lending.application.not_assigned"
    title = "This application is assigned to another officer."


class NoAuthority(NotPermitted):
    code = "lending.application.no_authority"
    title = "Your authority does not reach this amount and grade."


def person(actor: Actor) -> UUID:
    """
    Return who signs for a step that somebody has to answer for.

    :raises PersonNeeded: if the actor is the platform itself.
    """
    if actor.user_id is None:
        raise PersonNeeded("Somebody has to answer for this step.", hint="Sign in and do it.")
    return actor.user_id


def holds(actor: Actor, application: LoanApplication) -> bool:
    """Test whether the application is assigned to the actor."""
    if actor.user_id is None:
        return False
    officer = User.objects.get(pk=actor.user_id)
    return bool(ObjectPermissionChecker(officer).has_perm(HOLDS, application))


def check_holds(actor: Actor, application: LoanApplication) -> None:
    """
    Only the officer who holds an application sends it back with questions.

    :raises MissingPermission: if the actor's role reviews no applications.
    :raises NotAssigned: if another officer holds it.
    """
    actor.require(REVIEW)
    if not holds(actor, application):
        raise NotAssigned(
            f"It is held by {application.reviewed_by or 'nobody'}.",
            hint="Ask the officer who holds it, or have it returned and taken up again.",
        )


def check_is_second_person(actor: Actor, application: LoanApplication) -> None:
    """
    Four eyes: whoever submitted or reviewed an application does not decide it.

    :raises MissingPermission: if the actor's role decides no applications.
    :raises OwnApplication: if the actor submitted or reviewed this one.
    """
    actor.require(DECIDE)
    reason = not_second_person(actor, application)
    if reason:
        raise OwnApplication(reason, hint="Ask a colleague with the authority to decide it.")


def check_may_decline(actor: Actor, application: LoanApplication) -> None:
    """
    The officer who holds an application may decline it, and so may a second person.

    :raises OwnApplication: if the actor submitted it.
    :raises MissingPermission: if the actor's role neither reviews nor decides.
    """
    is_holder = actor.may(REVIEW) and holds(actor, application)
    if not is_holder or application.submitted_by_id == actor.user_id:
        check_is_second_person(actor, application)


def not_second_person(actor: Actor, application: LoanApplication) -> str:
    """Return why the actor is no second person here, or an empty string."""
    if actor.user_id is None:
        return "A loan is decided by a person, not by the platform."
    if application.submitted_by_id == actor.user_id:
        return "You submitted this application, so somebody else has to decide it."
    if application.reviewed_by_id == actor.user_id:
        return "You reviewed this application, so somebody else has to decide it."
    return ""


def check_authority(answer: Answer) -> None:
    """
    :raises NoAuthority: if none of the actor's roles reaches the amount and the grade.
    """
    if answer.authority is None:
        names = ", ".join(f"{a.role} (up to {a.up_to:,.2f})" for a in answer.approvers)
        raise NoAuthority(
            answer.why_not, hint=f"Who may: {names or 'nobody in this bank; lower the amount'}."
        )


def can_decide(actor: Actor, application: LoanApplication, answer: Answer) -> bool:
    """Test whether the button to approve is worth showing."""
    return (
        actor.may(DECIDE)
        and not not_second_person(actor, application)
        and answer.authority is not None
    )
