"""Whether a bank has anything at stake with an enterprise."""

from collections.abc import Iterable
from datetime import datetime

from lending.selectors import applications, loans
from lending.selectors.loans import Exposure
from qfce.kernel.tenancy.actors import Actor
from sharing.selectors import disclosures

BATCH = 1_000


def exposures(usccs: Iterable[str], *, actor: Actor) -> dict[str, Exposure]:
    """
    Return the exposures of those enterprises that have one: an application in progress, an
    undrawn limit or a loan. Without exposure a change only renews the evaluation.
    """
    asked = sorted(set(usccs))
    if not asked:
        return {}
    found = loans.exposure(asked, actor=actor)
    return {uscc: exposure for uscc, exposure in found.items() if is_at_stake(exposure)}


def page_of_exposures(after: str, size: int, *, actor: Actor) -> dict[str, Exposure]:
    """
    Return the next enterprises with exposure, in the order of their credit codes.

    :param after: the last credit code of the page before, "" for the first page.
    """
    own = {"owner": actor.organization_id, "uscc__gt": after}
    lent = loans.list_for(actor=actor).with_exposure().filter(**own)
    asked = applications.list_for(actor=actor).open_or_unsigned().filter(**own)
    found: set[str] = set()
    for rows in (lent, asked):
        codes = rows.order_by("uscc").values_list("uscc", flat=True).distinct()
        found |= set(codes[:size])
    page = sorted(found)[:size]
    return loans.exposure(page, actor=actor)


def is_at_stake(exposure: Exposure) -> bool:
    return bool(exposure.applications_in_progress or exposure.undrawn or exposure.outstanding)


def purpose_of(exposure: Exposure) -> str:
    """Return what a bank may ask for: before the loan is paid out, or after."""
    return "post_loan" if exposure.undrawn or exposure.outstanding else "pre_loan"


def names(usccs: Iterable[str], *, actor: Actor, at: datetime) -> dict[str, str]:
    """
    Return the names of those enterprises whose record the bank may read after lending.

    A disclosure like any other, so it is logged; one statement for a thousand of them.
    """
    if not actor.may("sharing.enterprise.view"):
        return {}
    asked = sorted(set(usccs))
    found: dict[str, str] = {}
    for start in range(0, len(asked), BATCH):
        part = asked[start : start + BATCH]
        profiles = disclosures.profiles(part, purpose="post_loan", actor=actor, at=at)
        found |= {uscc: profile.name for uscc, profile in profiles.items() if profile.name}
    return found
