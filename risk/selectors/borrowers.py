"""Whether a bank has anything at stake with an enterprise."""

from collections.abc import Iterable

from lending.selectors import applications, loans
from lending.selectors.loans import Exposure
from qfce.kernel.tenancy.actors import Actor


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
