"""Who may approve how much, for which grade: to the yuan, and why not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Authority:
    """What a role may approve: up to an amount in yuan inclusive, for some grades."""

    role: str
    up_to: Decimal
    grades: tuple[str, ...]
    conditions: str = ""
    votes_required: int = 1
    votes_of: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """
    Whether somebody with certain roles may approve an amount for a grade.

    `authority` is the narrowest that suffices, or None; `why_not` then says why, and
    `approvers` are those who may, narrowest first.
    """

    authority: Authority | None
    why_not: str
    approvers: tuple[Authority, ...]


def who_may(
    authorities: Sequence[Authority], amount: Decimal, grade: str | None
) -> tuple[Authority, ...]:
    """
    Return the authorities that suffice for an amount and a grade, narrowest first.

    >>> president = Authority("president", Decimal(3), ("A", "B"))
    >>> limits = [president, Authority("all", Decimal(9), ("B",))]
    >>> [authority.role for authority in who_may(limits, Decimal(3), "B")]
    ['president', 'all']
    """
    enough = (a for a in authorities if amount <= a.up_to and grade in a.grades)
    return tuple(sorted(enough, key=lambda authority: (authority.up_to, authority.role)))


def answer(
    authorities: Sequence[Authority], roles: Iterable[str], amount: Decimal, grade: str | None
) -> Answer:
    """Tell whether a holder of these roles may approve, and if not, why."""
    held = frozenset(roles)
    approvers = who_may(authorities, amount, grade)
    suitable = next((a for a in approvers if a.role in held), None)
    if suitable:
        return Answer(suitable, "", approvers)
    own = [a for a in authorities if a.role in held]
    return Answer(None, _why_not(own, authorities, amount, grade), approvers)


def _why_not(
    own: Sequence[Authority], every: Sequence[Authority], amount: Decimal, grade: str | None
) -> str:
    if not every:
        return "The bank has set no authority limits yet."
    if grade is None:
        return "The application has no grade, and every authority is for named grades."
    if not own:
        return "None of your roles has authority to approve loans."
    graded = [a for a in own if grade in a.grades]
    if not graded:
        grades = sorted({g for a in own for g in a.grades})
        return f"Your authority is for grade {', '.join(grades)}; this is grade {grade}."
    most = max(a.up_to for a in graded)
    return f"Your authority for grade {grade} ends at {most:,.2f}; this is {amount:,.2f}."
