"""What a scorecard may look at: disclosures read for a purpose, turned into facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from evaluation.domain import facts as domain
from evaluation.domain.facts import Fact, Facts
from evaluation.domain.scorecards import Scorecard
from evaluation.domain.scoring import ENTERPRISE, items_used
from factors.domain.catalogue import Catalogue
from factors.domain.migration_plans import WayBack
from factors.selectors import ways_back
from qfce.kernel.tenancy.actors import Actor
from sharing.selectors import disclosures
from sharing.selectors.disclosures import DisclosedProfile

LONGEST = 1000
"""So many enterprises are read in one call, each with a line of its own in the read log."""

SCORED = frozenset({"ok", "no_data"})
"""The answers about an enterprise that leave something to score."""


Ways = dict[int, Mapping[str, WayBack | None]]
"""The ways back to one list version, by the version that a record is kept by."""


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
    ways: Ways = {}
    return {uscc: reading_of(profile, used, catalogue, ways) for uscc, profile in found.items()}


def reading_of(
    profile: DisclosedProfile,
    used: Iterable[str],
    catalogue: Catalogue,
    ways: Ways | None = None,
) -> Reading:
    """
    Return the facts that a card uses of one disclosed profile.

    A card keeps to the list version that it binds. Of a record that is kept by a later one,
    renamed items and values with one origin are read back; what that version does not tell
    is `retired`, and counts as missing.

    :param ways: the ways back that were looked up already, kept by this function.
    """
    back = _back(profile, catalogue, {} if ways is None else ways)
    found = {}
    for code in used:
        if code in catalogue.items:
            fact = _fact(code, profile, catalogue, back)
            if fact is not None:
                found[code] = fact
    return Reading(profile, Facts(profile.uscc, profile.established_on, found))


def _back(
    profile: DisclosedProfile, catalogue: Catalogue, ways: Ways
) -> Mapping[str, WayBack | None]:
    """Return the ways back to the card's list version, looked up once for each later one."""
    version = profile.list_version or 0
    if profile.list_code is None or version <= catalogue.version:
        return {}
    if version not in ways:
        ways[version] = ways_back.between(profile.list_code, version, catalogue.version)
    return ways[version]


def _fact(
    code: str,
    profile: DisclosedProfile,
    catalogue: Catalogue,
    back: Mapping[str, WayBack | None],
) -> Fact | None:
    """Return one fact, of a record that later versions moved by the way back from there."""
    way = back.get(code, WayBack(code))
    item = profile.items.get(way.code if way else code)
    if way is None and (item is None or item.answer in SCORED):
        return domain.RETIRED
    if item is None:
        return None
    value = way.value(item.value) if way else None
    if item.answer == "ok" and value is None:
        return domain.RETIRED
    return domain.disclosed(
        catalogue.items[code],
        value=value,
        answer=item.answer,
        status=item.status,
        flags=tuple(item.flags or ()),
        source=_source(item.source, profile),
    )


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
