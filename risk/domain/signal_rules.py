"""
What a warning rule says, and whether one change of an item meets it.

A rule compares what was known with what is known now, so the first record of an item raises
nothing: it is the baseline. A value that is missing raises nothing either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from factors.domain.catalogue import Item
from risk.domain.lifecycle import Level, SignalSource

NOT_APPLICABLE = "not_applicable"
YEAR = timedelta(days=365)

ItemValue = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """
    What a bank knows of one item of one enterprise.

    `value` None: the item is known to have none (cleared, or its record vanished), which is
    not the same as an item that was never seen. `since` is the day this value was first
    recorded, `recorded_on` the day it was last confirmed, both in Shanghai.
    """

    value: ItemValue
    since: date
    recorded_on: date
    position: tuple[int, int] = (0, 0)
    valid_from: date | None = None
    valid_to: date | None = None
    evidence: tuple[str, ...] = ()
    flagged: bool = False
    ended: bool = False
    earlier: tuple[tuple[date, ItemValue], ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One warning rule; see risk/parameters/warning_rules.toml for what each part means."""

    code: str
    level: Level
    source: SignalSource
    runs: frozenset[str]
    enabled: bool
    name_zh: str
    name_en: str
    condition_zh: str
    condition_en: str
    fact_zh: str
    fact_en: str
    released_zh: str
    released_en: str
    first_action_zh: str
    first_action_en: str
    lacks_zh: str = ""
    lacks_en: str = ""
    on_change: tuple[Mapping[str, Any], ...] = ()
    daily: tuple[Mapping[str, Any], ...] = ()
    released: tuple[Mapping[str, Any], ...] = ()
    servicing: Mapping[str, Any] = field(default_factory=dict)
    combines: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Rule":
        """
        Read a rule as the parameter file writes it.

        :raises TypeError: if a member is missing or unknown.
        """
        lists = {
            name: tuple(document[name])
            for name in ("on_change", "daily", "released")
            if name in document
        }
        return cls(
            **{
                **document,
                **lists,
                "level": Level(document["level"]),
                "source": SignalSource(document["source"]),
                "runs": frozenset(document["runs"]),
            }
        )

    @property
    def is_automatic(self) -> bool:
        """Whether the platform raises it; the others a person or a job raises by name."""
        return bool(self.on_change or self.daily or self.servicing or self.combines)


def concerns(condition: Mapping[str, Any], code: str, item: Item | None) -> bool:
    """
    Test whether a condition speaks about an item.

    :param item: the item as the factor list describes it; None if the list is not at hand,
        and then conditions over a kind of validity speak about nothing.
    """
    if "validity" in condition:
        return item is not None and item.validity_kind == condition["validity"]
    return code in condition["items"] or "*" in condition["items"]


def is_met_by_change(
    condition: Mapping[str, Any], before: Known | None, after: Known, item: Item | None
) -> bool:
    """
    Test whether a change from `before` to `after` is what the condition describes.

    :param before: None if the item was never seen: nothing is met, it is the baseline.
    """
    if before is None or after.value in (None, NOT_APPLICABLE):
        return False
    if "becomes" in condition:
        return before.value != after.value and is_state(condition, after)
    if "times_a_year_before" in condition:
        return _times_a_year_before(condition, after)
    if condition["moves"] == "rises":
        return _rises(before.value, after.value)
    return _worsens(before.value, after.value, item)


def is_state(condition: Mapping[str, Any], known: Known) -> bool:
    """Test whether a value is one that the condition names, whatever it was before."""
    named = condition.get("becomes", ())
    # True == 1 in Python; in the ledger a truth value and a count are different things.
    return any(known.value == value and type(known.value) is type(value) for value in named)


def fact_key(code: str, after: Known, before: Known | None) -> str:
    """
    Return what makes two deliveries the same fact: the decision, certificate or report.

    Where the record names its evidence, that is the fact; otherwise the value and the day
    from which it holds, or failing that its position in the feed.
    """
    known_evidence = before.evidence if before else ()
    evidence = [text for text in after.evidence if text not in known_evidence] or after.evidence
    if evidence:
        return f"{code} {' | '.join(sorted(evidence))}"
    if after.valid_from:
        return f"{code} {after.value} from {after.valid_from}"
    return f"{code} {after.value} at {after.position[0]}.{after.position[1]}"


def raised_level(level: Level, *, flagged: bool) -> Level:
    """Return the level to raise at: a disputed value counts one level lower."""
    return level.one_lower if flagged else level


def _times_a_year_before(condition: Mapping[str, Any], after: Known) -> bool:
    a_year_before = [value for day, value in after.earlier if day <= after.since - YEAR]
    now, then = _number(after.value), _number(a_year_before[-1]) if a_year_before else None
    if now is None or then is None:
        return False
    times, at_least = Decimal(condition["times_a_year_before"]), Decimal(condition["at_least"])
    return now >= times * then and now >= at_least


def _rises(before: ItemValue, after: ItemValue) -> bool:
    was = Decimal(0) if before in (None, NOT_APPLICABLE) else _number(before)
    now = _number(after)
    return was is not None and now is not None and now > was


def _worsens(before: ItemValue, after: ItemValue, item: Item | None) -> bool:
    """Fall in rank, in number, or from yes to no; a value outside the ladder does neither."""
    if isinstance(before, bool) or isinstance(after, bool):
        return before is True and after is False
    ladder = item.by_code if item else {}
    if str(before) in ladder and str(after) in ladder:
        was_rank, now_rank = ladder[str(before)].rank, ladder[str(after)].rank
        return was_rank is not None and now_rank is not None and now_rank > was_rank
    was, now = _number(before), _number(after)
    return was is not None and now is not None and now < was


def recovers(before: ItemValue, after: ItemValue, item: Item | None) -> bool:
    """Test whether a value is at least as good as the one from which another fell."""
    return after not in (None, NOT_APPLICABLE) and not _worsens(before, after, item)


def _number(value: ItemValue) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None
