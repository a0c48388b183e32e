"""The authority rule, to the yuan, and why its reader may or may not approve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from lending import permissions
from lending.models import AuthorityLimit, LoanApplication
from lending.selectors import applications, products
from lending.selectors.applications import DecisionRights
from lending.web import words
from qfce.kernel.tenancy.actors import Actor
from qfce.kernel.web import formats, labels


@dataclass(frozen=True, slots=True)
class Authority:
    """One line of the rule: what a role may approve, and whether that suffices here."""

    limit: AuthorityLimit
    is_own: bool
    reaches_amount: bool
    reaches_grade: bool

    @property
    def suffices(self) -> bool:
        return self.reaches_amount and self.reaches_grade

    @property
    def role(self) -> str:
        return labels.role(self.limit.role)

    @property
    def grades(self) -> str:
        return formats.listed(self.limit.grades)

    @property
    def conditions(self) -> str:
        return words.condition(self.limit.conditions)

    @property
    def votes(self) -> str:
        if self.limit.votes_required <= 1:
            return ""
        return _("{n} of {of} votes").format(n=self.limit.votes_required, of=self.limit.votes_of)

    @property
    def answer(self) -> str:
        if self.suffices:
            return _("Suffices")
        if self.reaches_amount:
            return _("Not for this grade")
        return _("Ends below the amount") if self.reaches_grade else _("Neither amount nor grade")


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may approve this application at an amount, and what its reader is told."""

    rights: DecisionRights
    lines: tuple[Authority, ...]
    reasons: tuple[str, ...]

    @property
    def may(self) -> bool:
        return self.rights.may

    @property
    def bound_by(self) -> str:
        return words.word(words.LIMITS, self.rights.bound_by)

    @property
    def role(self) -> str:
        """The role whose authority the reader would use."""
        authority = self.rights.answer.authority
        return labels.role(authority.role) if authority else ""

    @property
    def needs_votes(self) -> bool:
        authority = self.rights.answer.authority
        return authority is not None and authority.votes_required > 1


def rule(
    application: LoanApplication, *, actor: Actor, on: date, amount: Decimal | None = None
) -> Rule:
    """Return the rule for an application; without an amount, for the largest that may be."""
    rights = applications.decision_rights(application, actor=actor, on=on, amount=amount)
    limits = products.limits(actor=actor, on=on)
    lines = tuple(
        Authority(
            limit=limit,
            is_own=limit.role in actor.roles,
            reaches_amount=rights.amount <= limit.up_to,
            reaches_grade=rights.grade in limit.grades,
        )
        for limit in limits
    )
    reasons = () if rights.may else tuple(_reasons(application, rights, lines, actor))
    return Rule(rights, lines, reasons)


def _reasons(
    application: LoanApplication,
    rights: DecisionRights,
    lines: Sequence[Authority],
    actor: Actor,
) -> list[str]:
    found = []
    if not actor.may(permissions.DECIDE):
        found.append(_("Your role decides no applications."))
    if application.submitted_by_id == actor.user_id:
        found.append(_("You submitted this application, so somebody else has to decide it."))
    elif application.reviewed_by_id == actor.user_id:
        found.append(_("You reviewed this application, so somebody else has to decide it."))
    if rights.answer.why_not:
        found.append(_why_not(rights, lines))
    if rights.amount > rights.largest_amount:
        found.append(
            _("At most {amount} may be lent, set by {limit}.").format(
                amount=formats.yuan(rights.largest_amount),
                limit=words.word(words.LIMITS, rights.bound_by),
            )
        )
    return found


def _why_not(rights: DecisionRights, lines: Sequence[Authority]) -> str:
    if not lines:
        return _("The bank has set no authority limits yet.")
    if rights.grade is None:
        return _("The application has no grade, and every authority is for named grades.")
    own = [line for line in lines if line.is_own]
    if not own:
        return _("None of your roles has authority to approve loans.")
    graded = [line for line in own if line.reaches_grade]
    if not graded:
        grades = sorted({grade for line in own for grade in line.limit.grades})
        return _("Your authority is for grade {grades}; this is grade {grade}.").format(
            grades=formats.listed(grades), grade=rights.grade
        )
    return _("Your authority for grade {grade} ends at {most}; this is {amount}.").format(
        grade=rights.grade,
        most=formats.yuan(max(line.limit.up_to for line in graded)),
        amount=formats.yuan(rights.amount),
    )
