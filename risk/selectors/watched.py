"""What a bank knows of a borrower, as the rules of warning look at it."""

from datetime import date, datetime

from sharing.domain.disclosures import DisclosedProfile

from qfce.kernel.calendar import business_day
from qfce.kernel.tenancy.actors import Actor
from risk.domain.signal_rules import Known
from sharing.selectors import disclosures

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
