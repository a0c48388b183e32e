"""The cross-item rules, one row at a time in plain Python: what set-wise checks must agree with."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from factors.domain.catalogue import Catalogue
from tests.sharing.faulty import TODAY

Findings = list[tuple[str, str]]  # field key, code


def apply(
    catalogue: Catalogue,
    said: Mapping[str, str | None],
    states: dict[str, str],
    stored: Mapping[str, str],
    in_file: Collection[str],
) -> Findings:
    """
    Return what the rules find in a row.

    :param said: canonical values of the row by field key.
    :param states: given, empty, cleared or wrong, by field key; a cell found to be in
        conflict becomes wrong.
    :param stored: what is stored of the enterprise, which holds where the row is empty.
    :param in_file: the fields that the file has columns for.
    """
    found: Findings = []
    for rule in catalogue.rules:
        if str(rule.severity) == "report":
            continue
        for item in rule.for_each or ("",):
            when = placed(rule.when, item)
            leaves = [key_of(leaf) for leaf in leaves_of(when)]
            needed = rule.only_if_column.replace("{i}", item)
            if needed and key_of(needed) not in in_file:
                continue
            touching = [leaf for leaf in leaves if leaf in in_file and leaf != "uscc"]
            if not any(states.get(leaf, "empty") != "empty" for leaf in touching):
                continue
            if any(states.get(leaf) == "wrong" for leaf in leaves if leaf in in_file):
                continue
            if not _holds(when, _Row(said, states, stored)):
                continue
            own = key_of(rule.yields.replace("{item} valid_to", f"{item}>").replace("{item}", item))
            own = own if own in in_file else touching[0]
            if str(rule.severity) == "error":
                states[own] = "wrong"
                found.append((own, "conflict"))
            else:
                found.append((own, "doubtful"))
    return found


class _Row:
    def __init__(
        self, said: Mapping[str, str | None], states: Mapping[str, str], stored: Mapping[str, str]
    ) -> None:
        self.said, self.states, self.stored = said, states, stored

    def value(self, leaf: str) -> str | None:
        key = key_of(leaf)
        if self.states.get(key, "empty") == "empty":
            return self.stored.get(key)
        return self.said.get(key)

    def number(self, leaf: str) -> float | None:
        value = self.value(leaf)
        if value in (None, "not_applicable"):
            return None
        if value in ("true", "false"):
            return float(value == "true")
        assert value is not None
        return float(value)


def _holds(when: Mapping[str, Any], row: _Row) -> bool:  # noqa: C901 - one word a line
    if "all" in when:
        return all(_holds(part, row) for part in when["all"])
    if "any" in when:
        return any(_holds(part, row) for part in when["any"])
    if "not" in when:
        return not _holds(when["not"], row)
    if "derived" in when:
        return _compare(when, _derived(when["derived"], row.value("established_on")))
    leaf = when["item"]
    value = row.value(leaf)
    if "missing" in when:
        return (value is None) == when["missing"]
    if value is None:
        return False
    if "in" in when:
        return value in when["in"]
    if "starts_with" in when:
        return value.startswith(when["starts_with"])
    if "starts_with_any" in when:
        return value.startswith(tuple(when["starts_with_any"]))
    if "days_ahead_above" in when:
        return (dt.date.fromisoformat(value) - TODAY).days > when["days_ahead_above"]
    number = row.number(leaf)
    if "above_item" in when:
        other = row.number(when["above_item"])
        return number is not None and other is not None and number > other
    if "above_derived" in when:
        other = _derived(when["above_derived"], row.value("established_on"))
        return number is not None and other is not None and number > other
    return _compare(when, number)


def _compare(when: Mapping[str, Any], number: float | None) -> bool:
    if number is None:
        return False
    if "equals" in when:
        return number == float(when["equals"])
    if "at_least" in when:
        return number >= when["at_least"]
    if "at_most" in when:
        return number <= when["at_most"]
    if "above" in when:
        return number > when["above"]
    assert "below" in when, when
    return number < when["below"]


def _derived(name: str, founded: str | None) -> float | None:
    if founded is None:
        return None
    year, rest = int(founded[:4]), founded[5:]
    if name == "age_years":
        return TODAY.year - year - (rest > TODAY.isoformat()[5:])
    assert name == "annual_reports_due"
    # Reports of a year are due by 30 June of the next one; the last three that fell due count.
    due = [y for y in range(year, TODAY.year) if f"{y + 1}-06-30" < TODAY.isoformat()]
    return min(len(due), 3)


def leaves_of(when: Mapping[str, Any]) -> list[str]:
    for word in ("all", "any"):
        if word in when:
            return [leaf for part in when[word] for leaf in leaves_of(part)]
    if "not" in when:
        return leaves_of(when["not"])
    leaves = [when["item"]] if "item" in when else []
    leaves += [when[word] for word in ("above_item", "before_item") if word in when]
    return leaves + (["established_on"] if {"derived", "above_derived"} & set(when) else [])


def key_of(leaf: str) -> str:
    return f"{leaf[:-1]}|valid_to" if leaf.endswith(">") else leaf


def placed(when: Any, item: str) -> Any:
    if isinstance(when, str):
        return when.replace("{i}", item)
    if isinstance(when, Mapping):
        return {name: placed(part, item) for name, part in when.items()}
    if isinstance(when, list | tuple):
        return [placed(part, item) for part in when]
    return when
