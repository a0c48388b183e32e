"""Conditions that a day meets, not a change: ends of validity, age, and what was not filed."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from factors.domain.catalogue import Item
from risk.domain.signal_rules import NOT_APPLICABLE, Known


def end_of_validity(known: Known, item: Item | None) -> date | None:
    """
    Return the last day on which a value holds; None if it has no known end.

    The end that the record states, or, for an honour, its months from the day it was given.
    """
    if known.valid_to:
        return known.valid_to
    if item is None or item.validity_kind != "honour" or not item.validity_months:
        return None
    return add_months(known.valid_from or known.since, item.validity_months) - timedelta(days=1)


def is_met_on(condition: Mapping[str, Any], known: Known, item: Item | None, on: date) -> bool:
    """Test whether what is known of an item meets a daily condition on a business day."""
    if not stands_for_something(known, item):
        return False
    if "ends_within_days" in condition:
        end = end_of_validity(known, item)
        if condition["ends_within_days"] < 0:
            return known.ended or (end is not None and end < on)
        within = timedelta(days=condition["ends_within_days"])
        return end is not None and not known.ended and on <= end <= on + within
    if "not_recorded_by" in condition:
        return _deadline_passed(condition, on) and known.recorded_on.year < on.year
    return item is not None and (on - known.recorded_on).days > item.max_age_days


def daily_fact_key(
    condition: Mapping[str, Any], code: str, known: Known, item: Item | None, on: date
) -> str:
    """Return what makes the condition of two days the same fact."""
    if "ends_within_days" in condition:
        word = "ended" if condition["ends_within_days"] < 0 else "ends"
        return f"{code} {word} {end_of_validity(known, item) or known.since}"
    if "not_recorded_by" in condition:
        return f"{code} {on.year}"
    return f"{code} recorded {known.recorded_on}"


def stands_for_something(known: Known, item: Item | None) -> bool:
    """
    Test whether there is anything that could end or grow old.

    NONE, no, zero and "not applicable" hold nothing, and a certificate that is revoked,
    canceled or expired has ended already, by a change of its own.
    """
    if known.value in (None, NOT_APPLICABLE, False, 0, "0"):
        return False
    return known.value not in ("NONE", "REVOKED", "CANCELLED", "EXPIRED")


def add_months(day: date, months: int) -> date:
    """
    Return the same day so many months later, or the last day of a shorter month.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _deadline_passed(condition: Mapping[str, Any], on: date) -> bool:
    month, day = (int(part) for part in condition["not_recorded_by"].split("-"))
    return on >= date(on.year, month, day)
