"""What enterprises are called: of those that the actor may see, by a disclosure like any other."""

from collections.abc import Iterable
from datetime import datetime

from qfce.kernel.tenancy.actors import Actor
from sharing.selectors import disclosures

BATCH = 1000
SEES = "sharing.enterprise.view"


def names(usccs: Iterable[str], *, purpose: str, actor: Actor, at: datetime) -> dict[str, str]:
    """
    Return the names of enterprises by credit code; one statement for a thousand of them.

    What the actor may not see, or what has no name yet, is not in the answer.

    :param purpose: why the actor looks, as the read log will say.
    """
    if not actor.may(SEES):
        return {}
    asked = sorted(set(usccs))
    found: dict[str, str] = {}
    for start in range(0, len(asked), BATCH):
        profiles = disclosures.profiles(
            asked[start : start + BATCH], purpose=purpose, actor=actor, at=at
        )
        found |= {uscc: profile.name for uscc, profile in profiles.items() if profile.name}
    return found
