"""The floor of a loan's class, by the rules of a day."""

from datetime import date

from qfce.kernel.tenancy.actors import Actor
from risk import permissions
from risk.domain.classification import Floor, LoanFacts, floor
from risk.selectors.rules import loan_classes_on


def floor_of(facts: LoanFacts, *, on: date, actor: Actor) -> Floor:
    """Return the best class that the facts allow on a day; nothing is written anywhere."""
    actor.require(permissions.VIEW_SIGNAL)
    return floor(facts, loan_classes_on(on))
