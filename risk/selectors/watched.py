"""What a bank knows of a borrower, as the rules of warning look at it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from evaluation.domain.scoring import items_used
from evaluation.selectors import evaluations, scorecards
from lending.selectors.loans import Exposure
from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from risk.domain.signal_rules import Known
from risk.domain.watching import from_document
from risk.models import WatchedState
from risk.selectors.borrowers import purpose_of
from sharing.selectors import disclosures
from sharing.selectors.disclosures import DisclosedProfile

EMPTY = ("no_data", "not_shared", "not_authorised")


def known_before(
    uscc: str, *, purpose: str, known_at: datetime, actor: Actor, at: datetime
) -> tuple[dict[str, Known], str]:
    """
    Return what the bank knew of an enterprise at an instant, and the code of its list.

    Writes the read log: it is a disclosure like any other.
    """
    then = disclosures.profiles([uscc], purpose=purpose, actor=actor, at=at, known_at=known_at)
    profile = then.get(uscc)
    if profile is None or not profile.list_code:
        now = disclosures.profiles([uscc], purpose=purpose, actor=actor, at=at).get(uscc)
        return (known_of(profile), now.list_code if now and now.list_code else "")
    return known_of(profile), profile.list_code


@dataclass(frozen=True, slots=True)
class KnownNow:
    """What a bank knows of one borrower today, and the list that says what it means."""

    list_code: str
    items: Mapping[str, Known]


def known_now(
    exposures: Mapping[str, Exposure],
    *,
    known_at: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> dict[str, KnownNow]:
    """
    Return what the bank knows of its borrowers, by purpose in at most two readings.

    :param known_at: as it was known then, with the rights of now; None for now.
    """
    found: dict[str, KnownNow] = {}
    for purpose in ("pre_loan", "post_loan"):
        usccs = [uscc for uscc, at_stake in exposures.items() if purpose_of(at_stake) == purpose]
        if usccs:
            profiles = disclosures.profiles(
                usccs, purpose=purpose, known_at=known_at, actor=actor, at=at
            )
            found |= {
                uscc: KnownNow(profile.list_code or "", known_of(profile))
                for uscc, profile in profiles.items()
            }
    return found


def items_evaluated(usccs: Iterable[str], *, actor: Actor) -> dict[str, frozenset[str]]:
    """Return the items that the newest evaluation of each enterprise looked at."""
    newest = evaluations.latest_of(usccs, actor=actor)
    return {
        uscc: items_used(scorecards.card(evaluation.scorecard_version))
        for uscc, evaluation in newest.items()
    }


def folded(state: WatchedState) -> dict[str, Known]:
    """Return what the feed has added up to for an enterprise that is watched."""
    return {code: from_document(entry) for code, entry in state.items.items()}


def known_of(profile: DisclosedProfile | None) -> dict[str, Known]:
    """Return the items of a profile that the bank may see and that have a value."""
    if profile is None or profile.answer != "ok":
        return {}
    known = {}
    for code, item in profile.items.items():
        if item.answer in EMPTY or item.value is None or item.recorded_at is None:
            continue
        day = business_day(item.recorded_at)
        known[code] = Known(
            value=item.value,
            since=day,
            recorded_on=day,
            valid_from=_day(item.valid_from),
            valid_to=_day(item.valid_to),
            flagged=bool(item.flags),
            ended=item.status in ("expired", "lapsed"),
        )
    return known


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
