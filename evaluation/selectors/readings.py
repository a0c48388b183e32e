"""What a scorecard may look at: disclosures read for a purpose, turned into facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from evaluation.domain import facts as domain
from evaluation.domain.facts import Facts
from evaluation.domain.scorecards import Scorecard
from evaluation.domain.scoring import ENTERPRISE, items_used
from factors.domain.catalogue import Catalogue
from qfce.kernel.tenancy.actors import Actor
from sharing.selectors import disclosures
from sharing.selectors.disclosures import DisclosedProfile

LONGEST = 1000
"""So many enterprises are read in one call, each with a line of its own in the read log."""

SCORED = frozenset({"ok", "no_data"})
"""The answers about an enterprise that leave something to score."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One enterprise as it was disclosed: its facts, and the position they stand for."""

    profile: DisclosedProfile
    facts: Facts

    @property
    def answer(self) -> str:
        return self.profile.answer

    @property
    def position(self) -> tuple[int, int]:
        return self.profile.position


def read(
    usccs: Sequence[str],
    *,
    card: Scorecard,
    catalogue: Catalogue,
    purpose: str,
    actor: Actor,
    at: datetime,
    used: frozenset[str] | None = None,
) -> dict[str, Reading]:
    """
    Read enterprises as they stand, each logged as a read for this purpose.

    A code that was never known is not in the answer. `used` are the items wanted, those of
    the card unless said.
    """
    found = disclosures.profiles(
        list(usccs),
        purpose=purpose,
        actor=actor,
        at=at,
        factor_list=card.binds.factor_list,
    )
    used = items_used(card) if used is None else used
    return {uscc: reading_of(profile, used, catalogue) for uscc, profile in found.items()}


def reading_of(profile: DisclosedProfile, used: Iterable[str], catalogue: Catalogue) -> Reading:
    """Return the facts that a card uses of one disclosed profile."""
    found = {}
    for code in used:
        item = profile.items.get(code)
        if item is None or code not in catalogue.items:
            continue
        found[code] = domain.disclosed(
            catalogue.items[code],
            value=item.value,
            answer=item.answer,
            status=item.status,
            flags=tuple(item.flags or ()),
            source=_source(item.source, profile),
        )
    return Reading(profile, Facts(profile.uscc, profile.established_on, found))


def with_own(facts: Facts, own: Mapping[str, Any], catalogue: Catalogue) -> Facts:
    """
    Fill what is not visible with what the bank itself established.

    A value that is disclosed stands: a bank's own view does not overrule the record, it is
    for the approver to weigh.

    :raises NotAValue: if a value is not one of its item's.
    """
    stated = {code: domain.own(catalogue.items[code], value) for code, value in own.items()}
    gaps = {code: fact for code, fact in stated.items() if facts.get(code).value is None}
    return replace(facts, items={**facts.items, **gaps})


def used_own(facts: Facts, own: Mapping[str, Any]) -> list[str]:
    """Return which of the bank's own facts fill a gap of what is disclosed."""
    return sorted(code for code in own if facts.get(code).value is None)


def _source(stated: str | None, profile: DisclosedProfile) -> str:
    """A source is an organization's name; that of the enterprise itself speaks for itself."""
    return ENTERPRISE if stated and stated == profile.name else stated or ""
