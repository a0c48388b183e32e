"""
Cross-item rules: what values of one enterprise may not say together.

A rule looks at the row of the file folded over what is stored. A cell in error takes part in
none; and a rule that nothing in the row's own cells touches is silent. Each condition is
worked out for all rows at once.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from factors.domain.catalogue import CrossRule
from factors.domain.item_types import Severity
from sharing.domain.columns import VALID_TO, Field
from sharing.domain.findings import FindingTable
from sharing.domain.grid import Column, Grid
from sharing.domain.normalization import Mask, mask
from sharing.domain.stored import Stored

_EPOCH = dt.date(1970, 1, 1)
_REPORT_MONTH, _REPORT_DAY = 6, 30
_REPORTS_LOOKED_AT = 3
_DERIVED_FROM = "established_on"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Folded:
    """The rows of a file folded over what is stored, as conditions see them."""

    grid: Grid
    stored: Stored
    today: dt.date

    def column(self, name: str) -> Column | None:
        return self.grid.columns.get(field_of(name))

    def missing(self, name: str) -> Mask:
        return ~self._known(name)

    def matches(self, name: str, test: Callable[[pa.Array], pa.Array]) -> Mask:
        """Say where a test of canonical texts holds, in the file or else in the store."""
        found = np.zeros(len(self.grid), dtype=np.bool_)
        column, known = self.column(name), self.stored.column(field_of(name).key)
        if column is not None:
            found = column.is_given & column.cells.spread(mask(test(column.parsed.canonical)))
        if known is not None:
            found |= self._from_store(column) & known.is_given & mask(test(known.texts))
        return found

    def number(self, name: str) -> Floats:
        """Return figures for comparison; not a number where there is none."""
        column, known = self.column(name), self.stored.column(field_of(name).key)
        values = np.full(len(self.grid), np.nan) if column is None else column.number()
        if known is not None:
            taken = self._from_store(column)
            values[taken] = known.number[taken]
        return values

    def derived(self, name: str) -> Floats:
        """Return what follows from the founding date on the day of the check."""
        days = self.number(_DERIVED_FROM)
        if name == "age_years":
            return _age_years(days, self.today)
        if name == "annual_reports_due":
            return _annual_reports_due(days, self.today)
        raise ValueError(f"No rule can ask for {name!r}.")

    def _known(self, name: str) -> Mask:
        column, known = self.column(name), self.stored.column(field_of(name).key)
        found = np.zeros(len(self.grid), dtype=np.bool_) if column is None else column.is_given
        return found | (self._from_store(column) & known.is_given) if known is not None else found

    def _from_store(self, column: Column | None) -> Mask:
        """Say where the file says nothing, so that what is stored holds."""
        if column is None:
            return np.ones(len(self.grid), dtype=np.bool_)
        return ~column.is_touched


def run(
    rules: Sequence[CrossRule],
    grid: Grid,
    stored: Stored,
    findings: FindingTable,
    *,
    today: dt.date,
) -> None:
    """Apply the rules in their order; those of severity `report` are none of an import's."""
    folded = Folded(grid, stored, today)
    for rule in rules:
        if rule.severity == Severity.REPORT:
            continue
        for item in rule.for_each or ("",):
            _apply(rule, item, folded, findings)


def _apply(rule: CrossRule, item: str, folded: Folded, findings: FindingTable) -> None:
    when = _with_item(rule.when, item)
    leaves = list(dict.fromkeys(leaves_of(when)))
    in_file = [column for leaf in leaves if (column := folded.column(leaf)) is not None]
    touching = [column for column in in_file if column.field != Field("uscc")]
    needed = rule.only_if_column.replace("{i}", item)
    if not touching or (needed and folded.column(needed) is None):
        return
    where = holds(when, folded)
    if not where.any():
        return
    where &= np.logical_or.reduce([column.is_touched for column in touching])
    where &= ~np.logical_or.reduce([column.is_wrong for column in in_file])
    yields = rule.yields.replace("{item} valid_to", f"{item}>").replace("{item}", item)
    own = folded.column(yields)
    params = {"rule_zh": rule.message_zh, "rule_en": rule.message_en, "rule_code": rule.code}
    for column in touching if own is None else [own, *touching]:
        here = where if column.has_no_record is None else where & ~column.has_no_record
        if rule.severity == Severity.ERROR:
            column.fail(findings, "conflict", here, params=params)
        else:
            column.report(findings, "doubtful", here, params=params)
        where &= ~here


def field_of(name: str) -> Field:
    """Return the field that a rule names: `QF-17>` is the end of QF-17's validity."""
    return Field(name[:-1], VALID_TO) if name.endswith(">") else Field(name)


