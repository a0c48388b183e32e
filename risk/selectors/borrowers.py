"""Whether a bank has anything at stake with an enterprise."""

from collections.abc import Iterable

from lending.selectors.loans import Exposure

from lending.selectors import loans
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


def is_at_stake(exposure: Exposure) -> bool:
    return bool(exposure.applications_in_progress or exposure.undrawn or exposure.outstanding)


def purpose_of(exposure: Exposure) -> str:
    """Return what a bank may ask for: before the loan is paid out, or after."""
    return "post_loan" if exposure.undrawn or exposure.outstanding else "pre_loan"
