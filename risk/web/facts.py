"""What a signal is about, in words: its item, the value before and after, source and days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from factors.domain.catalogue import Item
from factors.selectors import factor_lists
from qfce.kernel.rows import NoSuchRecord
from qfce.kernel.web import formats
from risk.domain.signal_rules import NOT_APPLICABLE, Rule
from risk.models import Signal
from risk.selectors.rules import rules_on

LIST = "ZJ-QFCE"


@dataclass(frozen=True, slots=True)
class Told:
    """The fact behind a signal as a page shows it."""

    item: str
    before: str
    after: str
    source: str
    further: tuple[tuple[str, str], ...]

    @property
    def is_change(self) -> bool:
        return bool(self.item)


def rule_of(signal: Signal) -> Rule | None:
    """Return the rule behind a signal; a withdrawn one no longer says."""
    return None if signal.is_withdrawn else rules_on(signal.raised_on)[signal.rule]


def name_of(signal: Signal) -> str:
    """Return the rule's code and name, or that the signal was withdrawn."""
    rule = rule_of(signal)
    return _("Withdrawn") if rule is None else formats.coded(rule.code, rule)


def told(signal: Signal, items: Mapping[str, Item]) -> Told:
    """Return what a signal was raised on; `items` are those of the list in force."""
    item = items.get(signal.item) if signal.item else None
    facts = signal.facts
    return Told(
        item=f"{signal.item} {formats.local(item)}".strip() if signal.item else "",
        before=said(facts.get("before"), item),
        after=said(facts.get("after"), item),
        source=formats.local(item, "source_system"),
        further=_further(facts),
    )


def said(value: Any, item: Item | None) -> str:
    """Return a value as its item describes it."""
    if value is None:
        return _("No data")
    if value == NOT_APPLICABLE:
        return _("Not applicable")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if item is None:
        return str(value)
    if str(value) in item.by_code:
        return formats.local(item.by_code[str(value)], "label")
    if item.type == "money":
        return formats.yuan(value)
    if item.type in {"count", "number"}:
        unit = formats.local(item, "unit")
        return f"{formats.number(value)}{'' if unit in {'', '%'} else ' '}{unit}"
    return formats.day(value) if item.type == "date" else str(value)


def items_on(on: date) -> Mapping[str, Item]:
    """Return the items of the list in force; none where there is no list."""
    try:
        return factor_lists.in_force(LIST, on).items
    except NoSuchRecord:
        return {}


def _further(facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    labels = (
        ("valid_from", _("Holds from"), formats.day),
        ("end", _("Ends on"), formats.day),
        ("recorded_on", _("Recorded on"), formats.day),
        ("days_past_due", _("Days past due"), formats.number),
        ("first_unpaid_due_on", _("First unpaid due date"), formats.day),
        ("fact", _("Reported fact"), str),
        ("text", _("Report"), str),
    )
    shown = [(label, write(facts[name])) for name, label, write in labels if facts.get(name)]
    if facts.get("interest_unpaid"):
        shown.append((_("Interest"), _("Unpaid on its due date")))
    return tuple(shown)