def leaves_of(when: Mapping[str, Any]) -> list[str]:
    """Return the fields that a condition looks at, in the order in which it names them."""
    for joined in ("all", "any"):
        if joined in when:
            return [leaf for part in when[joined] for leaf in leaves_of(part)]
    if "not" in when:
        return leaves_of(when["not"])
    leaves = [when["item"]] if "item" in when else []
    leaves += [when[name] for name in ("above_item", "before_item") if name in when]
    if "derived" in when or "above_derived" in when:
        leaves.append(_DERIVED_FROM)
    return leaves


def holds(when: Mapping[str, Any], folded: Folded) -> Mask:
    """
    Say for each row whether a condition holds.

    A condition on a value that is missing is false, except `missing` itself.

    :raises ValueError: if the condition has a word that is not known.
    """
    if "all" in when:
        return _mask(np.logical_and.reduce([holds(part, folded) for part in when["all"]]))
    if "any" in when:
        return _mask(np.logical_or.reduce([holds(part, folded) for part in when["any"]]))
    if "not" in when:
        return ~holds(when["not"], folded)
    if "derived" in when:
        return _compare(when, folded.derived(when["derived"]))
    item = when["item"]
    if "missing" in when:
        missing = folded.missing(item)
        return missing if when["missing"] else ~missing
    if "above_item" in when:
        return folded.number(item) > folded.number(when["above_item"])
    if "before_item" in when:
        return folded.number(item) < folded.number(when["before_item"])
    if "above_derived" in when:
        return folded.number(item) > folded.derived(when["above_derived"])
    if "days_ahead_above" in when:
        ahead = folded.number(item) - (folded.today - _EPOCH).days
        return ahead > float(when["days_ahead_above"])
    return _text_condition(when, item, folded)


def _mask(values: npt.NDArray[np.bool_]) -> Mask:
    return np.asarray(values, dtype=np.bool_)


def _text_condition(when: Mapping[str, Any], item: str, folded: Folded) -> Mask:
    if "in" in when:
        allowed = pa.array([str(value) for value in when["in"]], pa.string())
        return folded.matches(item, lambda texts: pc.is_in(texts, allowed))
    if "starts_with" in when:
        return folded.matches(item, lambda texts: pc.starts_with(texts, when["starts_with"]))
    if "starts_with_any" in when:
        pattern = "^(?:" + "|".join(map(str, when["starts_with_any"])) + ")"
        return folded.matches(item, lambda texts: pc.match_substring_regex(texts, pattern))
    if isinstance(when.get("equals"), str):
        return folded.matches(item, lambda texts: pc.equal(texts, when["equals"]))
    return _compare(when, folded.number(item))


def _compare(when: Mapping[str, Any], values: Floats) -> Mask:
    for word, compare in _COMPARISONS.items():
        if word in when:
            return compare(values, float(when[word]))
    raise ValueError(f"No condition is known in {dict(when)!r}.")


_COMPARISONS: Mapping[str, Callable[[Floats, float], Mask]] = {
    "equals": lambda values, bound: values == bound,
    "at_least": lambda values, bound: values >= bound,
    "at_most": lambda values, bound: values <= bound,
    "above": lambda values, bound: values > bound,
    "below": lambda values, bound: values < bound,
}


def _with_item(when: Mapping[str, Any], item: str) -> Mapping[str, Any]:
    """Put an item where a rule for several has a placeholder."""
    if not item:
        return when
    return {name: _replaced(value, item) for name, value in when.items()}


def _replaced(value: Any, item: str) -> Any:
    if isinstance(value, str):
        return value.replace("{i}", item)
    if isinstance(value, Mapping):
        return {name: _replaced(part, item) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(part, item) for part in value]
    return value


def _dates(days: Floats) -> tuple[Floats, Floats]:
    """Return year, and month and day as one number, of days since 1970."""
    known = np.nan_to_num(days).astype("int64").astype("datetime64[D]")
    years = known.astype("datetime64[Y]")
    months = known.astype("datetime64[M]")
    month = (months - years.astype("datetime64[M]")).astype("int64") + 1
    day = (known - months.astype("datetime64[D]")).astype("int64") + 1
    year = years.astype("int64") + 1970
    return (
        np.where(np.isnan(days), np.nan, year),
        np.where(np.isnan(days), np.nan, month * 100 + day),
    )


def _age_years(days: Floats, today: dt.date) -> Floats:
    year, month_day = _dates(days)
    return today.year - year - (month_day > today.month * 100 + today.day)


def _annual_reports_due(days: Floats, today: dt.date) -> Floats:
    """
    Count, of the last three annual reports whose 30 June has passed, those that were due.

    A report falls due in the year after the one it is about; the first one in the year after
    that of founding.
    """
    year, _ = _dates(days)
    passed = today > dt.date(today.year, _REPORT_MONTH, _REPORT_DAY)
    last_due = today.year if passed else today.year - 1
    return np.clip(last_due - year, 0, _REPORTS_LOOKED_AT)
