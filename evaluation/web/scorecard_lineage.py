"""Where a card stands against its factor list: whether a newer one is there, what a draft lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from evaluation.domain.carrying import CARRIED
from evaluation.domain.lifecycle import ScorecardStatus
from evaluation.models import ScorecardVersion
from evaluation.selectors import scorecards as selectors
from evaluation.web.scorecard_steps import may_write
from qfce.kernel.tenancy.actors import Actor

REASONS: Mapping[str, str | Promise] = {
    "dropped": _("The item is collected no longer."),
    "split": _("Several items hold parts of it now."),
    "thresholds": _("Bands took the place of its numbers."),
    "type": _("The item is of another type now."),
    "values": _("A value that it names became nothing."),
    "merged": _("Values that it tells apart became one."),
    "derived": _("It is derived from an item that goes on under another code."),
    "new_values": _("Values that are new have the points of a missing value, until you say."),
    "not_allowed": _("The new list does not allow it as it stands."),
    "cap": _("The cap was brought down to what its characteristics can give."),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One part that is not in a draft as it was."""

    pointer: str
    part: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """
    `newer` is a list version that this card could be carried to, None where there is none;
    `carried_from` the number of the card's version that a draft comes from.
    """

    newer: int | None
    may_carry: bool
    carried_from: int | None
    from_list_version: int | None
    renamed: tuple[tuple[str, str], ...]
    left_out: tuple[LeftOut, ...]


def lineage(version: ScorecardVersion, actor: Actor) -> Lineage:
    newest = None
    if version.status == ScorecardStatus.PUBLISHED:
        newest = selectors.newest_list_version(version)
    newer = newest if newest and newest > version.list_version else None
    # A document is its owner's: what it says here may be anything.
    stated = version.document.get(CARRIED)
    said: Mapping[str, Any] = stated if isinstance(stated, Mapping) else {}
    renamed = said.get("renamed")
    listed = said.get("left_out")
    return Lineage(
        newer=newer,
        may_carry=newer is not None and may_write(version, actor),
        carried_from=said.get("from_version"),
        from_list_version=said.get("from_list_version"),
        renamed=tuple(renamed.items()) if isinstance(renamed, Mapping) else (),
        left_out=tuple(
            _left_out(entry)
            for entry in (listed if isinstance(listed, list) else ())
            if isinstance(entry, Mapping)
        ),
    )


def _left_out(entry: Mapping[str, Any]) -> LeftOut:
    reason = str(entry.get("reason", ""))
    return LeftOut(
        pointer=str(entry.get("pointer", "")),
        part=str(entry.get("part", "")),
        item=str(entry.get("item", "")),
        reason=str(REASONS.get(reason, reason)),
    )
