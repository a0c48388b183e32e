"""
Facts that follow from other facts: the age of a firm, an award that still counts.

A scorecard names a derivation, and its document states the rule in words; the rule itself
is here, once for one enterprise and, set-based, in `scoring_frame`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from evaluation.domain.facts import Fact, Facts, FactState, Value

AWARD_MONTHS = 60
"""An award counts in full up to and with its 60th full month."""

AGED = "AGED"
NONE = "NONE"

LABORATORY_ORDER = ("VALID", "SUSPENDED", "EXPIRED", "REVOKED", NONE)
"""Best first."""

TELLING = (
    FactState.NOT_AUTHORISED,
    FactState.NOT_SHARED,
    FactState.LAPSED,
    FactState.EXPIRED,
    FactState.RETIRED,
    FactState.NOT_APPLICABLE,
    FactState.NO_DATA,
    FactState.IN_FORCE,
)
"""Of several reasons why nothing is known, the one that can be acted on comes first."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """
    One derived fact.

    `values` are those it can take, None for a number; `sources` are item codes or fields of
    the register.
    """

    name: str
    sources: tuple[str, ...]
    values: tuple[str, ...] | None
    of: Callable[[Facts, date], Fact]


def full_years(start: date, on: date) -> int | None:
    """
    Return the full years from one day to another; None if the start is still to come.

    >>> full_years(date(2014, 10, 7), date(2026, 10, 6))
    11
    """
    if start > on:
        return None
    return on.year - start.year - ((on.month, on.day) < (start.month, start.day))


def full_months(start: date, on: date) -> int:
    """
    Return 12 x years + months, less 1 if the day of the month is not yet reached.

    >>> full_months(date(2021, 9, 30), date(2026, 10, 29))
    60
    """
    months = 12 * (on.year - start.year) + on.month - start.month
    return months - (on.day < start.day)


def age_years(facts: Facts, on: date) -> Fact:
    """Full years since the enterprise was established."""
    years = facts.established_on and full_years(facts.established_on, on)
    if years is None:
        return Fact(value=None, state=FactState.NO_DATA)
    return Fact(years, FactState.IN_FORCE, years, source="register")


def award_in_force(facts: Facts, on: date) -> Fact:
    """
    The government quality award, while it is not older than 60 full months.

    No award stays no award; an award without a date is missing; from the 61st month it is
    AGED.
    """
    award, dated = facts.get("QM-01"), facts.get("QM-02")
    flagged = award.flagged or dated.flagged
    if award.value is None or award.value == NONE:
        return award
    if not isinstance(dated.value, date):
        return Fact(None, dated.state, flagged=flagged)
    aged = full_months(dated.value, on) > AWARD_MONTHS
    value: Value = AGED if aged else award.value
    return Fact(value, FactState.IN_FORCE, award.stated, flagged, award.source)


def best_laboratory_status(facts: Facts, on: date) -> Fact:
    """The better of laboratory accreditation (CNAS) and qualification (CMA)."""
    both = [facts.get("QF-25"), facts.get("QF-26")]
    known = [fact for fact in both if fact.value in LABORATORY_ORDER]
    if known:
        return min(known, key=lambda fact: LABORATORY_ORDER.index(str(fact.value)))
    return min(both, key=lambda fact: TELLING.index(fact.state))


_AWARDS = (
    "NATIONAL",
    "NATIONAL_NOMINATION",
    "PROVINCIAL",
    "PROVINCIAL_NOMINATION",
    "CITY",
    "CITY_NOMINATION",
    "COUNTY",
    AGED,
    NONE,
)

DERIVATIONS: Mapping[str, Derivation] = {
    derivation.name: derivation
    for derivation in (
        Derivation("age_years", ("established_on",), None, age_years),
        Derivation("award_in_force", ("QM-01", "QM-02"), _AWARDS, award_in_force),
        Derivation(
            "best_laboratory_status", ("QF-25", "QF-26"), LABORATORY_ORDER, best_laboratory_status
        ),
    )
}
