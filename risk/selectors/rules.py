"""The warning rules and deadlines in force on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qfce.kernel.errors import Invalid, NotFound
from qfce.kernel.parameters import Parameter, load
from risk.domain.signal_rules import Rule

PARAMETERS = Path(__file__).parent.parent / "parameters"


class NoSuchRule(NotFound):
    code = "risk.rule.unknown"
    title = "There is no such warning rule."


class NoRulesYet(Invalid):
    code = "risk.rule.none_yet"
    title = "There were no warning rules on that day."


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules by code, in the order of the file; only enabled ones raise by themselves."""

    rules: Mapping[str, Rule]

    @property
    def enabled(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules.values() if rule.enabled)

    def __getitem__(self, code: str) -> Rule:
        """
        :raises NoSuchRule: if no rule has this code.
        """
        if code not in self.rules:
            raise NoSuchRule(
                f"There is no warning rule {code}.",
                hint=f"The rules are {min(self.rules)} to {max(self.rules)}.",
                rule=code,
            )
        return self.rules[code]


def rules_on(day: date) -> RuleBook:
    """
    Return the rules in force on a business day.

    :raises NoRulesYet: if the day is before the first rules.
    """
    parameter = _parameter("warning_rules")
    first = min(parameter.values)
    if day < first:
        raise NoRulesYet(
            f"The first warning rules are in force from {first}, not on {day}.",
            hint="Name a later day.",
            errors=[{"pointer": "/on", "detail": f"From {first} on."}],
        )
    return _book(max(start for start in parameter.values if start <= day))


def handling_days_on(day: date) -> Mapping[str, Any]:
    """Return the working days to claim, by level, and to answer."""
    return _parameter("handling_days").on(day)


def loan_classes_on(day: date) -> Mapping[str, Any]:
    """Return the facts that cap a loan's class, with their citations."""
    return _parameter("loan_classes").on(day)


def citation() -> str:
    """Return where the rules of the loan classes are written."""
    return _parameter("loan_classes").source


@cache
def _parameter(name: str) -> Parameter:
    return load(PARAMETERS / f"{name}.toml")


@cache
def _book(start: date) -> RuleBook:
    documents = _parameter("warning_rules").values[start]["rules"]
    rules = {document["code"]: Rule.from_document(document) for document in documents}
    return RuleBook(MappingProxyType(rules))
